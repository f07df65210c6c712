"""What no client means: refused in words, and never an error of ours."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from surefoot.errors import NotFound
from surefoot.workspaces.invitations.model import Invitation
from surefoot.workspaces.invitations.rules import check_live
from surefoot.workspaces.rules import Role
from tests.platform.workspaces.world import START, World

pytestmark = pytest.mark.anyio
TEXTS = ["\\u0000", "a\\u0000b", "\\ud800", "\\u202e", "x" * 5000, "'; DROP TABLE members; --", "\\u00a0"]


@pytest.mark.parametrize("text", TEXTS)
async def test_no_text_is_an_error_of_ours(world: World, text: str) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}"
    bodies = [
        ("POST", "/workspaces", f'{{"name": "{text}"}}'),
        ("DELETE", path, f'{{"name": "{text}"}}'),
        ("POST", f"{path}/invitations", f'{{"email": "{text}", "role": "viewer"}}'),
        ("POST", f"{path}/invitations", f'{{"email": "{text}@example.com", "role": "viewer"}}'),
        ("POST", f"{path}/tokens", f'{{"name": "{text}", "scopes": ["workspace:read"]}}'),
        ("POST", f"{path}/tokens", f'{{"name": "ci", "scopes": ["{text}"]}}'),
        ("POST", "/invitations/accept", f'{{"token": "{text}"}}'),
        ("POST", "/device/code", f'{{"client": "{text}", "scopes": ["workspace:read"]}}'),
        ("POST", "/device/token", f'{{"device_code": "{text}"}}'),
        ("PATCH", f"{path}/members/{ada.account}", f'{{"role": "{text}"}}'),
        (
            "POST",
            "/setup",
            f'{{"token": "{text}", "email": "a@b.c", "name": "{text}", "password": "{text}", "workspace": "{text}"}}',
        ),
    ]
    headers = {"Content-Type": "application/json"}
    answers = [await ada.http.request(method, where, content=body, headers=headers) for method, where, body in bodies]
    assert [one.status_code for one in answers if one.status_code >= 500] == []


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=W10", "cursor=WyIwIl0", "cursor=%00"]
)
async def test_a_page_that_is_none_is_refused(world: World, query: str) -> None:
    ada = await world.person("ada")
    path = f"/workspaces/{await world.workspace(ada)}"
    for where in ("/workspaces", f"{path}/members", f"{path}/tokens", f"{path}/invitations", "/account/tokens"):
        assert (await ada.ask("GET", f"{where}?{query}")).status_code == 422


@pytest.mark.parametrize("code", ["%00", "x", "AAAA-AAAA", "BCDF-GHJK", "%F0%9F%98%80", "b" * 20])
async def test_a_code_that_is_none_is_nobodys(world: World, code: str) -> None:
    ada = await world.person("ada")
    assert (await ada.ask("GET", f"/device/{code}")).status_code == 404


@pytest.mark.parametrize("inviter", [None, Role.VIEWER, Role.OPERATOR])
def test_an_invitation_of_who_could_not_send_it_is_void(inviter: Role | None) -> None:
    found = Invitation(
        uuid4(),
        uuid4(),
        "Payments",
        "x@example.com",
        "x@example.com",
        Role.VIEWER,
        "eve@example.com",
        inviter,
        START,
        START + timedelta(days=7),
    )
    with pytest.raises(NotFound):
        check_live(found)
