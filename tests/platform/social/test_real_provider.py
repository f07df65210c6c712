"""Signing in with a real OpenID provider, a process of its own on this machine."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from surefoot.accounts.social.parties import Parties
from surefoot.api.app import make_app
from surefoot.web.platform import Platform
from tests.platform.social import hostile

pytestmark = pytest.mark.anyio
ADA = {"sub": "ada", "email": "ada@example.org", "email_verified": True, "name": "Ada Lovelace"}


@pytest.fixture
async def issuer() -> AsyncIterator[str]:
    """The address of a provider that knows Ada."""
    options = ["--port", "0", "--require-nonce", "--user-claims", json.dumps(ADA)]
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "oidc_provider_mock", *options, stderr=PIPE)
    assert process.stderr is not None
    said = ""
    while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
        line = await process.stderr.readline()
        assert line, said
        said += line.decode()
    yield found[0]
    process.terminate()
    await process.communicate()


async def says_yes(location: str) -> dict[str, str]:
    """What the provider sends the browser back with, once the person has signed in there."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.post(location, data={"sub": "ada"})
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


async def test_a_new_person_signs_in_twice_and_has_one_account(platform: Platform, issuer: str) -> None:
    app = make_app(platform)
    settings = platform.settings.model_copy(update={"mode": "development"})
    app.state.parties = Parties(settings, {"op": hostile.provider(issuer)})
    ids = set()
    for _ in range(2):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url=f"{settings.origin}/api/v1",
            headers={"X-Surefoot": "1", "Sec-Fetch-Site": "same-origin"},
        ) as browser:
            begun = await browser.post("/sign-in/providers/op")
            returned = await says_yes(begun.json()["location"])
            answer = await browser.post("/sign-in/providers/op/complete", json=returned)
            assert answer.json() == {"status": "signed-in"}
            account = (await browser.get("/account")).json()
            assert (account["email"], account["name"]) == ("ada@example.org", "Ada Lovelace")
            assert account["has_password"] is False
            ids.add(account["id"])
    assert len(ids) == 1
