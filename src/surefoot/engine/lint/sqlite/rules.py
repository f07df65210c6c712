"""Rules for SQLite. Foreign keys during a rebuild, and their check behind it, are what each run sees to by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from surefoot.engine.dialects.split import word_set
from surefoot.engine.findings import Level
from surefoot.engine.lint.command import Command, Tokens, has
from surefoot.engine.lint.model import BOTH_WAYS, Parsed, Rule, Scope

_WHOLE = re.compile(r"(?:UNSIGNED ?)?(?:BIG|SMALL|TINY|MEDIUM)? ?INT(?:EGER)?[248]?")
_CHANGING_DEFAULTS = frozenset({"CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "("})
# What ends a column's type.
_BEHIND_TYPE = word_set(
    "( , CONSTRAINT PRIMARY NOT NULL UNIQUE CHECK DEFAULT COLLATE REFERENCES GENERATED AS AUTOINCREMENT"
)
_OF_THE_SESSION = word_set(
    "AUTOMATIC_INDEX BUSY_TIMEOUT CACHE_SIZE CACHE_SPILL CASE_SENSITIVE_LIKE LOCKING_MODE MMAP_SIZE "
    "RECURSIVE_TRIGGERS SECURE_DELETE SYNCHRONOUS TEMP_STORE TRUSTED_SCHEMA WAL_AUTOCHECKPOINT"
)


def _needs_empty(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    for part in parsed.tree.parts:
        if table in scope.created or not part or part[0].key != "ADD":
            continue
        default = _default(part)
        if has(part, "NOT", "NULL") and default in ("", "NULL") and not has(part, "AS"):
            return f"A NOT NULL column without a DEFAULT: this works on an empty {table}, and fails on one with rows."
        if default in _CHANGING_DEFAULTS:
            return f"A DEFAULT that is no constant: this works on an empty {table}, and fails on one with rows."
    return ""


def _default(part: Tokens) -> str:
    keys = [token.key for token in part]
    at = keys.index("DEFAULT") + 1 if "DEFAULT" in keys else len(part)
    return (keys[at] or "a constant") if at < len(part) else ""


def _rename_first(parsed: Parsed, scope: Scope) -> str:
    command: Command = parsed.tree
    legacy = any(each.kind == "PRAGMA" and each.tree.name == "legacy_alter_table" for each in scope.before(parsed))
    anew = any(each.kind == "CREATE TABLE" and each.tree.name == command.name for each in scope.after(parsed))
    if not has(command.tokens, "RENAME", "TO") or legacy or not anew:
        return ""
    new = command.tokens[-1].text
    return f"Foreign keys, triggers and views of other tables follow {command.name} to {new}, and stay with it."


def _rebuild_loses(parsed: Parsed, scope: Scope) -> str:
    command: Command = parsed.tree
    if not has(command.tokens, "RENAME", "TO"):
        return ""
    table = command.tokens[-1].text.lower()
    before = list(scope.before(parsed))
    if not any(each.kind == "DROP TABLE" and each.tree.name == table for each in before):
        return ""
    kept = {each.tree.own_name for each in scope.same_way() if each.kind in _HANGING or each.kind in _DROPPING}
    lost = [name for name in _hangs_on(table, scope.earlier()) if name not in kept]
    return f"The rebuild of {table} drops {', '.join(lost)}, and does not make them again." if lost else ""


_HANGING = ("CREATE INDEX", "CREATE TRIGGER")
_DROPPING = ("DROP INDEX", "DROP TRIGGER")


def _hangs_on(table: str, statements: Iterator[Parsed]) -> list[str]:
    """The indexes and triggers of a table after these statements."""
    found: dict[str, str] = {}
    for each in statements:
        if each.kind in _HANGING:
            found[each.tree.own_name] = each.tree.name
        elif each.kind in _DROPPING:
            found.pop(each.tree.own_name, None)
        elif each.kind == "DROP TABLE":
            found = {name: owner for name, owner in found.items() if owner != each.tree.name}
        elif each.kind == "ALTER TABLE" and has(each.tree.tokens, "RENAME", "TO"):
            new = each.tree.tokens[-1].text.lower()
            found = {name: new if owner == each.tree.name else owner for name, owner in found.items()}
    return [name for name, owner in found.items() if owner == table]


def _by_position(parsed: Parsed, _scope: Scope) -> str:
    command: Command = parsed.tree
    keys = command.keys
    if "SELECT" not in keys:
        return ""
    at = keys.index("SELECT")
    if "(" in keys[:at] or keys[at + 1 : at + 2] != ["*"]:
        return ""
    return f"INSERT INTO {command.name} SELECT * puts values into columns by their order, and not by their names."


def _quoted_text(parsed: Parsed, _scope: Scope) -> str:
    every = parsed.tree.tokens
    for at, token in enumerate(every):
        text = token.kind == "name" and parsed.statement.sql[token.at] == '"'
        if text and at and every[at - 1].key == "DEFAULT":
            return f'DEFAULT "{token.text}" is a column\'s name, which SQLite takes for a text only where it may.'
    return ""


def _misread(parsed: Parsed, _scope: Scope) -> str:
    if _is_strict(parsed.tree):
        return ""
    for name, column in parsed.tree.columns().items():
        kind = _type(column)
        if kind == "STRING":
            return f"{parsed.tree.name}.{name}: STRING is no text type to SQLite: '007' becomes the number 7."
        if "INT" in kind and not _WHOLE.fullmatch(kind):
            return f"{parsed.tree.name}.{name}: SQLite takes {kind} for an integer, because of the INT in it."
    return ""


def _type(column: Tokens) -> str:
    words = []
    for token in column:
        if token.key in _BEHIND_TYPE:
            break
        words.append(token.text.upper())
    return " ".join(words)


def _is_strict(command: Command) -> bool:
    return any(token.key == "STRICT" for token in command.rest)


def _nullable_key(parsed: Parsed, _scope: Scope) -> str:
    command: Command = parsed.tree
    if _is_strict(command) or has(command.rest, "WITHOUT", "ROWID"):
        return ""
    for name, column in command.columns().items():
        if has(column, "PRIMARY", "KEY") and _type(column) != "INTEGER" and not has(column, "NOT", "NULL"):
            return f"{command.name}.{name} is a primary key that may be NULL, even in many rows."
    return ""


def _session(parsed: Parsed, _scope: Scope) -> str:
    name = parsed.tree.name.upper()
    if name not in _OF_THE_SESSION or not {"=", "("}.intersection(parsed.tree.keys):
        return ""
    return f"PRAGMA {name.lower()} is a setting of this connection: the application never sees it."


def _writable(parsed: Parsed, _scope: Scope) -> str:
    keys = parsed.tree.keys
    if parsed.tree.name != "writable_schema" or {"0", "OFF", "FALSE", "RESET"}.intersection(keys):
        return ""
    return (
        "Whatever is written into the schema by hand from here on, SQLite believes: a slip makes the file unreadable."
    )


RULES = (
    Rule(
        "add-column-needs-empty-table",
        "sqlite",
        Level.ERROR,
        "ADD COLUMN that works on an empty table only",
        "SQLite adds a column without touching the rows, so that its value in them has to be a constant or NULL. It "
        "complains only where there are rows: not in a test, but in production.",
        "A constant DEFAULT; or a column that may be NULL, an UPDATE, and a rebuild of the table if it has to be NOT "
        "NULL.",
        ("ALTER TABLE",),
        _needs_empty,
        BOTH_WAYS,
    ),
    Rule(
        "rebuild-order",
        "sqlite",
        Level.ERROR,
        "A rebuild that renames the old table first",
        "RENAME takes along every reference from other tables. When the old table is dropped, they point at nothing.",
        "CREATE TABLE new, copy, DROP TABLE old, and then ALTER TABLE new RENAME TO old.",
        ("ALTER TABLE",),
        _rename_first,
        BOTH_WAYS,
    ),
    Rule(
        "rebuild-loses",
        "sqlite",
        Level.WARNING,
        "A rebuild that forgets indexes or triggers",
        "DROP TABLE drops them with the table, and nothing complains: queries get slow, triggers no longer run.",
        "Behind the RENAME, create again every index and trigger of the table.",
        ("ALTER TABLE",),
        _rebuild_loses,
        BOTH_WAYS,
    ),
    Rule(
        "copy-by-position",
        "sqlite",
        Level.WARNING,
        "INSERT ... SELECT * without names",
        "Where the two tables have their columns in another order, values land in the wrong one, and SQLite stores "
        "any value in any column.",
        "Name the columns on both sides: INSERT INTO new (id, name) SELECT id, name FROM old.",
        ("INSERT",),
        _by_position,
        BOTH_WAYS,
    ),
    Rule(
        "double-quoted-text",
        "sqlite",
        Level.WARNING,
        "A DEFAULT in double quotes",
        "Double quotes are for names. SQLite reads them as text out of habit; a library built without the habit "
        "refuses the whole schema.",
        "Single quotes.",
        ("CREATE TABLE", "ALTER TABLE"),
        _quoted_text,
    ),
    Rule(
        "misread-type",
        "sqlite",
        Level.WARNING,
        "A type that SQLite takes for another one",
        "Outside of STRICT tables any word is a type, and parts of it decide what is stored: INT anywhere makes it an "
        "integer, STRING a number.",
        "TEXT, INTEGER, REAL or BLOB; or a STRICT table, which knows no others.",
        ("CREATE TABLE",),
        _misread,
    ),
    Rule(
        "nullable-primary-key",
        "sqlite",
        # It is in most schemas, and seldom does harm.
        Level.OFF,
        "A primary key that may be NULL",
        "An old mistake that SQLite keeps: a PRIMARY KEY that is not INTEGER lets NULL in, and each NULL is different "
        "from the others.",
        "Add NOT NULL, or make the table STRICT or WITHOUT ROWID.",
        ("CREATE TABLE",),
        _nullable_key,
    ),
    Rule(
        "session-pragma",
        "sqlite",
        Level.NOTE,
        "A PRAGMA that lasts as long as the connection",
        "It is gone when the migration is over.",
        "Set it where the application opens its connections. journal_mode and user_version are kept in the file.",
        ("PRAGMA",),
        _session,
        BOTH_WAYS,
    ),
    Rule(
        "writable-schema",
        "sqlite",
        Level.WARNING,
        "PRAGMA writable_schema",
        "SQLite trusts what stands in sqlite_schema, and does not check what is written there.",
        "Build the table anew: CREATE TABLE new, copy, DROP TABLE old, ALTER TABLE new RENAME TO old.",
        ("PRAGMA",),
        _writable,
        BOTH_WAYS,
    ),
)
