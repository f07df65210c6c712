"""The rows of one PostgreSQL database into another, table by table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg

from surefoot.engine.dialects.postgres.failures import translate
from surefoot.engine.dialects.postgres.rows.session import FIXED, Connection, answers, asked, quoted
from surefoot.engine.dialects.postgres.rows.triggers import switched_off
from surefoot.errors import StatementFailed, UsageError

# Partitions come with their partitioned table, which finds the place for each row.
_TABLES = """
    SELECT format('%%I.%%I', n.nspname, c.relname), c.relkind::text,
        ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum)
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'S') AND NOT c.relispartition AND c.relpersistence <> 't'
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT (n.nspname = %s AND starts_with(c.relname, 'surefoot_'))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass
            AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
"""
_FOREIGN_KEYS = """
    SELECT c.conname, format('%I.%I', n.nspname, r.relname), c.confrelid::regclass::text,
        (SELECT string_agg(format('child.%I = parent.%I', a.attname, b.attname), ' AND ')
            FROM unnest(c.conkey, c.confkey) k (ours, theirs)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.ours
            JOIN pg_catalog.pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.theirs),
        (SELECT string_agg(format('child.%I IS NOT NULL', a.attname), ' AND ') FROM unnest(c.conkey) k (ours)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.ours)
    FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class r ON r.oid = c.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    WHERE c.contype = 'f' AND c.conparentid = 0 AND c.convalidated
        AND coalesce(to_jsonb(c) ->> 'conperiod', 'false') = 'false' ORDER BY 2, 1
"""
_OIDS = "SELECT oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p') AND relnamespace <> 'pg_catalog'::regnamespace"
_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = pg_catalog"
_Table = tuple[str, tuple[str, ...]]


def copy_rows(source: Connection, label: str, target: Connection, own_schema: str) -> None:
    """Replace the rows of the target's tables by those of the source's tables of the same names, `label`'s.

    What is in the columns that both have is copied, and the sequences' values; the target changes as a whole or not at
    all. Raises StatementFailed with the table's name, also where a row refers to one that the source does not have, and
    UsageError where the two have no table in common.
    """
    with source.transaction(), target.transaction():
        theirs = _begin(source, label, f"{_SNAPSHOT}; {FIXED}", own_schema)
        ours = _begin(target, "the shadow database", f"{FIXED}; SET LOCAL search_path = pg_catalog", own_schema)
        common = sorted(ours.keys() & theirs.keys())
        tables = [name for name in common if "S" not in {ours[name][0], theirs[name][0]}]
        if not tables:
            raise UsageError(
                f"{label} has none of the tables of this schema, and is no seed for it.",
                hint="Give the URL of a database with the same application's tables, or a file of SQL.",
            )
        oids = [oid for (oid,) in target.execute(_OIDS)]
        with switched_off(target, oids):
            # Foreign keys are looked at when all rows are there: tables may refer to one another in a circle.
            target.execute("SET LOCAL session_replication_role = replica")
            _empty(target, tables)
            for name in tables:
                columns = [column for column in theirs[name][1] if column in ours[name][1]]
                _copy(source, target, name, _source(name, theirs[name][0]), columns)
            target.execute("SET LOCAL session_replication_role = origin")
        _sequences(source, target, [name for name in common if ours[name][0] == theirs[name][0] == "S"])
        _check_foreign_keys(target)


def _begin(connection: Connection, label: str, settings: str, own_schema: str) -> Mapping[str, _Table]:
    with asked(connection, label):
        connection.execute(settings.encode())
        return _tables(connection, own_schema)


def _tables(connection: Connection, own_schema: str) -> Mapping[str, _Table]:
    rows = connection.execute(_TABLES, (own_schema,)).fetchall()
    return {name: (kind, tuple(columns)) for name, kind, columns in rows}


def _source(name: str, kind: str) -> str:
    return name if kind == "p" else f"ONLY {name}"


def _empty(target: Connection, tables: Iterable[str]) -> None:
    with asked(target, "the shadow database"):
        target.execute("; ".join(f"DELETE FROM {name}" for name in tables).encode())


def _copy(source: Connection, target: Connection, name: str, rows: str, columns: list[str]) -> None:
    names = ", ".join(quoted(column) for column in columns)
    reading = f"COPY (SELECT {names} FROM {rows}) TO STDOUT"
    writing = f"COPY {name} ({names}) FROM STDIN" if columns else f"COPY {name} FROM STDIN"
    try:
        with (
            source.cursor() as theirs,
            target.cursor() as ours,
            theirs.copy(reading.encode()) as data,
            ours.copy(writing.encode()) as copy,
        ):
            for piece in data:
                copy.write(piece)
    except psycopg.Error as error:
        raise _failed(error, name, broken=source.broken or target.broken) from error


def _failed(error: psycopg.Error, name: str, *, broken: bool) -> Exception:
    told = translate(error, f"the seed's table {name}", broken=broken, cancelled=False, statement=None)
    if broken:
        return told
    hint = "The seed's schema differs: migrate it, or take a seed that fits the state in which the rehearsal begins."
    return StatementFailed(f"Rows of the seed's table {name}: {told.message}", hint=hint, table=name, **told.details)


def _sequences(source: Connection, target: Connection, names: list[str]) -> None:
    asking = "; ".join(f"SELECT last_value, is_called FROM {name}" for name in names)
    literals = [name.replace("'", "''") for name in names]
    calls = [
        f"SELECT setval('{name}', {value}, '{called}')"
        for name, [(value, called)] in zip(literals, answers(source, asking), strict=True)
    ]
    if calls:
        with asked(target, "the shadow database"):
            target.execute("; ".join(calls).encode())


def _check_foreign_keys(target: Connection) -> None:
    keys: list[tuple[Any, ...]] = target.execute(_FOREIGN_KEYS).fetchall()
    for constraint, child, parent, join, filled in keys:
        asking = (
            f"SELECT count(*) FROM {child} child WHERE {filled} "
            f"AND NOT EXISTS (SELECT FROM {parent} parent WHERE {join})"
        )
        [(count,)] = target.execute(asking.encode()).fetchall()
        if count:
            raise StatementFailed(
                f"{count} rows of the seed's table {child} refer to rows of {parent} that are missing ({constraint}).",
                hint="Take a seed whose foreign keys hold.",
                table=child,
                constraint=constraint,
            )
