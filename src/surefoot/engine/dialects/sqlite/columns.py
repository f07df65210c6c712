"""What SQLite's tables say to the generator of rows: types by their declared names, keys, and hints of checks."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable

from surefoot.engine.dialects.generate.hints import merged, read_hints
from surefoot.engine.dialects.generate.model import Column, Family, ForeignKey, Hints, Kind, Table
from surefoot.engine.dialects.sqlite.definition import Definition, read_table
from surefoot.engine.dialects.sqlite.rows import visible_tables
from surefoot.engine.dialects.sqlite.tokens import fold, is_virtual, names_in, quote_name

# What applications mean by a declared type, before SQLite's own rule (https://sqlite.org/datatype3.html, 3.1).
_FAMILIES = (
    ("BOOL", Family.BOOLEAN),
    ("DATETIME", Family.DATETIME),
    ("TIMESTAMP", Family.DATETIME),
    ("DATE", Family.DATE),
    ("UUID", Family.UUID),
    ("JSON", Family.JSON),
    ("INT", Family.INTEGER),
    ("TIME", Family.TIME),
    ("CHAR", Family.TEXT),
    ("CLOB", Family.TEXT),
    ("TEXT", Family.TEXT),
    ("BLOB", Family.BYTES),
    ("REAL", Family.FLOAT),
    ("FLOA", Family.FLOAT),
    ("DOUB", Family.FLOAT),
    ("ANY", Family.TEXT),
)
_SIZE = re.compile(r"\(\s*(?P<first>\d+)\s*(?:,\s*(?P<second>\d+)\s*)?\)")
_COLUMNS = """
    SELECT name, type, "notnull", dflt_value IS NOT NULL, pk FROM pragma_table_xinfo(?, 'main')
    WHERE hidden = 0 ORDER BY cid
"""
_KEYS = "SELECT name FROM pragma_index_list(?, 'main') WHERE \"unique\" ORDER BY seq"
_KEY = "SELECT name FROM pragma_index_info(?, 'main') ORDER BY seqno"
_FOREIGN_KEYS = 'SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(?, \'main\') ORDER BY id, seq'
_FULL_TEXT = re.compile(r"\busing\s+fts[345]\b(?!.*\bcontent\s*=)", re.IGNORECASE | re.DOTALL)


def describe(connection: sqlite3.Connection, tables: Collection[str] | None) -> tuple[list[Table], list[str]]:
    """Those of the tables that rows can be generated for, and the names of the virtual ones among the others."""
    visible = visible_tables(connection)
    names = {fold(name): name for name, _ in visible}
    wanted = [(name, sql) for name, sql in visible if tables is None or quote_name(name) in tables]
    known = [(name, sql) for name, sql in wanted if not is_virtual(sql) or _FULL_TEXT.search(sql)]
    found = [_table(connection, name, sql, names) for name, sql in known]
    return found, [quote_name(name) for name, sql in wanted if (name, sql) not in known]


def _table(connection: sqlite3.Connection, name: str, sql: str, names: dict[str, str]) -> Table:
    definition = None if is_virtual(sql) else read_table(sql)
    found = connection.execute(_COLUMNS, (name,)).fetchall()
    keys = [_key(connection, index) for (index,) in connection.execute(_KEYS, (name,)).fetchall()]
    primary = tuple(column for column, *_, place in sorted(found, key=lambda each: each[-1]) if place)
    row_id = _row_id(found, definition)
    return Table(
        quote_name(name),
        tuple(_column(each, definition, row_id) for each in found),
        tuple(key for key in dict.fromkeys([primary, *keys]) if key),
        tuple(_foreign_keys(connection, name, names)),
    )


def _row_id(found: list[tuple[str, str, int, int, int]], definition: Definition | None) -> str | None:
    """The column that is another name of the row id, which SQLite gives."""
    keys = [(column, declared) for column, declared, *_, place in found if place]
    if len(keys) != 1 or keys[0][1].upper() != "INTEGER" or definition is None or "row ids" in definition.options:
        return None
    return keys[0][0]


def _column(found: tuple[str, str, int, int, int], definition: Definition | None, row_id: str | None) -> Column:
    name, declared, required, has_default, place = found
    hints = _hints(name, definition) if definition else Hints()
    return Column(
        name,
        _kind(declared, hints),
        nullable=not required and not place,
        serial=name == row_id,
        has_default=bool(has_default),
    )


def _kind(declared: str, hints: Hints) -> Kind:
    upper = declared.upper()
    family = next((family for part, family in _FAMILIES if part in upper), Family.DECIMAL if upper else Family.TEXT)
    size = _SIZE.search(declared)
    first, second = (int(size["first"]), size["second"]) if size else (None, None)
    if family is Family.DECIMAL:
        return Kind(family, precision=first, scale=int(second) if second else 0 if first else 2, hints=hints)
    return Kind(family, length=first if family is Family.TEXT else None, hints=hints)


def _hints(name: str, definition: Definition) -> Hints:
    checks = [each.definition for each in definition.constraints if each.kind == "check"]
    folded = fold(name)
    mine = (each.replace("- ", "-") for each in checks if folded in names_in(each))
    return merged(read_hints(text, quote_name(folded), f'"{folded}"', folded) for text in mine)


def _key(connection: sqlite3.Connection, index: str) -> tuple[str, ...]:
    return tuple(column for (column,) in connection.execute(_KEY, (index,)) if column is not None)


def _foreign_keys(connection: sqlite3.Connection, name: str, names: dict[str, str]) -> Iterable[ForeignKey]:
    """Those whose parent is there, with its columns; another one cannot be kept by any row."""
    groups: dict[int, list[tuple[str, str, str | None]]] = {}
    for number, parent, column, reference in connection.execute(_FOREIGN_KEYS, (name,)):
        groups.setdefault(number, []).append((parent, column, reference))
    for parts in groups.values():
        parent = names.get(fold(parts[0][0]))
        if parent is not None:
            references = tuple(reference for _, _, reference in parts if reference is not None)
            references = references or _primary_key(connection, parent)
            if len(references) == len(parts) and _has(connection, parent, references):
                yield ForeignKey(tuple(column for _, column, _ in parts), quote_name(parent), references)


def _has(connection: sqlite3.Connection, table: str, columns: Iterable[str]) -> bool:
    found = connection.execute("SELECT name FROM pragma_table_xinfo(?, 'main')", (table,))
    return {fold(column) for column in columns} <= {fold(name) for (name,) in found}


def _primary_key(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    found = connection.execute("SELECT name FROM pragma_table_info(?, 'main') WHERE pk ORDER BY pk", (table,))
    return tuple(column for (column,) in found)
