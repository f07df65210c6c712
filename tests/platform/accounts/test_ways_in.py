"""How somebody gets in: there are so many ways, they end in one place, and none tells who has an account."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import surefoot
from tests.platform.accounts.conftest import OTHER, World

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

SOURCE = Path(surefoot.__file__).parent
# Who may begin a session, once all that the account asks for is proven. A new one is looked at before it stands here.
BEGINS = {
    "accounts/notices.py::begin_and_tell",
    "accounts/service_sign_up.py::complete_sign_up",
    "workspaces/invitations/service_sign_up.py::sign_up",
    "workspaces/setup/service.py::set_up_installation",
}
BEGINS_AND_TELLS = {
    "accounts/factors/sign_in.py::finish_sign_in",
    "accounts/factors/sign_in.py::sign_in_with_passkey",
    "accounts/service_sign_in.py::_go_on",
    "accounts/social/service.py::sign_in",
}


def callers(name: str) -> set[str]:
    """The functions of the source that call a function of that name."""
    return {f"{path.relative_to(SOURCE)}::{function}" for path, function in _calls(name)}


def _calls(name: str) -> Iterator[tuple[Path, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                called = [one.func for one in ast.walk(node) if isinstance(one, ast.Call)]
                if name in {getattr(one, "attr", getattr(one, "id", None)) for one in called}:
                    yield path, node.name


@pytest.mark.asvs("6.3.4")
def test_a_session_begins_in_one_place_for_those_who_were_looked_at() -> None:
    texts = {path: path.read_text("utf-8") for path in SOURCE.rglob("*.py")}
    assert [path.name for path, text in texts.items() if "INSERT INTO sessions" in text] == ["sessions.py"]
    assert callers("begin_session") == BEGINS
    assert callers("begin_and_tell") == BEGINS_AND_TELLS


@pytest.mark.asvs("6.3.8", "6.3.1")
@pytest.mark.parametrize(
    ("path", "attempts"), [("/sign-in", 7), ("/password/reset", 7), ("/sign-up", 7), ("/sign-up/resend", 3)]
)
async def test_a_limit_is_reached_alike_for_known_and_unknown_addresses(world: World, path: str, attempts: int) -> None:
    await world.account("ada@example.org")
    told = []
    for number, email in enumerate(("ada@example.org", "eve@example.org")):
        body = {"email": email, **({"password": OTHER} if path == "/sign-in" else {})}
        browser = world.browser(f"198.51.100.{number}")
        told.append([_shown(await browser.post(path, json=body)) for _ in range(attempts)])
    assert told[0] == told[1]
    assert told[0][-1][0] == 429


def _shown(answer: httpx.Response) -> tuple[int, dict[str, Any], list[str]]:
    """All that is told, but the request's id and the seconds to wait, which pass meanwhile."""
    passing = {"request_id", "retry_after", "detail", "hint"}
    return answer.status_code, {k: v for k, v in answer.json().items() if k not in passing}, sorted(answer.headers)


@pytest.mark.asvs("6.3.8")
async def test_what_a_browser_is_asked_before_anybody_is_known_names_nobodys_passkeys(world: World) -> None:
    await world.account()
    asked = (await world.browser().post("/sign-in/passkey/options")).json()["public_key"]
    assert asked.get("allowCredentials", []) == []


@pytest.mark.asvs("4.1.3", "15.3.4", "6.3.1")
@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP"])
async def test_whoever_says_to_come_from_elsewhere_has_no_more_attempts(world: World, header: str) -> None:
    await world.account()
    body = {"email": "ada@example.org", "password": OTHER}
    browser = world.browser()
    statuses = [
        (await browser.post("/sign-in", json=body, headers={header: f"203.0.113.{number}"})).status_code
        for number in range(6)
    ]
    assert statuses == [401] * 5 + [429]
    assert {row["address"] for row in await world.rows("SELECT address FROM audit_events")} == {"192.0.2.1"}


@pytest.mark.asvs("3.7.2", "6.4.3")
@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded", "X-Original-URL"])
async def test_no_mailed_link_leads_to_a_host_that_the_caller_made_up(world: World, header: str) -> None:
    await world.account()
    headers = {header: "host=evil.example" if header == "Forwarded" else "evil.example"}
    await world.browser().post("/password/reset", json={"email": "ada@example.org"}, headers=headers)
    await world.browser().post("/sign-up", json={"email": "eve@example.org"}, headers=headers)
    for template in ("reset", "verify"):
        assert (await world.link(template)).startswith("http://localhost:8000/")


@pytest.mark.asvs("6.4.3", "6.3.4")
@pytest.mark.parametrize(
    ("theirs", "similar"),
    [
        ("mike@example.org", "m\u0131ke@example.org"),
        ("sam@example.org", "\u017fam@example.org"),
        ("strasse@example.org", "stra\u00dfe@example.org"),
        ("fish@example.org", "\ufb01sh@example.org"),
        ("ada@example.org", "\uff41da@example.org"),
        ("ada@example.org", "ad\u0430@example.org"),
    ],
)
async def test_a_similar_address_is_somebody_elses(world: World, theirs: str, similar: str) -> None:
    await world.account(theirs)
    await world.browser().post("/password/reset", json={"email": similar})
    await world.browser().post("/sign-up", json={"email": similar})
    told = await world.mails()
    assert set(told) <= {(similar, "no-account"), (similar, "verify")}


@pytest.mark.asvs("15.2.2")
@pytest.mark.parametrize("password", ["x" * 2001, "x" * 900_000, "\u0344" * 2001])
async def test_a_password_of_any_length_costs_no_more_than_one(
    world: World, verifications: list[bool], password: str
) -> None:
    await world.account()
    answer = await world.browser().post("/sign-in", json={"email": "ada@example.org", "password": password})
    assert (answer.status_code, verifications) == (422, [])


@pytest.mark.asvs("15.2.2", "15.3.5")
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'{"email": 1e999999}', b"9" * 100_000])
async def test_a_body_that_is_made_to_break_its_reader_is_refused(world: World, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    assert (await world.browser().post("/sign-in", content=body, headers=headers)).status_code in {400, 422}
