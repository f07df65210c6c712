"""Values of the types that PostgreSQL has beyond those of every database, as the texts that it reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from surefoot.engine.dialects.generate import values
from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.model import Family, Kind, Special, Value

_EPOCH = date.fromisoformat("2001-01-01")
# Ranges and shapes of different rows lie this far apart, so that none of them meet.
_APART = 10


def make(kind: Kind, draw: Draw) -> Value:
    """A value of any of PostgreSQL's types."""
    if kind.family is not Family.OTHER:
        return values.value(kind, draw)
    if kind.hints.values:
        return draw.turn(kind.hints.values)
    if kind.name in _MADE_OF_PARTS:
        return _MADE_OF_PARTS[kind.name](kind, draw)
    return _texts(kind, draw).get(kind.name) or f"{values.words(draw, 1)[0]}{draw.serial}"


def as_text(value: Value) -> str:
    """A value as the text that the server reads it from."""
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def literal(value: Value) -> str:
    """A value as it stands in a statement."""
    if value is None:
        return "NULL"
    if value is Special.DEFAULT:
        return "DEFAULT"
    return "'" + as_text(value).replace("'", "''") + "'"


def _inside(value: Value) -> str:
    """A value as a part of an array or a row."""
    text = as_text(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _array(kind: Kind, draw: Draw) -> str:
    # An empty one now and then: only the first of the column, since two would be the same.
    count = 0 if draw.number == 3 and draw.attempt == 0 and not draw.plain else 1 + draw.number % 2
    parts = [_inside(make(kind.parts[0], draw.part(index))) for index in range(count)]
    return f"{{{','.join(parts)}}}"


def _row(kind: Kind, draw: Draw) -> str:
    parts = [_inside(make(part, draw.part(place))) for place, part in enumerate(kind.parts)]
    return f"({','.join(parts)})"


def _range(kind: Kind, draw: Draw) -> str:
    return _between(kind.parts[0], draw, 0, 4)


def _multirange(kind: Kind, draw: Draw) -> str:
    return f"{{{_between(kind.parts[0], draw, 0, 2)},{_between(kind.parts[0], draw, 4, 6)}}}"


def _between(kind: Kind, draw: Draw, low: int, high: int) -> str:
    """A range from `low` to `high` places behind where the row's own room begins."""
    start = draw.serial * _APART % 100000
    if kind.family is Family.INTEGER:
        return f"[{start + low},{start + high})"
    if kind.family in {Family.DECIMAL, Family.FLOAT}:
        return f"[{start + low}.5,{start + high}.25)"
    if kind.family in {Family.DATE, Family.DATETIME}:
        first, last = (_EPOCH + timedelta(days=start % 20000 + days) for days in (low, high))
        return f"[{first},{last})" if kind.family is Family.DATE else f'["{first} 08:30:00","{last} 17:00:00")'
    if kind.family is Family.TEXT:
        return f"[{values.identifier(start + low, 6)},{values.identifier(start + high, 6)})"
    only = _inside(make(kind, draw.part(low)))
    return f"[{only},{only}]"


_MADE_OF_PARTS: dict[str, Callable[[Kind, Draw], str]] = {
    "array": _array,
    "row": _row,
    "range": _range,
    "multirange": _multirange,
}


def _texts(kind: Kind, draw: Draw) -> dict[str, str]:
    return _shapes(draw) | _words(draw) | _numbers(kind, draw) | _addresses(draw)


def _shapes(draw: Draw) -> dict[str, str]:
    x, y = draw.serial * _APART, draw.below(1000, "y")
    corner = f"({x + 2},{y + 2})"
    return {
        "point": f"({x}.5,{y}.25)",
        "line": f"{{1,{1 + draw.number % 3},{x}}}",
        "lseg": f"[({x},{y}),{corner}]",
        "box": f"({corner},({x},{y}))",
        "path": f"((0,0),({x},{y}),{corner})",
        "polygon": f"(({x},{y}),({x + 1},{y}),{corner})",
        "circle": f"<({x},{y}),2>",
        "geometry": f"SRID=4326;POINT({x % 180} {y % 90})",
        "geography": f"SRID=4326;POINT({x % 180} {y % 90})",
        "cube": f"({x}, {y})",
        "seg": f"{x} .. {x + 1}",
    }


def _words(draw: Draw) -> dict[str, str]:
    first, second = values.words(draw, 2)
    number = draw.serial
    return {
        "xml": f'<note id="{number}">{first}</note>',
        "hstore": f'"{first}"=>"{number}", "empty"=>NULL',
        "ltree": f"top.{first}.n{number}",
        "lquery": f"top.*.n{number}",
        "ltxtquery": f"{first}{number}",
        "tsvector": f"'{first}':1 '{second}{number}':2",
        "tsquery": f"'{first}' & '{second}{number}'",
        "jsonpath": f'$."{first}"[{number}]',
        "refcursor": f"{first}{number}",
        "char": values.identifier(number, 1),
    } | {"regclass": "pg_catalog.pg_class", "regtype": "integer", "regnamespace": "public", "regrole": "pg_monitor"}


def _numbers(kind: Kind, draw: Draw) -> dict[str, str]:
    number = draw.serial
    # The modifiers of other types count something else.
    size = kind.length if kind.length and kind.name in {"vector", "halfvec", "sparsevec"} else 3
    vector = f"[{','.join(str((number + place) % 97) for place in range(size))}]"
    return {
        "money": f"{number}.{draw.below(90, 'cents') + 10}",
        "interval": f"{number} days {draw.below(23, 'h')}:{draw.below(59, 'm'):02}:{draw.below(59, 's'):02}.25",
        "pg_lsn": f"{number:X}/{draw.below(2**31, 'lsn'):X}",
        "txid_snapshot": f"{number + 1}:{number + 1}:",
        "pg_snapshot": f"{number + 1}:{number + 1}:",
        "tid": f"(0,{number % 60000 + 1})",
        "vector": vector,
        "halfvec": vector,
        "sparsevec": f"{{1:{number + 1}}}/{size}",
    } | dict.fromkeys(("xid", "xid8", "cid", "int2vector", "oidvector"), f"{number}")


def _addresses(draw: Draw) -> dict[str, str]:
    a, b, c = (draw.serial >> shift & 255 for shift in (16, 8, 0))
    return {
        "inet": f"10.{a}.{b}.{c}/24" if draw.number % 2 else f"10.{a}.{b}.{c}",
        "cidr": f"10.{a}.{b}.{c}/32",
        "macaddr": f"08:00:2b:{a:02x}:{b:02x}:{c:02x}",
        "macaddr8": f"08:00:2b:ff:fe:{a:02x}:{b:02x}:{c:02x}",
    }
