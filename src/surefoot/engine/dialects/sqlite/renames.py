"""Tables and columns that were renamed, as far as two schemas show that."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from surefoot.engine.dialects.sqlite.snapshot import take
from surefoot.engine.dialects.sqlite.tokens import quote_name
from surefoot.engine.snapshot import ObjectKey, Snapshot

_ORDER = ("table", "index", "view", "trigger")


def undo_renames(before: Snapshot, after: Snapshot) -> tuple[list[str], Snapshot]:
    """The statements that give tables and columns their old names back, and the schema that is then there.

    A table counts as renamed where one is gone and one is new that is like it in all but names; a column where
    another one, which is like it, stands in its place. That is a guess, and a rehearsal tells whether it was right.
    """
    tables = list(_tables(before, after))
    renamed = _simulated(after, tables) if tables else after
    if renamed is None:
        return [], after
    columns = list(_columns(before, renamed))
    last = _simulated(after, [*tables, *columns]) if columns else renamed
    return (tables, renamed) if last is None else ([*tables, *columns], last)


def _tables(before: Snapshot, after: Snapshot) -> Iterator[str]:
    gone, new = before.orders.keys() - after.orders.keys(), after.orders.keys() - before.orders.keys()
    likenesses = [(old, other) for old in sorted(gone) for other in new if _alike(before, old, after, other)]
    olds, others = Counter(old for old, _ in likenesses), Counter(other for _, other in likenesses)
    yield from (
        f"ALTER TABLE {other} RENAME TO {old}" for old, other in likenesses if olds[old] == 1 and others[other] == 1
    )


def _alike(before: Snapshot, old: str, after: Snapshot, new: str) -> bool:
    """Whether two tables are the same in all but their names, and at least half of their columns have theirs still."""
    first, second = before.orders[old], after.orders[new]
    if len(first) != len(second) or _facts(before, old) != _facts(after, new):
        return False
    pairs = zip(first, second, strict=True)
    same = sum(a == b and _column(before, old, a) == _column(after, new, b) for a, b in pairs)
    return 2 * same >= len(first)


def _facts(snapshot: Snapshot, table: str) -> dict[str, str]:
    facts = snapshot.objects[ObjectKey("table", table)]
    return {name: text for name, text in facts.items() if name != "spelling"}


def _column(snapshot: Snapshot, table: str, column: str) -> dict[str, str]:
    return dict(snapshot.objects[ObjectKey("column", f"{table}.{quote_name(column)}")])


def _columns(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for table in sorted(before.orders.keys() & after.orders.keys()):
        old, new = before.orders[table], after.orders[table]
        if len(old) != len(new):
            continue
        pairs = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        alike = all(_column(before, table, a) == _column(after, table, b) for a, b in pairs)
        if alike and not {a for a, _ in pairs} & set(new):
            yield from (f"ALTER TABLE {table} RENAME COLUMN {quote_name(b)} TO {quote_name(a)}" for a, b in pairs)


def _simulated(snapshot: Snapshot, statements: Sequence[str]) -> Snapshot | None:
    """The schema after these statements, tried in memory; None where the schema cannot be made there."""
    keys = sorted((key for key in snapshot.objects if key.kind in _ORDER), key=lambda key: _ORDER.index(key.kind))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        try:
            for sql in (*(snapshot.objects[key]["spelling"] for key in keys), *statements):
                connection.execute(sql)
            found = take(connection)
        except sqlite3.Error:
            return None
    settings = {key: facts for key, facts in snapshot.objects.items() if key.kind == "pragma"}
    return replace(found, objects={**found.objects, **settings})
