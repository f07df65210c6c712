"""Writing the audit trail: in the transaction of what is told, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from surefoot.calls import Call
from surefoot.db.pool import Connection


class Outcome(StrEnum):
    """How what is told ended."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


async def record(
    connection: Connection,
    call: Call,
    action: str,
    *,
    about: str = "",
    outcome: Outcome = Outcome.DONE,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    workspace: UUID | None = None,
) -> UUID:
    """Write one event; it is appended to its chain when the transaction commits.

    `action` is a noun and a verb (`password.change`, `member.invite`); `about` the object (`account/ID`). `before` and
    `after` are JSON values without secrets. `workspace` is the call's, unless given; events of no workspace belong to
    the system's chain. Without the event there is no mutation: an error here is to end the transaction.
    """
    raise NotImplementedError
