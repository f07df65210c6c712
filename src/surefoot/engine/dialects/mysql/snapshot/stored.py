"""Everything that a database holds, as the server itself writes it down.

SHOW CREATE is what the server's own dump program relies on: it shows all that there is to an object, where
information_schema leaves some of it out (periods, system versioning, options of an engine, the character sets in a
program's text).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb
from surefoot.engine.dialects.mysql.snapshot.clauses import read
from surefoot.errors import StatementFailed

Item = TypeVar("Item")
# What a session's settings change in the texts that SHOW CREATE gives.
_FIXED = "SET SESSION sql_mode = '', time_zone = '+00:00', sql_quote_show_create = 1"
# The SQL mode under which such a text makes the same object, and rows are written as they are.
MODE = "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION"
_TABLES = {"VIEW": "view", "SEQUENCE": "sequence"}
_TRIGGERS = """
    SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_order
    FROM information_schema.TRIGGERS WHERE trigger_schema = %s
    ORDER BY event_object_table, action_timing, event_manipulation, action_order
"""
_ROUTINES = """
    SELECT routine_name, routine_type FROM information_schema.ROUTINES WHERE routine_schema = %s
    ORDER BY routine_type, routine_name
"""
# Where no start was given, it is the moment in which the schedule was made; it is kept in the event's time zone.
_CHOSEN = "when it was made"
_EVENTS = f"""
    SELECT event_name, interval_value, interval_field,
        IF(CONVERT_TZ(starts, time_zone, '+00:00') IN (created, last_altered), '{_CHOSEN}', starts), ends,
        execute_at, TIMESTAMPDIFF(SECOND, created, CONVERT_TZ(execute_at, time_zone, '+00:00')), status, on_completion,
        event_comment
    FROM information_schema.EVENTS WHERE event_schema = %s ORDER BY event_name
"""
_EVENT_FACTS = ("every", "unit", "starts", "ends", "at", "delay", "status", "completion", "comment")
_SESSION = ("sql_mode", "time_zone", "character_set_client", "collation_connection", "Database Collation")
# A block of this many statements is one round trip; beyond that, the server's memory for it grows.
_TOGETHER = 500
# In quoted texts of a definition there is no line break.
_COUNTER = re.compile(r"^(\) [^\n]*?ENGINE=\w+) AUTO_INCREMENT=(\d+)", re.MULTILINE)
# Dropped meanwhile by somebody else.
_GONE = frozenset({1146, 1305, 1360, 1539, 4089, 4091})


@dataclass(frozen=True, slots=True)
class Stored:
    """One object: its kind (table, view, sequence, trigger, event, ...), its name and the text that makes it.

    `session` are the settings under which a program was made, and runs; `more` is what the text does not say. `counter`
    is the next number that a table gives, which its text leaves out; empty where it has given none.
    """

    kind: str
    name: str
    text: str = ""
    session: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)
    counter: str = ""


def collect(connection: Connection, database: str) -> tuple[Stored, ...]:
    """Every object of a database, Surefoot's own tables included, sorted by kind.

    The session's settings change, and so does its database. Raises pymysql.Error, OSError, and StatementFailed where
    the user may not see a definition: an unseen one could change unnoticed.
    """
    _prepare(connection, database)
    listed = [*_listed_tables(connection), *_listed_programs(connection, database)]
    return tuple(_shown(connection, listed))


def collect_tables(connection: Connection, database: str, wanted: Callable[[str], bool]) -> tuple[Stored, ...]:
    """Those of the tables, views and sequences whose names are wanted, as `collect` gives them."""
    _prepare(connection, database)
    return tuple(_shown(connection, [item for item in _listed_tables(connection) if wanted(item.name)]))


def _prepare(connection: Connection, database: str) -> None:
    fetch(connection, _FIXED)
    fetch(connection, f"USE {quote(database)}")


def one_table(connection: Connection, database: str, table: str) -> str:
    """The definition of one table. The session's settings change, and so does its database. Raises pymysql.Error."""
    _prepare(connection, database)
    return _without_counter(str(fetch(connection, f"SHOW CREATE TABLE {quote(table)}")[0][1]))[0]


def _listed_tables(connection: Connection) -> Iterator[Stored]:
    for name, kind in fetch(connection, "SHOW FULL TABLES"):
        yield Stored(_TABLES.get(kind, "table"), name)


def _listed_programs(connection: Connection, database: str) -> Iterator[Stored]:
    for name, table, timing, event, order in fetch(connection, _TRIGGERS, (database,)):
        yield Stored("trigger", name, more={"table": table, "when": f"{timing} {event}", "order": str(order)})
    for name, kind in fetch(connection, _ROUTINES, (database,)):
        yield Stored(kind.lower(), name)
    for name, *facts in fetch(connection, _EVENTS, (database,)):
        more = {fact: str(value) for fact, value in zip(_EVENT_FACTS, facts, strict=True) if value is not None}
        yield Stored("event", name, more=more)


def _shown(connection: Connection, listed: Sequence[Stored]) -> Iterator[Stored]:
    for together in _chunks(listed):
        for item, row in zip(together, _definitions(connection, together), strict=True):
            if row is not None:
                yield _complete(item, row)


def fetch_all(connection: Connection, queries: Sequence[str]) -> Iterator[Sequence[tuple[Any, ...]]]:
    """The rows of each query, in few round trips where the server can do that."""
    if not is_mariadb(connection):
        yield from (fetch(connection, query) for query in queries)
        return
    for some in _chunks(queries):
        yield from (cursor.fetchall() for cursor in _in_one_block(connection, some))


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """As many of the items at a time as one round trip takes."""
    return (items[start : start + _TOGETHER] for start in range(0, len(items), _TOGETHER))


def _definitions(connection: Connection, listed: Sequence[Stored]) -> list[dict[str, Any] | None]:
    if is_mariadb(connection):
        try:
            return list(map(_named_row, _in_one_block(connection, [_show(item) for item in listed])))
        except pymysql.Error as error:
            if not error.args or error.args[0] not in _GONE:
                raise
    return [_one_by_one(connection, item) for item in listed]


def _show(item: Stored) -> str:
    return f"SHOW CREATE {item.kind.upper()} {quote(item.name)}"


def _in_one_block(connection: Connection, queries: Sequence[str]) -> Iterator[Any]:
    """Run queries in one round trip; gives the cursor once for the result of each. MariaDB only.

    For SHOW CREATE of 300 tables that takes 8 ms, and one by one 33 ms.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"BEGIN NOT ATOMIC {' '.join(f'{query};' for query in queries)} END")
        for _ in queries:
            yield cursor
            cursor.nextset()


def _one_by_one(connection: Connection, item: Stored) -> dict[str, Any] | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_show(item))
            return _named_row(cursor)
    except pymysql.Error as error:
        if error.args and error.args[0] in _GONE:
            return None
        raise


def _named_row(cursor: Any) -> dict[str, Any]:
    row = cursor.fetchone() or ()
    return dict(zip((column[0] for column in cursor.description), row, strict=False))


def _complete(item: Stored, row: Mapping[str, Any]) -> Stored:
    text = next((row[name] for name in row if name.startswith("Create ") or name == "SQL Original Statement"), None)
    if text is None:
        raise StatementFailed(
            f"The definition of the {item.kind} {item.name} cannot be read.",
            hint="Grant the database user what shows it (SHOW VIEW, SHOW CREATE ROUTINE, SELECT on mysql.proc), or let "
            "the object's definer connect: a definition that is not seen could change unnoticed.",
            object=f"{item.kind} {item.name}",
        )
    session = {name: str(row[name]) for name in _SESSION if row.get(name) is not None}
    text, counter = _without_counter(str(text)) if item.kind == "table" else (str(text), "")
    if item.kind == "trigger":
        text = _trigger(text, item.name, item.more["when"], item.more["table"])
    elif item.kind == "event" and item.more.get("starts") == _CHOSEN:
        text = _without_start(text)
    return Stored(item.kind, item.name, text, session, item.more, counter)


@lru_cache(maxsize=1024)
def _trigger(sql: str, name: str, when: str, table: str) -> str:
    """A trigger as its author wrote it, but for the head: that may name the database."""
    text = read(sql)
    head = sql[: text.tokens[text.find("TRIGGER")].end]
    return f"{head} {quote(name)} {when} ON {quote(table)} FOR EACH ROW {text.rest(text.find('EACH', 'ROW') + 2)}"


def _without_start(sql: str) -> str:
    """An event as its author wrote it: the start was the moment in which it was made."""
    tokens = read(sql).tokens
    at = read(sql).find("STARTS")
    return sql[: tokens[at].start] + sql[tokens[at + 1].end :].lstrip()


def _without_counter(text: str) -> tuple[str, str]:
    found = _COUNTER.search(text)
    return (text[: found.end(1)] + text[found.end() :], found[2]) if found else (text, "")
