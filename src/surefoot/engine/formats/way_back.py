"""A way back, written into the file where the folder's format wants it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from surefoot.engine.model import Folder, Migration
from surefoot.errors import Refused

_GOOSE_DOWN = re.compile(r"^--\s*\+goose\s+down\s*$", re.IGNORECASE | re.MULTILINE)
_DBMATE_DOWN = re.compile(r"^--\s*migrate:down\b.*$", re.MULTILINE)


def add_down(folder: Folder, migration: Migration, statements: Sequence[str], notes: Sequence[str] = ()) -> Path:
    """Write the statements, each ended by a semicolon, as the migration's way back; gives the file.

    `notes` become comments above them. A file of its own that is there already is kept, and written at its end. Raises
    Refused where the migration has a way back with statements.
    """
    if not _only_comments(migration):
        raise Refused(
            f"{migration.label} has a way back already.",
            hint="`surefoot rehearse` says whether it works; take it out of its file to have another one generated.",
            version=migration.version,
        )
    return _append(folder, migration, statements, notes)


def _only_comments(migration: Migration) -> bool:
    lines = (line.strip() for script in migration.down or () for line in script.text.splitlines())
    return all(not line or line.startswith("--") for line in lines)


def _append(folder: Folder, migration: Migration, statements: Sequence[str], notes: Sequence[str]) -> Path:
    up = migration.up[0].path
    name, mark = _PLACES[folder.format](up)
    path = Path(folder.path) / name
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    head = "" if mark is None or mark[0].search(before) else f"\n{mark[1]}\n"
    body = "".join(f"-- {line}\n" for line in notes) + "".join(
        f"{_statement(statement, folder.format)}\n" for statement in statements
    )
    gap = "\n" if before and not before.endswith("\n") else ""
    path.write_text(f"{before}{gap}{head}{body}", encoding="utf-8", newline="\n")
    return path


def _statement(statement: str, form: str) -> str:
    """The statement with its terminator; goose has to be told of one that holds semicolons."""
    text = f"{statement.rstrip().rstrip(';')};"
    if form == "goose" and ";" in text[:-1]:
        return f"-- +goose StatementBegin\n{text}\n-- +goose StatementEnd"
    return text


_Place = tuple[str, tuple[re.Pattern[str], str] | None]

# By format: from the up file's name to the file of the way back, and what begins it there, if that is the same file.
_PLACES: dict[str, Callable[[str], _Place]] = {
    "native": lambda up: (re.sub(r"\.up\.sql$", ".down.sql", up), None),
    "diesel": lambda up: (re.sub(r"up\.sql$", "down.sql", up), None),
    "flyway": lambda up: (re.sub(r"(^|/)V([^/]*)$", r"\1U\2", up), None),
    "dbmate": lambda up: (up, (_DBMATE_DOWN, "-- migrate:down")),
    "goose": lambda up: (up, (_GOOSE_DOWN, "-- +goose Down")),
}
