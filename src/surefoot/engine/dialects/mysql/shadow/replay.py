"""Making objects again from the texts that the server wrote."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import pymysql
from pymysql.charset import charset_by_name

from surefoot.engine.dialects.mysql.bind import fetch, literal, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.failures import message
from surefoot.engine.dialects.mysql.snapshot.clauses import HERE, Text, read, without_database
from surefoot.engine.dialects.mysql.snapshot.programs import definer_of, definer_places
from surefoot.engine.dialects.mysql.snapshot.stored import MODE, Stored
from surefoot.errors import ShadowFailed

_SETTINGS = f"SET NAMES utf8mb4, SESSION sql_mode = '{MODE}', time_zone = '+00:00', foreign_key_checks = 0"
# No such table, view or routine yet: it may come with a later one.
_NOT_YET = frozenset({1146, 1305, 1356, 1049, 4089, 4091})
_DENIED = frozenset({1227, 1044, 1142, 1370, 1410})
_IN_THE_PAST = frozenset({1588, 1544})
_PROGRAMS = ("trigger", "procedure", "function", "package", "package body", "event", "view")
# Each needs those before it; the texts of programs are checked when they run.
ORDER = ("sequence", "table", "package", "package body", "function", "procedure", "view", "trigger", "event")


@dataclass(slots=True)
class Maker:
    """Makes objects in a database through a session; `notes` say what could not be made as it was.

    `origin` is the database that the texts come from. `forget` is an account that does not count as a definer: that of
    the migrator, where the session's own takes its place. `awake`: the server runs events, and they are made disabled.
    """

    connection: Connection
    database: str
    origin: str
    forget: str = ""
    awake: bool = False
    notes: list[str] = field(default_factory=list)
    _collation: str = ""

    def prepare(self) -> None:
        """Set the session up to make objects and write rows."""
        fetch(self.connection, f"USE {quote(self.database)}")
        fetch(self.connection, _SETTINGS)
        self._collation = str(fetch(self.connection, "SELECT @@collation_database")[0][0])
        # MariaDB's own; where they are not known, nothing of the kind is checked or kept.
        for setting in ("check_constraint_checks = 0", "system_versioning_insert_history = 1"):
            with suppress(pymysql.Error):
                fetch(self.connection, f"SET SESSION {setting}")

    def make(self, items: Iterable[Stored]) -> None:
        """Make the objects, each after those that it needs. Raises ShadowFailed."""
        own, waiting = self._collation, list(items)
        for kind in ORDER:
            self._make_kind([item for item in waiting if item.kind == kind])
        self._collate(own)

    def _make_kind(self, items: Sequence[Stored]) -> None:
        """Views may need one another: those that cannot be made yet are tried again."""
        while items:
            left, error = self._tried(items)
            if len(left) == len(items):
                raise _refused(left[0], error)
            items = left

    def _tried(self, items: Sequence[Stored]) -> tuple[list[Stored], pymysql.Error | None]:
        left: list[Stored] = []
        last = None
        for item in items:
            try:
                self._make(item)
            except pymysql.Error as error:
                if not _is(error, _NOT_YET):
                    raise _refused(item, error) from error
                left.append(item)
                last = last or error
        return left, last

    def _make(self, item: Stored) -> None:
        sql = self.sql(item)
        try:
            self._run(item, sql)
        except pymysql.Error as error:
            definer = definer_of(read(sql))
            if _is(error, _IN_THE_PAST):
                self.notes.append(f"The event {item.name} was due in the past, and is left out.")
            elif definer and _is(error, _DENIED):
                self.notes.append(f"The {item.kind} {item.name} belongs to {'@'.join(definer)} on the target.")
                self._run(item, without_definer(sql))
            else:
                raise

    def sql(self, item: Stored) -> str:
        """The statement that makes the object here."""
        sql = (asleep(item) if self.awake else item).text
        if item.kind in {"table", "view"}:
            sql = without_database(sql, self.origin).replace(HERE, "")
        return without_definer(sql) if "@".join(definer_of(read(sql))) == self.forget else sql

    def _run(self, item: Stored, sql: str) -> None:
        if item.kind not in _PROGRAMS:
            fetch(self.connection, sql)
            return
        settings = dict(item.session)
        self._collate(settings.pop("Database Collation", ""))
        changed = ", ".join(f"{name} = {literal(text)}" for name, text in settings.items())
        fetch(self.connection, f"SET SESSION {changed}")
        try:
            # The server reads the text in the character set of the session that made it.
            encoded = sql.encode(_codec(settings["character_set_client"]))
            self.connection.query(encoded)
        finally:
            fetch(self.connection, _SETTINGS)

    def _collate(self, collation: str) -> None:
        """Give the database the collation that it had when a program was made: the program keeps it."""
        if collation and collation != self._collation:
            fetch(self.connection, f"ALTER DATABASE {quote(self.database)} COLLATE {collation}")
            self._collation = collation


def _codec(charset: str) -> str:
    try:
        return codecs.lookup(charset_by_name(charset).encoding or "utf8").name
    except (LookupError, KeyError):
        return "utf8"


def _is(error: pymysql.Error, numbers: frozenset[int]) -> bool:
    return bool(error.args) and error.args[0] in numbers


def _refused(item: Stored, error: pymysql.Error | None) -> ShadowFailed:
    return ShadowFailed(
        f"The {item.kind} {item.name} cannot be made on the shadow: {message(error) if error else 'it is refused'}.",
        hint="Mend it on the target, or rehearse from an empty database: --from empty.",
        object=f"{item.kind} {item.name}",
    )


def without_definer(sql: str) -> str:
    """A text that makes an object of the session's own account."""
    text = read(sql)
    places = definer_places(text)
    return sql[: text.tokens[text.find("DEFINER", "=")].start] + sql[places[-1][1] :] if places else sql


def asleep(item: Stored) -> Stored:
    """An event that the server does not run; anything else as it is."""
    text = read(item.text) if item.kind == "event" else Text("")
    head = text.until(text.find("DO"))
    status = head.find("ENABLE")
    if status == len(head.tokens):
        return item
    sql = item.text[: head.tokens[status].start] + "DISABLE ON SLAVE" + item.text[head.tokens[status].end :]
    return replace(item, text=sql, more={**item.more, "status": "SLAVESIDE_DISABLED"})


def drop(item: Stored) -> str:
    """The statement that removes an object."""
    return f"DROP {item.kind.upper()} IF EXISTS {quote(item.name)}"
