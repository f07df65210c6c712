"""Values of the types that every database has.

They are made to find mistakes: both signs, fractions to the last digit, times of day with microseconds, capitals, an
apostrophe, a letter beyond ASCII, texts as long as a column allows. With `plain` they are short and simple. No two
rows have the same value in a column, as far as the type has that many.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from math import ceil, floor

from surefoot.engine.dialects.generate.draw import Draw
from surefoot.engine.dialects.generate.model import Family, Hints, Kind, Value
from surefoot.engine.dialects.generate.patterns import like, matching

_WORDS = (
    *("maple", "harbor", "lantern", "meadow", "quartz", "river", "saddle", "timber", "violet", "willow", "amber"),
    *("basil", "cedar", "copper", "ember", "falcon", "garnet", "hazel", "indigo", "juniper"),
)
_LONGEST_TEXT = 40
_EPOCH = datetime.fromisoformat("2001-01-01")
# Whole days that generated dates stay in, where nothing bounds them.
_DAYS = 9000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_CONSTANT_FAMILIES = frozenset({Family.BOOLEAN, Family.BYTES, Family.BITS, Family.CHOICE, Family.SET})


def value(kind: Kind, draw: Draw) -> Value:
    """A value of the type that the hints allow, as far as they were understood. `kind.family` is not OTHER."""
    hints = kind.hints
    if hints.values and kind.family not in _CONSTANT_FAMILIES:
        return constant(kind, draw.turn(hints.values))
    return _MAKERS[kind.family](kind, draw)


def constant(kind: Kind, text: str) -> Value:
    """A constant that stands in a check, as a value for this type; texts that are no number stay texts."""
    if kind.family in {Family.INTEGER, Family.YEAR}:
        number = _number(text)
        return int(number) if number is not None else text
    if kind.family is Family.BOOLEAN:
        return text.lower() in {"true", "t", "1"}
    return text


def identifier(number: int, size: int) -> str:
    """A number as a text of exactly `size` lower-case letters and digits; the lowest digits where it is too long."""
    text = ""
    while len(text) < size:
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


def words(draw: Draw, count: int) -> list[str]:
    """Some words."""
    return [draw.choose(_WORDS, f"word {index}") for index in range(count)]


def moment(draw: Draw, hints: Hints) -> datetime:
    """A moment to the microsecond, between the bounds."""
    low, high = _moment(hints.low), _moment(hints.high)
    step = timedelta(days=draw.serial % _DAYS, seconds=draw.below(86399, "s"), microseconds=draw.below(10**6, "us"))
    try:
        if low is not None and high is not None:
            return low + step % max(high - low, timedelta(microseconds=1))
        return high - timedelta(days=1) - step if high is not None else (low or _EPOCH) + step
    except OverflowError:
        return low or high or _EPOCH


def _boolean(_kind: Kind, draw: Draw) -> Value:
    return draw.turn((True, False))


def _integer(kind: Kind, draw: Draw) -> Value:
    return _whole(kind, draw, 1)


def _whole(kind: Kind, draw: Draw, unit: int) -> int:
    """A whole number, of which `unit` make 1 (the hundredths of a price), within the type and the bounds."""
    number = draw.serial * unit + (draw.below(unit - 1, "fraction") + 1 if unit > 1 else 0)
    low, high = _least(kind, unit), _most(kind.hints, unit)
    if low is not None and high is not None:
        number = low + number % max(1, high - low + 1)
    elif low is not None or high is not None:
        number = low + number if low is not None else (high or 0) - number
    elif draw.number % 2 and not draw.plain:
        number = -number
    return _into(number, kind, unit)


def _least(kind: Kind, unit: int) -> int | None:
    low = _number(kind.hints.low)
    if low is None:
        return kind.low * unit if kind.low is not None and kind.low >= 0 else None
    return floor(low * unit) + 1 if kind.hints.above or low * unit % 1 else int(low * unit)


def _most(hints: Hints, unit: int) -> int | None:
    high = _number(hints.high)
    return None if high is None else ceil(high * unit) - 1 if hints.below else floor(high * unit)


def _into(number: int, kind: Kind, unit: int) -> int:
    """The number, or another one where the type does not hold it."""
    low, high = (kind.low or 0) * unit, None if kind.high is None else kind.high * unit
    if kind.precision is not None and kind.family is Family.DECIMAL:
        high = 10 ** max(0, kind.precision - (kind.scale or 0)) * unit - 1
        low = -high
    return number if high is None or low <= number <= high else low + (number - low) % (high - low + 1)


def _decimal(kind: Kind, draw: Draw) -> Value:
    scale = max(0, 6 if kind.scale is None else kind.scale)
    if draw.plain:
        scale = min(scale, 2)
    number = _whole(kind, draw, 10**scale)
    return _shifted(number, scale)


def _float(kind: Kind, draw: Draw) -> Value:
    # More digits than a number of four bytes holds, unless that is what it is (precision 24).
    scale = 2 if draw.plain or (kind.precision or 53) <= 24 else 9
    return _shifted(_whole(kind, draw, 10**scale), scale)


def _shifted(number: int, scale: int) -> str:
    """The number with so many digits behind the point."""
    digits = f"{abs(number):0{scale + 1}d}"
    sign = "-" if number < 0 else ""
    return f"{sign}{digits[: len(digits) - scale]}.{digits[len(digits) - scale :]}" if scale else f"{sign}{digits}"


def _text(kind: Kind, draw: Draw) -> Value:
    hints = kind.hints
    if hints.patterns:
        pattern = draw.turn(hints.patterns)
        text = matching(pattern, draw)
        # What is open at its end goes on, so that rows differ.
        return text if pattern.endswith("$") or kind.length or hints.longest else f"{text}{draw.serial}"
    if hints.likes:
        return like(draw.turn(hints.likes), draw)
    room = min(each for each in (kind.length, hints.longest, 10**6) if each is not None)
    text = _sized(f"{hints.low or ''}{_phrase(draw, room)}", draw, hints.shortest or 0, room)
    return {"lower": text.lower, "upper": text.upper}.get(hints.case, text.strip)()


def _phrase(draw: Draw, room: int) -> str:
    first, second = words(draw, 2)
    number = draw.serial
    if room < 8:
        return identifier(number, room)
    if draw.plain:
        return f"{first[:3]}{number}"
    if draw.number % 5 == 2:
        longest = min(room, _LONGEST_TEXT)
        return f"{number} {' '.join(words(draw, 9))}"[:longest].rstrip().ljust(longest, "x")
    shapes = (
        f"{first}-{number}",
        f"{first.title()} {number}",
        f"{first}'s café {number}",
        f"{second.upper()}_{number}",
    )
    return shapes[draw.number % 5 % 4]


def _sized(text: str, draw: Draw, shortest: int, longest: int) -> str:
    if len(text) > longest:
        size = max(shortest, min(longest, len(text)))
        text = identifier(draw.serial, size) if size else ""
    return text.ljust(shortest, "x")


def _bytes(kind: Kind, draw: Draw) -> Value:
    text = draw.bits().to_bytes(8, "big") + draw.serial.to_bytes(8, "big")
    least = kind.length if kind.fixed and kind.length else kind.hints.shortest or 0
    most = min(each for each in (kind.length, kind.hints.longest, max(least, 9)) if each is not None)
    return text[max(0, len(text) - most) :].rjust(least, b"\x00")


def _bits(kind: Kind, draw: Draw) -> Value:
    size = kind.length or 8
    text = f"{draw.serial:b}"[-size:]
    return text.zfill(size) if kind.fixed else text


def _date(kind: Kind, draw: Draw) -> Value:
    return moment(draw, kind.hints).date().isoformat()


def _datetime(kind: Kind, draw: Draw) -> Value:
    scale = 0 if draw.plain else 6 if kind.scale is None else kind.scale
    made = moment(draw, kind.hints)
    made = made.replace(microsecond=made.microsecond // 10 ** (6 - scale) * 10 ** (6 - scale))
    return made.isoformat(" ", "microseconds" if scale else "seconds")


def _time(kind: Kind, draw: Draw) -> Value:
    text = _datetime(Kind(kind.family, scale=kind.scale), draw)
    return str(text).partition(" ")[2]


def _year(_kind: Kind, draw: Draw) -> Value:
    return 1970 + draw.serial % 120


def _uuid(_kind: Kind, draw: Draw) -> Value:
    return str(uuid.UUID(int=draw.bits("high") << 64 | draw.bits("low"), version=4))


def _json(kind: Kind, draw: Draw) -> Value:
    if "array" in kind.hints.constants and "object" not in kind.hints.constants:
        return f"[{draw.serial}]"
    # As PostgreSQL writes jsonb, so that a text that becomes jsonb and text again is the same.
    name = draw.choose(_WORDS, "name")
    return f'{{"id": {draw.serial}, "tag": ["{name}", null], "name": "{name.title()}"}}'


def _choice(kind: Kind, draw: Draw) -> Value:
    allowed = [label for label in kind.labels if label in kind.hints.values]
    return draw.turn(allowed or kind.labels or ("",))


def _set(kind: Kind, draw: Draw) -> Value:
    first, second = draw.turn(kind.labels or ("",)), draw.choose(kind.labels or ("",))
    return ",".join(label for label in kind.labels if label in {first, second})


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str | None) -> datetime | None:
    try:
        made = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return made.astimezone(UTC).replace(tzinfo=None) if made.tzinfo else made


_MAKERS: dict[Family, Callable[[Kind, Draw], Value]] = {
    Family.BOOLEAN: _boolean,
    Family.INTEGER: _integer,
    Family.DECIMAL: _decimal,
    Family.FLOAT: _float,
    Family.TEXT: _text,
    Family.BYTES: _bytes,
    Family.BITS: _bits,
    Family.DATE: _date,
    Family.TIME: _time,
    Family.DATETIME: _datetime,
    Family.YEAR: _year,
    Family.UUID: _uuid,
    Family.JSON: _json,
    Family.CHOICE: _choice,
    Family.SET: _set,
}
