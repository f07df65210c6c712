"""In which order tables are filled: those that are referred to first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from surefoot.engine.dialects.generate.model import ForeignKey, Table


@dataclass(frozen=True, slots=True)
class Order:
    """Groups of tables, in the order in which they are filled.

    A group of several tables, or of one that has to refer to itself, needs its first rows all at once. `again` are the
    tables that refer to themselves or to later ones, and may leave that open in some rows, and all that refer to those:
    they get some of their rows when the others have theirs.
    """

    groups: tuple[tuple[Table, ...], ...]
    again: frozenset[str]


def order(tables: Iterable[Table]) -> Order:
    """The order for these tables; references to others do not count."""
    left = {table.name: table for table in sorted(tables, key=lambda each: each.name)}
    groups: list[tuple[Table, ...]] = []
    again: set[str] = set()
    while left:
        ready = [table for table in left.values() if not _open(table, left)]
        if not ready:
            ready = _knot(left)
            groups.append(tuple(ready))
        else:
            groups += [(table,) for table in ready]
        for table in ready:
            del left[table.name]
        unfinished = {*left, *again, *(each.name for each in ready)}
        again |= {table.name for table in ready if _refers(table, unfinished)}
    return Order(tuple(groups), frozenset(again))


def required(table: Table) -> list[ForeignKey]:
    """The foreign keys that no NULL leaves open."""
    nullable = {column.name for column in table.columns if column.nullable}
    return [key for key in table.foreign_keys if not _may_be_null(key, nullable)]


def _may_be_null(key: ForeignKey, nullable: set[str]) -> bool:
    return nullable.issuperset(key.columns) if key.full else not nullable.isdisjoint(key.columns)


def _open(table: Table, left: dict[str, Table]) -> bool:
    return any(key.table in left and key.table != table.name for key in table.foreign_keys)


def _refers(table: Table, names: set[str]) -> bool:
    return any(key.table in names for key in table.foreign_keys)


def _knot(left: dict[str, Table]) -> list[Table]:
    """The fewest tables that need nothing but one another; one alone where NULL leaves the rest open."""
    found = [_needed(name, left) for name in left]
    return min(found, key=lambda tables: (len(tables), tables[0].name))


def _needed(name: str, left: dict[str, Table]) -> list[Table]:
    names, todo = {name}, [name]
    while todo:
        for key in required(left[todo.pop()]):
            if key.table in left and key.table not in names:
                names.add(key.table)
                todo.append(key.table)
    return [left[each] for each in sorted(names)]
