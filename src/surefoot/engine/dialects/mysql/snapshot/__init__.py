"""The schema of a MariaDB or MySQL database as facts.

Not run here: MySQL. Its SHOW CREATE writes what MariaDB's does in the same clauses, wraps some of them in comments that
it executes, and has no sequences, packages and periods.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from surefoot.engine.dialects.mysql.bind import fetch
from surefoot.engine.dialects.mysql.connect import Connection, is_mariadb, server_version
from surefoot.engine.dialects.mysql.snapshot.clauses import without_database
from surefoot.engine.dialects.mysql.snapshot.grants import read_grants
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.programs import read_program
from surefoot.engine.dialects.mysql.snapshot.stored import Stored, collect
from surefoot.engine.dialects.mysql.snapshot.tables import Table, read_sequence, read_table
from surefoot.engine.dialects.mysql.tables import OWN
from surefoot.engine.snapshot import Facts, ObjectKey, Snapshot

_DEFAULTS = """
    SELECT default_character_set_name, default_collation_name FROM information_schema.SCHEMATA WHERE schema_name = %s
"""
_COMMENT = "SELECT schema_comment FROM information_schema.SCHEMATA WHERE schema_name = %s"
Item = tuple[ObjectKey, Facts]


def take(connection: Connection, database: str) -> Snapshot:
    """The schema of a database, read through a session whose settings may change.

    Raises pymysql.Error, OSError, and StatementFailed where a definition may not be seen.
    """
    stored = [item for item in collect(connection, database) if item.kind != "table" or item.name not in OWN]
    migrator = str(fetch(connection, "SELECT CURRENT_USER()")[0][0])
    objects = [*read(stored, database, migrator), _defaults(connection, database), *read_grants(connection, database)]
    tables = (item for item in stored if item.kind == "table")
    orders = {title(each.name): parsed(each.name, each.text, database).columns for each in tables}
    return Snapshot(engine(connection), dict(objects), orders)


def engine(connection: Connection) -> str:
    """The product and its major version: `mariadb 10.11`, `mysql 8.0`."""
    version = ".".join(server_version(connection).partition("-")[0].split(".")[:2])
    return f"{'mariadb' if is_mariadb(connection) else 'mysql'} {version}"


def read(stored: Iterable[Stored], database: str, migrator: str) -> Iterator[Item]:
    """The facts of what a database of this name holds."""
    for item in stored:
        if item.kind == "table":
            yield from parsed(item.name, item.text, database).objects
        else:
            named = replace(item, text=without_database(item.text, database))
            yield read_sequence(named) if item.kind == "sequence" else read_program(named, migrator)


# A rehearsal looks at the same tables again and again.
@lru_cache(maxsize=4096)
def parsed(name: str, text: str, database: str) -> Table:
    """A table of a database, from its name and its definition."""
    return read_table(Stored("table", name, without_database(text, database)))


def _defaults(connection: Connection, database: str) -> Item:
    [(charset, collation)] = fetch(connection, _DEFAULTS, (database,))
    comment = fetch(connection, _COMMENT, (database,))[0][0] if is_mariadb(connection) else ""
    facts = {"collation": f"CHARACTER SET {charset} COLLATE {collation}", "comment": comment}
    return ObjectKey("schema", "itself"), {name: fact for name, fact in facts.items() if fact}
