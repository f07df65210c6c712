"""Sessions: their secrets, their end, and that ending one holds at once, everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from surefoot.accounts.model import Begun
from surefoot.accounts.rules import device_of
from surefoot.accounts.service import sweep
from surefoot.accounts.sessions import (
    authenticate_session,
    begin_session,
    end_session,
    end_sessions,
    list_sessions,
    renew_session,
)
from surefoot.calls import Actor, ActorKind, Call
from surefoot.db.pool import Database
from surefoot.errors import NotSignedIn
from tests.platform.accounts.conftest import World, holding

pytestmark = pytest.mark.anyio


async def _begin(world: World, call: Call | None = None) -> Begun:
    account = (await world.rows("SELECT id FROM accounts") or [{"id": None}])[0]["id"] or await world.account()
    async with world.platform.database.transaction() as connection:
        return await begin_session(connection, call or world.now(), account, ("password", "totp"))


async def _who(world: World, begun: Begun, **later: float) -> Actor | None:
    async with world.platform.database.connection() as connection:
        return await authenticate_session(connection, begun.secret, world.at + timedelta(**later))


@pytest.mark.asvs("7.2.3")
async def test_a_session_is_found_by_a_secret_that_is_not_stored(world: World) -> None:
    begun = await _begin(world)
    actor = await _who(world, begun)
    assert actor == begun.actor
    assert actor is not None
    assert (actor.kind, actor.label, actor.methods) == (ActorKind.PERSON, "ada@example.org", ("password", "totp"))
    assert actor.proven_at == world.at
    stored = str(await world.rows("SELECT * FROM sessions")) + str(await world.rows("SELECT * FROM audit_events"))
    assert begun.secret not in stored
    assert (await _begin(world)).secret != begun.secret


@pytest.mark.asvs("7.3.1")
async def test_a_session_ends_an_hour_after_its_last_use(world: World) -> None:
    begun = await _begin(world)
    assert await _who(world, begun, minutes=59)
    assert await _who(world, begun, minutes=118)
    assert await _who(world, begun, minutes=178) is None


@pytest.mark.asvs("7.3.2")
async def test_a_session_ends_a_day_after_its_beginning_however_busy(world: World) -> None:
    begun = await _begin(world)
    for halves in range(1, 48):
        assert await _who(world, begun, minutes=30 * halves)
    assert await _who(world, begun, hours=24) is None


@pytest.mark.asvs("7.3.2")
async def test_a_new_proof_does_not_move_the_end(world: World) -> None:
    begun = await _begin(world)
    for halves in range(1, 48):
        assert await _who(world, begun, minutes=30 * halves)
    late = replace(world.now(), actor=begun.actor, at=world.at + timedelta(hours=23, minutes=59))
    async with world.platform.database.transaction() as connection:
        renewed = await renew_session(connection, late, "totp")
    assert await _who(world, renewed, hours=23, minutes=59)
    assert await _who(world, renewed, hours=24) is None


async def test_the_last_use_is_written_down_once_a_minute(world: World) -> None:
    begun = await _begin(world)
    seen = []
    for seconds in (30, 59, 61, 100):
        await _who(world, begun, seconds=seconds)
        seen.append((await world.rows("SELECT seen_at FROM sessions"))[0]["seen_at"] - world.at)
    assert [one.total_seconds() for one in seen] == [0, 0, 61, 61]


@pytest.mark.asvs("7.2.4")
async def test_a_new_proof_makes_the_old_secret_void(world: World) -> None:
    begun = await _begin(world)
    later = replace(world.now(), actor=begun.actor, at=world.at + timedelta(minutes=10))
    async with world.platform.database.transaction() as connection:
        renewed = await renew_session(connection, later, "passkey")
    assert await _who(world, begun, minutes=10) is None
    assert await _who(world, renewed, minutes=10) == renewed.actor
    assert (renewed.actor.session, renewed.actor.proven_at) == (begun.actor.session, later.at)
    assert renewed.actor.methods == ("password", "totp", "passkey")


async def test_a_session_that_is_over_takes_no_new_proof(world: World) -> None:
    begun = await _begin(world)
    call = replace(world.now(), actor=begun.actor)
    assert begun.actor.id is not None
    async with world.platform.database.transaction() as connection:
        await end_sessions(connection, call, begun.actor.id)
        with pytest.raises(NotSignedIn):
            await renew_session(connection, call, "totp")


@pytest.mark.asvs("7.4.1", "7.5.2")
async def test_what_one_process_ends_is_over_on_the_next_request_to_another(world: World, platform_url: str) -> None:
    first, second = await _begin(world), await _begin(world)
    assert first.actor.id is not None
    assert first.actor.session is not None
    async with Database(platform_url, size=2) as elsewhere:
        async with elsewhere.connection() as connection:
            assert await authenticate_session(connection, first.secret, world.at)
        async with world.platform.database.transaction() as connection:
            await end_session(connection, world.now(), first.actor.id, first.actor.session)
        async with elsewhere.connection() as connection:
            assert await authenticate_session(connection, first.secret, world.at) is None
            assert await authenticate_session(connection, second.secret, world.at)


@pytest.mark.asvs("7.4.2")
async def test_a_disabled_account_has_no_sessions(world: World) -> None:
    begun = await _begin(world)
    await world.rows("UPDATE accounts SET disabled_at = now() RETURNING id")
    assert await _who(world, begun) is None
    with pytest.raises(NotSignedIn):
        await _begin(world)


@pytest.mark.asvs("7.5.2")
async def test_people_see_and_end_their_sessions(world: World) -> None:
    await world.account()
    here = await world.signed_in()
    there = world.browser(
        "198.51.100.7", "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604.1"
    )
    await there.post("/sign-in", json={"email": "ada@example.org", "password": "seven grey herons on a roof"})
    listed = (await here.get("/account/sessions")).json()["items"]
    assert [(one["current"], one["device"], one["address"]) for one in listed] == [
        (False, "Safari on iPhone", "198.51.100.7"),
        (True, "Firefox on Linux", "192.0.2.1"),
    ]
    assert (await here.delete(f"/account/sessions/{listed[0]['id']}")).status_code == 200
    assert (await there.get("/account")).status_code == 401
    assert (await here.get("/account")).status_code == 200
    assert (await here.delete(f"/account/sessions/{listed[0]['id']}")).status_code == 404


@pytest.mark.asvs("7.4.3")
async def test_all_other_sessions_are_ended_at_once(world: World) -> None:
    await world.account()
    here, *others = [await world.signed_in() for _ in range(3)]
    assert (await here.delete("/account/sessions")).json() == {"ended": 2}
    assert [(await other.get("/account")).status_code for other in (here, *others)] == [200, 401, 401]


async def test_sessions_are_listed_in_pages(world: World) -> None:
    await world.account()
    browsers = [await world.signed_in() for _ in range(3)]
    first = (await browsers[0].get("/account/sessions", params={"limit": 2})).json()
    rest = (await browsers[0].get("/account/sessions", params={"limit": 2, "cursor": first["next"]})).json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (2, 1, None)
    assert rest["items"][0]["current"]


@pytest.mark.asvs("8.2.2")
async def test_nobody_sees_or_ends_the_session_of_somebody_else(world: World) -> None:
    await world.account()
    await world.account("eve@example.org")
    await world.signed_in()
    eve = await world.signed_in("eve@example.org")
    adas = (await world.rows("SELECT id FROM sessions ORDER BY id"))[0]["id"]
    assert [one["current"] for one in (await eve.get("/account/sessions")).json()["items"]] == [True]
    foreign, unknown = await eve.delete(f"/account/sessions/{adas}"), await eve.delete(f"/account/sessions/{uuid4()}")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert len(await world.rows("SELECT id FROM sessions")) == 2


async def test_a_secret_that_was_made_up_is_nobodys(world: World) -> None:
    await world.account()
    assert (await world.browser().get("/account", headers=holding("x" * 43))).status_code == 401


async def test_what_is_over_is_swept(world: World) -> None:
    begun = await _begin(world)
    await world.browser().post("/sign-up", json={"email": "eve@example.org"})
    async with world.platform.database.transaction() as connection:
        await sweep(connection, world.at + timedelta(minutes=59))
        assert begun.actor.id is not None
        assert len(await list_sessions(connection, begun.actor.id, world.at)) == 1
        await sweep(connection, world.at + timedelta(days=366))
    for table in ("sessions", "link_tokens", "challenges", "sign_in_places"):
        assert await world.rows(f"SELECT * FROM {table}") == []


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36", "Chrome on Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("surefoot/0.1.0", "Surefoot's command line"),
        ("", "Unknown device"),
    ],
)
def test_a_device_has_the_name_that_people_use(agent: str, device: str) -> None:
    assert device_of(agent) == device


@pytest.mark.asvs("7.5.2")
async def test_ending_sessions_needs_a_fresh_proof(world: World) -> None:
    await world.account()
    here, there = await world.signed_in(), await world.signed_in()
    other = (await here.get("/account/sessions")).json()["items"][0]["id"]
    world.pass_by(minutes=6)
    refused = [await here.delete("/account/sessions"), await here.delete(f"/account/sessions/{other}")]
    assert [one.json()["code"] for one in refused] == ["step-up-needed"] * 2
    assert (await there.get("/account")).status_code == 200
