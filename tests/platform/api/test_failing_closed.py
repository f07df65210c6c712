"""What happens where something that a check needs is broken: nothing that the check should have seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
import structlog

from surefoot.web.platform import Platform
from tests.platform.accounts.conftest import OTHER, PASSWORD, World, queries, verifications, world

__all__ = ["queries", "verifications", "world"]

pytestmark = pytest.mark.anyio

ADA = {"email": "ada@example.org", "password": PASSWORD}


@pytest.fixture
def owner(platform_url: str) -> Iterator[psycopg.Connection]:
    """Somebody with every right on the database."""
    with psycopg.connect(platform_url, autocommit=True, options="-c search_path=platform") as connection:
        yield connection


@pytest.mark.asvs("16.5.3", "16.5.1", "16.3.4", "16.5.4")
@pytest.mark.parametrize("table", ["audit_events", "audit_links", "audit_chains"])
async def test_without_the_audit_trail_nobody_gets_in_and_nothing_is_changed(
    world: World, owner: psycopg.Connection, table: str
) -> None:
    await world.account()
    browser = await world.signed_in()
    tag = (await browser.get("/account")).headers["etag"]
    owner.execute(f"ALTER TABLE {table} RENAME TO away".encode())
    with structlog.testing.capture_logs() as logged:
        changed = await browser.patch("/account", json={"name": "Eve"}, headers={"If-Match": tag})
        entered = await world.browser().post("/sign-in", json=ADA)
    owner.execute(f"ALTER TABLE away RENAME TO {table}".encode())
    for answer in (changed, entered):
        assert (answer.status_code, answer.json()["code"]) == (500, "internal")
        assert "audit" not in answer.text
        assert "set-cookie" not in answer.headers
    failures = {event["request_id"] for event in logged if event["log_level"] == "error"}
    assert failures == {changed.headers["x-request-id"], entered.headers["x-request-id"]}
    assert (await browser.get("/account")).json()["name"] == "Ada Lovelace"
    assert len(await world.rows("SELECT id FROM sessions")) == 1


@pytest.mark.asvs("16.5.3")
async def test_without_the_limits_no_password_is_verified(
    world: World, owner: psycopg.Connection, verifications: list[bool]
) -> None:
    await world.account()
    browser = await world.signed_in()
    verifications.clear()
    owner.execute("ALTER TABLE limits RENAME TO away")
    asked = [
        await world.browser().post("/sign-in", json=ADA),
        await browser.post("/account/step-up", json={"password": PASSWORD}),
        await browser.put("/account/password", json={"current": PASSWORD, "new": OTHER}),
        await world.browser().post("/password/reset", json={"email": ADA["email"]}),
        await world.browser().post("/sign-up", json={"email": "eve@example.org"}),
        await world.browser().get("/account", headers={"Authorization": "Bearer sft_pat_x"}),
    ]
    assert [answer.status_code for answer in asked] == [503] * 6
    assert {answer.json()["code"] for answer in asked} == {"unavailable"}
    assert verifications == []
    assert await world.mails() == []
    # Whoever is signed in goes on.
    assert (await browser.get("/account")).status_code == 200


@contextmanager
def unreachable(platform: Platform) -> Iterator[None]:
    """The database refuses everybody, for the block."""
    conninfo = psycopg.conninfo
    name = str(conninfo.conninfo_to_dict(platform.database.url)["dbname"])
    with psycopg.connect(conninfo.make_conninfo(platform.database.url, dbname="postgres"), autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())


@pytest.mark.slow
@pytest.mark.asvs("16.5.2", "16.5.3")
async def test_without_its_database_the_api_lets_nobody_in_and_comes_back_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.account()
    browser = await world.signed_in()
    monkeypatch.setattr(world.platform.database._pool, "timeout", 0.5)
    with unreachable(world.platform):
        refused = [
            await browser.get("/account"),
            await browser.patch("/account", json={"name": "Eve"}, headers={"If-Match": '"1"'}),
            await world.browser().post("/sign-in", json=ADA),
        ]
    for answer in refused:
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "connection" not in answer.json()["detail"]
    while (answer := await browser.get("/account")).status_code == 503:
        await asyncio.sleep(0.2)
    assert (answer.status_code, answer.json()["name"]) == (200, "Ada Lovelace")


@pytest.mark.asvs("16.3.3")
async def test_attempts_to_get_past_the_limits_and_checks_are_recorded(world: World) -> None:
    account = await world.account()
    browser = await world.signed_in()
    other = world.browser("198.51.100.7")
    for _ in range(6):
        await other.post("/sign-in", json={**ADA, "password": OTHER})
    await browser.patch("/account", json={"name": "Eve", "role": "owner"}, headers={"If-Match": '"1"'})
    refusals = await world.rows(
        "SELECT about, reason, address, actor_id FROM audit_events WHERE action = 'request.refuse' ORDER BY at, id"
    )
    told = {(one["about"], one["reason"], one["address"], one["actor_id"]) for one in refusals}
    assert ("operation/sign_in", "too-many", "198.51.100.7", None) in told
    assert ("operation/update_account", "invalid", "192.0.2.1", account) in told


@pytest.mark.asvs("16.3.3")
@pytest.mark.parametrize(
    ("method", "headers", "code"),
    [
        ("POST", {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, "not-allowed"),
        ("POST", {"Content-Type": "text/plain"}, "unsupported-media-type"),
        ("TRACE", {}, "method-not-allowed"),
    ],
)
async def test_what_is_refused_at_the_edge_is_in_the_log_with_its_reason_and_address(
    world: World, method: str, headers: dict[str, str], code: str
) -> None:
    with structlog.testing.capture_logs() as logged:
        await world.browser("198.51.100.7").request(method, "/sign-in", content=b"{}", headers=headers)
    (line,) = [event for event in logged if event["event"] == "request"]
    assert (line["code"], line["address"]) == (code, "198.51.100.7")
