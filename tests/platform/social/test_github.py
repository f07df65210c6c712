"""Signing in with GitHub, whose protocol is its own; GitHub is in the test."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from surefoot.accounts.social.github import GitHub
from surefoot.accounts.social.model import Kind, Person, Purpose
from surefoot.accounts.social.oidc import Returned
from surefoot.accounts.social.secrets import secrets_of
from surefoot.errors import SignInFailed
from tests.platform.social import hostile

pytestmark = pytest.mark.anyio

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SECRETS = secrets_of("cookie", Purpose.SIGN_IN)
ADA = {"id": 4711, "login": "ada", "name": "Ada Lovelace", "email": "public@example.org"}
MAILS = [
    {"email": "old@example.org", "primary": False, "verified": True},
    {"email": "ada@example.org", "primary": True, "verified": True},
]
TOKEN = {"access_token": "gho_1", "token_type": "bearer"}


class Edge:
    """GitHub's answers, and what it was asked."""

    def __init__(self, user: Any = ADA, mails: Any = MAILS, token: Any = TOKEN) -> None:
        self.answers = {"/login/oauth/access_token": token, "/user": user, "/user/emails": mails}
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, json=self.answers[request.url.path.removeprefix("/api/v3")])


def party(edge: Edge, issuer: str = "https://github.com") -> GitHub:
    return GitHub(hostile.provider(issuer, kind=Kind.GITHUB), httpx.MockTransport(edge))


async def signs_in(edge: Edge, issuer: str = "https://github.com") -> Person:
    return await party(edge, issuer).person(SECRETS, Returned("code", None, hostile.ADDRESS), AT)


@pytest.mark.asvs("6.8.1", "10.5.2")
async def test_somebody_is_their_number_and_the_primary_verified_mail_counts() -> None:
    assert await signs_in(Edge()) == Person("https://github.com", "4711", "ada@example.org", "Ada Lovelace")


@pytest.mark.parametrize(
    "mails",
    [
        [{"email": "ada@example.org", "primary": True, "verified": False}, MAILS[0]],
        [{"email": "ada@example.org", "primary": "true", "verified": "true"}],
        [],
        {"message": "Not Found"},
        ["ada@example.org"],
    ],
    ids=str,
)
async def test_an_address_that_is_not_primary_and_verified_is_none(mails: Any) -> None:
    assert (await signs_in(Edge(mails=mails))).email is None


@pytest.mark.parametrize("user", [{}, {"id": "4711"}, {"id": True}, {"id": None}, []], ids=str)
async def test_without_a_number_it_is_nobody(user: Any) -> None:
    with pytest.raises(SignInFailed) as caught:
        await signs_in(Edge(user=user))
    assert caught.value.details["reason"] == "id"


@pytest.mark.parametrize("token", [{"error": "bad_verification_code"}, {}, []], ids=str)
async def test_a_code_that_it_does_not_take_signs_nobody_in(token: Any) -> None:
    edge = Edge(token=token)
    with pytest.raises(SignInFailed):
        await signs_in(edge)
    assert len(edge.asked) == 1


async def test_an_answer_of_another_provider_is_refused() -> None:
    with pytest.raises(SignInFailed) as caught:
        await party(Edge()).person(SECRETS, Returned("code", "https://op.example", hostile.ADDRESS), AT)
    assert caught.value.details["reason"] == "mix-up"


async def test_the_attempt_is_tied_by_state_and_verifier() -> None:
    edge = Edge()
    asked = parse_qs(urlsplit(await party(edge).location(SECRETS, hostile.ADDRESS, AT)).query)
    assert (asked["state"], asked["code_challenge"]) == ([SECRETS.state], [SECRETS.challenge])
    await signs_in(edge)
    assert parse_qs(edge.asked[0].content.decode())["code_verifier"] == [SECRETS.verifier]


async def test_a_server_of_ones_own_is_asked_at_its_own_address() -> None:
    edge = Edge()
    assert (await signs_in(edge, "https://git.example.org")).issuer == "https://git.example.org"
    assert {request.url.host for request in edge.asked} == {"git.example.org"}
