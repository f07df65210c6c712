"""Other values, for a row that the database refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.model import Column, Family, Hints, Special, Value
from surefoot.engine.dialects.generate.values import constant

Make = Callable[..., Value]
# What checks are most often content with, where their text does not say it.
_USUAL: dict[Family, tuple[Value, ...]] = {
    Family.INTEGER: (0, 1, -1, 2, 3, 10, 100, 1000, 2000),
    Family.DECIMAL: ("0", "1", "-1", "0.5", "10", "100"),
    Family.FLOAT: ("0", "1", "-1", "0.5", "10", "100"),
    Family.JSON: ("{}", "[]", '"a"', "1", "true", "[1]", '{"a": 1}', "null"),
    Family.DATE: ("2000-01-01", "2024-01-31", "1970-01-01", "2100-01-01"),
    Family.DATETIME: ("2000-01-01 00:00:00", "2024-01-31 12:00:00", "1970-01-02 00:00:00", "2100-01-01 00:00:00"),
}
_TEXTS = (
    "",
    *("a{n}", "A{n}", "{n}", "user{n}@example.org", "https://example.org/{n}", "/a/{n}", "a{n}.example.org"),
    *("+49170{n:06d}", "#{n:06x}", "en", "US", "EUR", "en-US", "UTC", "10.0.0.{n}", "{{{n}}}", "{{}}", "{n:064x}"),
    "1.{n}.0",
)


def nothing(column: Column, draw: Draw) -> bool:
    """Whether the column is NULL in this row: every third time or so, more often when it is tried again."""
    if not column.nullable or draw.plain:
        return column.nullable and draw.attempt > 2 and draw.below(4, "null") == 0
    if draw.attempt == 0:
        often = _how_often(column)
        return (draw.number + _offset(draw)) % often == often - 1
    return draw.below(3, "null") < 1 + draw.attempt % 2


def _how_often(column: Column) -> int:
    # The labels of an enum are more than two as a rule, and have to have their turn.
    return 5 if column.kind.family is Family.CHOICE else 3


def _offset(draw: Draw) -> int:
    return Draw(draw.key, 0).below(3, "null")


def _among_filled(column: Column, draw: Draw) -> Draw:
    """The draw with the number of this row among those that are not NULL, so that all labels of an enum have a turn."""
    if not column.nullable or draw.plain:
        return draw
    return replace(draw, number=draw.number - (draw.number + _offset(draw)) // _how_often(column))


def varied(column: Column, draw: Draw, make: Make) -> Value:
    """A value for the column: the first time one that should do, and then one of all that comes to mind."""
    if nothing(column, draw):
        return None
    if column.serial or (column.has_default and draw.attempt > 1 and draw.below(6, "default") == 0):
        return Special.DEFAULT if draw.attempt < 4 or draw.attempt % 2 else make(column.kind, draw)
    if draw.attempt == 0:
        return make(column.kind, _among_filled(column, draw))
    options = [make(column.kind, draw), _simple(column, draw, make), *_constants(column, draw), *_usual(column, draw)]
    # By turns something that comes next and anything: one column alone finds its value, and so do several together.
    chosen = options[draw.attempt // 2 % len(options)] if draw.attempt % 2 else draw.choose(options, "option")
    fits = column.kind.family is Family.TEXT and isinstance(chosen, str)
    return str(chosen)[: column.kind.length] if fits else chosen


def _simple(column: Column, draw: Draw, make: Make) -> Value:
    """One that disregards the hints, which may have been misunderstood."""
    return make(replace(column.kind, hints=Hints()), replace(draw, plain=True))


def _constants(column: Column, draw: Draw) -> list[Value]:
    """The constants of the checks, and what is just beside them."""
    if column.kind.family in {Family.JSON, Family.BOOLEAN}:
        return []
    found = [constant(column.kind, text) for text in column.kind.hints.constants]
    return [each + draw.below(3, "beside") - 1 if isinstance(each, int) else each for each in found]


def _usual(column: Column, draw: Draw) -> Sequence[Value]:
    if column.kind.family is Family.TEXT:
        return [text.format(n=draw.serial) for text in _TEXTS]
    return _USUAL.get(column.kind.family, ())
