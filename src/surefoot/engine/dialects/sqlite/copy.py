"""What a shadow begins with: the layout of the target's file, and its schema, a dump, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from surefoot.engine.dialects.shadow import Place
from surefoot.engine.dialects.sqlite import guard, snapshot
from surefoot.engine.dialects.sqlite.connect import Connector
from surefoot.engine.dialects.sqlite.failures import translate
from surefoot.engine.dialects.sqlite.split import split
from surefoot.engine.dialects.sqlite.tables import OWN
from surefoot.engine.model import Fragment, Script
from surefoot.engine.snapshot import compare
from surefoot.errors import ShadowFailed

# What has to be said before the first page is written.
_LAYOUT = ("page_size", "auto_vacuum", "encoding")
_STORED = rf"""
    SELECT type, name, sql FROM main.sqlite_master
    WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite\_%' ESCAPE '\'
      AND tbl_name NOT IN {OWN}
    ORDER BY instr('table index view trigger', type), rowid
"""
_LACKS = ("no such module", "no such function", "no such collation")


def make(shadow: sqlite3.Connection, connector: Connector | None, place: Place) -> list[str]:
    """Make what an empty file begins with; returns what had to be arranged, in words.

    Raises ShadowFailed where a statement of the target's schema or of the dump does not run here, and Unreachable where
    the target's file cannot be read. It is never written to.
    """
    if connector is None or not connector.exists():
        shadow.execute("PRAGMA user_version = 0")
    else:
        with _reading(connector) as real:
            _lay_out(shadow, real)
            if place.copy_schema and not place.dump:
                _copy(shadow, real, connector.label)
    return run_file(shadow, place.dump) if place.dump else []


@contextmanager
def _reading(connector: Connector) -> Iterator[sqlite3.Connection]:
    try:
        with closing(connector.read_only()) as connection:
            yield connection
    except sqlite3.Error as error:
        raise translate(error, connector.label, cancelled=False, statement=None) from error


def _lay_out(shadow: sqlite3.Connection, real: sqlite3.Connection) -> None:
    for name in _LAYOUT:
        shadow.execute(f"PRAGMA {name} = '{_setting(real, name)}'")
    # The first write, which makes the file.
    shadow.execute("PRAGMA user_version = 0")
    if _setting(real, "journal_mode") == "wal":
        shadow.execute("PRAGMA journal_mode = wal").fetchall()


def _setting(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA main.{name}").fetchone()[0]


def _copy(shadow: sqlite3.Connection, real: sqlite3.Connection, label: str) -> None:
    real.execute("BEGIN")
    hidden = snapshot.shadow_tables(real)
    stored = [(kind, name, sql) for kind, name, sql in real.execute(_STORED).fetchall() if name not in hidden]
    numbers = {name: _setting(real, name) for name in ("user_version", "application_id")}
    real.execute("ROLLBACK")
    shadow.execute("BEGIN")
    for kind, name, sql in stored:
        _create(shadow, sql, f"{kind} {name} of {label}")
    for name, value in numbers.items():
        shadow.execute(f"PRAGMA {name} = {value}")
    shadow.execute("COMMIT")
    _refuse_other(shadow, real, label)


def _create(shadow: sqlite3.Connection, sql: str, what: str) -> None:
    try:
        shadow.execute(sql)
    except sqlite3.Error as error:
        lacks = str(error).startswith(_LACKS)
        raise ShadowFailed(
            f"The {what} cannot be made on the shadow: {error}.",
            hint="The application's own connection knows it, and Python's SQLite library does not; rehearse with "
            "`--from empty`, or with a dump that leaves it out."
            if lacks
            else "Rehearse with `--from empty`, or mend the schema: SQLite does not accept its own text any more.",
            statement=sql[:2000],
        ) from error


def _refuse_other(shadow: sqlite3.Connection, real: sqlite3.Connection, label: str) -> None:
    """A copy that is not the same would prove nothing of the target."""
    differences = compare(snapshot.take(real), snapshot.take(shadow)).differences
    if differences:
        names = ", ".join(str(each.key) for each in differences[:5])
        raise ShadowFailed(
            f"The shadow is not as {label} is: {names} {'differs' if len(differences) == 1 else 'differ'}.",
            hint="If somebody changed the schema just now, rehearse once more; else use `--from empty` or a dump.",
        )


def run_file(shadow: sqlite3.Connection, file: Path) -> list[str]:
    """Run a file of SQL, as the shell's `.dump` writes it; Surefoot's own tables are taken out afterwards."""
    for statement in split(_script(file)).statements:
        guard.check([statement])
        try:
            shadow.execute(statement.sql).fetchall()
        except sqlite3.Error as error:
            raise ShadowFailed(
                f"{file}:{statement.line}: {error}.",
                hint="Mend the file: every statement of it has to run on an empty database.",
                file=str(file),
                line=statement.line,
                statement=statement.sql[:2000],
            ) from error
    if shadow.in_transaction:
        shadow.execute("COMMIT")
    return _take_out_own(shadow)


def _script(file: Path) -> Script:
    try:
        return Script(str(file), (Fragment(file.read_text(encoding="utf-8-sig")),))
    except (OSError, UnicodeDecodeError) as error:
        raise ShadowFailed(f"{file} cannot be read: {error}.", hint="Name a file of SQL in UTF-8.") from error


def _take_out_own(shadow: sqlite3.Connection) -> list[str]:
    held = [name for name in OWN if shadow.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (name,)).fetchone()]
    for name in held:
        shadow.execute(f"DROP TABLE {name}")
    return ["Surefoot's own tables of the dump were left out."] if held else []
