"""Filling tables: rows are made, the database accepts or refuses them, and refused ones are made anew.

Everything is bounded: so many tries for a row, and a table that refuses all of them is reported and left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.hints import merged
from surefoot.engine.dialects.generate.model import Column, ForeignKey, Hints, Row, Table, Value
from surefoot.engine.dialects.generate.order import order, required
from surefoot.engine.dialects.generate.values import value
from surefoot.engine.dialects.generate.vary import Make, nothing, varied
from surefoot.engine.rows import Unfilled

# How often a row that the database refuses is made anew. A check that says of six columns which are NULL needs about a
# hundred; a try takes less than a millisecond.
TRIES = 200
# An explicit number for a row whose number would be the database's: beyond those that it gives soon.
_BEYOND = 30000

Parents = Mapping[ForeignKey, Sequence[tuple[Value, ...]]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the database refused rows: in words, and the columns that it is about; none where that is not known.

    `hopeless`: no other row would do (a statement that takes too long, a function that is not there).
    """

    reason: str
    columns: tuple[str, ...] = ()
    hopeless: bool = False


class Sink(Protocol):
    """The database, as generated rows see it."""

    def count(self, table: Table) -> int:
        """How many rows the table has; the new ones are numbered on from there."""

    def parents(self, key: ForeignKey) -> Sequence[tuple[Value, ...]]:
        """Values of `key.references` in `key.table`, without NULL: some hundred, always in the same order."""

    def insert(self, rows: Sequence[tuple[Table, Sequence[Row]]]) -> Refusal | None:
        """Insert all of the rows, or none and say why; foreign keys hold when all are there.

        A row names every column of its table, and all rows of a table name the same columns; `Special.DEFAULT` leaves
        a value to the database.
        """


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: so many rows for each table, of this seed. `plain` rows hold no NULL, and short texts."""

    count: int
    seed: str
    plain: bool = False


def fill(tables: Iterable[Table], asked: Asked, sink: Sink, make: Make = value) -> tuple[Unfilled, ...]:
    """Write generated rows into each of the tables; returns those that did not get all of them, and why.

    `make` makes a value of a `Kind` for a `Draw`: `values.value`, or a dialect's own that knows more types. The same
    seed and tables, with the same rows in them, give the same rows.
    """
    filler = _Filler(asked, sink, make)
    plan = order(tables)
    for group in plan.groups:
        filler.begin(group)
        for table in group:
            filler.up_to(table, (asked.count + 1) // 2 if table.name in plan.again else asked.count)
    for table in (table for group in plan.groups for table in group):
        filler.up_to(table, asked.count)
    return tuple(Unfilled(name, reason) for name, reason in sorted(filler.failed.items()))


class _Filler:
    """Fills one table after the other; `failed` says why a table was given up."""

    def __init__(self, asked: Asked, sink: Sink, make: Make) -> None:
        self.failed: dict[str, str] = {}
        self._asked = asked
        self._sink = sink
        self._make = make
        self._done: Counter[str] = Counter()

    def begin(self, group: Sequence[Table]) -> None:
        """Write the first rows of tables that need one another, all at once; does nothing where they have some."""
        inside = {table.name for table in group}
        needed = [key for table in group for key in required(table) if key.table in inside]
        if all(self._sink.parents(key) for key in needed):
            return
        makers = [self._maker(table) for table in group]
        attempts: Counter[str] = Counter()
        for _ in range(TRIES):
            refusal = self._sink.insert(_linked(makers, attempts))
            if refusal is None:
                self._done.update(inside)
                return
            if refusal.hopeless:
                break
            attempts.update(refusal.columns or _suspects(group, attempts))
        self.failed |= dict.fromkeys(inside, refusal.reason if refusal else "")

    def up_to(self, table: Table, goal: int) -> None:
        """Write rows until so many were written."""
        missing = goal - self._done[table.name]
        if missing <= 0 or table.name in self.failed:
            return
        maker = self._maker(table)
        reason = maker.impossible() or self._write(maker, missing)
        if reason:
            written = f"{self._done[table.name]} of {self._asked.count} rows: " if self._done[table.name] else ""
            self.failed[table.name] = f"{written}{reason}"

    def _maker(self, table: Table) -> _Maker:
        parents = {key: self._sink.parents(key) for key in table.foreign_keys}
        return _Maker(table, self._asked, self._make, parents, self._sink.count(table))

    def _write(self, maker: _Maker, missing: int) -> str:
        table = maker.table
        rows = [maker.row(index, Counter()) for index in range(missing)]
        refusal = self._sink.insert([(table, rows)])
        if refusal is None or refusal.hopeless:
            self._done[table.name] += 0 if refusal else missing
            return refusal.reason if refusal else ""
        template: Row = {}
        for index in range(missing):
            accepted = self._try(maker, index, template)
            if isinstance(accepted, Refusal):
                return accepted.reason
            template = accepted
            self._done[table.name] += 1
        return ""

    def _try(self, maker: _Maker, index: int, template: Row) -> Row | Refusal:
        attempts: Counter[str] = Counter()
        for _ in range(TRIES):
            row = maker.row(index, attempts, template)
            refusal = self._sink.insert([(maker.table, [row])])
            if refusal is None:
                return row
            if refusal.hopeless:
                break
            attempts.update(refusal.columns or _suspects([maker.table], attempts))
        return refusal or Refusal("")


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the rows of one table; the first one has the number `first`."""

    table: Table
    asked: Asked
    make: Make
    parents: Parents
    first: int

    def impossible(self) -> str:
        """Why no row can be made, if none can."""
        missing = [key.table for key in required(self.table) if not self.parents[key]]
        return f"it refers to {missing[0]}, which has no rows" if missing else ""

    def row(self, index: int, attempts: Counter[str], template: Row | None = None, *, own: bool = False) -> Row:
        """The row of this index. `attempts` counts for each column how often the row was refused because of it.

        `template` is a row that was accepted; `own`: nothing is left to the database.
        """
        number = self.first + index
        row: Row = {}
        for position, key in enumerate(sorted(self.table.foreign_keys, key=lambda each: -len(each.columns))):
            self._refer(row, key, self._draw(",".join(key.columns), number, _most(attempts, key.columns)), position)
        aim = self._aim(number, attempts)
        for column in self.table.columns:
            if column.name in row:
                continue
            attempt = attempts[column.name]
            if template and attempt % 4 == 3 and not self._is_key(column):
                row[column.name] = template[column.name]
            else:
                row[column.name] = self._cell(_aimed(column, aim), self._draw(column.name, number, attempt), own=own)
        return {column.name: row[column.name] for column in self.table.columns}

    def _draw(self, name: str, number: int, attempt: int) -> Draw:
        return Draw(f"{self.asked.seed}\0{self.table.name}\0{name}", number, attempt, self.asked.plain)

    def _cell(self, column: Column, draw: Draw, *, own: bool) -> Value:
        if own and column.serial:
            return _BEYOND + draw.serial
        return varied(column, draw, self.make)

    def _is_key(self, column: Column) -> bool:
        return column.serial or any(column.name in key for key in self.table.keys)

    def _aim(self, number: int, attempts: Counter[str]) -> Mapping[str, Hints]:
        if not self.table.aims:
            return {}
        attempt = _most(attempts, {name for aim in self.table.aims for name in aim})
        return self.table.aims[(number + attempt) % len(self.table.aims)]

    def _refer(self, row: Row, key: ForeignKey, draw: Draw, position: int) -> None:
        """Let the row refer to one that is there, or to none where that is allowed."""
        fitting = [
            found
            for found in self.parents[key]
            if all(row.get(name, part) == part for name, part in zip(key.columns, found, strict=True))
        ]
        free = [each for each in self.table.columns if each.name in key.columns and each.name not in row]
        open_ones = [each for each in free if each.nullable]
        if open_ones and (not fitting or nothing(open_ones[0], draw)) and (not key.full or open_ones == free):
            row.update(dict.fromkeys((each.name for each in open_ones), None))
        elif fitting:
            turn = draw.number + position * (draw.number // len(fitting))
            index = draw.below(len(fitting)) if draw.attempt else turn % len(fitting)
            row.update(zip(key.columns, fitting[index], strict=True))


def _suspects(tables: Sequence[Table], attempts: Counter[str]) -> Collection[str]:
    """What to change where the database does not say: what was changed before, and now and then everything."""
    if attempts and max(attempts.values()) % 4:
        return [name for name, count in attempts.items() if count]
    return {column.name for table in tables for column in table.columns}


def _most(attempts: Counter[str], names: Iterable[str]) -> int:
    return max((attempts[name] for name in names), default=0)


def _aimed(column: Column, aim: Mapping[str, Hints]) -> Column:
    if column.name not in aim:
        return column
    return replace(column, kind=replace(column.kind, hints=merged([column.kind.hints, aim[column.name]])))


def _linked(makers: Sequence[_Maker], attempts: Counter[str]) -> list[tuple[Table, list[Row]]]:
    """One row for each table, which refer to one another."""
    rows = {maker.table.name: maker.row(0, attempts, own=True) for maker in makers}
    # Twice: what one row refers to may itself be a reference.
    for maker in [*makers, *makers]:
        for key in required(maker.table):
            if key.table in rows:
                found = [rows[key.table][name] for name in key.references]
                rows[maker.table.name].update(zip(key.columns, found, strict=True))
    return [(maker.table, [rows[maker.table.name]]) for maker in makers]
