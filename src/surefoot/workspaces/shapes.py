"""What the routes of this package have in common over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from surefoot.workspaces.rules import EVERY_PERMISSION, Allowed
from surefoot.workspaces.tokens.rules import MAX_DAYS

# One line, without control characters and those that turn the direction of a text.
_LINE = r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+$"
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=_LINE)]
Secret = Annotated[
    str,
    StringConstraints(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$"),
    Field(examples=["u8dGdaa1Q2fDq3ZAvK0yTzPVnmtYQ8bXcLsE5hJw7oI"]),
]
Scopes = Annotated[
    list[Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z]+:[a-z]+$")]],
    Field(
        min_length=1,
        max_length=len(EVERY_PERMISSION),
        description="Permissions that the token is limited to.",
        examples=[["workspace:read", "projects:read"]],
    ),
]
Days = Annotated[int, Field(strict=True, ge=1, le=MAX_DAYS, description="Days until it expires.", examples=[90])]


class Asked(BaseModel):
    """The body of a request: what is not described is refused."""

    model_config = ConfigDict(extra="forbid")


class Action(BaseModel):
    """Whether you may do something with an object."""

    action: str = Field(description="What it is.", examples=["rename"])
    allowed: bool = Field(description="Whether you may.")
    reason: str = Field("", description="Why not, in words for people; empty where you may.")


def actions_of(found: Iterable[Allowed]) -> list[Action]:
    """Actions as they are answered."""
    return [Action(action=one.action, allowed=one.allowed, reason=one.reason) for one in found]
