"""A way back, written into the file where the folder's format wants it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from surefoot.engine.checksum import checksum
from surefoot.engine.model import Folder, Migration
from surefoot.errors import FolderError, Refused

_GOOSE_DOWN = re.compile(r"^--[^\n]*\+goose\s+(?i:down)\b", re.MULTILINE)
_GOOSE_ENVSUB = re.compile(r"^--[^\n]*\+goose\s+(?i:envsub\s+on)\b", re.MULTILINE)
_DBMATE_DOWN = re.compile(r"^--[^\S\n]*migrate:down\b", re.MULTILINE)


def add_down(read: Callable[[], Folder], version: str, statements: Sequence[str], notes: Sequence[str] = ()) -> Path:
    """Write the statements, each ended by a semicolon, as a migration's way back; gives the file.

    `read` reads the folder: before, and again to see that the file says what it should. `notes` become comments above
    the statements. A file of its own that is there already is kept, and written at its end.

    Raises Refused where the migration has a way back with statements, or where its format does not take this one; the
    file is then as it was.
    """
    folder = read()
    migration = _find(folder, version)
    _refuse_way_back(migration)
    name, mark = _PLACES[folder.format](migration.up[0].path)
    path = Path(folder.path) / name
    before = path.read_bytes() if path.exists() else None
    text = _added(before or b"", mark, folder.format, statements, notes)
    path.write_bytes((before or b"") + text)
    try:
        _check(migration, _find(read(), version), len(statements))
    except FolderError as error:
        _put_back(path, before)
        raise Refused(
            f"The way back of {migration.label} cannot be written into {name}: {error.message}",
            hint="Write it by hand: `surefoot rehearse` shows the statements.",
            version=version,
        ) from error
    return path


def _find(folder: Folder, version: str) -> Migration:
    return next(migration for migration in folder.migrations if migration.version == version)


def _refuse_way_back(migration: Migration) -> None:
    lines = (line.strip() for script in migration.down or () for line in script.text.splitlines())
    if any(line and not line.startswith("--") for line in lines):
        raise Refused(
            f"{migration.label} has a way back already.",
            hint="`surefoot rehearse` says whether it works; take it out of its file to have another one generated.",
            version=migration.version,
        )


def _check(before: Migration, after: Migration, count: int) -> None:
    """Raise FolderError where the up is not what it was, or the way back has no statements."""
    if checksum(after.up) != checksum(before.up):
        raise FolderError("the up would be another one.")
    if count and not any(script.text.strip() for script in after.down or ()):
        raise FolderError("it would not be read as a way back.")


def _put_back(path: Path, before: bytes | None) -> None:
    if before is None:
        path.unlink()
    else:
        path.write_bytes(before)


def _added(before: bytes, mark: _Mark | None, form: str, statements: Sequence[str], notes: Sequence[str]) -> bytes:
    """What is to be written behind what the file holds, with line ends like its own."""
    known = before.decode(errors="replace")
    lines = [f"-- {' '.join(note.split())}" for note in notes] + [_statement(each, form) for each in statements]
    if mark is not None and not mark[0].search(known):
        lines = ["", mark[1], *lines]
    if form == "goose" and _GOOSE_ENVSUB.search(known):
        lines.insert(len(lines) - len(statements), "-- +goose ENVSUB OFF")
    gap = "\n" if known and not known.endswith("\n") else ""
    text = gap + "".join(f"{line}\n" for line in lines)
    return text.replace("\n", "\r\n" if "\r\n" in known else "\n").encode()


def _statement(statement: str, form: str) -> str:
    """The statement with its terminator; goose has to be told of one that holds semicolons."""
    text = f"{statement.rstrip().rstrip(';')};"
    if form == "goose" and ";" in text[:-1]:
        return f"-- +goose StatementBegin\n{text}\n-- +goose StatementEnd"
    return text


_Mark = tuple[re.Pattern[str], str]
_Place = tuple[str, _Mark | None]

# By format: from the up file's name to the file of the way back, and what begins it there, if that is the same file.
_PLACES: dict[str, Callable[[str], _Place]] = {
    "native": lambda up: (re.sub(r"\.up\.sql$", ".down.sql", up), None),
    "diesel": lambda up: (re.sub(r"up\.sql$", "down.sql", up), None),
    "flyway": lambda up: (re.sub(r"(^|/)V([^/]*)$", r"\1U\2", up), None),
    "dbmate": lambda up: (up, (_DBMATE_DOWN, "-- migrate:down")),
    "goose": lambda up: (up, (_GOOSE_DOWN, "-- +goose Down")),
}
