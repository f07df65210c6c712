"""The catalogue queries: SQL files beside this module, cut into named queries for a server's major version.

A line that ends with `-- since N`, `-- before N` or both is left out for servers that it is not for. Behind a query's
name may stand the same, or `superuser` where nobody else may ask.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_DIRECTORY = Path(__file__).parent / "sql"
_HEADER = re.compile(r"^-- name: (\w+)(.*)$", re.MULTILINE)
_GUARD = re.compile(r"(since|before) (\d+)")


@cache
def queries(major: int, *, superuser: bool) -> dict[str, str]:
    """The queries of every file by name, for a server of this major version and a user of these rights."""
    found = {}
    for path in sorted(_DIRECTORY.glob("*.sql")):
        _, *parts = _HEADER.split(path.read_text(encoding="utf-8"))
        for name, condition, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
            if _fits(condition, major) and (superuser or "superuser" not in condition):
                found[name] = _for_version(text, major)
    return found


def _for_version(text: str, major: int) -> str:
    lines = []
    for line in text.strip().splitlines():
        code, _, note = line.partition("--")
        if code.strip() and _fits(note, major):
            lines.append(code.rstrip())
    return "\n".join(lines).rstrip(";")


def _fits(condition: str, major: int) -> bool:
    bounds = [(word, int(number)) for word, number in _GUARD.findall(condition)]
    return all(major >= number if word == "since" else major < number for word, number in bounds)
