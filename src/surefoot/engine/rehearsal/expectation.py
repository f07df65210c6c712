"""How long locks would stand in an application's way on the real tables: pure, from what was measured and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from surefoot.engine.effects import Effect, Lock, TableSize
from surefoot.engine.findings import Finding, Level

Sizes = Mapping[str, TableSize]

# PostgreSQL's modes, and MariaDB's and MySQL's words, by what nobody else can do meanwhile.
BLOCKS_READS = frozenset({"AccessExclusiveLock", "EXCLUSIVE"})
BLOCKS_WRITES = BLOCKS_READS | {"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "SHARED"}

# Assumptions, in bytes a second, to tell seconds from hours. On 3 million rows (361 MiB, 467 MiB with three indexes)
# PostgreSQL 18 in memory on 2 cores did: a rewrite 109 to 157 MiB of table and indexes, a scan 770 to 3,700, an index
# 72 (text) to 650 (sorted numbers), an UPDATE of all rows 27. A disk reads some 500 at best, and production has other
# things to do as well.
_MIB = 1 << 20
REWRITE_RATE = 100 * _MIB
SCAN_RATE = 500 * _MIB
BUILD_RATE = 75 * _MIB
CHANGE_RATE = 25 * _MIB

_NO_TABLES = ("index ", "view ", "sequence ", "type ")


@dataclass(frozen=True, slots=True)
class Work:
    """What takes its time with a table: `what` is done, in `seconds`; None where the table's size is not known."""

    what: str
    table: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """A lock that blocks an application, from the statement that takes it to the end of its transaction.

    `seconds` is the time of all work meanwhile, as far as sizes are known; `unknown` are the tables whose size is not.
    An empty `works` means that it takes an instant.
    """

    lock: str
    relation: str
    mode: str
    size: TableSize | None
    works: tuple[Work, ...]
    effect: Effect

    @property
    def blocks_reads(self) -> bool:
        """Whether nobody reads the relation meanwhile; nobody writes it in any case."""
        return self.mode in BLOCKS_READS

    @property
    def seconds(self) -> float:
        """The time of all work whose tables have a known size."""
        return sum(work.seconds or 0.0 for work in self.works)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The tables with which something is done, nobody knows for how long."""
        return tuple(dict.fromkeys(work.table for work in self.works if work.seconds is None))

    @property
    def text(self) -> str:
        """The lock, the size of what it is on, what is done meanwhile, and how long that takes, as a sentence."""
        who = "nobody reads or writes it" if self.blocks_reads else "nobody writes it"
        return f"{self.mode} on {self.lock}{_size(self)}{_works(self)}: {_time(self)} during which {who}"


def is_table(relation: str) -> bool:
    """Whether an effect's name of a relation is a table's."""
    return not relation.startswith(_NO_TABLES)


def expect(effects: Sequence[Effect], sizes: Sizes) -> tuple[Expectation, ...]:
    """Every blocking lock of a migration, in the order in which they are taken.

    One that is held while later statements run counts their time as well.
    """
    done: list[Expectation] = []
    held: dict[tuple[str, str], Expectation] = {}
    for effect in effects:
        works = tuple(_work(effect, sizes))
        now = {}
        for key, (relation, taken) in _blocking(effect).items():
            begun = held.get(key)
            if begun is None or taken:
                begun = Expectation(key[0], relation, key[1], sizes.get(relation), (), effect)
            now[key] = replace(begun, works=begun.works + works)
        done += [expectation for key, expectation in held.items() if key not in now or now[key].effect is effect]
        held = now
    return tuple(sorted([*done, *held.values()], key=lambda expectation: expectation.effect.position))


def _blocking(effect: Effect) -> dict[tuple[str, str], tuple[str, bool]]:
    """The relation and whether it is new, of each blocking lock, by what is locked and how.

    Every query locks all indexes of its tables: who holds one exclusively keeps everybody from reading the table.
    """
    found = {}
    for lock in effect.locks:
        if lock.mode in BLOCKS_WRITES and not lock.relation.startswith("index "):
            found[lock.relation, lock.mode] = lock.relation, lock.taken
        elif lock.mode in BLOCKS_READS:
            found |= {(f"an index of {table}", lock.mode): (table, lock.taken) for table in effect.builds}
    return {key: each for key, each in found.items() if key[0] == each[0] or (each[0], key[1]) not in found}


def _work(effect: Effect, sizes: Sizes) -> Iterator[Work]:
    rewritten = [each for each in effect.rewrites if is_table(each)]
    for table in rewritten:
        yield _timed("a full rewrite", table, sizes, REWRITE_RATE, whole=True)
    for table in effect.builds:
        if table not in rewritten:
            yield _timed("an index build", table, sizes, BUILD_RATE)
    # Where the server counts rows it is no DDL, and what it scans under this lock it may change.
    changes = effect.rows is not None
    changed = {lock.relation for lock in effect.locks if changes and lock.mode == "RowExclusiveLock"}
    for table in effect.scans:
        if table in changed:
            yield _timed("a change of rows", table, sizes, CHANGE_RATE, whole=True)
        elif table not in rewritten and table not in effect.builds:
            yield _timed("a full scan", table, sizes, SCAN_RATE)


def _timed(what: str, table: str, sizes: Sizes, rate: int, *, whole: bool = False) -> Work:
    size = sizes.get(table)
    seconds = None if size is None else (size.total_bytes if whole else size.table_bytes) / rate
    return Work(what, table, seconds)


def waits(effects: Iterable[Effect], version: str = "") -> list[Finding]:
    """Warnings about locks that are held while a later statement works: dangerous at any size."""
    return [
        Finding(
            "lock-held-while-working",
            Level.WARNING,
            f"{held[0].mode} on {held[0].relation} is held, by an earlier statement of this transaction, during "
            f"{_listed([f'{work.what} of {work.table}' for work in works])}.",
            "Give the statements migrations of their own: the lock then ends before the work begins.",
            effect.path,
            effect.line,
            version,
        )
        for effect in effects
        if (held := [lock for lock in effect.locks if _held_on_table(lock)]) and (works := list(_work(effect, {})))
    ]


def _held_on_table(lock: Lock) -> bool:
    return not lock.taken and lock.mode in BLOCKS_WRITES and is_table(lock.relation)


def size_words(size: TableSize | None) -> str:
    """A table's size for a person: `41.0 GiB, 120 M rows`."""
    if size is None:
        return "size unknown"
    return f"{byte_words(size.total_bytes)}, {_row_words(size.rows)}"


def byte_words(count: float) -> str:
    """A number of bytes for a person."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} bytes" if unit == "bytes" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def _row_words(rows: int | None) -> str:
    if rows is None:
        return "rows unknown"
    for unit, factor in (("M", 1_000_000), ("k", 1_000)):
        if rows >= factor:
            return f"{rows / factor:.{0 if rows >= 10 * factor else 1}f} {unit} rows"
    return f"{rows} rows" if rows != 1 else "1 row"


def duration_words(seconds: float) -> str:
    """A duration for a person, as exact as an assumption can be."""
    if seconds < 1:
        return "less than a second"
    for unit, length, enough in (("second", 1, 90), ("minute", 60, 90), ("hour", 3600, 48)):
        count = round(seconds / length)
        if count < enough:
            return f"about {count} {unit}{'s' if count != 1 else ''}"
    return f"about {round(seconds / 86400)} days"


def _size(expectation: Expectation) -> str:
    return f" ({size_words(expectation.size)})" if is_table(expectation.relation) else ""


def _works(expectation: Expectation) -> str:
    if not expectation.works:
        return ""
    whats = [
        work.what if work.table == expectation.lock else f"{work.what} of {work.table}" for work in expectation.works
    ]
    return f" with {_listed(list(dict.fromkeys(whats)))}"


def _time(expectation: Expectation) -> str:
    if not expectation.works:
        return "an instant"
    if not expectation.unknown:
        return f"expect {duration_words(expectation.seconds)}"
    more = f"expect {duration_words(expectation.seconds)} and more" if expectation.seconds else "a time"
    return f"{more} that nobody knows (how large is {_listed(list(expectation.unknown))}?)"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
