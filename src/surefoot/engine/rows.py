"""The rows of tables before and after, and which of them were lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class TableRows:
    """What a table held at one moment, as texts.

    `rows` are all of its rows, each as the texts of `columns`, in any order. Where the table has too many to keep,
    `rows` is None, and `sums` has for each column the sum of its values' hashes.
    """

    columns: tuple[str, ...]
    count: int
    rows: tuple[Row, ...] | None = None
    sums: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows of a table that were there, and are not any more as they were.

    `rows` of `of` rows are gone, or changed in `columns`; no columns are named where whole rows are gone. A sequence is
    a table of one row with the column `last_value`.
    """

    table: str
    rows: int
    of: int
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A table into which no rows could be generated, and why."""

    table: str
    reason: str
