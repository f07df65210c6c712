"""Cutting statements into blocks: what takes effect together, and what the server runs by itself.

A script's own BEGIN and COMMIT say what its author holds together; the transaction itself is Surefoot's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import Protocol

from surefoot.engine.dialects.split import Outside, Split, word_set
from surefoot.engine.model import Block, Note, Script, Statement
from surefoot.errors import TransactionRefused


class Classify(Protocol):
    """A dialect's `outside`: which statements cannot share one transaction, by their index, and why."""

    def __call__(self, statements: Sequence[Statement], *, explicit: bool) -> dict[int, Outside]:
        """Classify the statements of one script; `explicit` where its author asked for no transaction."""
        ...


class _Control(Enum):
    BEGIN = "begin"
    COMMIT = "commit"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Reading:
    """A script's statements without the markers around all of it, and what cannot share a transaction."""

    statements: tuple[Statement, ...]
    outside: dict[int, Outside]
    explicit: bool


_SPLIT = (
    "Split the file into several migrations, or mark it as one that runs without a transaction, in its format's way "
    "(native: `-- surefoot: no-transaction` above the first statement)."
)
_CLOSE = "Add the COMMIT, or remove the BEGIN: a migration is one transaction by itself."
_OPTIONS = "Write a plain BEGIN; where the level matters, let SET TRANSACTION be the file's first statement."
_ABORT = "Remove it: a step that fails is rolled back by Surefoot, and one that succeeds is kept."
_PAIRS = "Write BEGIN and COMMIT in pairs, or leave both out."
_TAKE_OUT = "Move it out of BEGIN ... COMMIT."

# What says no more than the transaction that Surefoot begins anyway.
_PLAIN_BEGIN = word_set(
    "BEGIN START TRANSACTION WORK READ WRITE ISOLATION LEVEL COMMITTED NOT DEFERRABLE DEFERRED IMMEDIATE "
    "EXCLUSIVE WITH CONSISTENT SNAPSHOT"
)


def cut(
    scripts: Sequence[Script], split: Callable[[Script], Split], outside: Classify
) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
    """The blocks of one migration's scripts, and the notes of reading them.

    One block where every script can be in one transaction; otherwise each script is cut by itself. Raises
    TransactionRefused where a script's own transaction control would split a step, and what `split` raises.
    """
    splits = [split(script) for script in scripts]
    notes = tuple(note for part in splits for note in part.notes)
    readings = [_read(script, part, outside) for script, part in zip(scripts, splits, strict=True)]
    statements = tuple(statement for reading in readings for statement in reading.statements)
    together = not any(reading.explicit or reading.outside for reading in readings)
    # What one script adds, another may use: that shows in all of them only.
    if together and (len(readings) == 1 or not outside(statements, explicit=False)):
        return tuple(_one_block(statements)), notes
    return tuple(block for reading in readings for block in _blocks(reading)), notes


def _read(script: Script, part: Split, outside: Classify) -> _Reading:
    explicit = not script.transaction
    statements = part.statements if explicit else _without_markers(part.statements)
    return _Reading(statements, outside(statements, explicit=explicit), explicit)


def _without_markers(statements: tuple[Statement, ...]) -> tuple[Statement, ...]:
    """The statements without a BEGIN before and a COMMIT behind all of them; SET may stand around these."""
    controls = [(index, control) for index, each in enumerate(statements) if (control := _control(each))]
    kinds = [control for _, control in controls]
    if kinds not in ([_Control.COMMIT], [_Control.BEGIN, _Control.COMMIT]):
        return statements
    first, last = (controls[0][0] if len(controls) == 2 else -1), controls[-1][0]
    around = statements[: max(first, 0)] + statements[last + 1 :]
    if any(each.words[:1] != ("SET",) for each in around):
        return statements
    if first >= 0:
        _check_begin(statements[first])
    return tuple(each for index, each in enumerate(statements) if index not in {first, last})


def _blocks(reading: _Reading) -> Iterator[Block]:
    if not reading.explicit and not reading.outside:
        yield from _one_block(reading.statements)
        return
    for held, places in _sections(reading.statements):
        yield from _held(reading, places) if held else _loose(reading, places)


def _one_block(statements: tuple[Statement, ...]) -> Iterator[Block]:
    for statement in statements:
        if _control(statement) is not None:
            raise _refused(statement, "would split the migration's transaction", _hint(statement, _SPLIT))
    if statements:
        yield Block(statements)


def _sections(statements: tuple[Statement, ...]) -> Iterator[tuple[bool, range]]:
    """The author's own transactions (True) and what lies between them, as places in the script."""
    begin: Statement | None = None
    since = 0
    for index, statement in enumerate(statements):
        control = _control(statement)
        if control is None:
            continue
        if control is not (_Control.BEGIN if begin is None else _Control.COMMIT):
            raise _refused(statement, "has no place here", _hint(statement, _PAIRS))
        yield begin is not None, range(since, index)
        begin, since = (_check_begin(statement) if begin is None else None), index + 1
    if begin is not None:
        raise _refused(begin, "has no COMMIT", _CLOSE)
    yield False, range(since, len(statements))


def _held(reading: _Reading, places: range) -> Iterator[Block]:
    for place in places:
        why = reading.outside.get(place)
        if why is not None and not why.transactional:
            raise _refused(reading.statements[place], f"stands in a transaction, but {why.reason}", _TAKE_OUT)
    if places:
        yield Block(tuple(reading.statements[place] for place in places))


def _loose(reading: _Reading, places: range) -> Iterator[Block]:
    def together(place: int) -> int:
        return place if reading.explicit or place in reading.outside else -1

    for place, members in groupby(places, together):
        why = reading.outside.get(place, Outside("", transactional=True))
        statements = tuple(reading.statements[member] for member in members)
        yield Block(statements, why.transactional, why.reason)


def _control(statement: Statement) -> _Control | None:
    match statement.words:
        case ("BEGIN", "NOT", "ATOMIC", *_) | ("COMMIT" | "ROLLBACK", "PREPARED", *_):
            return None
        case ("ROLLBACK", "TO", *_) | ("ROLLBACK", _, "TO", *_):
            return None
        case ("BEGIN", *_) | ("START", "TRANSACTION", *_):
            return _Control.BEGIN
        case ("COMMIT" | "END", *rest) if "NO" in rest or not {"CHAIN", "RELEASE"}.intersection(rest):
            return _Control.COMMIT
        case ("COMMIT" | "END" | "ROLLBACK" | "ABORT" | "XA", *_) | ("PREPARE", "TRANSACTION"):
            return _Control.OTHER
    return None


def _check_begin(statement: Statement) -> Statement:
    if not _PLAIN_BEGIN.issuperset(statement.words):
        raise _refused(statement, "asks for a transaction of another kind", _OPTIONS)
    return statement


def _hint(statement: Statement, otherwise: str) -> str:
    return _ABORT if statement.words[0] in {"ROLLBACK", "ABORT"} else otherwise


def _refused(statement: Statement, why: str, hint: str) -> TransactionRefused:
    place = f"{statement.path}, line {statement.line}"
    command = " ".join(statement.words[:3])
    return TransactionRefused(f"{place}: {command} {why}", hint=hint, file=statement.path, line=statement.line)
