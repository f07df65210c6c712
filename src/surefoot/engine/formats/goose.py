"""goose's format: `<version>_<name>.sql` in one folder, with `-- +goose Up` and `-- +goose Down` sections.

Annotations are goose's, by goose's rules: a line that begins with `--` and holds `+goose` is an annotation or
an error; case does not matter; nothing may follow. What stands between StatementBegin and StatementEnd is one
statement. `NO TRANSACTION` holds for the whole file wherever it stands; `ENVSUB ON` until `ENVSUB OFF`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import chain, groupby, pairwise

from surefoot.engine.formats import envsub
from surefoot.engine.formats.shape import (
    Format,
    Named,
    Reading,
    Rules,
    first_statement,
    fragments,
    malformed,
    pairs,
)
from surefoot.engine.formats.text import line_at
from surefoot.engine.model import Migration, Script

_NAME = re.compile(r"([0-9]+)_([^/]*)\.sql")
_ANNOTATION = re.compile(r"^[^\S\n]*--[^\n]*\+goose[^\n]*$\n?", re.MULTILINE)
_LEADING_BLANKS = re.compile(r"(?:[^\S\n]*\n)*")
_COMMENT = re.compile(r"(?:^|\s)--")


class _At(Enum):
    """Where in a file a line stands."""

    START = "before Up"
    UP = "in Up"
    UP_STATEMENT = "in a statement of Up"
    DOWN = "in Down"
    DOWN_STATEMENT = "in a statement of Down"


_MOVES = {
    (_At.START, "up"): _At.UP,
    (_At.UP, "down"): _At.DOWN,
    (_At.UP, "statementbegin"): _At.UP_STATEMENT,
    (_At.UP_STATEMENT, "statementend"): _At.UP,
    (_At.DOWN, "statementbegin"): _At.DOWN_STATEMENT,
    (_At.DOWN_STATEMENT, "statementend"): _At.DOWN,
}
_SWITCHES = ("no transaction", "envsub on", "envsub off")
_RULES = {
    "up": "Up stands once, before everything else.",
    "down": "Down stands once, after Up and outside of a statement.",
    "statementbegin": "StatementBegin stands inside Up or Down, and outside of another statement.",
    "statementend": "StatementEnd closes a StatementBegin.",
}


_UP = (_At.UP, _At.UP_STATEMENT)
_DOWN = (_At.DOWN, _At.DOWN_STATEMENT)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Text between two annotations. Pieces of one `block` were parted by a switch only."""

    at: _At
    block: int
    text: str
    line: int
    substituted: bool


@dataclass(frozen=True, slots=True)
class _Block:
    """All the text between two annotations that move: plain text of a section, or one statement."""

    at: _At
    text: str
    line: int


def _named(names: Iterable[str]) -> list[Named]:
    matches = filter(None, map(_NAME.fullmatch, names))
    found = [Named(m[0], m[1], int(m[1]), m[2]) for m in matches]
    return sorted(found, key=lambda named: (int(named.version), named.path))


def _files(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.path for named in _named(names))


def _versions(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(named.version for named in _named(names))


def _fits(files: Mapping[str, str]) -> bool:
    return any("+goose" in text and _ANNOTATION.search(text) for text in files.values())


def _read(files: Mapping[str, str], rules: Rules) -> Reading:
    found = pairs(_named(files), rules)
    return tuple(_migration(pair.up, files[pair.up.path], rules.variables) for pair in found), ()


def _migration(named: Named, text: str, variables: Mapping[str, str]) -> Migration:
    if int(named.version) == 0:
        raise malformed(named.path, 1, "goose's versions begin at 1.", "Give the file a higher version.")
    transaction, pieces = _pieces(named.path, text)
    blocks = [_block(named.path, list(block), variables) for _, block in groupby(pieces, key=lambda piece: piece.block)]
    _check_finished(named.path, blocks)
    up, down = (_script(named.path, blocks, places, transaction) for places in (_UP, _DOWN))
    return Migration(named.version, named.name, up, down or None)


def _script(path: str, blocks: list[_Block], places: tuple[_At, _At], transaction: bool) -> tuple[Script, ...]:
    """The script of one section; nothing where the file has no such section."""
    own = [block for block in blocks if block.at in places]
    parts = (fragments(block.text, block.line, whole=block.at is places[1]) for block in own)
    return (Script(path, tuple(chain.from_iterable(parts)), transaction),) if own else ()


def _pieces(path: str, text: str) -> tuple[bool, list[_Piece]]:
    """Whether the file runs in a transaction, and its text from Up on, piece by piece."""
    at, number, substituted, transaction = _At.START, 0, False, True
    pieces: list[_Piece] = []
    for line, command, body in _annotations(path, text):
        if command in _RULES:
            at, number = _move(path, line, at, command), number + 1
        elif command == "no transaction":
            transaction = False
        elif command:
            substituted = command == "envsub on"
        if at is _At.START:
            _check_head(path, line + 1, body)
        else:
            pieces.append(_Piece(at, number, body, line + 1, substituted))
    _check_end(path, at, line_at(text, len(text)))
    return transaction, pieces


def _annotations(path: str, text: str) -> Iterator[tuple[int, str, str]]:
    """Each annotation's line and command, and the text below it; first, without command, the text above
    all."""
    marks = list(_ANNOTATION.finditer(text))
    ends = [mark.start() for mark in marks] + [len(text)]
    yield 0, "", text[: ends[0]]
    line, counted = 1, 0
    for mark, end in zip(marks, ends[1:], strict=True):
        line += text.count("\n", counted, mark.start())
        counted = mark.start()
        yield line, _command(path, line, mark[0].rstrip("\n")), text[mark.end() : end]


def _command(path: str, line: int, annotation: str) -> str:
    if annotation[0].isspace():
        raise malformed(path, line, "blanks stand before a goose annotation.", "Begin the line with `--`.")
    command = annotation.replace("--", "").replace("+goose", "", 1).strip().lower()
    if command not in _RULES and command not in _SWITCHES:
        raise malformed(
            path,
            line,
            f"`{annotation.strip()}` is not an annotation of goose, and goose takes the line for one.",
            "goose knows Up, Down, StatementBegin, StatementEnd, NO TRANSACTION, ENVSUB ON and ENVSUB OFF, "
            "with nothing after them; write a comment without `+goose`.",
        )
    return command


def _move(path: str, line: int, at: _At, command: str) -> _At:
    if (at, command) not in _MOVES:
        raise malformed(path, line, f"this annotation cannot stand {at.value}.", _RULES[command])
    return _MOVES[at, command]


def _check_head(path: str, line: int, text: str) -> None:
    stray = first_statement(text, len(text))
    if stray < len(text):
        raise malformed(
            path,
            line + text.count("\n", 0, stray),
            "a statement stands before `-- +goose Up`.",
            "Move it below that line.",
        )


def _check_end(path: str, at: _At, line: int) -> None:
    if at is _At.START:
        raise malformed(path, 1, "there is no `-- +goose Up` line.", "Write it above the change.")
    if at in (_At.UP_STATEMENT, _At.DOWN_STATEMENT):
        raise malformed(path, line, "a `-- +goose StatementBegin` is never closed.", _RULES["statementend"])


def _check_finished(path: str, blocks: list[_Block]) -> None:
    """goose would glue an unfinished statement to the one that StatementBegin opens."""
    for block, following in pairwise(blocks):
        if following.at in (_At.UP_STATEMENT, _At.DOWN_STATEMENT) and _unfinished(block.text):
            raise malformed(
                path,
                following.line - 1,
                "the statement before `-- +goose StatementBegin` is not finished.",
                "End it with a semicolon, or put all of it below StatementBegin.",
            )


def _unfinished(text: str) -> bool:
    for line in reversed(text.split("\n")):
        code = _COMMENT.split(line, maxsplit=1)[0].strip()
        if code:
            return not code.endswith(";")
    return False


def _block(path: str, pieces: list[_Piece], variables: Mapping[str, str]) -> _Block:
    # A line feed stands in for each annotation line that was left out: the lines keep their numbers.
    first = pieces[0]
    text = "\n".join(_substituted(path, piece, variables) for piece in pieces)
    if first.at in (_At.UP, _At.DOWN):
        return _Block(first.at, text, first.line)
    if first_statement(text, len(text)) == len(text):
        return _Block(first.at, "", first.line)
    blanks = _LEADING_BLANKS.match(text)
    start = blanks.end() if blanks else 0
    return _Block(first.at, text[start:].rstrip(), first.line + text.count("\n", 0, start))


def _substituted(path: str, piece: _Piece, variables: Mapping[str, str]) -> str:
    if not piece.substituted or "$" not in piece.text:
        return piece.text
    lines = piece.text.split("\n")
    for index, line in enumerate(lines):
        if "$" in line and not line.lstrip().startswith("--"):
            lines[index] = _with_values(path, piece.line + index, line, variables)
    return "\n".join(lines)


def _with_values(path: str, line: int, text: str, variables: Mapping[str, str]) -> str:
    try:
        return envsub.substitute(text, variables)
    except ValueError as error:
        raise malformed(
            path,
            line,
            f"{error}.",
            "Give it a value among the variables in surefoot.toml, or a default as in `${NAME:-default}`.",
        ) from error


def _new_files(version: str, name: str) -> dict[str, str]:
    return {f"{version}_{name}.sql": "-- +goose Up\n\n\n-- +goose Down\n\n"}


FORMAT = Format(
    name="goose",
    layout="<version>_<name>.sql in the folder itself, with a `-- +goose Up` line",
    files=_files,
    versions=_versions,
    fits=_fits,
    read=_read,
    new_files=_new_files,
)
