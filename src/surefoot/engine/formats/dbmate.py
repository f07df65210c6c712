"""dbmate's format: `<version>_<name>.sql` in one folder, with `-- migrate:up` and `-- migrate:down` sections.

Several pairs may stand in one file; going down, dbmate runs their downs in the order of the file too. Files
are applied in the order of their names, and a version is the name's leading digits as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surefoot.engine.formats.shape import (
    Format,
    Named,
    Reading,
    Rules,
    first_statement,
    malformed,
    pairs,
    script,
)
from surefoot.engine.formats.text import line_at
from surefoot.engine.model import Direction, Migration, Note, Script
from surefoot.errors import MalformedFile

_NAME = re.compile(r"([0-9]+)([^/]*)\.sql")
_MARKER = re.compile(r"^--[^\S\n]*migrate:(up|down)(?:[^\S\n]+([^\n]*))?$\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class _Section:
    direction: Direction
    options: tuple[str, ...]
    line: int
    text: str


def _named(names: Iterable[str]) -> list[Named]:
    matches = filter(None, map(_NAME.fullmatch, sorted(names)))
    return [Named(m[0], m[1], m[1], m[2].removeprefix("_")) for m in matches]


def _files(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.path for named in _named(names))


def _versions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.version for named in _named(names))


def _fits(files: Mapping[str, str]) -> bool:
    return any("migrate:" in text and _MARKER.search(text) for text in files.values())


def _read(files: Mapping[str, str], rules: Rules) -> Reading:
    notes: list[Note] = []
    migrations = [_migration(pair.up, files[pair.up.path], notes) for pair in pairs(_named(files), rules)]
    return tuple(migrations), tuple(notes)


def _migration(named: Named, text: str, notes: list[Note]) -> Migration:
    _check_head(named.path, text)
    sections = list(_sections(text))
    if any(section.direction is Direction.DOWN for section in sections):
        _check_turns(named.path, sections)
    up, down = (
        tuple(_script(named.path, section, notes) for section in sections if section.direction is direction)
        for direction in Direction
    )
    return Migration(named.version, named.name, up, down or None)


def _check_turns(path: str, sections: list[_Section]) -> None:
    """Up and down take turns; the last turn is a down."""
    turns = [Direction.UP, Direction.DOWN] * len(sections)
    for section, turn in zip(sections, turns, strict=False):
        if section.direction is not turn:
            raise _misplaced(path, section)
    if sections[-1].direction is Direction.UP:
        raise _partial(path, sections[-1].line)


def _check_head(path: str, text: str) -> None:
    first = next((m for m in _MARKER.finditer(text) if m[1] == "up"), None)
    if first is None:
        raise malformed(
            path,
            1,
            "there is no `-- migrate:up` line.",
            "Write `-- migrate:up` above the change and `-- migrate:down` above the way back.",
        )
    stray = first_statement(text, first.start())
    if stray < first.start():
        raise malformed(
            path,
            line_at(text, stray),
            "a statement stands before the first `-- migrate:up`.",
            "Move it below the `-- migrate:up` line.",
        )


def _sections(text: str) -> Iterator[_Section]:
    markers = list(_MARKER.finditer(text))
    ends = [marker.start() for marker in markers[1:]] + [len(text)]
    line, counted = 1, 0
    for marker, end in zip(markers, ends, strict=True):
        line += text.count("\n", counted, marker.start())
        counted = marker.start()
        options = tuple((marker[2] or "").split())
        yield _Section(Direction(marker[1]), options, line, text[marker.end() : end])


def _script(path: str, section: _Section, notes: list[Note]) -> Script:
    transaction = True
    for option in section.options:
        key, _, value = option.partition(":")
        if key != "transaction" or value not in ("true", "false"):
            notes.append(Note(path, section.line, f"passed over, as dbmate does: the option `{option}`"))
        else:
            transaction = value == "true"
    return script(path, section.text, section.line + 1, transaction=transaction)


def _misplaced(path: str, section: _Section) -> MalformedFile:
    if section.direction is Direction.UP:
        return _partial(path, section.line)
    return malformed(
        path,
        section.line,
        "this `-- migrate:down` has no `-- migrate:up` of its own before it.",
        "Give each pair one `-- migrate:up` and, below it, one `-- migrate:down`.",
    )


def _partial(path: str, line: int) -> MalformedFile:
    return malformed(
        path,
        line,
        "some `-- migrate:up` sections of this file have a `-- migrate:down`, and some have none.",
        "Add the missing `-- migrate:down`: part of a way back would leave the rest of the change in place.",
    )


def _new_files(version: str, name: str) -> dict[str, str]:
    return {f"{version}_{name}.sql": "-- migrate:up\n\n\n-- migrate:down\n\n"}


FORMAT = Format(
    name="dbmate",
    layout="<version>_<name>.sql in the folder itself, with a `-- migrate:up` line",
    files=_files,
    versions=_versions,
    fits=_fits,
    read=_read,
    new_files=_new_files,
)
