"""What a statement lacked of its surroundings, read from the database's refusal."""

from __future__ import annotations

import re

from surefoot.errors import ShadowFailed, StatementFailed

_ROLE = re.compile(r'role "(.*?)" does not exist')
_EXTENSION = re.compile(
    r'extension "(.*?)" is not available|could not open extension control file ".*?([^/"]+)\.control"'
    r'|could not access file "(?:\$libdir/)?(.*?)"'
)
_SQLSTATES = ("0A000", "58P01")


def missing_role(error: StatementFailed) -> str | None:
    """The role that does not exist; None where something else is wrong."""
    found = _ROLE.search(error.message)
    return found[1] if found and error.details.get("sqlstate") == "42704" else None


def refuse_missing_extension(error: StatementFailed, server: str) -> None:
    """Raise ShadowFailed where the server has not the extension that a statement wants, and say who may have it."""
    found = _EXTENSION.search(error.message)
    if not found or error.details.get("sqlstate") not in _SQLSTATES:
        return
    extension = found[1] or found[2] or found[3]
    raise ShadowFailed(
        f"{server} does not have the extension {extension} that the migrations need.",
        hint="Rehearse on a PostgreSQL that has it: name its programs by postgres_bin (or SUREFOOT_POSTGRES_BIN), a "
        'server by shadow_url, or the target\'s own server by shadow = "target".',
        extension=extension,
        **error.details,
    ) from error
