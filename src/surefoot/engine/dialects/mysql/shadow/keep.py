"""A state of a database, kept in memory: what every object and every row is made of, and the way back to it.

A rehearsal goes back often, and most often little has changed. So only what differs is made again. Afterwards the
state is read once more: it is the kept one, or everything is made from nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb
from surefoot.engine.dialects.mysql.rows.values import as_sql, writable
from surefoot.engine.dialects.mysql.shadow.replay import ORDER, Maker, asleep, drop
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.stored import Stored, collect, fetch_all
from surefoot.errors import ShadowFailed

Key = tuple[str, str]
Row = tuple[str, ...]
_DEFAULTS = """
    SELECT default_character_set_name, default_collation_name FROM information_schema.SCHEMATA WHERE schema_name = %s
"""
_COMMENT = "SELECT schema_comment FROM information_schema.SCHEMATA WHERE schema_name = %s"
# A statement of this many bytes is small for every server.
_STATEMENT = 500_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, each value as SQL; `columns` are those that can be written."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A state: the objects by kind and name, the rows by table, and the database's options as SQL.

    `positions` are the next values of sequences; None where a sequence has run out.
    """

    objects: Mapping[Key, Stored]
    rows: Mapping[str, Rows]
    positions: Mapping[str, int | None]
    options: str

    def text(self, key: Key) -> tuple[object, ...]:
        """What tells two versions of an object apart."""
        item = self.objects[key]
        # How long after it was made an event is due says nothing that its text does not say.
        return item.text, item.session, {name: fact for name, fact in item.more.items() if name != "delay"}

    def counters(self) -> dict[str, str]:
        """The next number that each table gives."""
        return {name: item.counter for (kind, name), item in self.objects.items() if kind == "table"}


def keep(connection: Connection, database: str) -> Kept:
    """The present state. Raises pymysql.Error, OSError, StatementFailed, and ShadowFailed where a value is too large.

    Values that a sequence holds ready are given back, so that its position is known.
    """
    for item in collect(connection, database):
        if item.kind == "sequence":
            _settle(connection, item.name)
    return look(connection, database)


def _settle(connection: Connection, sequence: str) -> None:
    """Have the next value of a sequence stand in its table."""
    with suppress(pymysql.OperationalError):
        [(value,)] = fetch(connection, f"SELECT NEXTVAL({quote(sequence)})")
        fetch(connection, f"ALTER SEQUENCE {quote(sequence)} RESTART WITH {value}")


def look(connection: Connection, database: str) -> Kept:
    """The present state, as `keep` gives it, and nothing is touched."""
    stored = collect(connection, database)
    tables = [item for item in stored if item.kind == "table"]
    sequences = [item.name for item in stored if item.kind == "sequence"]
    return Kept(
        {(item.kind, item.name): item for item in stored},
        dict(_read_rows(connection, database, tables)),
        {name: _position(connection, name) for name in sequences},
        options(connection, database),
    )


def options(connection: Connection, database: str) -> str:
    """The options of a database, as SQL."""
    [(charset, collation)] = fetch(connection, _DEFAULTS, (database,))
    text = f"CHARACTER SET {charset} COLLATE {collation}"
    if is_mariadb(connection):
        comment = str(fetch(connection, _COMMENT, (database,))[0][0]).replace("\\", "\\\\").replace("'", "''")
        text += f" COMMENT '{comment}'"
    return text


def _position(connection: Connection, sequence: str) -> int | None:
    query = f"SELECT next_not_cached_value, minimum_value, maximum_value FROM {quote(sequence)}"
    [(position, low, high)] = fetch(connection, query)
    return int(position) if low <= position <= high else None


def _read_rows(connection: Connection, database: str, tables: Sequence[Stored]) -> Iterator[tuple[str, Rows]]:
    columns = [_columns(table, database) for table in tables]
    queries = [
        f"SELECT {', '.join(selected) or 'NULL'} FROM {quote(table.name)}{_history(table, database)}"
        for table, (_, selected) in zip(tables, columns, strict=True)
    ]
    for table, (names, _), rows in zip(tables, columns, fetch_all(connection, queries), strict=True):
        yield table.name, _rows(table.name, names, rows)


def _rows(table: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> Rows:
    if columns and any(value is None for row in rows for value in row):
        raise ShadowFailed(
            f"A value in the table {table} is larger than the server's max_allowed_packet lets one read.",
            hint="Take it out of the seed, or raise max_allowed_packet.",
        )
    return Rows(columns, tuple(tuple(map(str, row)) for row in rows))


def _history(table: Stored, database: str) -> str:
    return " FOR SYSTEM_TIME ALL" if _is_versioned(table, database) else ""


def _is_versioned(table: Stored, database: str) -> bool:
    return "versioning" in parsed(table.name, table.text, database).objects[0][1]


def _columns(table: Stored, database: str) -> tuple[tuple[str, ...], list[str]]:
    """The columns of a table that can be written, and for each the expression that gives its value as SQL."""
    found = writable(parsed(table.name, table.text, database))
    if _is_versioned(table, database) and "SYSTEM_TIME" not in table.text:
        found |= {"row_start": "timestamp", "row_end": "timestamp"}
    return tuple(found), [as_sql(quote(name), kind) for name, kind in found.items()]


def bring_back(maker: Maker, kept: Kept) -> frozenset[str]:
    """Make the database as it was kept; gives the tables whose next number is still another one.

    To lower one takes as long as any change of a table: `lower` does it for those that matter. Raises pymysql.Error,
    OSError, ShadowFailed, StatementFailed.
    """
    if maker.awake:
        kept = replace(kept, objects={key: asleep(item) for key, item in kept.objects.items()})
    try:
        now = look(maker.connection, maker.database)
        if not _same(now, kept):
            _mend(maker, now, kept)
            now = look(maker.connection, maker.database)
        exact = _same(now, kept)
    except (pymysql.Error, ShadowFailed):
        exact = False
    if not exact:
        make_anew(maker, kept)
        return frozenset()
    wanted = kept.counters()
    return frozenset(table for table, counter in now.counters().items() if counter != wanted[table])


def lower(connection: Connection, kept: Kept, tables: Collection[str]) -> None:
    """Lower the next numbers of these tables to those that were kept, or as far as their rows let it."""
    for table in sorted(tables):
        if kept.objects.get(("table", table)):
            fetch(connection, f"ALTER TABLE {quote(table)} AUTO_INCREMENT = {kept.counters()[table] or 1}")


def make_anew(maker: Maker, kept: Kept) -> None:
    """Make the database from nothing. Raises ShadowFailed where it does not become the kept one."""
    database = quote(maker.database)
    fetch(maker.connection, f"DROP DATABASE IF EXISTS {database}")
    fetch(maker.connection, f"CREATE DATABASE {database} {kept.options}")
    _mend(maker, Kept({}, {}, {}, kept.options), kept)
    if not _same(look(maker.connection, maker.database), kept):
        raise ShadowFailed(
            f"The shadow database {maker.database} could not be brought back to the state that was kept.",
            hint="This is a mistake of Surefoot's: please report it with the migration that comes before.",
        )


def _same(now: Kept, kept: Kept) -> bool:
    if now.objects.keys() != kept.objects.keys() or now.options != kept.options or now.positions != kept.positions:
        return False
    texts = all(now.text(key) == kept.text(key) for key in kept.objects)
    return texts and all(_bag(now.rows[table]) == _bag(kept.rows[table]) for table in kept.rows)


def _bag(rows: Rows) -> tuple[tuple[str, ...], list[Row]]:
    return rows.columns, sorted(rows.rows)


def _mend(maker: Maker, now: Kept, kept: Kept) -> None:
    """Remove what is not as it was kept, make what is missing, and write the rows."""
    changed = _changed(now, kept)
    refilled = _refilled(now, kept, changed)
    changed |= _in_the_way(now, kept, refilled, changed)
    if now.options != kept.options:
        fetch(maker.connection, f"ALTER DATABASE {quote(maker.database)} {kept.options}")
    maker.prepare()
    for key in sorted(changed & now.objects.keys(), key=lambda key: ORDER.index(key[0]), reverse=True):
        fetch(maker.connection, drop(now.objects[key]))
    missing = [item for key, item in kept.objects.items() if key in changed]
    maker.make(item for item in missing if item.kind in {"sequence", "table"})
    _settle_positions(maker.connection, kept, changed)
    for table in refilled:
        _write(maker.connection, table, kept.rows[table], empty=("table", table) not in changed)
    _settle_counters(maker, kept, {name for kind, name in changed if kind == "table"})
    maker.make(item for item in missing if item.kind not in {"sequence", "table"})


def _changed(now: Kept, kept: Kept) -> set[Key]:
    """The objects that are to be removed, or made, or both."""
    both = now.objects.keys() & kept.objects.keys()
    changed = {key for key in both if now.text(key) != kept.text(key)} | (now.objects.keys() ^ kept.objects.keys())
    moved = {("sequence", name) for name, position in kept.positions.items() if now.positions.get(name) != position}
    # Of versioned tables the past is a part, which cannot be written into a table that is there.
    versioned = {
        ("table", name)
        for name, rows in kept.rows.items()
        if "row_start" in rows.columns and now.rows.get(name) != rows
    }
    return changed | moved | versioned | _order_of_triggers(now, kept, changed)


def _order_of_triggers(now: Kept, kept: Kept, changed: Iterable[Key]) -> set[Key]:
    """All triggers of a table one of whose triggers changed: they run in the order in which they were made."""
    tables = {
        state.objects[key].more["table"]
        for key in changed
        if key[0] == "trigger"
        for state in (now, kept)
        if key in state.objects
    }
    return _triggers_of(now, tables) | _triggers_of(kept, tables)


def _triggers_of(state: Kept, tables: Iterable[str]) -> set[Key]:
    wanted = set(tables)
    return {key for key, item in state.objects.items() if key[0] == "trigger" and item.more["table"] in wanted}


def _refilled(now: Kept, kept: Kept, changed: set[Key]) -> list[str]:
    return [
        table for table, rows in kept.rows.items() if ("table", table) in changed or _bag(now.rows[table]) != _bag(rows)
    ]


def _in_the_way(now: Kept, kept: Kept, refilled: Iterable[str], changed: set[Key]) -> set[Key]:
    """The triggers that would fire when tables are emptied and filled; those of a new table come after its rows."""
    found: set[Key] = set()
    for table in refilled:
        new = ("table", table) in changed
        events = {"DELETE"} if not new and now.rows[table].rows else set()
        events |= {"INSERT"} if kept.rows[table].rows else set()
        for state in (now, kept):
            triggers = _triggers_of(state, [table])
            found |= {key for key in triggers if new or state.objects[key].more["when"].split()[1] in events}
    return found


def _write(connection: Connection, table: str, rows: Rows, *, empty: bool) -> None:
    if empty:
        fetch(connection, f"DELETE FROM {quote(table)}")
    head = f"INSERT INTO {quote(table)} ({', '.join(map(quote, rows.columns))}) VALUES "
    batch: list[str] = []
    size = 0
    for row in rows.rows:
        batch.append(f"({', '.join(row)})")
        size += len(batch[-1])
        if size > _STATEMENT:
            fetch(connection, head + ", ".join(batch))
            batch, size = [], 0
    if batch:
        fetch(connection, head + ", ".join(batch))


def _settle_counters(maker: Maker, kept: Kept, made: Collection[str]) -> None:
    """Rows bring most counters to where they were."""
    wanted = {table: kept.counters()[table] for table in made if ("table", table) in kept.objects}
    if not any(wanted.values()):
        return
    found = [item for item in collect(maker.connection, maker.database) if item.name in wanted]
    lower(maker.connection, kept, {item.name for item in found if item.counter != wanted[item.name]})
    maker.prepare()


def _settle_positions(connection: Connection, kept: Kept, changed: set[Key]) -> None:
    for name, position in kept.positions.items():
        if ("sequence", name) in changed and position is not None:
            fetch(connection, f"ALTER SEQUENCE {quote(name)} RESTART WITH {position}")
        elif ("sequence", name) in changed:
            _run_out(connection, name)


def _run_out(connection: Connection, sequence: str) -> None:
    query = f"SELECT IF(increment < 0, minimum_value, maximum_value) FROM {quote(sequence)}"
    [(last,)] = fetch(connection, query)
    fetch(connection, f"SELECT SETVAL({quote(sequence)}, {last}, TRUE)")
