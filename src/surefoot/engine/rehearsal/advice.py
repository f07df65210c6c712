"""What a rehearsal says beside its verdict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surefoot.engine.findings import Finding, Level
from surefoot.engine.model import Migration
from surefoot.engine.rehearsal.model import Failure, Rehearsed
from surefoot.engine.rehearsal.stakes import Stakes

# The up runs on empty tables, and fails with any row in them.
ONLY_EMPTY = "up-needs-empty-tables"


def fails_with_rows(migration: Migration, failure: Failure, most: int) -> Finding:
    """The up does not run with generated rows, which real ones may be like; it runs with `most` plain ones a table."""
    which = (
        "that hold NULL, or are long" if most > 1 else "that are more than one in a table" if most else "in its tables"
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
    """What the up left unfinished."""
    return tuple(_unfinished(rehearsed))


def _unfinished(rehearsed: Rehearsed) -> Iterator[Finding]:
    for effect in rehearsed.up_effects:
        for what in effect.unfinished:
            hint = "Finish it in a later migration: VALIDATE CONSTRAINT, or build the index again."
            yield Finding("unfinished", Level.WARNING, what, hint, effect.path, effect.line, rehearsed.version)


def of_rows(stakes: Stakes) -> tuple[Finding, ...]:
    """Tables without rows: nothing was at stake there. Each is told once."""
    told = tuple(
        Finding(
            "not-filled", Level.NOTE, f"{table} holds no rows in this rehearsal: {reason}", "Give rows with --seed."
        )
        for table, reason in sorted(stakes.unfilled.items())
        if table not in stakes.told
    )
    stakes.told |= stakes.unfilled.keys()
    return told


def of_sequences(moved: Iterable[str]) -> tuple[Finding, ...]:
    """Sequences that went on: they never go back, which is harmless."""
    return tuple(
        Finding("sequence-moved", Level.NOTE, f"{name} has gone on, and does not go back: a gap in its numbers.")
        for name in moved
    )


def rows_only() -> tuple[str, ...]:
    """Why no way back could be derived where the schema is the same before and after."""
    return ("the schema did not change: what the up did to rows is to be undone by hand",)
