"""What a rehearsal says beside its verdict."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from surefoot.engine.findings import Finding, Level
from surefoot.engine.model import Migration
from surefoot.engine.rehearsal.model import Failure, Rehearsed
from surefoot.engine.rehearsal.stakes import Stakes

# The up runs on empty tables, and fails with any row in them.
ONLY_EMPTY = "up-needs-empty-tables"
# Which rows there are decides what these do.
_CHANGES = re.compile(r"(?:UPDATE|DELETE)\b", re.IGNORECASE)


def fails_with_rows(migration: Migration, failure: Failure, most: int) -> Finding:
    """The up does not run with generated rows, which real ones may be like; it runs with `most` plain ones a table."""
    which = (
        "that hold NULL, are empty or long"
        if most > 1
        else "that are more than one in a table"
        if most
        else "in its tables"
    )
    return Finding(
        "up-needs-other-rows" if most else ONLY_EMPTY,
        Level.WARNING,
        f"The up fails with generated rows {which}: {failure.message}",
        "Make sure that no such rows are in the target, or change them in the migration before.",
        failure.path,
        failure.line,
        migration.version,
    )


def of_effects(rehearsed: Rehearsed) -> tuple[Finding, ...]:
    """What the up left unfinished, and statements that had nothing to do."""
    return (*_unfinished(rehearsed), *_idle(rehearsed))


def _unfinished(rehearsed: Rehearsed) -> Iterator[Finding]:
    for effect in rehearsed.up_effects:
        for what in effect.unfinished:
            hint = "Finish it in a later migration: VALIDATE CONSTRAINT, or build the index again."
            yield Finding("unfinished", Level.WARNING, what, hint, effect.path, effect.line, rehearsed.version)


def _idle(rehearsed: Rehearsed) -> Iterator[Finding]:
    for effect in (*rehearsed.up_effects, *rehearsed.down_effects):
        if effect.rows == 0 and _CHANGES.match(effect.sql):
            text = "It changes no row in this rehearsal: nobody knows what it does to real ones"
            hint = "Give rows that it finds with --seed."
            yield Finding("changes-no-row", Level.WARNING, text, hint, effect.path, effect.line, rehearsed.version)


def of_rows(stakes: Stakes) -> tuple[Finding, ...]:
    """Tables without rows: nothing was at stake there. Each is told once, and where a migration has to do with it."""
    found = tuple(_empty(stakes, table, reason) for table, reason in sorted(stakes.unfilled.items()))
    stakes.told |= stakes.unfilled.keys()
    return tuple(finding for finding in found if finding)


def _empty(stakes: Stakes, table: str, reason: str) -> Finding | None:
    text = f"{table} holds no rows in this rehearsal: {reason}"
    if table in stakes.touched:
        text = f"Nobody knows what becomes of the rows of {table}, which holds none in this rehearsal: {reason}"
        return Finding("not-filled", Level.WARNING, text, "Give rows with --seed.")
    return None if table in stakes.told else Finding("not-filled", Level.NOTE, text, "Give rows with --seed.")


def of_sequences(moved: Iterable[str]) -> tuple[Finding, ...]:
    """Sequences that went on: they never go back, which is harmless."""
    return tuple(
        Finding("sequence-moved", Level.NOTE, f"{name} has gone on, and does not go back: a gap in its numbers.")
        for name in moved
    )


def rows_only() -> tuple[str, ...]:
    """Why no way back could be derived where the schema is the same before and after."""
    return ("the schema did not change: what the up did to rows is to be undone by hand",)
