"""What became of relations between two looks: pure comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from surefoot.engine.dialects.postgres.trace_look import MODES, Files, Held, Relation
from surefoot.engine.effects import Lock

Relations = Mapping[int, Relation]

# Rows change under no weaker lock.
_WRITING = MODES[MODES.index("RowExclusiveLock") :]
# Every query takes the weaker ones on the indexes of its tables.
_TOLD_OF_INDEXES = _WRITING[1:]
# Whatever holds rows: tables, partitioned or not, materialized views, foreign tables, and sequences.
_STORES = "rpmfS"


class Changes(NamedTuple):
    """Relations that were written anew, the tables on which an index was built, and the files now.

    `moved` are indexes that stand under a new oid now.
    """

    rewrites: frozenset[str]
    builds: frozenset[str]
    files: Files
    moved: Relations


def name_locks(relations: Relations, held: Held, earlier: Held) -> tuple[Lock, ...]:
    """The locks on relations that were there, sorted by name and strength; new are those not held earlier."""
    found = sorted(
        (relations[oid].label, MODES.index(mode), (oid, mode) not in earlier)
        for oid, mode in held
        if oid in relations and (not relations[oid].is_index or mode in _TOLD_OF_INDEXES)
    )
    return tuple(Lock(label, MODES[strength], taken) for label, strength, taken in found)


def name_written(relations: Relations, held: Held) -> frozenset[str]:
    """The relations whose rows may have changed under these locks."""
    strong = (relations[oid] for oid, mode in held if mode in _WRITING and oid in relations)
    return frozenset(relation.name for relation in strong if relation.kind in _STORES)


def compare_files(relations: Relations, was: Files, now: Files, tables: Iterable[int]) -> Changes:
    """What was written anew since; `tables` are those whose indexes `now` has, all of them."""
    rewrites = {
        relations[oid].label for oid, file in now.tables.items() if oid in relations and was.tables.get(oid) != file
    }
    builds, moved = set[str](), dict[int, Relation]()
    for table in relations.keys() & set(tables):
        old, new = was.indexes.get(table, {}), now.indexes.get(table, {})
        for oid, origin in _origins(old, new, was.names, now.names):
            known = relations.get(origin)
            if known and oid != origin:
                moved[oid] = known
            if new[oid] and new[oid] != old.get(origin):
                builds.add(relations[table].name)
                rewrites |= {known.label} if known else set()
    return Changes(frozenset(rewrites), frozenset(builds), _updated(was, now, tables), moved)


def _origins(
    old: Mapping[int, int], new: Mapping[int, int], old_names: Mapping[int, str], new_names: Mapping[int, str]
) -> Iterator[tuple[int, int]]:
    """Each index of a table, and the oid that it had before; 0 where it was not there.

    An index whose oid is gone has a new one where its file is still there (a change of type that leaves it as it was),
    or its name (one that built it anew).
    """
    gone = old.keys() - new.keys()
    for oid, file in new.items():
        same_file = (each for each in gone if file and old[each] == file)
        same_name = (each for each in gone if old_names[each] == new_names[oid])
        yield oid, oid if oid in old else next(chain(same_file, same_name), 0)


def _updated(was: Files, now: Files, tables: Iterable[int]) -> Files:
    seen = {table: now.indexes.get(table, {}) for table in tables}
    return Files(was.tables | now.tables, was.indexes | seen, was.names | now.names)
