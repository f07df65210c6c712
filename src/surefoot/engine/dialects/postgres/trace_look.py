"""What a look at a PostgreSQL session shows: its locks, the files and scans of relations, and what is unfinished.

Everything is asked in SQL, one round trip a look. `before` and `inside` ask on the session that runs the migration:
only there is to be seen what is not committed. They leave it as it was, settings and locks included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import psycopg

from surefoot.engine.dialects.postgres.connect import has_columns

Row = tuple[Any, ...]
Connection = psycopg.Connection[Row]
Held = frozenset[tuple[int, str]]

# From the weakest to the strongest (the PostgreSQL manual, "Explicit Locking").
MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
# Under these an index can come or be built anew: CREATE INDEX and REINDEX take the weakest of them on the table.
BUILDING = frozenset(MODES[4:])

_WORDS = {"i": ("index",), "I": ("index",), "v": ("view",), "S": ("sequence",), "c": ("type",)}

# So that names are qualified, quoted where they need it and no more, and functions are the server's own.
_PLAIN = "SET LOCAL search_path = pg_catalog; SET LOCAL quote_all_identifiers = off"
# The oids from here on are not the server's own (FirstNormalObjectId in access/transam.h).
_FIRST = 16384
_RELATIONS = f"""
    SELECT c.oid::int8, quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relkind::text,
        coalesce(pg_relation_filenode(c.oid), 0)::int8, coalesce(i.indrelid, 0)::int8
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index i ON i.indexrelid = c.oid
    WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f', 'S', 'i', 'I', 'c') AND c.relpersistence <> 't' AND c.oid >= {_FIRST}
      AND n.nspname <> 'pg_toast'
"""
# Whose columns come and go inside the rows of other relations, which nobody locks for that.
_SHARED = f"""
    SELECT DISTINCT t.typrelid::int8 FROM pg_type t
    JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
    WHERE t.typtype = 'c' AND t.typrelid >= {_FIRST} AND (d.classid = 'pg_class'::regclass AND d.objsubid > 0
      OR d.classid = 'pg_type'::regclass AND d.deptype <> 'i')
"""
# Columns that older versions lack are asked for through JSON: conenforced is new in 18, inhdetachpending in 14.
_UNFINISHED = """
    SELECT format('constraint %I of %s is not validated', conname,
        CASE WHEN conrelid <> 0 THEN conrelid::regclass::text ELSE contypid::regtype::text END) AS what
    FROM pg_constraint k
    WHERE NOT convalidated AND conislocal AND coalesce((to_jsonb(k) ->> 'conenforced')::bool, true)
    UNION ALL
    SELECT format('index %s is invalid', indexrelid::regclass)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE NOT i.indisvalid AND c.relkind = 'i'
    UNION ALL
    SELECT format('partition %s of %s is not detached to the end', inhrelid::regclass, inhparent::regclass)
    FROM pg_inherits h WHERE (to_jsonb(h) ->> 'inhdetachpending')::bool
"""
# What can change rows past the locks of this session: other sessions and servers, languages that may reach them,
# triggers that wait for the end of the transaction, when nobody looks any more, and changes of the catalogue by hand.
_BEYOND = """
    EXISTS (SELECT FROM pg_foreign_server)
    OR EXISTS (SELECT FROM pg_extension WHERE extname IN ('dblink', 'pg_background'))
    OR EXISTS (SELECT FROM pg_language WHERE NOT lanpltrusted AND lanname NOT IN ('internal', 'c'))
    OR EXISTS (SELECT FROM pg_trigger WHERE tgdeferrable AND NOT tgisinternal)
    OR EXISTS (SELECT FROM pg_locks WHERE locktype = 'relation' AND pid = pg_backend_pid() AND mode = 'RowExclusiveLock'
        AND relation IN ('pg_class'::regclass, 'pg_attribute'::regclass, 'pg_type'::regclass, 'pg_enum'::regclass))
"""
# What a lock says stands for itself: a dropped relation is in no catalogue any more.
_LOOK = f"""
    SELECT 'lock' AS what, relation::int8 AS oid, 0::int8 AS owner, 0::int8 AS number, mode AS text FROM held
    UNION ALL
    SELECT 'table', c.oid, 0, coalesce(pg_relation_filenode(c.oid), 0), ''
    FROM held JOIN pg_class c ON c.oid = held.relation
    WHERE held.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'm')
    UNION ALL
    SELECT 'index', c.oid, i.indrelid, coalesce(pg_relation_filenode(c.oid), 0),
        quote_ident(n.nspname) || '.' || quote_ident(c.relname)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE i.indrelid IN (SELECT relation FROM held WHERE mode = ANY ('{{{",".join(MODES[4:])}}}'))
    UNION ALL
    SELECT 'scan', relation, 0, pg_stat_get_xact_numscans(relation), '' FROM (SELECT DISTINCT relation FROM held) t
    WHERE pg_stat_get_xact_numscans(relation) > 0
    UNION ALL
    SELECT 'unfinished', 0, 0, 0, what FROM ({_UNFINISHED}) u
    UNION ALL
    SELECT 'beyond', 0, 0, 0, '' WHERE {_BEYOND}
"""
_LET_GO = "ROLLBACK TO SAVEPOINT surefoot; RELEASE SAVEPOINT surefoot"
_SCANS = f"SELECT relid::int8, seq_scan FROM pg_stat_all_tables WHERE relid >= {_FIRST} AND seq_scan > 0"


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation that was there before the migration: its qualified name, and its `relkind`."""

    name: str
    kind: str

    @property
    def label(self) -> str:
        """The relation as effects name it: what is no table says what it is."""
        return " ".join((*_WORDS.get(self.kind, ()), self.name))

    @property
    def is_index(self) -> bool:
        """Whether it is an index, of a partitioned table or not."""
        return self.kind in "iI"


class Files(NamedTuple):
    """The file of each table, and of each table's indexes, by their oids; 0 where there is none.

    `names` are the indexes' qualified names.
    """

    tables: dict[int, int]
    indexes: dict[int, dict[int, int]]
    names: dict[int, str]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look from inside showed. `files` are those of tables under a lock under which they can change.

    `scans` counts since the session last told. `beyond`: rows may change here without a lock of this session.
    """

    held: Held
    files: Files
    scans: Mapping[int, int]
    unfinished: frozenset[str]
    beyond: bool


@dataclass(frozen=True, slots=True)
class Before:
    """Everything that is there before a run, or before a statement outside a transaction.

    `shared` are the relations whose rows other relations have in their columns.
    """

    relations: Mapping[int, Relation]
    shared: frozenset[int]
    files: Files
    unfinished: frozenset[str]
    beyond: bool


def ask(connection: Connection, sql: str) -> list[list[Row]]:
    """Send several statements at once, and fetch the rows of those that have any. Raises psycopg.Error."""
    cursor, answers = connection.execute(sql.encode()), []
    while True:
        if has_columns(cursor):
            answers.append(cursor.fetchall())
        if not cursor.nextset():
            return answers


def prepare(connection: Connection) -> None:
    """Make a session, which does nothing else, one that looks: `held` needs it. Raises psycopg.Error."""
    ask(connection, _PLAIN.replace("LOCAL ", ""))


def before(connection: Connection) -> Before:
    """Look at all that is committed, in a transaction of its own. Raises psycopg.Error."""
    looks = f"{_RELATIONS}; {_SHARED}; {_UNFINISHED}; SELECT {_BEYOND}"
    try:
        relations, shared, unfinished, [[beyond]] = ask(connection, f"BEGIN; {_PLAIN}; {looks}; COMMIT")
    except psycopg.Error:
        with suppress(psycopg.Error):
            connection.execute("ROLLBACK")
        raise
    known = {oid: Relation(name, kind) for oid, name, kind, _file, _table in relations}
    left = frozenset(what for [what] in unfinished)
    return Before(known, frozenset(oid for [oid] in shared), _all_files(relations), left, bool(beyond))


def _all_files(relations: Iterable[Row]) -> Files:
    tables = {oid: file for oid, _name, kind, file, _table in relations if kind in "rm"}
    return _files(tables, [(oid, table, file, name) for oid, name, kind, file, table in relations if kind in "iI"])


def inside(connection: Connection, last: int) -> Look | None:
    """Look from inside the open transaction, at relations up to the oid `last`; None where the server refuses.

    A savepoint keeps the transaction whole and takes back what the look itself locks and sets.
    """
    rows = _aside(connection, f"WITH held AS MATERIALIZED ({_held('pg_backend_pid()', last)}) {_LOOK}")
    return None if rows is None else _read(rows)


def files_inside(connection: Connection) -> Files | None:
    """The files of all tables and indexes, seen from inside the open transaction in the same way."""
    rows = _aside(connection, _RELATIONS)
    return None if rows is None else _all_files(rows)


def _aside(connection: Connection, query: str) -> list[Row] | None:
    try:
        [rows] = ask(connection, f"SAVEPOINT surefoot; {_PLAIN}; {query}; {_LET_GO}")
    except psycopg.Error:
        with suppress(psycopg.Error):
            connection.execute(_LET_GO)
        return None
    return rows


def held(connection: Connection, pid: int, last: int) -> Held:
    """The locks that the session `pid` holds on relations up to the oid `last`, seen from another one.

    Raises psycopg.Error.
    """
    [rows] = ask(connection, _held(str(pid), last))
    return frozenset((int(relation), mode) for relation, mode in rows)


def _held(pid: str, last: int) -> str:
    """What is newer than the run has a higher oid, until the counter wraps: the caller knows what was there."""
    return f"""
        SELECT DISTINCT relation, mode FROM pg_locks
        WHERE locktype = 'relation' AND granted AND pid = {pid} AND relation BETWEEN {_FIRST} AND {last}
          AND mode <> 'SIReadLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """


def scans(connection: Connection) -> Mapping[int, int]:
    """How often each table was scanned since statistics began, as far as sessions have told. Raises psycopg.Error."""
    [rows] = ask(connection, _SCANS)
    return dict(rows)


def _read(rows: Iterable[Row]) -> Look:
    parts: dict[str, list[tuple[Any, ...]]] = {}
    for what, *rest in rows:
        parts.setdefault(what, []).append(tuple(rest))
    tables = {oid: file for oid, _owner, file, _text in parts.get("table", ())}
    return Look(
        frozenset((oid, mode) for oid, _owner, _number, mode in parts.get("lock", ())),
        _files(tables, parts.get("index", ())),
        {oid: count for oid, _owner, count, _text in parts.get("scan", ())},
        frozenset(text for *_numbers, text in parts.get("unfinished", ())),
        "beyond" in parts,
    )


def _files(tables: dict[int, int], indexes: Iterable[Row]) -> Files:
    """`indexes` are rows of an index, its table, its file and its name."""
    grouped: dict[int, dict[int, int]] = {}
    names = {}
    for oid, table, file, name in indexes:
        grouped.setdefault(table, {})[oid] = file
        names[oid] = name
    return Files(tables, grouped, names)
