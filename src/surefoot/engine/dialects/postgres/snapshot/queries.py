"""The catalogue queries: SQL files beside this module, cut into named queries for a server's major version.

A line that ends with `-- since N`, `-- before N` or both is left out for servers that it is not for. Behind a query's
name may stand the same, or `superuser` where nobody else may ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_DIRECTORY = Path(__file__).parent / "sql"
# Objects before those that are a part of them. The queries of the last file have readers of their own.
_FILES = ("relations", "types", "constraints", "code", "search", "foreign", "server", "access")
_HEADER = re.compile(r"^-- name: (\w+)(.*)$", re.MULTILINE)
_GUARD = re.compile(r"(since|before) (\d+)")


class Queries(NamedTuple):
    """The queries that give objects, in the order in which they are to be read, and all others."""

    objects: Mapping[str, str]
    access: Mapping[str, str]


@cache
def queries(major: int, *, superuser: bool) -> Queries:
    """The queries by name, for a server of this major version and a user of these rights."""
    *objects, access = (dict(_read(file, major, superuser)) for file in _FILES)
    return Queries({name: sql for found in objects for name, sql in found.items()}, access)


def _read(file: str, major: int, superuser: bool) -> Iterator[tuple[str, str]]:
    _, *parts = _HEADER.split((_DIRECTORY / f"{file}.sql").read_text(encoding="utf-8"))
    for name, condition, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        if _fits(condition, major) and (superuser or "superuser" not in condition):
            yield name, _for_version(text, major)


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
