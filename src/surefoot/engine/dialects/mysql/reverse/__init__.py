"""A generated way back on MariaDB and MySQL: the statements that lead from one schema to the one before it.

There are no transactions for DDL: each table is changed by one ALTER TABLE, which takes effect wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from surefoot.engine.dialects.mysql.reverse.programs import made_again, removed
from surefoot.engine.dialects.mysql.reverse.tables import (
    altered,
    created,
    dropped,
    foreign_keys_back,
    foreign_keys_gone,
    renamed_tables,
    with_new_names,
)
from surefoot.engine.dialects.mysql.reverse.way import Way
from surefoot.engine.dialects.mysql.snapshot.clauses import HERE
from surefoot.engine.dialects.shadow import Reversal
from surefoot.engine.snapshot import Change, Difference, ObjectKey, Snapshot

_BY_HAND = {
    "grant": "privileges belong to the server's accounts: GRANT or REVOKE them",
    "clause": "this part of a table is not known",
}


def reverse(before: Snapshot, after: Snapshot) -> Reversal:
    """The statements that lead from `after` back to `before`, as far as they can be derived. Runs nothing.

    A table or a column that has another name and is the same otherwise counts as renamed.
    """
    names = renamed_tables(before, after)
    way = Way(before, with_new_names(after, names))
    statements = [
        *removed(way),
        *(f"RENAME TABLE {new} TO {old}" for new, old in names.items()),
        *foreign_keys_gone(way),
        *dropped(way),
        *_sequences(way),
        *created(way),
        *altered(way),
        *foreign_keys_back(way),
        *_unused_sequences(way),
        *_schema(way),
        *made_again(way),
    ]
    missing = [(each.key, _BY_HAND[each.key.kind]) for each in way.differences if each.key.kind in _BY_HAND]
    return Reversal(
        tuple(statement.replace(HERE, "") for statement in statements), (*missing, *way.missing), tuple(way.losses)
    )


def _sequences(way: Way) -> Iterator[str]:
    """Sequences that tables may need."""
    for key, old in _old_sequences(way):
        if key in way.after.objects:
            yield f"ALTER SEQUENCE {key.name} {old.partition(' ENGINE')[0]}"
        else:
            way.losses.append(key)
            yield f"CREATE SEQUENCE {key.name} {old}"


def _old_sequences(way: Way) -> Iterator[tuple[ObjectKey, str]]:
    for each in way.of("sequence"):
        if each.change is not Change.ADDED:
            yield each.key, way.before.objects[each.key]["definition"]


def _unused_sequences(way: Way) -> Iterator[str]:
    return (f"DROP SEQUENCE {each.key.name}" for each in way.of("sequence") if each.change is Change.ADDED)


def _schema(way: Way) -> Iterator[str]:
    for each in way.of("schema"):
        yield f"ALTER DATABASE {_options(each)}"


def _options(difference: Difference) -> str:
    found = {fact.name: fact.before or "" for fact in difference.facts}
    parts = [found["collation"]] if "collation" in found else []
    if "comment" in found:
        comment = found["comment"].replace("\\", "\\\\").replace("'", "''")
        parts.append(f"COMMENT '{comment}'")
    return " ".join(parts)
