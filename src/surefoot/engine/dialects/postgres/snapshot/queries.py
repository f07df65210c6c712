"""The catalogue queries: SQL files beside this module, cut into named queries for a server's major version.

A line that ends with `-- since N`, `-- before N` or both is left out for servers that it is not for. Behind a query's
name may stand the same, or `superuser` where nobody else may ask, or `rare` where mostly there is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

_DIRECTORY = Path(__file__).parent / "sql"
# Objects before those that are a part of them. The queries of the last file have readers of their own.
_FILES = ("relations", "types", "constraints", "code", "search", "foreign", "server", "access")
_HEADER = re.compile(r"^-- name: (\w+)(.*)$", re.MULTILINE)
_GUARD = re.compile(r"(since|before) (\d+)")


class Queries(NamedTuple):
    """The queries that give objects, in the order in which they are to be read, and all others.

    `rare` need not be asked where `guard` says that they give nothing; it answers with an array of their names.
    """

    objects: Mapping[str, str]
    access: Mapping[str, str]
    rare: frozenset[str]
    guard: str


@cache
def queries(major: int, *, superuser: bool) -> Queries:
    """The queries by name, for a server of this major version and a user of these rights."""
    found = {file: tuple(_read(file, major, superuser)) for file in _FILES}
    rare = {name: sql for file in found.values() for name, words, sql in file if "rare" in words}
    objects = {name: sql for file in _FILES[:-1] for name, _, sql in found[file]}
    access = {name: sql for name, _, sql in found[_FILES[-1]]}
    return Queries(objects, access, frozenset(rare), _guard(rare))


def _guard(rare: Mapping[str, str]) -> str:
    """A query for the names of those that give rows. It is made of them: what is behind EXISTS cannot differ."""
    asked = ", ".join(f"CASE WHEN EXISTS ({sql}) THEN '{name}' END" for name, sql in rare.items())
    return f"SELECT array_remove(ARRAY[{asked}], NULL)"


def _read(file: str, major: int, superuser: bool) -> Iterator[tuple[str, Sequence[str], str]]:
    _, *parts = _HEADER.split((_DIRECTORY / f"{file}.sql").read_text(encoding="utf-8"))
    for name, condition, text in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        words = condition.split()
        if _fits(condition, major) and (superuser or "superuser" not in words):
            yield name, words, _for_version(text, major)


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
