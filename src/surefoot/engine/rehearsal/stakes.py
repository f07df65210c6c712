"""The rows that a rehearsal puts at stake: generated before each up, written after it, and counted after the down."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from surefoot.engine.dialects.shadow import Shadow
from surefoot.engine.rows import TableRows, Unfilled, is_sequence
from surefoot.engine.snapshot import Change, Difference, Snapshot

# Where one of these changed, rows of any table may use it.
_EVERYWHERE = frozenset({"enum", "domain", "type", "function", "collation", "cast", "operator", "extension"})
_PARTS = frozenset({"column", "constraint", "trigger", "rule", "policy"})

Rows = dict[str, TableRows]


@dataclass(slots=True)
class Stakes:
    """What is in the tables of the shadow now, as far as it is known.

    `count` rows are generated for each table before its first up, and `between` more are written into each table that a
    migration touched, between its up and its down.

    Tables that no run has written to since they were read are not read again. `touched` are those that the present
    migration has to do with, and `unfilled` those that hold no rows, with the reason.
    """

    shadow: Shadow
    count: int
    between: int = 3
    plain: bool = False
    rows: Rows = field(default_factory=dict)
    unfilled: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    _poor: dict[str, frozenset[str]] = field(default_factory=dict)
    _full: dict[str, int] = field(default_factory=dict)
    _tries: int = 0
    _known: bool = False

    def forget(self, *, plain: bool = False) -> None:
        """Everything may be different now: the state was rewound, and holds no generated rows."""
        self.rows, self._known, self.plain = {}, False, plain
        self._poor, self._full = {}, {}

    def renew(self) -> None:
        """The next migration gets all kinds of rows, whatever this one could stand."""
        if self.plain:
            self.plain, self._poor, self._full = False, {}, {}

    def fill(self, most: int | None = None) -> None:
        """Have rows in every table, and in each of its columns values that differ: else nothing is there to be lost.

        With `most`, so many rows at most.
        """
        self.touched = set()
        count = self.count if most is None else min(most, self.count)
        if not self._known:
            self.read(None)
            self._known = True
        if not count:
            return
        todo = sorted(table for table, held in self.rows.items() if self._wants(table, held))
        if todo:
            self._tries += 1
            failed = self.shadow.fill(count, f"before {self._tries}", todo, plain=self.plain)
            self._reread(todo)
            self._note(failed)
            # What is poor still, no further rows will enrich; what nobody fills stays as it is.
            tried = {table: self.rows[table] for table in todo if table in self.rows}
            self._poor |= {table: poor_columns(held) for table, held in tried.items()}
            self._full |= {table: held.count for table, held in tried.items()}

    def _wants(self, table: str, held: TableRows) -> bool:
        if table in self.unfilled:
            return False
        if is_sequence(held):
            # One that was never used looks like one that was lost and made anew.
            return held.rows == ((None,),) and table not in self._full
        too_few = held.count < self.count and held.count != self._full.get(table)
        return too_few or not poor_columns(held) <= self._poor.get(table, frozenset())

    def _reread(self, filled: Collection[str]) -> None:
        """Read what rows were written to, and the sequences that they may have taken numbers from."""
        self.read({*filled, *(name for name, held in self.rows.items() if is_sequence(held))})

    def write(self, before: Snapshot, after: Snapshot, touched: Iterable[Difference], written: Collection[str]) -> None:
        """Write rows as an application would after the up, into the tables that it changed or made."""
        if not self.between:
            return
        changes = tuple(touched)
        tables = tables_of(before, after, changes, written) & after.orders.keys()
        self.touched |= tables
        # They are others now, and rows may fit that did not.
        self.unfilled = {table: reason for table, reason in self.unfilled.items() if table not in tables}
        todo = sorted(tables - set(_set_free(before, changes)))
        todo = [table for table in todo if not self._too_large(table, before, after)]
        if todo:
            failed = self.shadow.fill(self.between, "after", todo, plain=self.plain)
            self._reread(todo)
            self._note(failed)

    def _too_large(self, table: str, before: Snapshot, after: Snapshot) -> bool:
        """Whether only sums are known of rows that have other columns now: more rows would hide what became of them."""
        known = self.rows.get(table)
        changed = set(before.orders.get(table, ())) != set(after.orders[table])
        return known is not None and known.rows is None and changed

    def read(self, tables: Collection[str] | None) -> None:
        """Read these tables, or all of them; those that are gone are forgotten."""
        found = dict(self.shadow.read_rows(tables))
        kept = {} if tables is None else {name: held for name, held in self.rows.items() if name not in tables}
        self.rows = kept | found

    def _note(self, failed: Iterable[Unfilled]) -> None:
        held = {table for table, held in self.rows.items() if held.count}
        self.unfilled |= {item.table: item.reason for item in failed if item.table not in held}


def poor_columns(held: TableRows) -> frozenset[str]:
    """The columns without two different values that are not NULL: one that is lost and made anew could look alike."""
    if held.rows is None:
        return frozenset()
    return frozenset(
        name
        for name, values in zip(held.columns, zip(*held.rows, strict=True), strict=False)
        if len({*values} - {None}) < 2
    )


def tables_of(
    before: Snapshot, after: Snapshot, differences: Iterable[Difference], written: Collection[str]
) -> set[str]:
    """The tables whose rows a migration may have to do with: those it wrote to, changed or made."""
    found = set(written)
    for difference in differences:
        kind, name = difference.key
        if kind in _EVERYWHERE:
            return set(after.orders)
        facts = after.objects.get(difference.key) or before.objects.get(difference.key) or {}
        if kind == "table":
            found.add(name)
        elif kind == "index":
            found.add(facts.get("table", ""))
        elif kind in _PARTS:
            found.add(name.rpartition(".")[0])
    return found


def _set_free(before: Snapshot, differences: Iterable[Difference]) -> Iterable[str]:
    """Tables whose rows the up freed from another table: an application goes on as if they were not, and we cannot."""
    for difference in differences:
        facts = {fact.name for fact in difference.facts if fact.before is not None and fact.after is None}
        if difference.key.kind == "constraint" and difference.change is Change.REMOVED:
            if before.objects[difference.key].get("type") == "foreign key":
                yield difference.key.name.rpartition(".")[0]
        elif "partition_of" in facts:
            yield difference.key.name


def total(rows: Mapping[str, TableRows]) -> int:
    """How many rows are at stake."""
    return sum(held.count for held in rows.values() if not is_sequence(held))
