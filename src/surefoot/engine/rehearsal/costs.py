"""What a migration would cost on the real target: what was measured on empty tables, with the real tables' sizes."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from surefoot.engine.effects import TableSize
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal.budget import check
from surefoot.engine.rehearsal.expectation import Expectation, expect, waits
from surefoot.engine.rehearsal.model import Rehearsed

# Below this nobody notices the wait.
_NOTICED_SECONDS = 0.1
_LONG_SECONDS = 1.0
_NEW = TableSize(0, 0, 0)


def costs(
    rehearsed: Rehearsed,
    sizes: Mapping[str, TableSize] | None,
    made: Collection[str],
    budget: Mapping[str, str],
) -> tuple[Finding, ...]:
    """What is to be expected of the up on the target, and what of it is over the lock budget.

    `sizes` are those of the target's tables, None where there is no target: nothing is said of time then, and no budget
    can be held. `made` are the tables that earlier migrations of the rehearsal have made: nobody has filled them yet.
    """
    found = waits(rehearsed.up_effects, rehearsed.version)
    if sizes is not None:
        known = {**dict.fromkeys(made, _NEW), **sizes}
        found += list(_expected(rehearsed, known))
        found += check(budget, rehearsed.up_effects, known, rehearsed.version) if budget else []
    return tuple(found)


def _expected(rehearsed: Rehearsed, sizes: Mapping[str, TableSize]) -> Iterator[Finding]:
    told: set[tuple[str, int]] = set()
    for item in sorted(expect(rehearsed.up_effects, sizes), key=lambda item: not item.blocks_reads):
        # A weaker lock of the same statement on the same table says nothing more.
        place = item.relation, item.effect.position
        if (item.unknown or item.seconds >= _NOTICED_SECONDS) and place not in told:
            told.add(place)
            yield _finding(item, rehearsed.version)


def _finding(item: Expectation, version: str) -> Finding:
    level = Level.WARNING if item.unknown or item.seconds >= _LONG_SECONDS else Level.NOTE
    hint = "Take the work out of the lock: `surefoot lint` and the how-to on locks show a way around."
    return Finding("expected-wait", level, item.text, hint, item.effect.path, item.effect.line, version)
