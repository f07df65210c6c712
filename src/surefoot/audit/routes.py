"""The audit trail of a workspace over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from surefoot.audit import service
from surefoot.audit.model import Filter, Outcome, Told
from surefoot.audit.service import Form
from surefoot.calls import ActorKind
from surefoot.web import access
from surefoot.web.moments import Moment
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of

router = APIRouter(tags=["Audit"])
_LINE = r"^[^\x00-\x1f\x7f-\x9f]+$"
_MEDIA = {"jsonl": "application/jsonl", "csv": "text/csv"}


class ActorOut(BaseModel):
    """Who acted."""

    kind: ActorKind = Field(description="What kind of somebody.", examples=["person"])
    id: UUID | None = Field(description="The account's id, or the service token's.")
    label: str = Field(description="The address or name at that time.", examples=["ada@example.com"])
    session: UUID | None = Field(description="The session, where it was one.")
    token: UUID | None = Field(description="The API token, where it was one.")
    methods: list[str] = Field(description="How they had signed in.", examples=[["password", "totp"]])


class EventOut(BaseModel):
    """Something that somebody did, tried, or was refused."""

    id: UUID = Field(description="The event's id.")
    seq: int | None = Field(description="Its place in the workspace's chain, without gaps.", examples=[17])
    at: datetime = Field(description="When.")
    actor: ActorOut = Field(description="Who.")
    action: str = Field(description="What: a noun and a verb.", examples=["member.invite"])
    about: str = Field(description="The object.", examples=["account/018f3b1c-7a52-7c1e-9d3f-2b6f0a9e4d11"])
    outcome: Outcome = Field(description="How it ended.")
    reason: str = Field(description="Why it was refused or failed: the error's code.", examples=["not-allowed"])
    before: dict[str, Any] | None = Field(description="What changed, as it was.", examples=[{"role": "viewer"}])
    after: dict[str, Any] | None = Field(description="What changed, as it is since.", examples=[{"role": "admin"}])
    address: str = Field(description="The address that it came from.", examples=["192.0.2.7"])
    agent: str = Field(description="The program that it came from.", examples=["Mozilla/5.0"])
    request_id: str = Field(description="The request's id, as the platform's log has it.")
    trace_id: str = Field(description="The id of the caller's trace, where it sent one.")
    node: str = Field(description="The machine of the platform.", examples=["api-1"])
    hash: str | None = Field(description="The hash of its link: of this event and all before it.")


def _shown(told: Told) -> EventOut:
    event = told.event
    actor = ActorOut(
        kind=ActorKind(event.actor_kind),
        id=event.actor_id,
        label=event.actor_label,
        session=event.session,
        token=event.token,
        methods=list(event.methods),
    )
    same = {name: getattr(event, name) for name in EventOut.model_fields if name not in {"seq", "actor", "hash"}}
    return EventOut(**same, seq=told.seq, actor=actor, hash=told.hash.hex() if told.hash else None)


def _filter(
    action: Annotated[
        str | None,
        Query(max_length=100, pattern=r"^[a-z0-9_.*-]+$", description="An action, or all of a noun: `member.*`."),
    ] = None,
    actor: Annotated[UUID | None, Query(description="An account's or service token's id.")] = None,
    about: Annotated[str | None, Query(max_length=400, pattern=_LINE, description="An object: `account/ID`.")] = None,
    outcome: Annotated[Outcome | None, Query(description="How it ended.")] = None,
    since: Annotated[Moment | None, Query(alias="from", description="Not before this time.")] = None,
    until: Annotated[Moment | None, Query(description="Before this time.")] = None,
) -> Filter:
    return Filter(action, actor, about, outcome, since, until)


Wanted = Annotated[Filter, Depends(_filter)]


@router.get(
    "/workspaces/{workspace}/audit",
    operation_id="list_audit_events",
    summary="List what happened",
    response_model=Page[EventOut],
    **access.member("audit:read"),
)
async def list_audit_events(
    request: Request, workspace: UUID, wanted: Wanted, size: Size = 50, cursor: Cursor = None
) -> Page[EventOut]:
    """The workspace's events, the newest first; each condition that is given has to fit."""
    after = key_of(cursor, datetime.fromisoformat, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await service.list_events(connection, workspace, wanted, size + 1, after and (after[0], after[1]))
    return page_of(found, size, _shown, lambda told: (told.event.at, told.event.id))


@router.get(
    "/workspaces/{workspace}/audit/export",
    operation_id="export_audit_events",
    summary="Export what happened",
    response_class=StreamingResponse,
    response_model=None,
    responses={
        200: {
            "description": "The events as lines, the oldest first.",
            "content": {media: {"schema": {"type": "string"}} for media in _MEDIA.values()},
        }
    },
    **access.member("audit:export", step_up=True),
)
async def export_audit_events(
    request: Request,
    workspace: UUID,
    wanted: Wanted,
    form: Annotated[Form, Query(alias="format", description="JSON lines, or CSV for spreadsheets.")] = "jsonl",
) -> StreamingResponse:
    """Every event up to now that fits. A line of JSON is the record that is hashed, with its place and its hash.

    In CSV, a cell that a spreadsheet would take for a formula begins with `'`. The export is itself recorded.
    """
    platform, call = platform_of(request), call_of(request)
    async with platform.database.transaction() as connection:
        bounded = await service.begin_export(connection, call, workspace, wanted, form)
    return StreamingResponse(
        service.export_events(platform.database, workspace, bounded, form),
        media_type=_MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="audit-{workspace}.{form}"'},
    )
