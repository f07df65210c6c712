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

pytestmark = pytest.mark.anyio

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
