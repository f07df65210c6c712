"""A state of a database, kept in memory: what every object and every row is made of, and the way back to it.

A rehearsal goes back often, and most often little has changed. So only what differs is made again. Afterwards the
state is read once more: it is the kept one, or everything is made from nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb
from surefoot.engine.dialects.mysql.shadow.replay import ORDER, Maker, asleep, drop
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.naming import names_of
from surefoot.engine.dialects.mysql.snapshot.stored import Stored, collect
from surefoot.errors import ShadowFailed

Key = tuple[str, str]
Row = tuple[str, ...]
_DEFAULTS = """
    SELECT default_character_set_name, default_collation_name FROM information_schema.SCHEMATA WHERE schema_name = %s
"""
_COMMENT = "SELECT schema_comment FROM information_schema.SCHEMATA WHERE schema_name = %s"
_AS_NUMBERS = re.compile(r"(?:bit|enum|set)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:(?:tiny|small|medium|big)?int|decimal|year|double)\b", re.IGNORECASE)
_TIMES = re.compile(r"(?:date|datetime|timestamp|time|uuid|inet4|inet6)\b", re.IGNORECASE)
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
    for table in tables:
        columns, selected = _columns(table, database)
        if not columns:
            continue
        rows = fetch(connection, f"SELECT {', '.join(selected)} FROM {quote(table.name)}{_history(table, database)}")
        if any(value is None for row in rows for value in row):
            raise ShadowFailed(
                f"A value in the table {table.name} is larger than the server's max_allowed_packet lets one read.",
                hint="Take it out of the seed, or raise max_allowed_packet.",
            )
        yield table.name, Rows(columns, tuple(tuple(map(str, row)) for row in rows))


def _history(table: Stored, database: str) -> str:
    return " FOR SYSTEM_TIME ALL" if _is_versioned(table, database) else ""


def _is_versioned(table: Stored, database: str) -> bool:
    return "versioning" in parsed(table.name, table.text, database).objects[0][1]


def _columns(table: Stored, database: str) -> tuple[tuple[str, ...], list[str]]:
    """The columns of a table that can be written, and for each the expression that gives its value as SQL."""
    found = [
        (names_of(key.name)[1], facts["type"])
        for key, facts in parsed(table.name, table.text, database).objects
        if key.kind == "column" and (" AS ROW " in facts.get("generated", "") or "generated" not in facts)
    ]
    if _is_versioned(table, database) and "SYSTEM_TIME" not in table.text:
        found += [("row_start", "timestamp"), ("row_end", "timestamp")]
    return tuple(name for name, _ in found), [
        f"IF({quote(n)} IS NULL, 'NULL', {_as_sql(quote(n), t)})" for n, t in found
    ]


def _as_sql(column: str, kind: str) -> str:
    """The expression that gives a value as SQL, exactly."""
    if _AS_NUMBERS.match(kind):
        return f"CAST({column} AS UNSIGNED)"
    if kind.lower().startswith("float"):
        # As a double it has all of its digits.
        return f"{column} + 0e0"
    if _NUMBERS.match(kind):
        return column
    if _TIMES.match(kind):
        return f"QUOTE({column})"
    if kind.lower() == "json":
        return f"CONCAT('_utf8mb4 x''', HEX(CONVERT({column} USING utf8mb4)), '''')"
    return f"CONCAT('x''', HEX({column}), '''')"


def bring_back(maker: Maker, kept: Kept) -> None:
    """Make the database as it was kept. Raises pymysql.Error, OSError, ShadowFailed, StatementFailed."""
    if maker.awake:
        kept = replace(kept, objects={key: asleep(item) for key, item in kept.objects.items()})
    try:
        _mend(maker, look(maker.connection, maker.database), kept)
        exact = _same(look(maker.connection, maker.database), kept)
    except (pymysql.Error, ShadowFailed):
        exact = False
    if not exact:
        make_anew(maker, kept)


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
    texts = all(now.text(key) == kept.text(key) for key in kept.objects) and now.counters() == kept.counters()
    return texts and all(_bag(now.rows[table]) == _bag(kept.rows[table]) for table in kept.rows)


def _bag(rows: Rows) -> tuple[tuple[str, ...], list[Row]]:
    return rows.columns, sorted(rows.rows)


def _mend(maker: Maker, now: Kept, kept: Kept) -> None:
    """Remove what is not as it was kept, make what is missing, and write the rows."""
    changed = _changed(now, kept)
    refilled = _refilled(now, kept, changed)
    changed |= _triggers_of(now, refilled) | _triggers_of(kept, refilled)
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
    _settle_counters(maker, kept)
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
        table
        for table, rows in kept.rows.items()
        if ("table", table) in changed
        or _bag(now.rows[table]) != _bag(rows)
        or now.counters()[table] != kept.counters()[table]
    ]


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


def _settle_counters(maker: Maker, kept: Kept) -> None:
    """Rows bring most counters to where they were."""
    wanted = kept.counters()
    if not any(wanted.values()):
        return
    for item in collect(maker.connection, maker.database):
        if item.kind == "table" and item.counter != wanted[item.name]:
            fetch(maker.connection, f"ALTER TABLE {quote(item.name)} AUTO_INCREMENT = {wanted[item.name] or 1}")
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
