"""What the text of a check says of a column: constants, bounds, lengths and patterns.

The text is read, not parsed: what is misunderstood costs a few tries more, since the database decides on every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from surefoot.engine.dialects.generate.model import Hints

_TEXT = r"'(?:[^']|'')*'"
_NUMBER = r"-?\d+(?:\.\d+)?"
_CONSTANT = rf"(?:{_TEXT}|{_NUMBER})"
_CAST = re.compile(
    r"::(?:\"[^\"]*\"|[\w.]+)(?: (?:varying|precision|without time zone|with time zone))?(?:\(\d+(?:,\d+)?\))?(?:\[\])*"
    r"(?: (?:without time zone|with time zone))?"
)
# A MariaDB text is shown with its character set before it.
_INTRODUCER = re.compile(r"\b_\w+(?=')")
_ALONE = re.compile(rf"(?<![\w\"`])\(\s*(\"[^\"]+\"|`[^`]+`|[\w.]+|{_CONSTANT})\s*\)")
_NEGATED = re.compile(r"\(- ?\(?(\d+(?:\.\d+)?)\)?\)")
_KEPT = re.compile(r"'#(\d+)'")
_OPERATORS = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "==": "=="}
_OPERATOR = r"(<=|>=|==|=|<(?!>)|>)"
_LENGTH = r"(?:char_length|character_length|length|octet_length)"


def read_hints(text: str, *names: str) -> Hints:
    """What the text of a check says of the column that stands in it under one of these names (VALUE, quoted or not)."""
    plain = _simplified(text)
    name = rf"(?<![\w.\"`])(?:{'|'.join(re.escape(each) for each in names)})(?![\w\"`])"
    hints = _lengths(_compared(Hints(constants=_constants(plain)), plain, name), plain, name)
    lists = re.findall(rf"{name}\s*(?:=\s*ANY\s*\(*\s*ARRAY\s*\[|IN\s*\()([^\])]*)", plain, re.IGNORECASE)
    listed = [value for each in lists for value in _constants(each)]
    regexes = re.findall(rf"{name}\s*(?:~\*?|REGEXP|RLIKE)\s*(?:BINARY\s*)?({_TEXT})", plain, re.IGNORECASE)
    likes = re.findall(rf"{name}\s*(?:~~\*?|LIKE|ILIKE)\s*({_TEXT})", plain, re.IGNORECASE)
    return replace(
        hints,
        values=tuple(dict.fromkeys([*hints.values, *listed])),
        patterns=tuple(_unquoted(each) for each in regexes),
        likes=tuple(_unquoted(each) for each in likes),
        case=_case(plain, name),
    )


def merged(hints: Iterable[Hints]) -> Hints:
    """All of these hints in one; where two name the same bound, the later one has it."""
    result = Hints()
    for each in hints:
        both = [value for value in each.values if value in result.values]
        result = Hints(
            values=tuple(both) or each.values or result.values,
            low=each.low if each.low is not None else result.low,
            high=each.high if each.high is not None else result.high,
            above=each.above if each.low is not None else result.above,
            below=each.below if each.high is not None else result.below,
            shortest=each.shortest if each.shortest is not None else result.shortest,
            longest=each.longest if each.longest is not None else result.longest,
            patterns=result.patterns + each.patterns,
            likes=result.likes + each.likes,
            case=each.case or result.case,
            constants=tuple(dict.fromkeys(result.constants + each.constants)),
        )
    return result


@lru_cache(maxsize=512)
def _simplified(text: str) -> str:
    """The text without casts, and without parentheses around one name or constant; what is quoted stays as it is."""
    quoted = re.findall(_TEXT, text)
    numbers = iter(range(len(quoted)))
    text = re.sub(_TEXT, lambda _found: f"'#{next(numbers)}'", text)
    text = _INTRODUCER.sub("", _CAST.sub("", text))
    before = ""
    while before != text:
        before, text = text, _ALONE.sub(r"\1", text)
    return _KEPT.sub(lambda found: quoted[int(found[1])], _NEGATED.sub(r"-\1", text))


def _constants(text: str) -> tuple[str, ...]:
    found = re.findall(rf"{_TEXT}|(?<![\w.\"`]){_NUMBER}(?![\w\"`])", text)
    return tuple(dict.fromkeys(_unquoted(each) for each in found))


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _compared(hints: Hints, plain: str, name: str) -> Hints:
    pairs = [(operator, constant) for operator, constant in re.findall(rf"{name}\s*{_OPERATOR}\s*({_CONSTANT})", plain)]
    flipped = re.findall(rf"({_CONSTANT})\s*{_OPERATOR}\s*{name}", plain)
    pairs += [(_OPERATORS[operator], constant) for constant, operator in flipped]
    between = re.findall(rf"{name}\s*BETWEEN\s*({_CONSTANT})\s*AND\s*({_CONSTANT})", plain, re.IGNORECASE)
    pairs += [pair for low, high in between for pair in ((">=", low), ("<=", high))]
    for operator, constant in pairs:
        hints = _bounded(hints, operator, _unquoted(constant))
    return hints


def _bounded(hints: Hints, operator: str, constant: str) -> Hints:
    if operator.startswith("="):
        return replace(hints, values=(*hints.values, constant))
    if operator.startswith(">"):
        return replace(hints, low=constant, above=operator == ">")
    return replace(hints, high=constant, below=operator == "<")


def _lengths(hints: Hints, plain: str, name: str) -> Hints:
    measured = rf"\b{_LENGTH}\s*\(\s*(?:btrim\(|trim\()?\(*{name}\)*\s*"
    for operator, text in re.findall(rf"{measured}{_OPERATOR}\s*(\d+)", plain, re.IGNORECASE):
        size = int(text)
        if operator.startswith(("=", ">")):
            hints = replace(hints, shortest=size + (operator == ">"))
        if operator.startswith(("=", "<")):
            hints = replace(hints, longest=max(0, size - (operator == "<")))
    for low, high in re.findall(rf"{measured}BETWEEN\s*(\d+)\s*AND\s*(\d+)", plain, re.IGNORECASE):
        hints = replace(hints, shortest=int(low), longest=int(high))
    return hints


def _case(plain: str, name: str) -> str:
    found = re.search(rf"(?:{name}\s*=\s*|\b)(lower|upper)\(\s*{name}\s*\)(?:\s*=\s*{name})?", plain, re.IGNORECASE)
    return found[1].lower() if found and "=" in found[0] else ""
