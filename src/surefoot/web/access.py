"""What an operation asks of its caller: declared beside the route, enforced by the API's guard, shown in OpenAPI.

The same declaration feeds the guard, the reference and the authorisation matrix of the tests; a route without one does
not start.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path

KEY = "x-surefoot-access"


class Who(StrEnum):
    """Who may call an operation at all."""

    ANYONE = "anyone"
    """Nobody needs to be signed in."""
    ACCOUNT = "account"
    """A person, for what is their own."""
    MEMBER = "member"
    """A member of the workspace in the path, `{workspace}`, or one of its tokens; for others it is not there."""


@dataclass(frozen=True, slots=True)
class Access:
    """`permission` is what the member's role and the token's scopes must hold, such as `members:write`.

    `tokens`: whether an API token may call it; a session always may. `step_up`: fresh proof within five minutes.
    """

    who: Who
    permission: str | None = None
    tokens: bool = True
    step_up: bool = False


def anyone() -> dict[str, Any]:
    """For the keyword arguments of a route that nobody needs to be signed in for."""
    return _declared(Access(Who.ANYONE))


def account(permission: str | None = None, *, tokens: bool = False, step_up: bool = False) -> dict[str, Any]:
    """For a route about the caller's own account; with `tokens`, `permission` is the scope that a token needs."""
    return _declared(Access(Who.ACCOUNT, permission, tokens=tokens, step_up=step_up))


def member(permission: str, *, tokens: bool = True, step_up: bool = False) -> dict[str, Any]:
    """For a route below `/workspaces/{workspace}`, which is described here. What needs a step-up, no token can do."""
    declaration = _declared(Access(Who.MEMBER, permission, tokens=tokens and not step_up, step_up=step_up))
    return {**declaration, "dependencies": [Depends(_in_path)]}


# Async, or each request would wait for a thread.
async def _in_path(workspace: Annotated[UUID, Path(description="The workspace's id.")]) -> UUID:
    return workspace


def _declared(access: Access) -> dict[str, Any]:
    return {"openapi_extra": {KEY: asdict(access)}}


def declared(extra: dict[str, Any] | None) -> Access | None:
    """The declaration in a route's `openapi_extra`, or None."""
    found = (extra or {}).get(KEY)
    return Access(**{**found, "who": Who(found["who"])}) if found else None
