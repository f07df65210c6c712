"""A way back in the making."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from surefoot.engine.dialects.mysql.snapshot.naming import names_of, title
from surefoot.engine.snapshot import Change, Difference, Facts, ObjectKey, Snapshot, compare


@dataclass(slots=True)
class Way:
    """The two schemas, what differs between them, and what was found out on the way.

    `missing` is what has to be written by hand, and `losses` are the objects whose content nothing brings back.
    """

    before: Snapshot
    after: Snapshot
    missing: list[tuple[ObjectKey, str]] = field(default_factory=list)
    losses: list[ObjectKey] = field(default_factory=list)
    differences: tuple[Difference, ...] = ()

    def __post_init__(self) -> None:
        self.differences = compare(self.before, self.after).differences

    def of(self, *kinds: str) -> Iterator[Difference]:
        """The differences between objects of these kinds."""
        return (each for each in self.differences if each.key.kind in kinds)

    def old(self, key: ObjectKey) -> Facts:
        """An object as it was before; no facts where it was not there."""
        return self.before.objects.get(key, {})

    def is_new(self, table: str) -> bool:
        """Whether the table was not there before."""
        return ObjectKey("table", table) not in self.before.objects

    def is_gone(self, table: str) -> bool:
        """Whether the table is not there any more."""
        return ObjectKey("table", table) not in self.after.objects


def table_of(key: ObjectKey) -> str:
    """The table that a part of one belongs to."""
    return title(names_of(key.name)[0])


def own_name(key: ObjectKey) -> str:
    """The name of a part of a table, without the table's."""
    return title(names_of(key.name)[-1])


def parts(snapshot: Snapshot, table: str, kind: str) -> dict[str, Facts]:
    """The columns, indexes, constraints or periods of a table, by name; columns in their order."""
    found = {
        own_name(key): facts for key, facts in snapshot.objects.items() if key.kind == kind and table_of(key) == table
    }
    if kind != "column":
        return found
    return {title(name): found[title(name)] for name in snapshot.orders[table]}


def was(difference: Difference) -> bool:
    """Whether the object was there before."""
    return difference.change is not Change.ADDED


def is_there(difference: Difference) -> bool:
    """Whether the object is there now."""
    return difference.change is not Change.REMOVED
