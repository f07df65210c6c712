"""The rows of a PostgreSQL database as texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from surefoot.engine.dialects.postgres.rows.session import FIXED, Connection, Texts, answers, asked, quoted
from surefoot.engine.rows import TableRows

# A table with more rows is compared by count and sums.
_WHOLE = 5000
# Virtual columns and materialised views are left out: what they hold follows from other columns and tables, and how
# it does is part of the schema, as is whether a view is filled. A view's rows change with those written elsewhere. Of
# an extension's tables those count that hold rows of its users: the ones that a dump of the database holds.
_RELATIONS = """
    SELECT format('%%I.%%I', n.nspname, c.relname),
        coalesce((SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> 'v'), '{}'),
        (SELECT ARRAY[s.seqstart, s.seqincrement] FROM pg_catalog.pg_sequence s WHERE s.seqrelid = c.oid)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'S') AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT (n.nspname = %(own)s AND starts_with(c.relname, 'surefoot_'))
        AND (%(names)s::text[] IS NULL OR format('%%I.%%I', n.nspname, c.relname) = ANY (%(names)s))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
            AND (c.relkind = 'S' OR (c.oid = ANY (e.extconfig)) IS NOT TRUE))
    ORDER BY 1
"""
_LARGE_OBJECTS = "pg_catalog.pg_largeobject"
_LARGE = """
    SELECT oid, lomowner::regrole, lomacl, pg_catalog.md5(pg_catalog.lo_get(oid))
    FROM pg_catalog.pg_largeobject_metadata
"""


@dataclass(frozen=True, slots=True)
class _Relation:
    """A table or sequence. `steps` are where a sequence starts and how far it goes each time; None for a table."""

    name: str
    columns: tuple[str, ...]
    steps: tuple[int, int] | None


def read_rows(
    connection: Connection, tables: Collection[str] | None, own_schema: str, *, whole: int = _WHOLE
) -> dict[str, TableRows]:
    """The rows of tables, partitions and sequences, by their names as in a snapshot.

    `tables` None are all but Surefoot's own (in `own_schema`), an extension's and temporary ones; names that are not
    there are left out. So are partitioned tables, whose partitions hold the rows, and what is derived: virtual
    columns and materialised views. A table of at most `whole` rows is read as a whole; of a larger one there are count
    and sums. The value of a sequence is the last one that it gave, NULL where it gave none; of one that counts down it
    is negated, so that on is always up. Large objects are rows of a table that a superuser always gets: nobody can
    tell who wrote to them. Runs in one transaction, and changes nothing.
    """
    with asked(connection, "the shadow database"), connection.transaction():
        connection.execute(f"{FIXED}; SET LOCAL search_path = pg_catalog".encode())
        parameters = {"own": own_schema, "names": None if tables is None else list(tables)}
        found = [
            _Relation(name, tuple(columns), steps and tuple(steps))
            for name, columns, steps in connection.execute(_RELATIONS, parameters)
        ]
        held = dict(_small(connection, found, whole))
        large = [each for each in found if held[each.name].count > whole]
        return held | dict(_sums(connection, large)) | dict(_large_objects(connection))


def _large_objects(connection: Connection) -> Iterator[tuple[str, TableRows]]:
    if connection.info.parameter_status("is_superuser") == "on":
        [rows] = answers(connection, _LARGE)
        yield _LARGE_OBJECTS, TableRows(("oid", "owner", "privileges", "content"), len(rows), tuple(rows))


def _small(connection: Connection, relations: Sequence[_Relation], whole: int) -> Iterator[tuple[str, TableRows]]:
    """Every relation's rows, one more than `whole` at most: one round trip for all of them."""
    asking = "; ".join(_select(each, whole + 1) for each in relations)
    for relation, rows in zip(relations, answers(connection, asking), strict=True):
        columns = ("last_value",) if relation.steps else relation.columns
        yield relation.name, TableRows(columns, len(rows), tuple(rows))


def _select(relation: _Relation, limit: int) -> str:
    if relation.steps:
        start, by = relation.steps
        given = f"CASE WHEN is_called THEN last_value::numeric WHEN last_value <> {start} THEN last_value - ({by}) END"
        return f"SELECT {given} * {1 if by > 0 else -1} FROM {relation.name}"
    # The rows of tables that inherit from this one are theirs.
    return f"SELECT {', '.join(quoted(name) for name in relation.columns)} FROM ONLY {relation.name} LIMIT {limit}"


def _sums(connection: Connection, relations: Sequence[_Relation]) -> Iterator[tuple[str, TableRows]]:
    asking = "; ".join(_sum(each) for each in relations)
    for relation, [row] in zip(relations, answers(connection, asking), strict=True):
        yield relation.name, _summed(relation, row)


def _sum(relation: _Relation) -> str:
    columns = [f"{quoted(name)}::text" for name in relation.columns]
    columns.append(f"ROW({', '.join(quoted(name) for name in sorted(relation.columns))})::text")
    hashes = [f"coalesce(sum(hashtextextended({text}, 0)), 0)" for text in columns]
    return f"SELECT count(*), {', '.join(hashes)} FROM ONLY {relation.name}"


def _summed(relation: _Relation, row: Texts) -> TableRows:
    count, *sums = (int(text or 0) for text in row)
    return TableRows(relation.columns, count, None, dict(zip((*relation.columns, ""), sums, strict=True)))
