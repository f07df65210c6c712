"""Reading the audit trail: lists, exports. What changes it is `record` alone; what ends it is `retire`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Literal
from uuid import UUID

from surefoot.audit import events_store
from surefoot.audit.events_store import Key
from surefoot.audit.forms import csv_head, csv_line, json_line
from surefoot.audit.model import Filter, Told
from surefoot.audit.record import record
from surefoot.calls import Call
from surefoot.db.pool import Connection, Database

Form = Literal["jsonl", "csv"]
_AT_ONCE = 500


async def list_events(
    connection: Connection, workspace: UUID | None, wanted: Filter, limit: int, after: Key | None = None
) -> list[Told]:
    """Events of a workspace, or of the system without one, the newest first."""
    return await events_store.list_events(connection, workspace, wanted, limit=limit, after=after)


async def begin_export(
    connection: Connection, call: Call, workspace: UUID | None, wanted: Filter, form: Form
) -> Filter:
    """Record that events are exported; returns what to export: nothing from this moment on."""
    asked = {name: value for name, value in asdict(wanted).items() if value is not None}
    about = f"workspace/{workspace}" if workspace else "system"
    await record(connection, call, "audit.export", about=about, after={"form": form, **asked}, workspace=workspace)
    return replace(wanted, until=min(wanted.until or call.at, call.at))


async def export_events(database: Database, workspace: UUID | None, wanted: Filter, form: Form) -> AsyncIterator[str]:
    """The lines of an export, the oldest event first, some hundred at a time; between them no connection is held."""
    if form == "csv":
        yield csv_head()
    line = csv_line if form == "csv" else json_line
    after: Key | None = None
    while found := await _next(database, workspace, wanted, after):
        yield "".join(line(told) for told in found)
        after = (found[-1].event.at, found[-1].event.id)


async def _next(database: Database, workspace: UUID | None, wanted: Filter, after: Key | None) -> list[Told]:
    async with database.connection() as connection:
        return await events_store.list_events(
            connection, workspace, wanted, limit=_AT_ONCE, after=after, oldest_first=True
        )
