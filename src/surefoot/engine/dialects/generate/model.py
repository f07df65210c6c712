"""What a dialect says of its tables, so that rows can be generated for them.

A dialect reads its catalogue into `Table`s, writes a `Sink` (`fill.py`), and calls `fill.fill`. Nothing here knows a
database: what a column's type allows is said by its `Kind`, what checks allow by `Hints`, and the database itself has
the last word on every row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto


class Special(Enum):
    """A value that is none: `DEFAULT` leaves it to the database (the keyword DEFAULT, or the column left out)."""

    DEFAULT = auto()


# A boolean is True or False (an int, for those who count); decimals, dates, times and JSON are texts.
Value = str | int | bytes | Special | None
Row = dict[str, Value]


class Family(StrEnum):
    """What values of a type look like, whatever a database calls it.

    `OTHER` is for the types that only one dialect has: it makes their values itself (`fill.Make`).
    """

    BOOLEAN = auto()
    INTEGER = auto()
    DECIMAL = auto()
    FLOAT = auto()
    TEXT = auto()
    BYTES = auto()
    BITS = auto()
    DATE = auto()
    TIME = auto()
    DATETIME = auto()
    YEAR = auto()
    UUID = auto()
    JSON = auto()
    CHOICE = auto()
    SET = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Hints:
    """What the text of checks says of a column's values; see `hints.read_hints`. Advice: the database decides.

    `values` are those that it is compared with for equality. `low` and `high` are bounds as they are written, and
    `above` and `below` say that the bound itself is out. `shortest` and `longest` count characters. `patterns` are
    regular expressions, and `likes` patterns of LIKE. `case` is `lower` or `upper`. `constants` are all constants of
    the text.
    """

    values: tuple[str, ...] = ()
    low: str | None = None
    high: str | None = None
    above: bool = False
    below: bool = False
    shortest: int | None = None
    longest: int | None = None
    patterns: tuple[str, ...] = ()
    likes: tuple[str, ...] = ()
    case: str = ""
    constants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """The type of a column.

    `length` is the most characters, bytes or bits that it holds, None without a limit; `fixed`: exactly as many.
    `precision` and `scale` are the digits of a decimal, or for times the digits of a second (`scale`). `low` and
    `high` bound an integer. `labels` are those of a CHOICE or SET. `name` and `parts` are the dialect's own, for OTHER.
    """

    family: Family
    length: int | None = None
    fixed: bool = False
    precision: int | None = None
    scale: int | None = None
    low: int | None = None
    high: int | None = None
    labels: tuple[str, ...] = ()
    name: str = ""
    parts: tuple[Kind, ...] = ()
    hints: Hints = field(default_factory=Hints)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that rows may write; generated ones are left out of a `Table`.

    `serial`: the database numbers the rows itself (identity, a sequence, AUTO_INCREMENT), and is left to it.
    `has_default`: leaving the column out gives something else than NULL.
    """

    name: str
    kind: Kind
    nullable: bool = True
    serial: bool = False
    has_default: bool = False


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns that refer to the rows of `table` by its columns `references`. `full`: all of them are NULL, or none."""

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]
    full: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be filled. `name` is the snapshot's.

    `keys` are the columns of each primary key, unique key or index, and exclusion: what two rows may not have in
    common. `aims` are hints by column, one mapping for each partition: rows go to one after the other.
    """

    name: str
    columns: tuple[Column, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    aims: tuple[Mapping[str, Hints], ...] = ()
