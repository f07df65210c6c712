"""Values that are lost where a database changes them without a word, and that real tables are full of.

A text of digits that becomes a number loses its zeros, and a blank at the end may go; an empty text and a zero, which
were put in for NULL, are NULL as well when that is taken back.
"""

from __future__ import annotations

from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.model import Family, Hints, Kind, Value
from surefoot.engine.dialects.generate.values import value

# Rows of five are the rule, of which two are NULL at most.
_TURNS = 5
_NOTHING: dict[Family, Value] = {Family.TEXT: "", Family.INTEGER: 0}


def make(kind: Kind, draw: Draw) -> Value:
    """A value of the type, as `values.value` has it, and some rows an awkward one; nothing is known of the column."""
    return value(kind, draw) if draw.plain or draw.attempt or kind.hints != Hints() else _awkward(kind, draw)


def _awkward(kind: Kind, draw: Draw) -> Value:
    if draw.number == 0 and kind.family in _NOTHING:
        return _NOTHING[kind.family]
    if draw.number % _TURNS == 1 and kind.family is Family.TEXT:
        digits = f"0{draw.serial}"
        options = [text for text in (f"{digits}E1 ", digits) if len(text) <= (kind.length or len(text))]
        return options[0] if options else value(kind, draw)
    return value(kind, draw)
