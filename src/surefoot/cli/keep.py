"""Keeping a platform: backup, restore, and the look at all it needs."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from surefoot.calls import OPERATOR, Call
from surefoot.cli.context import Context
from surefoot.cli.operate import operated, settings_of
from surefoot.cli.output import moment
from surefoot.db.ids import new_id
from surefoot.engine.dialects.target import Check
from surefoot.serve import backup as backups
from surefoot.serve.backup import Backup
from surefoot.serve.doctor import examine


def backup(context: Context) -> int:
    """Write a backup of the platform into a file."""
    file, with_keys = context.cwd / context.flags["file"], bool(context.flags.get("with_keys"))
    made = operated(context, lambda platform: backups.make_backup(platform, _call("backup"), file, with_keys=with_keys))
    context.output.line(f"{file} holds the platform as of {moment(made.made_at)}.")
    keys = ", ".join(made.keys) or "SUREFOOT_MASTER_KEY"
    if with_keys:
        context.output.line(f"It holds its keys as well ({keys}): whoever has this file has every secret in it.")
    else:
        context.output.line(f"It is worth nothing without its keys, {keys}: keep them too, and not beside it.")
    context.output.document({"kind": "backup", "file": str(file), **_facts(made)})
    return 0


def restore(context: Context) -> int:
    """Restore a backup into an empty database and directory."""
    settings, file = settings_of(context), context.cwd / context.flags["file"]
    programs = context.variables.get("SUREFOOT_POSTGRES_BIN")
    found = backups.restore_backup(settings, _call("restore"), file, programs=Path(programs) if programs else None)
    context.output.line(f"The platform is as it was at {moment(found.made_at)}. Start it with `surefoot serve`;")
    context.output.line("`surefoot audit verify` says whether its audit trail is whole.")
    context.output.document({"kind": "restore", "file": str(file), **_facts(found)})
    return 0


def examined(context: Context) -> list[Check]:
    """The checks of `surefoot doctor --server`."""
    return operated(context, examine)


def _facts(one: Backup) -> dict[str, object]:
    return {
        "made_at": one.made_at.isoformat(),
        "version": one.version,
        "keys": list(one.keys),
        "has_keys": one.has_keys,
    }


def _call(operation: str) -> Call:
    return Call(OPERATOR, datetime.now(UTC), request_id=str(new_id()), operation=operation, agent="surefoot")
