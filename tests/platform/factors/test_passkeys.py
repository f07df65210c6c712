"""Passkeys, with an authenticator in software."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from surefoot.accounts.factors.ceremonies import site_of
from surefoot.platform_settings import PlatformSettings
from tests.platform.factors.authenticator import Authenticator, decode, encode
from tests.platform.factors.conftest import Clock, Person, browser_of

pytestmark = [pytest.mark.anyio, pytest.mark.slow]


@pytest.fixture
async def stranger(ada: Person, clock: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which nobody is signed in."""
    async with browser_of(ada.platform, clock) as opened:
        yield opened


async def options(browser: httpx.AsyncClient, path: str, body: object = None) -> dict[str, Any]:
    asked = await browser.post(f"{path}/options", json=body if body is not None else {})
    assert asked.status_code == 200, asked.text
    found: dict[str, Any] = asked.json()["public_key"]
    return found


async def sign_in(browser: httpx.AsyncClient, authenticator: Authenticator, **lies: Any) -> httpx.Response:
    asked = await options(browser, "/sign-in/passkey")
    return await browser.post("/sign-in/passkey", json={"assertion": authenticator.get(asked, **lies)})


@pytest.mark.asvs("6.3.7")
async def test_a_passkey_is_added_listed_renamed_and_removed(ada: Person) -> None:
    added = await ada.add_passkey(Authenticator())
    assert (added.status_code, len(added.json()["recovery_codes"])) == (201, 10)
    passkey = added.json()["passkey"]["id"]
    renamed = await ada.browser.patch(f"/account/factors/passkeys/{passkey}", json={"name": " Old  laptop "})
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Old laptop")
    listed = (await ada.get("/account/factors")).json()["passkeys"]
    assert [(one["id"], one["name"], one["used_at"]) for one in listed] == [(passkey, "Old laptop", None)]
    assert (await ada.delete(f"/account/factors/passkeys/{passkey}")).status_code == 204
    assert await ada.factors() == ()
    assert await ada.mails() == ["factor-added", "factor-removed"]
    events = [len(await ada.events(f"passkey.{verb}")) for verb in ("add", "rename", "remove")]
    assert events == [1, 1, 1]


async def test_the_browser_is_asked_to_verify_the_person_and_to_keep_the_passkey_itself(ada: Person) -> None:
    asked = await options(ada.browser, "/account/factors/passkeys")
    assert asked["authenticatorSelection"] == {
        "residentKey": "preferred",
        "requireResidentKey": False,
        "userVerification": "required",
    }
    assert (asked["rp"]["id"], asked["attestation"], asked["user"]["name"]) == ("localhost", "none", ada.email)
    assert asked["user"]["id"] == encode(ada.account_id.bytes)


async def test_a_device_is_not_asked_for_a_second_passkey(ada: Person) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    asked = await options(ada.browser, "/account/factors/passkeys")
    assert [one["id"] for one in asked["excludeCredentials"]] == [encode(authenticator.keys[0].id)]
    with pytest.raises(ValueError, match="InvalidStateError"):
        authenticator.create(asked)


async def test_anothers_passkey_is_not_there(ada: Person, eve: Person) -> None:
    passkey = (await ada.add_passkey(Authenticator())).json()["passkey"]["id"]
    path = f"/account/factors/passkeys/{passkey}"
    assert (await eve.delete(path)).status_code == 404
    assert (await eve.browser.patch(path, json={"name": "Mine"})).status_code == 404
    assert await ada.factors() == ("passkey",)


async def test_the_last_passkey_stays_where_a_workspace_demands_a_factor(ada: Person, clock: Clock) -> None:
    first = (await ada.add_passkey(Authenticator())).json()["passkey"]["id"]
    second = (await ada.add_passkey(Authenticator())).json()["passkey"]["id"]
    clock.demanded = True
    both = await asyncio.gather(*(ada.delete(f"/account/factors/passkeys/{one}") for one in (first, second)))
    assert sorted(one.status_code for one in both) == [204, 409]
    assert await ada.factors() == ("passkey",)


async def test_a_passkey_signs_in_alone(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    signed_in = await sign_in(stranger, authenticator)
    assert (signed_in.status_code, signed_in.json()) == (200, {"status": "signed-in"})
    mine = await stranger.get("/account/factors")
    assert (mine.status_code, mine.json()["passkeys"][0]["used_at"] is not None) == (200, True)
    assert ["passkey"] in [row["methods"] for row in await ada.rows("SELECT methods FROM sessions")]


async def test_a_passkey_is_a_second_factor(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    challenge = await ada.challenge()
    asked = await options(stranger, "/sign-in/second-factor/passkey", {"challenge": challenge})
    assert [one["id"] for one in asked["allowCredentials"]] == [encode(authenticator.keys[0].id)]
    given = await stranger.post(
        "/sign-in/second-factor",
        json={"challenge": challenge, "method": "passkey", "assertion": authenticator.get(asked)},
    )
    assert given.status_code == 200
    assert ["password", "passkey"] in [row["methods"] for row in await ada.rows("SELECT methods FROM sessions")]


async def test_anothers_passkey_is_no_second_factor(ada: Person, eve: Person) -> None:
    mine, theirs = Authenticator(), Authenticator()
    await ada.add_passkey(mine)
    await eve.add_passkey(theirs)
    challenge = await ada.challenge()
    asked = await options(eve.browser, "/sign-in/second-factor/passkey", {"challenge": challenge})
    answer = theirs.get(asked, key=theirs.keys[0])
    given = await eve.give(challenge, method="passkey", assertion=answer)
    assert (given.status_code, given.json()["reason"]) == (401, "passkey")


async def test_options_for_one_purpose_serve_no_other(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    stepping_up = await options(ada.browser, "/account/step-up/passkey")
    given = await stranger.post("/sign-in/passkey", json={"assertion": authenticator.get(stepping_up)})
    assert (given.status_code, given.json()["reason"]) == (401, "challenge")
    challenge, stepping_up = await ada.challenge(), await options(ada.browser, "/account/step-up/passkey")
    given = await ada.give(challenge, method="passkey", assertion=authenticator.get(stepping_up))
    assert (given.status_code, given.json()["reason"]) == (401, "challenge")
    signing_in = await options(stranger, "/sign-in/passkey")
    proof = {"method": "passkey", "assertion": authenticator.get(signing_in)}
    assert (await ada.post("/account/step-up/factor", proof)).status_code == 401


async def test_options_for_one_account_serve_no_other(ada: Person, eve: Person) -> None:
    credential = Authenticator().create(await options(ada.browser, "/account/factors/passkeys"))
    refused = await eve.post("/account/factors/passkeys", {"name": "Mine", "credential": credential})
    assert (refused.status_code, await eve.factors()) == (401, ())
    added = await ada.post("/account/factors/passkeys", {"name": "Mine", "credential": credential})
    assert added.status_code == 201


async def test_an_answer_counts_once(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator(counts=False)
    await ada.add_passkey(authenticator)
    answer = authenticator.get(await options(stranger, "/sign-in/passkey"))
    tried = await asyncio.gather(*(stranger.post("/sign-in/passkey", json={"assertion": answer}) for _ in range(5)))
    assert sorted(one.status_code for one in tried) == [200, 401, 401, 401, 401]


async def test_options_do_not_get_a_second_answer_after_a_wrong_one(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    asked = await options(stranger, "/sign-in/passkey")
    wrong = authenticator.get(asked)
    wrong["response"]["signature"] = encode(b"nonsense")
    tried = [(await stranger.post("/sign-in/passkey", json={"assertion": wrong})).json()["reason"]]
    right = authenticator.get(asked)
    tried.append((await stranger.post("/sign-in/passkey", json={"assertion": right})).json()["reason"])
    assert tried == ["assertion", "challenge"]


async def test_an_answer_after_five_minutes_is_too_late(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    answer = authenticator.get(await options(stranger, "/sign-in/passkey"))
    ada.clock.pass_by(300)
    late = await stranger.post("/sign-in/passkey", json={"assertion": answer})
    assert (late.status_code, late.json()["reason"]) == (401, "challenge")


async def test_what_nobody_answered_is_swept(ada: Person, stranger: httpx.AsyncClient) -> None:
    for _ in range(3):
        await options(stranger, "/sign-in/passkey")
    ada.clock.pass_by(301)
    await options(stranger, "/sign-in/passkey")
    assert len(await ada.rows("SELECT FROM passkey_challenges")) == 1


@pytest.mark.parametrize(
    "liar",
    [
        Authenticator(origin="http://localhost:9999"),
        Authenticator(origin="https://evil.example"),
        Authenticator(verifies=False),
        Authenticator(cross_origin=True),
    ],
    ids=["another port", "another site", "a person who is not verified", "another site's frame"],
)
async def test_an_answer_that_does_not_hold_is_refused(
    ada: Person, stranger: httpx.AsyncClient, liar: Authenticator
) -> None:
    asked = await options(ada.browser, "/account/factors/passkeys")
    made = await ada.post("/account/factors/passkeys", {"name": "Laptop", "credential": liar.create(asked)})
    assert (made.status_code, await ada.factors()) == (422, ())
    honest = Authenticator()
    await ada.add_passkey(honest)
    liar.keys = honest.keys
    refused = await sign_in(stranger, liar)
    assert (refused.status_code, refused.json()["reason"]) == (401, "assertion")
    failed = await ada.events("factor.check")
    assert [(one["outcome"], one["reason"], one["after"]) for one in failed] == [
        ("failed", "assertion", {"method": "passkey"})
    ]


async def test_a_passkey_of_another_host_is_refused(ada: Person) -> None:
    asked = await options(ada.browser, "/account/factors/passkeys")
    credential = Authenticator().create(asked, rp_id="evil.example")
    assert (await ada.post("/account/factors/passkeys", {"name": "L", "credential": credential})).status_code == 422


async def test_an_authenticator_that_signs_for_somebody_else_is_refused(
    ada: Person, eve: Person, stranger: httpx.AsyncClient
) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    refused = await sign_in(stranger, authenticator, user_handle=eve.account_id.bytes)
    assert (refused.status_code, refused.json()["reason"]) == (401, "assertion")


async def test_a_count_that_goes_back_is_refused_and_told(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    assert (await sign_in(stranger, authenticator)).status_code == 200
    authenticator.keys[0].count = 0
    refused = await sign_in(stranger, authenticator)
    assert (refused.status_code, refused.json()["reason"]) == (401, "sign-count")
    assert [one["reason"] for one in await ada.events("factor.check")] == ["sign-count"]
    authenticator.keys[0].count = 5
    assert (await sign_in(stranger, authenticator)).status_code == 200


async def test_an_authenticator_that_does_not_count_is_fine(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator(counts=False)
    await ada.add_passkey(authenticator)
    assert [(await sign_in(stranger, authenticator)).status_code for _ in range(2)] == [200, 200]


async def test_a_removed_passkey_signs_nobody_in(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    passkey = (await ada.add_passkey(authenticator)).json()["passkey"]["id"]
    await ada.delete(f"/account/factors/passkeys/{passkey}")
    refused = await sign_in(stranger, authenticator)
    assert (refused.status_code, refused.json()["reason"]) == (401, "passkey")


async def test_a_disabled_account_is_not_signed_in(ada: Person, stranger: httpx.AsyncClient) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    await ada.rows("UPDATE accounts SET disabled_at = now() RETURNING id")
    assert (await sign_in(stranger, authenticator)).status_code == 401
    assert [one["outcome"] for one in await ada.events("factor.check")] == ["failed"]


async def test_a_passkey_that_is_known_is_not_added_again(ada: Person, eve: Person) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    asked = await options(eve.browser, "/account/factors/passkeys")
    credential = authenticator.create(asked)
    assert (await eve.post("/account/factors/passkeys", {"name": "L", "credential": credential})).status_code == 201
    asked = await options(ada.browser, "/account/factors/passkeys")
    stolen = Authenticator()
    stolen.create(asked)
    await ada.rows(
        f"UPDATE passkeys SET credential_id = '\\x{stolen.keys[0].id.hex()}' WHERE account_id = '{eve.account_id}'"
        " RETURNING id"
    )
    asked["excludeCredentials"] = []
    answer = _again(stolen, asked)
    taken = await ada.post("/account/factors/passkeys", {"name": "L", "credential": answer})
    assert (taken.status_code, taken.json()["code"]) == (409, "conflict")


def _again(authenticator: Authenticator, asked: dict[str, Any]) -> dict[str, Any]:
    """An authenticator that makes a passkey with an id that it has used before."""
    key = authenticator.keys[0]
    made = authenticator.create(asked)
    new = authenticator.keys[-1]
    data = made["response"]["attestationObject"]
    swapped = encode(decode(data).replace(new.id, key.id))
    return {
        **made,
        "id": encode(key.id),
        "rawId": encode(key.id),
        "response": {**made["response"], "attestationObject": swapped},
    }


@pytest.mark.parametrize(
    "mangle",
    [
        {"id": "AAAA"},
        {"rawId": "A"},
        {"response": {"clientDataJSON": "AAAA"}},
        {"response": {"clientDataJSON": encode(b"[]")}},
        {"response": {"clientDataJSON": encode(b'{"type": 1, "challenge": 2, "origin": 3}')}},
        {"response": {"authenticatorData": "AAAA", "attestationObject": "AAAA"}},
        {"response": {"userHandle": "A", "attestationObject": encode(b"\xa1" * 50)}},
        {"response": {"signature": "A", "attestationObject": encode(b"\x9f" * 9000)}},
    ],
    ids=["other id", "odd id", "no JSON", "no object", "wrong types", "short data", "cut CBOR", "deep CBOR"],
)
async def test_nonsense_is_refused_and_nothing_breaks(
    ada: Person, stranger: httpx.AsyncClient, mangle: dict[str, Any]
) -> None:
    def mangled(credential: dict[str, Any]) -> dict[str, Any]:
        return {**credential, **mangle, "response": {**credential["response"], **mangle.get("response", {})}}

    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    answer = mangled(authenticator.get(await options(stranger, "/sign-in/passkey")))
    assert (await stranger.post("/sign-in/passkey", json={"assertion": answer})).status_code in {401, 422}
    asked = await options(ada.browser, "/account/factors/passkeys")
    made = mangled(Authenticator().create(asked))
    refused = await ada.post("/account/factors/passkeys", {"name": "Laptop", "credential": made})
    assert refused.status_code in {401, 422}, refused.text


async def test_an_account_has_only_so_many(ada: Person) -> None:
    authenticator = Authenticator()
    await ada.add_passkey(authenticator)
    asked_before = (await ada.post("/account/factors/passkeys/options")).json()["public_key"]
    await ada.rows(
        "INSERT INTO passkeys SELECT gen_random_uuid(), account_id, n::text::bytea, public_key, 0, 'x', '{}',"
        " created_at FROM passkeys, generate_series(1, 24) AS n RETURNING id"
    )
    refused = await ada.post("/account/factors/passkeys/options")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    late = {"name": "One more", "credential": Authenticator().create(asked_before)}
    assert (await ada.post("/account/factors/passkeys", late)).status_code == 409


@pytest.mark.parametrize(
    ("base_url", "host", "origin"),
    [
        ("https://surefoot.example.com", "surefoot.example.com", "https://surefoot.example.com"),
        ("https://surefoot.example.com:443/", "surefoot.example.com", "https://surefoot.example.com"),
        ("https://example.com:8443", "example.com", "https://example.com:8443"),
        ("http://localhost:8000", "localhost", "http://localhost:8000"),
    ],
)
async def test_the_site_is_the_base_urls(base_url: str, host: str, origin: str) -> None:
    site = site_of(PlatformSettings.model_validate({"base_url": base_url}))
    assert (site.host, site.origin) == (host, origin)
