"""The rows of tables before and after, and which of them were lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class TableRows:
    """What a table held at one moment, as texts.

    `rows` are all of its rows, each as the texts of `columns`, in any order. Where the table has too many to keep,
    `rows` is None, and `sums` has for each column the sum of its values' hashes; under the empty name it may have the
    sum of the hashes of whole rows.
    """

    columns: tuple[str, ...]
    count: int
    rows: tuple[Row, ...] | None = None
    sums: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows of a table that were there, and are not any more as they were.

    `rows` of `of` rows are gone, or changed in `columns`; no columns are named where whole rows are gone. A sequence is
    a table of one row with the column `last_value`. Of a table of which only sums are known, all rows count as changed.
    `left` rows are there that neither were before nor were written since: the up made them, and the down left them.
    """

    table: str
    rows: int
    of: int
    columns: tuple[str, ...] = ()
    left: int = 0


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A table into which no rows could be generated, and why."""

    table: str
    reason: str


@dataclass(frozen=True, slots=True)
class Touched:
    """What became of a table's rows: so many are new, gone, or changed in `columns`.

    Of a table of which only sums are known, all rows count as changed.
    """

    table: str
    added: int = 0
    gone: int = 0
    altered: int = 0
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Match:
    """Two states of a table, held against each other. Of the rows that were added, the up had made `stayed`."""

    added: int
    gone: int
    altered: int
    columns: tuple[str, ...]
    stayed: int = 0


_NONE: Mapping[str, TableRows] = {}
# More rows are not held against one another: that would take seconds.
_MOST_PAIRS = 500 * 500


def losses(
    before: Mapping[str, TableRows],
    after: Mapping[str, TableRows],
    written: Mapping[str, TableRows] = _NONE,
    upped: Mapping[str, TableRows] = _NONE,
) -> list[Loss]:
    """What a way back lost: of the rows before the up, and of those that were written between the up and the down.

    `before` are the rows before the up, and `after` those after the down: the same rows have to be there, and no others
    but those that were written. `upped` are the rows that the up left, and `written` those just before the down: as
    many as came in between have to be there as well, whatever the down made of them. Where `upped` has not a table, it
    counts as unchanged by the up. Tables that were not there before the up count for nothing.
    """
    found: list[Loss] = []
    for table, old in sorted(before.items()):
        new = after.get(table)
        if new is old and written.get(table, old) is old:
            # Nothing ran that could have written to it.
            continue
        if new is None:
            found += [Loss(table, old.count, old.count)] if old.count else []
        elif is_sequence(old) and is_sequence(new):
            found += [Loss(table, 1, 1, old.columns)] if _step(old, new) < 0 else []
        else:
            between = _Between(upped.get(table, old), written.get(table, upped.get(table, old)))
            found += _lost(table, old, new, between, _came_home(old, before, upped, written))
    return found


def _came_home(
    old: TableRows, before: Mapping[str, TableRows], upped: Mapping[str, TableRows], written: Mapping[str, TableRows]
) -> Counter[Row]:
    """Rows that were written into tables that the up made, as they look in the table `old`.

    The down may put them there: a rename taken back, a partition dissolved.
    """
    found: Counter[Row] = Counter()
    for name, held in written.items():
        if name not in before and name in upped and set(old.columns) <= set(held.columns):
            found += _Between(upped[name], held).rows(old.columns)
    return found


def moved(before: Mapping[str, TableRows], after: Mapping[str, TableRows]) -> list[str]:
    """The sequences that have gone on: no transaction and no way back brings a sequence back."""
    return [
        name
        for name, old in sorted(before.items())
        if after.get(name, old) is not old
        and is_sequence(old)
        and is_sequence(after[name])
        and _step(old, after[name]) > 0
    ]


def changed(before: Mapping[str, TableRows], after: Mapping[str, TableRows]) -> list[Touched]:
    """What became of the rows of tables that are in both; of the columns, those that are in both are compared."""
    found: list[Touched] = []
    for table, old in sorted(before.items()):
        new = after.get(table)
        if new is not None and not is_sequence(old):
            both = tuple(name for name in old.columns if name in new.columns)
            match = _match(old, new, both, _Between(old, old))
            if match != _Match(0, 0, 0, ()):
                found.append(Touched(table, match.added, match.gone, match.altered, match.columns))
    return found


def is_sequence(held: TableRows) -> bool:
    """Whether these are the rows of a sequence."""
    if held.columns != ("last_value",) or not held.rows or held.count != 1:
        return False
    value = held.rows[0][0]
    return value is None or value.removeprefix("-").isdecimal()


@dataclass(frozen=True, slots=True)
class _Between:
    """A table after the up and before the down: what was written in between is the difference."""

    upped: TableRows
    written: TableRows

    @property
    def count(self) -> int:
        return max(0, self.written.count - self.upped.count)

    def rows(self, columns: Sequence[str]) -> Counter[Row]:
        """The rows that were written, on these columns; those that are known."""
        return Counter(_projected(self.written, columns)) - Counter(_projected(self.upped, columns))

    def sum(self, column: str) -> int | None:
        """What the rows that were written add to the column's sum; None where that is not known."""
        if self.upped == self.written:
            return 0
        first, second = (self.upped.sums or {}).get(column), (self.written.sums or {}).get(column)
        return None if first is None or second is None else second - first

    def has_whole_rows(self, columns: Sequence[str]) -> bool:
        """Whether the sums of whole rows are those of rows with these columns."""
        if self.upped == self.written:
            return True
        known = all("" in (held.sums or ()) for held in (self.upped, self.written))
        return known and set(self.written.columns) == set(self.upped.columns) == set(columns)


def _lost(table: str, old: TableRows, new: TableRows, between: _Between, home: Counter[Row]) -> Iterator[Loss]:
    match = _match(old, new, old.columns, between)
    if match.gone:
        yield Loss(table, match.gone, old.count)
    if match.altered:
        yield Loss(table, match.altered, old.count, match.columns)
    missing, came = old.count + between.count - new.count - match.gone, 0
    if missing > 0:
        yield Loss(table, missing, old.count + between.count)
    elif missing < 0 and not match.gone:
        came = (home & Counter(_projected(new, old.columns))).total() if new.rows is not None else home.total()
    # As many as there should be, and not those that should be there: the down took others than the up had made.
    left = max(match.stayed, -missing - came if not match.gone else 0)
    if left > 0:
        yield Loss(table, 0, old.count, left=left)


def _step(old: TableRows, new: TableRows) -> int:
    """How far a sequence has gone: 1 on, -1 back; one that was never used has no value."""
    first, second = _position(old), _position(new)
    return (second > first) - (second < first)


def _position(held: TableRows) -> float:
    value = held.rows[0][0] if held.rows else None
    return float("-inf") if value is None else int(value)


def _match(old: TableRows, new: TableRows, columns: Sequence[str], between: _Between) -> _Match:
    if old.rows is not None and new.rows is not None:
        return _match_rows(_projected(old, columns), _projected(new, columns), columns, between)
    gone = max(0, old.count - new.count)
    added = max(0, new.count - old.count)
    if old.sums is None or new.sums is None:
        # One state is known row by row and the other by sums: nobody can say that the rows are still there.
        return _Match(added, gone or old.count, 0, ())
    if gone:
        return _Match(0, gone, 0, ())
    wrong = tuple(name for name in columns if not _same_sum(old, new, name, between))
    # Each column has its values, and yet the rows are others: values have changed places.
    if (
        not wrong
        and set(old.columns) == set(new.columns)
        and between.has_whole_rows(old.columns)
        and not _same_sum(old, new, "", between)
    ):
        wrong = tuple(columns)
    return _Match(added, 0, old.count if wrong else 0, wrong)


def _same_sum(old: TableRows, new: TableRows, column: str, between: _Between) -> bool:
    first, second, added = (old.sums or {}).get(column), (new.sums or {}).get(column), between.sum(column)
    return added is not None and second == (None if first is None else first + added)


def _projected(held: TableRows, columns: Sequence[str]) -> list[Row]:
    """The rows on these columns; a column that is not there is NULL."""
    places = [held.columns.index(name) if name in held.columns else None for name in columns]
    return [tuple(None if place is None else row[place] for place in places) for row in held.rows or ()]


def _match_rows(old: list[Row], new: list[Row], columns: Sequence[str], between: _Between) -> _Match:
    gone = list((Counter(old) - Counter(new)).elements())
    extra = list((Counter(new) - Counter(old)).elements())
    # A row that was written since is no other row that has changed.
    others = Counter(extra) - between.rows(columns)
    pairs = _paired(gone, list(others.elements()), _key_places(old, new, len(columns)))
    made = Counter(_projected(between.upped, columns)) - Counter(old)
    stayed = (others - Counter(second for _first, second in pairs)) & made
    places = {place for first, second in pairs for place in range(len(columns)) if first[place] != second[place]}
    names = tuple(name for place, name in enumerate(columns) if place in places)
    return _Match(len(extra) - len(pairs), len(gone) - len(pairs), len(pairs), names, stayed.total())


def _key_places(old: list[Row], new: list[Row], width: int) -> list[int]:
    """The columns that tell all rows apart, before and after."""
    return [place for place in range(width) if _distinct(old, place) and _distinct(new, place)]


def _distinct(rows: list[Row], place: int) -> bool:
    values = {row[place] for row in rows}
    return None not in values and len(values) == len(rows)


def _paired(gone: list[Row], extra: list[Row], keys: Sequence[int]) -> list[tuple[Row, Row]]:
    """Each row that is gone with the one that it has become, where one is like it.

    The first column that tells rows apart decides, where it has kept any value; else at least half of a row has to be
    the same, unless there are very many.
    """
    pairs: list[tuple[Row, Row]] = []
    for place in keys:
        by_key = {row[place]: row for row in extra}
        pairs += [(row, by_key[row[place]]) for row in gone if row[place] in by_key]
        if pairs:
            break
    paired_old, paired_new = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    left = list((Counter(extra) - paired_new).elements())
    if len(gone) * len(left) > _MOST_PAIRS:
        return pairs
    for row in (Counter(gone) - paired_old).elements():
        likest = max(left, key=lambda other: _alike(row, other), default=None)
        if likest is not None and 2 * _alike(row, likest) >= len(row):
            pairs.append((row, likest))
            left.remove(likest)
    return pairs


def _alike(first: Row, second: Row) -> int:
    return sum(a == b for a, b in zip(first, second, strict=True))
