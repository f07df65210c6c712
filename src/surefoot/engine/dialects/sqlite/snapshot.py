"""The schema of a SQLite file as facts: from PRAGMAs, and from the CREATE texts for what no PRAGMA shows.

SQLite edits the stored text when a table is altered, so that one schema can have several texts. The text itself is the
fact `spelling`: it stays out of a fingerprint, and a change of it alone is excused. Where a text is not understood to
its last word, the table has the fact `text`, which is not.

Left out, on purpose:

- what SQLite makes by itself: `sqlite_sequence` (positions are rows), `sqlite_stat*`, automatic indexes (the
  constraint says it), and the tables in which a virtual table keeps its rows;
- root pages, cookies and format numbers of the file, which are bookkeeping;
- settings that last only as long as a session, and `default_cache_size`, which is how much memory one takes.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from surefoot.engine.dialects.sqlite.definition import Definition, read_table, without_asc
from surefoot.engine.dialects.sqlite.tables import OWN
from surefoot.engine.dialects.sqlite.tokens import Token, fold, listed, quote_name, quote_text, settled, tokens
from surefoot.engine.snapshot import Change, Difference, ObjectKey, Snapshot

ENGINE = "sqlite 3"

_Objects = dict[ObjectKey, dict[str, str]]

_STORED = rf"""
    SELECT type, name, tbl_name, sql FROM main.sqlite_master
    WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND tbl_name NOT IN {OWN}
    ORDER BY rowid
"""
_PLAIN = "m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'"
_COLUMNS = f"""
    SELECT m.name, x.name, x.type, x.dflt_value, x.hidden
    FROM main.sqlite_master m, pragma_table_xinfo(m.name, 'main') x WHERE {_PLAIN} ORDER BY m.name, x.cid
"""
_COLUMNS_OF = "SELECT name, type, dflt_value, hidden FROM pragma_table_xinfo(?, 'main') ORDER BY cid"
_INDEXES = f"""
    SELECT m.name, i.name, i."unique", i.origin
    FROM main.sqlite_master m, pragma_index_list(m.name, 'main') i WHERE {_PLAIN}
"""
_TERMS = """
    SELECT m.name, x.name, x.coll, x."desc"
    FROM main.sqlite_master m, pragma_index_xinfo(m.name, 'main') x
    WHERE m.type = 'index' AND m.sql IS NOT NULL AND x.key ORDER BY m.name, x.seqno
"""
_FOREIGN_KEYS = f"""
    SELECT m.name, count(DISTINCT f.id)
    FROM main.sqlite_master m, pragma_foreign_key_list(m.name, 'main') f WHERE {_PLAIN} GROUP BY m.name
"""
_SHADOWS = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'"
_TABLE_LIST_SINCE = (3, 37, 0)
# The file's own numbers; a migration, or some other tool, may use them as a version.
_NUMBERS = ("user_version", "application_id", "encoding")
# How the file is laid out: whoever makes it chooses that. Compared, and no part of a fingerprint.
_LAYOUT = ("page_size", "auto_vacuum")
# A migration goes there, back, and there again.
_MOST_KNOWN = 3
_CONSTANTS = ("null", "true", "false", "current_date", "current_time", "current_timestamp")
_GENERATED = {2: "virtual", 3: "stored"}
_REASONS = {
    "table": "its text was written anew; nothing that it says has changed",
    "index": "its text was written anew; nothing that it says has changed",
}


class Schema(NamedTuple):
    """All that a snapshot is made of: the settings of the file, and what is stored of each object."""

    settings: tuple[tuple[str, str, str], ...]
    stored: tuple[tuple[str, str, str, str], ...]


Known = dict[Schema, Snapshot]


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What the queries gave, by the name of the table or index it belongs to."""

    columns: Mapping[str, list[tuple[str, str, str | None, int]]]
    indexes: Mapping[str, list[tuple[str, int, str]]]
    terms: Mapping[str, list[tuple[str | None, str, int]]]
    foreign_keys: Mapping[str, int]
    shadows: frozenset[str]


@dataclass(slots=True)
class _Found:
    """A snapshot in the making."""

    objects: _Objects = field(default_factory=dict)
    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)


def take(connection: sqlite3.Connection, known: Known | None = None) -> Snapshot:
    """The schema of the main database now, in a transaction of its own; without Surefoot's own tables.

    `known` are snapshots that were taken on connections like this one: a schema that is among them is not read again.
    """
    # Who edits the catalogue by hand may leave its version as it is: the library would go by what it read before.
    connection.execute("PRAGMA writable_schema = RESET")
    connection.execute("BEGIN")
    try:
        schema = Schema(tuple(_settings(connection)), tuple(connection.execute(_STORED).fetchall()))
        return (known or {}).get(schema) or _taken(connection, schema, known)
    finally:
        connection.execute("ROLLBACK")


def _taken(connection: sqlite3.Connection, schema: Schema, known: Known | None) -> Snapshot:
    found = _found(connection, schema)
    snapshot = Snapshot(ENGINE, found.objects, found.orders)
    if known is not None:
        if len(known) == _MOST_KNOWN:
            del known[next(iter(known))]
        known[schema] = snapshot
    return snapshot


def empty() -> Snapshot:
    """The schema of a file that is not there yet: that of a new one."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        return take(connection)


def excuse(difference: Difference) -> str | None:
    """Why a changed object is the same after all: only its stored text is another; None where more has changed."""
    if difference.change is not Change.CHANGED or [change.name for change in difference.facts] != ["spelling"]:
        return None
    return _REASONS.get(difference.key.kind, "only blanks, comments, quotes or the case of keywords have changed")


def shadow_tables(connection: sqlite3.Connection) -> frozenset[str]:
    """The tables in which virtual tables keep their contents, as far as this library can tell."""
    if sqlite3.sqlite_version_info < _TABLE_LIST_SINCE:
        return frozenset()
    return frozenset(name for (name,) in connection.execute(_SHADOWS))


def _found(connection: sqlite3.Connection, schema: Schema) -> _Found:
    found = _Found({ObjectKey("pragma", name): {fact: value} for name, fact, value in schema.settings})
    catalogue = _read(connection)
    for kind, name, table, sql in schema.stored:
        if kind == "table" and name in catalogue.shadows:
            continue
        if kind == "table" and name in catalogue.columns:
            _table(found, catalogue, name, sql)
        elif kind == "table":
            _virtual(found, connection, name, sql)
        elif kind == "index":
            found.objects[ObjectKey("index", quote_name(name))] = _index(catalogue, name, table, sql)
        else:
            facts = _view(connection, name, sql) if kind == "view" else _trigger(table, sql)
            found.objects[ObjectKey(kind, quote_name(name))] = facts
    return found


def _settings(connection: sqlite3.Connection) -> Iterator[tuple[str, str, str]]:
    for name in (*_NUMBERS, *_LAYOUT):
        value = str(connection.execute(f"PRAGMA main.{name}").fetchone()[0])
        yield name, "value" if name in _NUMBERS else "layout", value
    mode = connection.execute("PRAGMA main.journal_mode").fetchone()[0]
    yield "journal_mode", "layout", "wal" if mode == "wal" else "rollback"


def _read(connection: sqlite3.Connection) -> _Catalogue:
    return _Catalogue(
        _grouped(connection.execute(_COLUMNS)),
        _grouped(connection.execute(_INDEXES)),
        _grouped(connection.execute(_TERMS)),
        dict(connection.execute(_FOREIGN_KEYS).fetchall()),
        shadow_tables(connection),
    )


def _grouped(rows: sqlite3.Cursor) -> dict[str, list[Any]]:
    """What follows the first column, by the first column."""
    groups: dict[str, list[Any]] = {}
    for first, *rest in rows:
        groups.setdefault(first, []).append(tuple(rest))
    return groups


def _table(found: _Found, catalogue: _Catalogue, name: str, sql: str) -> None:
    table = quote_name(name)
    columns = catalogue.columns[name]
    definition = read_table(sql)
    if definition is not None and not _agrees(definition, columns, catalogue.foreign_keys.get(name, 0)):
        definition = None
    facts = dict(definition.options) if definition else {"text": settled(tokens(sql))}
    if any(origin == "pk" for _, _, origin in catalogue.indexes.get(name, ())):
        facts["key index"] = "yes"
    found.objects[ObjectKey("table", table)] = {**facts, "spelling": sql}
    found.orders[table] = tuple(column for column, *_ in columns)
    for place, (column, declared, default, hidden) in enumerate(columns):
        clauses = definition.columns[place].facts if definition else {}
        key = ObjectKey("column", f"{table}.{quote_name(column)}")
        found.objects[key] = _column(declared, default, hidden) | dict(clauses)
    if definition:
        found.objects.update(_constraints(table, definition))


def _agrees(definition: Definition, columns: list[tuple[str, str, str | None, int]], foreign_keys: int) -> bool:
    """Whether the text was read as SQLite reads it, as far as that shows."""
    names = [column.name for column in definition.columns] == [name for name, *_ in columns]
    generated = [bool(hidden) for *_, hidden in columns] == ["generated" in each.facts for each in definition.columns]
    keys = sum(constraint.kind == "foreign key" for constraint in definition.constraints)
    return names and generated and keys == foreign_keys


def _column(declared: str, default: str | None, hidden: int) -> dict[str, str]:
    facts = {"type": declared} if declared else {}
    if default is not None:
        facts["default"] = _default(tokens(default))
    if hidden:
        facts["kept"] = _GENERATED.get(hidden, "hidden")
    return facts


def _default(found: tuple[Token, ...]) -> str:
    """A name alone is a text as it stands, in whatever quotes it is."""
    if len(found) == 1 and found[0].name is not None and not found[0].is_word(*_CONSTANTS):
        return quote_text(found[0].name)
    return settled(found)


def _constraints(table: str, definition: Definition) -> _Objects:
    """A constraint without a name is called by what it says."""
    named: Counter[str] = Counter()
    objects: _Objects = {}
    for constraint in sorted(definition.constraints, key=lambda each: (each.name, each.definition)):
        name = f"{table}.{quote_name(constraint.name) if constraint.name else constraint.definition}"
        named[name] += 1
        number = f" ({named[name]})" if named[name] > 1 else ""
        objects[ObjectKey("constraint", name + number)] = {"definition": constraint.definition}
    return objects


def _virtual(found: _Found, connection: sqlite3.Connection, name: str, sql: str) -> None:
    """A virtual table: its module reads the arguments letter by letter, and so does the comparison."""
    table = quote_name(name)
    using = next((token.start for token in tokens(sql) if token.is_word("using")), 0)
    facts = {"virtual": sql[using:].strip(), "spelling": sql}
    try:
        columns = connection.execute(_COLUMNS_OF, (name,)).fetchall()
    except sqlite3.Error as error:
        facts["broken"], columns = str(error), []
    found.objects[ObjectKey("table", table)] = facts
    found.orders[table] = tuple(column for column, *_, hidden in columns if not hidden)
    for column, declared, default, hidden in columns:
        found.objects[ObjectKey("column", f"{table}.{quote_name(column)}")] = _column(declared, default, hidden)


def _index(catalogue: _Catalogue, name: str, table: str, sql: str) -> dict[str, str]:
    unique = next((bool(each[1]) for each in catalogue.indexes.get(table, ()) if each[0] == name), False)
    columns = frozenset(fold(column) for column, *_ in catalogue.columns.get(table, ()))
    terms, condition = index_parts(sql, columns)
    facts = {"table": quote_name(table), "spelling": sql} | ({"unique": "yes"} if unique else {})
    known = catalogue.terms.get(name, [])
    if len(known) != len(terms):
        return facts | {"text": settled(tokens(sql))}
    facts["columns"] = ", ".join(_term(term, *place) for term, place in zip(terms, known, strict=True))
    return facts | ({"where": condition} if condition else {})


def _term(text: str, column: str | None, collation: str, descending: int) -> str:
    what = quote_name(fold(column)) if column is not None else text
    collated = "" if fold(collation) == "binary" else f" collate {fold(collation)}"
    return what + (collated if column is not None else "") + (" desc" if descending else "")


@lru_cache(maxsize=2000)
def index_parts(sql: str, columns: frozenset[str]) -> tuple[tuple[str, ...], str]:
    """The terms of an index, without their order, and its condition; empty where it has none."""
    found = tokens(sql)
    start = next(index for index, token in enumerate(found) if token.text == "(")
    end = _closing(found, start)
    parts = [part[:-1] if part[-1].is_word("desc") else without_asc(part) for part in listed(found[start + 1 : end])]
    condition = settled(found[end + 2 :], columns) if found[end + 1 : end + 2] else ""
    return tuple(settled(part, columns) for part in parts), condition


def _closing(found: tuple[Token, ...], start: int) -> int:
    depth = 0
    for index in range(start, len(found)):
        depth += (found[index].text == "(") - (found[index].text == ")")
        if depth == 0:
            return index
    return len(found)


def _view(connection: sqlite3.Connection, name: str, sql: str) -> dict[str, str]:
    facts = {"definition": settled(_behind_name(sql, "view")), "spelling": sql}
    try:
        columns = connection.execute(_COLUMNS_OF, (name,)).fetchall()
    except sqlite3.Error as error:
        return facts | {"broken": str(error)}
    return facts | {"columns": ", ".join(f"{quote_name(column)} {kind}".strip() for column, kind, *_ in columns)}


def _trigger(table: str, sql: str) -> dict[str, str]:
    return {"table": quote_name(table), "definition": _trigger_body(sql), "spelling": sql}


@lru_cache(maxsize=2000)
def _trigger_body(sql: str) -> str:
    """What follows the name; behind the first ON stands a table, whatever its quotes."""
    found = _behind_name(sql, "trigger")
    at = next(index for index, token in enumerate(found) if token.is_word("on")) + 1
    return f"{settled(found[:at])} {quote_name(fold(found[at].name or ''))} {settled(found[at + 1 :])}"


def _behind_name(sql: str, kind: str) -> tuple[Token, ...]:
    found = tokens(sql)
    return found[next(index for index, token in enumerate(found) if token.is_word(kind)) + 2 :]
