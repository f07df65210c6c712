"""Substitution of variables as goose does it after `ENVSUB ON`: a line at a time, like a shell.

Understood: `$VAR`, `${VAR}`, `${VAR:-default}` (unset or empty), `${VAR-default}` (unset), `${VAR?message}`,
`${VAR:offset}` and `${VAR:offset:length}`; defaults may hold variables. `$$` and `\\$` stand for one dollar
sign. Unlike goose, a variable without value or default is refused: there it becomes nothing, without a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

_Look = Callable[[str], str | None]

_TOKEN = re.compile(r"\\[\\$]|\$[$(]|[^\\$}]+|.", re.DOTALL)
_NAME = re.compile(r"[^\W\d_]\w*")
_SLICE = re.compile(r":\s*(-?\d+)\s*(?::\s*(-?\d+)\s*)?")
_ESCAPES = {"\\$": "$", "$$": "$"}


def substitute(line: str, variables: Mapping[str, str]) -> str:
    """The line with its variables' values. Raises ValueError, with a message to show, where one is
    missing."""
    return _expand(line, 0, variables.get, nested=False)[0]


def _expand(line: str, position: int, look: _Look, *, nested: bool) -> tuple[str, int]:
    """The text from `position` on (to the closing brace where nested), and where it ended."""
    made = []
    while position < len(line) and not (nested and line[position] == "}"):
        piece = line[position : _end(line, position)]
        position += len(piece)
        if piece == "$" and position < len(line):
            piece, position = _variable(line, position, look)
        else:
            piece = _ESCAPES.get(piece, piece)
        made.append(piece)
    return "".join(made), position


def _end(line: str, position: int) -> int:
    match = _TOKEN.match(line, position)
    return match.end() if match else len(line)


def _variable(line: str, position: int, look: _Look) -> tuple[str, int]:
    braced = line[position] == "{"
    match = _NAME.match(line, position + braced)
    if match is None:
        raise ValueError("no variable's name follows the dollar sign; write `$$` for a dollar sign itself")
    if not braced:
        return _present(match[0], look), match.end()
    value, position = _operation(match[0], line, match.end(), look)
    if line[position : position + 1] != "}":
        raise ValueError(f"the expression with `{match[0]}` has no closing brace")
    return value, position + 1


def _operation(name: str, line: str, position: int, look: _Look) -> tuple[str, int]:
    """What stands between a variable's name and the closing brace, done."""
    if line.startswith("}", position):
        return _present(name, look), position
    value = look(name)
    if line.startswith(":-", position):
        return _default(value or None, line, position + 2, look)
    if line.startswith("-", position):
        return _default(value, line, position + 1, look)
    if line.startswith("?", position):
        message, position = _expand(line, position + 1, _anything, nested=True)
        return _present(name, look, message), position
    if match := _SLICE.match(line, position):
        return _slice(_present(name, look), int(match[1]), match[2]), match.end()
    raise ValueError(f"what follows `{name}` in the braces is not understood")


def _default(value: str | None, line: str, position: int, look: _Look) -> tuple[str, int]:
    # A default that is not used may name variables without a value, as in a shell.
    text, end = _expand(line, position, look if value is None else _anything, nested=True)
    return text if value is None else value, end


def _slice(value: str, offset: int, length: str | None) -> str:
    start = max(offset + len(value), 0) if offset < 0 else offset
    if length is None:
        return value[start:]
    end = int(length) + (start if int(length) >= 0 else len(value))
    return value[start : max(end, start)]


def _present(name: str, look: _Look, message: str = "") -> str:
    value = look(name)
    if value is None:
        raise ValueError(f"the variable `{name}` has no value" + (f": {message}" if message else ""))
    return value


def _anything(_name: str) -> str:
    return ""
