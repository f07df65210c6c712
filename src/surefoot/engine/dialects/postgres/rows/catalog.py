"""What PostgreSQL's catalogue says of the tables that are to be filled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from surefoot.engine.dialects.generate.hints import merged, read_hints
from surefoot.engine.dialects.generate.model import Column, Family, ForeignKey, Hints, Table
from surefoot.engine.dialects.postgres.rows.kinds import Kinds
from surefoot.engine.dialects.postgres.rows.session import Connection, quoted

Row = tuple[Any, ...]

# A partitioned table's rows are those of its partitions: by itself it is filled only where it is asked for.
_TABLES = """
    SELECT c.oid, format('%%I.%%I', n.nspname, c.relname), c.relkind::text,
        CASE WHEN c.relispartition THEN pg_catalog.pg_get_partition_constraintdef(c.oid) END,
        ARRAY(SELECT pg_catalog.pg_get_partition_constraintdef(t.relid) FROM pg_catalog.pg_partition_tree(c.oid) t
            WHERE t.isleaf AND c.relkind = 'p' ORDER BY t.relid),
        ARRAY(SELECT t.relid::oid FROM pg_catalog.pg_partition_tree(c.oid) t WHERE c.relkind = 'p')
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT (n.nspname = %(own)s AND starts_with(c.relname, 'surefoot_'))
        AND (format('%%I.%%I', n.nspname, c.relname) = ANY (%(names)s) OR %(names)s::text[] IS NULL AND c.relkind = 'r')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
            AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 2
"""
_COLUMNS = """
    SELECT a.attrelid, a.attname::text, a.atttypid, a.atttypmod, a.attnotnull, a.atthasdef OR a.attidentity <> '',
        a.attidentity <> '' OR a.atthasdef AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%%'
    FROM pg_catalog.pg_attribute a
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = ANY (%s) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    ORDER BY a.attrelid, a.attnum
"""
# Foreign keys that stand for the partitions of a table that is referred to are the server's own.
_CONSTRAINTS = """
    SELECT c.conrelid, c.conname::text, c.contype::text, pg_catalog.pg_get_expr(c.conbin, c.conrelid),
        ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (num, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num ORDER BY k.place),
        ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (num, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num ORDER BY k.place),
        (SELECT format('%%I.%%I', n.nspname, r.relname) FROM pg_catalog.pg_class r
            JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace WHERE r.oid = c.confrelid),
        c.confmatchtype = 'f',
        EXISTS (SELECT FROM pg_catalog.pg_class r WHERE r.oid = c.confrelid AND r.relkind = 'p')
    FROM pg_catalog.pg_constraint c
    WHERE c.conrelid = ANY (%s) AND c.contype IN ('c', 'f', 'p', 'u', 'x')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = c.conparentid AND p.conrelid = c.conrelid)
    ORDER BY c.conrelid, c.conname
"""
_INDEXES = """
    SELECT i.indrelid, c.relname::text, ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indrelid AND (a.attnum = ANY (i.indkey::int2[]) OR a.attnum IN (SELECT d.refobjsubid
            FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid))
            AND a.attnum > 0 ORDER BY a.attnum)
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = ANY (%s) AND i.indisunique ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Described:
    """The tables to be filled.

    `blame` are the columns behind each constraint and unique index, by table and name. `oids` are the tables and their
    partitions. `partitioned` are the partitioned tables that foreign keys refer to.
    """

    tables: tuple[Table, ...]
    blame: Mapping[tuple[str, str], tuple[str, ...]]
    oids: tuple[int, ...]
    partitioned: frozenset[str]


def describe(connection: Connection, names: Collection[str] | None, own_schema: str) -> Described:
    """The tables of these names, or all but partitioned ones, as a generator needs them; in a transaction."""
    parameters = {"own": own_schema, "names": None if names is None else list(names)}
    tables = connection.execute(_TABLES, parameters).fetchall()
    oids = [row[0] for row in tables]
    columns = connection.execute(_COLUMNS, (oids,)).fetchall()
    constraints = connection.execute(_CONSTRAINTS, (oids,)).fetchall()
    indexes = connection.execute(_INDEXES, (oids,)).fetchall()
    kinds = Kinds(connection, {row[2] for row in columns})
    by_table = _Parts(_grouped(columns), _grouped(constraints), _grouped(indexes))
    made = tuple(_table(row, by_table, kinds) for row in tables)
    blame = {(row[1], name): tuple(found) for row in tables for name, found in _blame(row[0], by_table, kinds)}
    partitioned = frozenset(row[6] for row in constraints if row[8])
    return Described(made, blame, tuple(oid for row in tables for oid in (row[0], *row[5])), partitioned)


@dataclass(frozen=True, slots=True)
class _Parts:
    columns: Mapping[int, list[Row]]
    constraints: Mapping[int, list[Row]]
    indexes: Mapping[int, list[Row]]


def _grouped(rows: Iterable[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _table(row: Row, parts: _Parts, kinds: Kinds) -> Table:
    oid, name, _kind, own_bounds, bounds, _members = row
    constraints = parts.constraints.get(oid, ())
    checks = [(each[3], each[4]) for each in constraints if each[2] == "c"]
    columns = tuple(_column(each, checks, kinds) for each in parts.columns.get(oid, ()))
    texts = bounds or ([own_bounds] if own_bounds else [])
    return Table(
        name,
        columns,
        tuple(tuple(each[2]) for each in parts.indexes.get(oid, ()))
        + tuple(tuple(each[4]) for each in constraints if each[2] == "x"),
        tuple(ForeignKey(tuple(each[4]), each[6], tuple(each[5]), each[7]) for each in constraints if each[2] == "f"),
        tuple(_aim(text, columns) for text in texts if text),
    )


def _column(row: Row, checks: Sequence[tuple[str, Sequence[str]]], kinds: Kinds) -> Column:
    _table_oid, name, type_oid, modifier, not_null, has_default, serial = row
    kind = kinds.kind(type_oid, modifier)
    texts = [text for text, about in checks if name in about]
    if texts:
        hints = merged([kind.hints, *(read_hints(text, name, quoted(name)) for text in texts)])
        kind = replace(kind, hints=hints)
    nullable = not not_null and not kinds.refuses_null(type_oid)
    return Column(name, kind, nullable, serial and kind.family is Family.INTEGER, has_default)


def _aim(text: str, columns: Iterable[Column]) -> Mapping[str, Hints]:
    """What a partition's bounds say of each column."""
    text = _without_negated(text)
    found = {column.name: read_hints(text, column.name, quoted(column.name)) for column in columns}
    bound = {name: hints for name, hints in found.items() if hints.values or hints.low or hints.high}
    return {name: replace(hints, constants=()) for name, hints in bound.items()}


def _without_negated(text: str) -> str:
    """The bounds without those that a default partition negates: they say what does not go there."""
    while (start := text.find("(NOT (")) >= 0:
        end = start + 1
        while end < len(text) and text.count("(", start, end) > text.count(")", start, end):
            end += 1
        text = text[:start] + text[end:]
    return text


def _blame(oid: int, parts: _Parts, kinds: Kinds) -> Iterable[tuple[str, Sequence[str]]]:
    for row in parts.indexes.get(oid, ()):
        yield row[1], row[2]
    for row in parts.constraints.get(oid, ()):
        yield row[1], row[4]
    for constraint, types in kinds.constraints.items():
        yield constraint, [row[1] for row in parts.columns.get(oid, ()) if row[2] in types]
