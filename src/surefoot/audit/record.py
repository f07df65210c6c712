"""Writing the audit trail: in the transaction of what is told, or not at all."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from functools import cache
from typing import Any
from uuid import UUID

from surefoot.audit import store
from surefoot.audit.model import Event, Outcome
from surefoot.audit.rules import cut, plain, without_secrets
from surefoot.calls import Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection

__all__ = ["Outcome", "record"]


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
    event = Event(
        id=new_id(),
        at=call.at,
        workspace=workspace or call.workspace,
        action=cut(action, 100),
        about=cut(without_secrets(about), 400),
        outcome=outcome.value,
        reason=cut(without_secrets(reason), 1000),
        before=plain(before),
        after=plain(after),
        node=_node(),
        **_asked(call),
    )
    await store.insert_event(connection, event)
    return event.id


def _asked(call: Call) -> dict[str, Any]:
    """Who asked, and from where."""
    actor = call.actor
    return {
        "actor_kind": actor.kind.value,
        "actor_id": actor.id,
        "actor_label": cut(actor.label, 320),
        "session": actor.session,
        "token": actor.token,
        "methods": tuple(actor.methods),
        "address": cut(call.address, 64),
        "agent": cut(without_secrets(call.agent), 400),
        "request_id": cut(call.request_id, 128),
        "trace_id": cut(call.trace_id, 64),
    }


@cache
def _node() -> str:
    return cut(socket.gethostname(), 255)
