"""How the server would carry out a change of a table: tried on an empty table that looks the same.

The cheapest algorithm that the server does not refuse is the one that it takes by itself. The empty tables stay for
the next change: a table that has been changed in the same way is the one that the next change finds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, literal, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.failures import number
from surefoot.engine.dialects.mysql.names import located
from surefoot.engine.dialects.mysql.snapshot import parsed
from surefoot.engine.dialects.mysql.snapshot.clauses import HERE, without_database
from surefoot.engine.dialects.mysql.snapshot.stored import MODE, one_table
from surefoot.engine.dialects.mysql.trace.alteration import Alteration

_LOCKS = ("NONE", "SHARED", "EXCLUSIVE")
_ALGORITHMS = ("INSTANT", "NOCOPY", "INPLACE", "COPY")
# Not supported, with and without a reason; an algorithm that this server does not know (MySQL has no NOCOPY).
_REFUSED = frozenset({1845, 1846, 1800})


@dataclass(frozen=True, slots=True)
class Course:
    """How a change is carried out: by which algorithm, while what is blocked; and whether it builds an index."""

    algorithm: str
    lock: str
    builds: bool


@dataclass(slots=True)
class Probe:
    """Tries changes of the tables of the database `shadow` on tables in the database `clone`, which it makes."""

    connection: Connection
    shadow: str
    clone: str

    def try_out(self, alteration: Alteration, settings: dict[str, object]) -> Course | None:
        """How the server carries the change out; None where it refuses it, and nobody can tell.

        `settings` are those of the session that the change will run in. Raises pymysql.Error, OSError.
        """
        before = self._prepare(alteration)
        changed = ", ".join(f"{name} = {literal(value)}" for name, value in settings.items())
        fetch(self.connection, f"SET SESSION {changed}")
        for algorithm, lock in _courses(alteration):
            try:
                fetch(self.connection, alteration.stating(algorithm, lock))
            except pymysql.Error as error:
                if number(error) in _REFUSED:
                    continue
                return None
            builds = self._indexes(alteration.becomes) - before
            return Course(algorithm, lock or "NONE", builds=bool(builds))
        return None

    def _prepare(self, alteration: Alteration) -> frozenset[tuple[str, str]]:
        """Have an empty table that looks like the one to be changed, and those that it refers to."""
        text = one_table(self.connection, self.shadow, alteration.table)
        try:
            self._ready(alteration, text)
        except pymysql.Error:
            # A table that has another name by now has constraints of the same names.
            fetch(self.connection, f"DROP DATABASE IF EXISTS {quote(self.clone)}")
            self._ready(alteration, text)
        return self._indexes(alteration.table)

    def _ready(self, alteration: Alteration, text: str) -> None:
        fetch(self.connection, f"CREATE DATABASE IF NOT EXISTS {quote(self.clone)}")
        fetch(self.connection, f"USE {quote(self.clone)}")
        fetch(self.connection, f"SET SESSION sql_mode = '{MODE}', foreign_key_checks = 0")
        there = self._tables()
        for other in set(self._others(alteration, text)) - there:
            fetch(self.connection, f"CREATE TABLE {quote(other)} LIKE {quote(self.shadow, other)}")
        if alteration.table not in there or one_table(self.connection, self.clone, alteration.table) != text:
            fetch(self.connection, f"DROP TABLE IF EXISTS {quote(alteration.table)}")
            # What comes from a sequence is looked up in the shadow.
            own = without_database(text, self.shadow).replace(HERE, f"{quote(self.shadow)}.")
            fetch(self.connection, f"SET SESSION sql_mode = '{MODE}'")
            fetch(self.connection, own)

    def _tables(self) -> set[str]:
        query = "SELECT table_name FROM information_schema.TABLES WHERE table_schema = %s"
        return {str(name) for (name,) in fetch(self.connection, query, (self.clone,))}

    def _others(self, alteration: Alteration, text: str) -> Iterator[str]:
        """The tables that foreign keys refer to, the new ones as well."""
        pieces = [piece for sql in (text, *alteration.changes) for piece, _, _ in located(sql)]
        for index, piece in enumerate(pieces[:-1]):
            other = pieces[index + 1].text
            if piece.key == "REFERENCES" and other != alteration.table:
                yield other

    def _indexes(self, table: str) -> frozenset[tuple[str, str]]:
        """The indexes of a table, without their names."""
        found = parsed(table, one_table(self.connection, self.clone, table), self.clone).objects
        return frozenset((facts["type"], facts["columns"]) for key, facts in found if key.kind == "index")


def _courses(alteration: Alteration) -> Iterator[tuple[str, str]]:
    """What to try, the cheapest first; what was stated is not gone beyond, and COPY is what it says."""
    last = _ALGORITHMS.index(alteration.algorithm or "COPY") + 1
    algorithms = ("COPY",) if alteration.algorithm == "COPY" else _ALGORITHMS[:last]
    if "INSTANT" in algorithms:
        yield "INSTANT", ""
    locks = (alteration.lock,) if alteration.lock else _LOCKS
    yield from product([each for each in algorithms if each != "INSTANT"], locks)
