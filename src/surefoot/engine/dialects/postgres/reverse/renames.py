"""Renames: one object that is gone, and one just like it that was not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from surefoot.engine.dialects.postgres.reverse import way as ranks
from surefoot.engine.dialects.postgres.reverse.names import local
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.snapshot import Change, Difference, Facts, ObjectKey


def renames(way: Way, differences: Sequence[Difference]) -> set[ObjectKey]:
    """Take back what looks like a rename of a table or a column; gives the differences that this deals with.

    Only where there is one candidate: the rehearsal of the way back tells whether rows came along.
    """
    gone = [item.key for item in differences if item.change is Change.REMOVED]
    new = [item.key for item in differences if item.change is Change.ADDED]
    handled = _tables(way, gone, new)
    if not handled:
        handled = _columns(way, gone, new)
    return handled


def _tables(way: Way, gone: Sequence[ObjectKey], new: Sequence[ObjectKey]) -> set[ObjectKey]:
    old_tables = [key for key in gone if key.kind == "table"]
    new_tables = [key for key in new if key.kind == "table"]
    if len(old_tables) != 1 or len(new_tables) != 1:
        return set()
    old, name = old_tables[0], new_tables[0].name
    if way.parent_name(old) != way.parent_name(new_tables[0]) or _columns_of(way, old.name) != _columns_of(way, name):
        return set()
    way.add(ranks.DROP_TABLE, f"ALTER TABLE {name} RENAME TO {local(old.name)}")
    return {key for key in (*gone, *new) if _is_about(way, key, {old.name, name})}


def _columns_of(way: Way, table: str) -> Mapping[str, Facts]:
    snapshot = way.before if any(key.name == table and key.kind == "table" for key in way.before.objects) else way.after
    columns = (key for key in snapshot.objects if key.kind == "column" and way.parent_name(key) == table)
    return {local(key.name): _kept(snapshot.objects[key]) for key in columns}


def _kept(facts: Facts) -> Facts:
    """What a column keeps when its table gets another name."""
    return {name: text for name, text in facts.items() if name not in ("default", "identity_sequence")}


def _is_about(way: Way, key: ObjectKey, names: set[str]) -> bool:
    parent = way.parent(key)
    return key.name in names or (parent is not None and _is_about(way, parent, names))


def _columns(way: Way, gone: Sequence[ObjectKey], new: Sequence[ObjectKey]) -> set[ObjectKey]:
    handled: set[ObjectKey] = set()
    tables = {way.parent_name(key) for key in gone if key.kind == "column"}
    for table in sorted(tables):
        old = [key for key in gone if key.kind == "column" and way.parent_name(key) == table]
        fresh = [key for key in new if key.kind == "column" and way.parent_name(key) == table]
        if len(old) == len(fresh) == 1 and way.before.objects[old[0]] == way.after.objects[fresh[0]]:
            renamed = f"ALTER TABLE {table} RENAME COLUMN {local(fresh[0].name)} TO {local(old[0].name)}"
            way.add(ranks.DROP_TABLE, renamed)
            handled |= {old[0], fresh[0]}
            handled |= {key for key in (*gone, *new) if way.parent(key) in (old[0], fresh[0])}
    return handled
