"""What the operator does on the platform's machine: keys, mails, lockouts, the audit trail."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from surefoot.audit import service as audit
from surefoot.audit.files import segments_folder
from surefoot.audit.forms import json_line
from surefoot.audit.model import Filter, Told
from surefoot.audit.report import Report, Verdict
from surefoot.audit.retire import retire
from surefoot.audit.verify import verify
from surefoot.calls import OPERATOR, Call
from surefoot.cli.context import Context
from surefoot.cli.output import counted, moment, size
from surefoot.db.ids import new_id
from surefoot.errors import UsageError
from surefoot.notifications.outbox import Outgoing, list_outbox, read_outbox
from surefoot.platform_settings import PlatformSettings, load_platform_settings
from surefoot.serve import operator
from surefoot.serve.place import with_database
from surefoot.web.platform import Platform, open_platform

T = TypeVar("T")
_SHOWN = 50


def settings_of(context: Context) -> PlatformSettings:
    """The platform's settings, from the environment and `.env`. Raises ConfigError."""
    return load_platform_settings(context.variables)


def operated(context: Context, use: Callable[[Platform], Awaitable[T]], *, as_owner: bool = False) -> T:
    """Do something with the platform, its server running or not; in the role of the processes, or as the owner."""
    with with_database(settings_of(context)) as settings:
        owners = settings.model_copy(update={"database_role": None})
        return asyncio.run(_used(owners if as_owner else settings, use))


async def _used(settings: PlatformSettings, use: Callable[[Platform], Awaitable[T]]) -> T:
    async with open_platform(settings) as platform:
        return await use(platform)


def _call(operation: str) -> Call:
    return Call(OPERATOR, datetime.now(UTC), request_id=str(new_id()), operation=operation, agent="surefoot")


def keys_rotate(context: Context) -> int:
    """Make a new master key, and wrap the key of every secret with it."""
    rotated = operated(context, lambda platform: operator.rotate_keys(platform, _call("keys_rotate")))
    output = context.output
    output.line(f"{counted(rotated.rewrapped, 'secret')} wrapped with the key {rotated.key_id}. Back the keys up.")
    damaged = [str(one) for one in rotated.damaged]
    for one in damaged:
        output.line(f"{output.paint('✗', 'red')} {one} was changed from outside: no key opens it")
    output.document({"kind": "keys", "key": rotated.key_id, "rewrapped": rotated.rewrapped, "damaged": damaged})
    return 1 if damaged else 0


def mail_list(context: Context) -> int:
    """List the mails in the outbox, the newest first."""
    found, output = list_outbox(settings_of(context).data_dir), context.output
    for each in found:
        output.line(f"{moment(each.date)}  {each.to:<30}  {each.subject}")
        output.line(output.paint(f"  surefoot mail show {each.name}", "dim"))
    if not found:
        output.line("The outbox is empty. With SUREFOOT_SMTP_URL set, mails go out instead.")
    output.document({"kind": "mail", "mails": [_mail(each) for each in found]})
    return 0


def mail_show(context: Context) -> int:
    """Show one mail of the outbox: the newest, unless one is named."""
    data_dir, name = settings_of(context).data_dir, context.flags.get("name")
    mails = list_outbox(data_dir)
    if not name and not mails:
        raise UsageError("The outbox is empty.", hint="`surefoot mail list` says where mails go.")
    mail = read_outbox(data_dir, name) if name else mails[0]
    context.output.line(f"To: {mail.to}\nSubject: {mail.subject}\nDate: {moment(mail.date)}\n\n{mail.text.rstrip()}")
    context.output.document({"kind": "mail", "mail": {**_mail(mail), "text": mail.text}})
    return 0


def _mail(mail: Outgoing) -> dict[str, str]:
    return {"name": mail.name, "to": mail.to, "subject": mail.subject, "date": mail.date.isoformat()}


def accounts_list(context: Context) -> int:
    """List accounts with what locks them out."""
    found, output = operated(context, operator.list_states), context.output
    for each in found:
        output.line(f"{each.email:<40} since {moment(each.created_at)}")
        for lockout in each.lockouts:
            word = "enable" if lockout.startswith("disabled") else "unlock"
            output.line(f"  {output.paint(lockout, 'yellow')}; `surefoot accounts {word} {each.email}` lifts it")
    output.line(counted(len(found), "account"))
    output.document({"kind": "accounts", "accounts": [_account(each) for each in found]})
    return 0


def _account(state: operator.AccountState) -> dict[str, Any]:
    known = {"id": str(state.id), "email": state.email, "name": state.name}
    return {**known, "created_at": state.created_at.isoformat(), "lockouts": list(state.lockouts)}


def accounts_unlock(context: Context) -> int:
    """Lift what locks an account out."""
    email = str(context.flags["email"])
    operated(context, lambda platform: operator.unlock(platform, _call("accounts_unlock"), email))
    context.output.line(f"{email} may try to sign in again.")
    context.output.document({"kind": "accounts", "unlocked": email})
    return 0


def accounts_remove_factors(context: Context) -> int:
    """Take every second factor off an account."""
    email = str(context.flags["email"])
    context.confirm(f"Remove every second factor of {email}, and sign them out everywhere?")
    call = _call("accounts_remove_factors")
    kinds = operated(context, lambda platform: operator.remove_factors(platform, call, email))
    context.output.line(f"Removed: {', '.join(kinds) or 'nothing, there was none'}. {email} is signed out everywhere.")
    context.output.document({"kind": "accounts", "email": email, "removed": list(kinds)})
    return 0


def accounts_disable(context: Context) -> int:
    """End an account's sessions, and let nobody in by it."""
    return _set_disabled(context, disabled=True)


def accounts_enable(context: Context) -> int:
    """Let an account in again."""
    return _set_disabled(context, disabled=False)


def _set_disabled(context: Context, *, disabled: bool) -> int:
    email, word = str(context.flags["email"]), "disabled" if disabled else "enabled"
    call = _call(f"accounts_{word[:-1]}")
    operated(context, lambda platform: operator.set_disabled(platform, call, email, disabled=disabled))
    context.output.line(f"{email} is {word}.")
    context.output.document({"kind": "accounts", word: email})
    return 0


def audit_verify(context: Context) -> int:
    """Recompute the audit trail; exits with 0 whole, 1 broken, 2 where nobody can tell."""
    report = operated(context, lambda one: verify(one.database, one.settings.data_dir, one.vault))
    _show_report(context, report)
    return report.exit_code


def _show_report(context: Context, report: Report) -> None:
    output = context.output
    mark, color = {Verdict.WHOLE: ("✓", "green"), Verdict.BROKEN: ("✗", "red"), Verdict.UNTOLD: ("?", "yellow")}[
        report.verdict
    ]
    for problem in report.problems:
        output.line(f"{output.paint('✗', 'red')} {problem.where}: {problem.what}")
    for doubt in report.doubts:
        output.line(f"{output.paint('?', 'yellow')} {doubt}")
    counts = (
        f"{counted(report.events, 'event')} in {counted(report.chains, 'chain')}, {report.uncovered} not signed yet"
    )
    output.line(f"{output.paint(mark, color)} {report.verdict.value}: {counts}")
    output.document({"kind": "audit", "verdict": report.verdict.value, **_facts(report)})


def _facts(report: Report) -> dict[str, Any]:
    problems = [{"where": each.where, "what": each.what} for each in report.problems]
    counts = {
        name: getattr(report, name) for name in ("chains", "events", "checkpoints", "segments", "batches", "uncovered")
    }
    return {**counts, "problems": problems, "more_problems": report.more_problems, "doubts": list(report.doubts)}


def audit_list(context: Context) -> int:
    """List events of the system's chain, or of a workspace, the newest first."""
    output, limit = context.output, context.flags.get("limit") or _SHOWN
    workspace, wanted = _workspace(context), _filter(context)

    async def read(platform: Platform) -> list[Told]:
        async with platform.database.connection() as connection:
            return await audit.list_events(connection, workspace, wanted, limit)

    found = operated(context, read)
    for told in found:
        event = told.event
        who = event.actor_label or event.actor_kind
        reason = f"  {output.paint(event.reason, 'yellow')}" if event.reason else ""
        output.line(f"{moment(event.at)}  {event.outcome:<7}  {event.action:<24} {who}  {event.about}{reason}")
    output.document({"kind": "audit", "events": [json.loads(json_line(told)) for told in found]})
    return 0


def audit_export(context: Context) -> int:
    """Write events as JSON lines or CSV, the oldest first."""
    form: audit.Form = "csv" if context.flags.get("form") == "csv" else "jsonl"
    path = context.cwd / context.flags["file"]
    workspace, wanted = _workspace(context), _filter(context)

    async def export(platform: Platform) -> int:
        async with platform.database.transaction() as connection:
            bounded = await audit.begin_export(connection, _call("audit_export"), workspace, wanted, form)
        # Who did what is for the operator's eyes.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            return sum(
                [file.write(text) async for text in audit.export_events(platform.database, workspace, bounded, form)]
            )

    written = operated(context, export)
    context.output.line(f"{path}: {size(written)} written")
    context.output.document({"kind": "audit", "file": str(path), "bytes": written})
    return 0


def audit_retire(context: Context) -> int:
    """Take what was recorded before a month out of the database, as a signed file."""
    before, output = _month(context.flags["month"]), context.output
    segment = operated(context, lambda platform: retire(platform, _call("audit_retire"), before), as_owner=True)
    if segment is None:
        output.line(f"Nothing was recorded before {before:%Y-%m}.")
    else:
        folder = segments_folder(settings_of(context).data_dir)
        output.line(
            f"{folder / segment.file}: {counted(segment.events, 'event')}, signed; keep it with its description"
        )
    events, file = (segment.events, segment.file) if segment else (0, None)
    output.document({"kind": "audit", "events": events, "file": file})
    return 0


def _month(given: str) -> datetime:
    try:
        return datetime.strptime(given, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise UsageError(f"{given} is not a month.", hint="Write 2026-08.") from None


def _workspace(context: Context) -> UUID | None:
    given = context.flags.get("workspace")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise UsageError(f"{given} is not the id of a workspace.", hint="It is in the address of its page.") from None


def _filter(context: Context) -> Filter:
    flags = context.flags
    return Filter(action=flags.get("action"), about=flags.get("about"), since=_time(flags.get("since")))


def _time(given: str | None) -> datetime | None:
    """A time with its zone; without one it is UTC."""
    try:
        found = datetime.fromisoformat(given) if given else None
    except ValueError:
        raise UsageError(f"{given} is not a time.", hint="Write 2026-11-23 or 2026-11-23T08:30:00+01:00.") from None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
