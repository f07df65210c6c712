"""The tokens of a statement on MariaDB, MySQL and SQLite, and the comments of a text on any database.

Nothing here raises: what cannot be read is a sign, and the database will say what it thinks of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from surefoot.engine.dialects.split import BLOCK_COMMENT, LETTER, PART, REST_OF_LINE

_DOUBLED = "(?:[^{0}]|{0}{0})*"
_ESCAPED = r"(?:[^{0}\\]|\\.|{0}{0})*"
_REST = rf"(?P<word>{LETTER}{PART}*)|(?P<number>[0-9][\w.]*)|(?P<blank>\s+)|(?P<sign>.)"


class Token(NamedTuple):
    """A piece of SQL. `kind` is word, name, text, number, sign or comment; `at` its offset.

    `text` is as written, but quoted names and texts are without their quotes, and words have an upper case `key`.
    """

    kind: str
    text: str
    at: int

    @property
    def key(self) -> str:
        """A word in upper case, or a sign; empty for anything else."""
        return self.text.upper() if self.kind in ("word", "sign") else ""


_DOLLARS = rf"\$(?P<tag>(?:{LETTER}[^\x00-/:-@\[-\^`{{-\x7f]*)?)\$.*?\$(?P=tag)\$"
_RULES: dict[str, tuple[str, str, str]] = {
    "postgres": (
        rf"--{REST_OF_LINE}|{BLOCK_COMMENT}",
        rf"[eE]'{_ESCAPED.format(chr(39))}'|'{_DOUBLED.format(chr(39))}'|{_DOLLARS}",
        f'"{_DOUBLED.format(chr(34))}"',
    ),
    "mysql": (
        # What the server executes (/*! ... */) is text: its two ends count as blanks.
        rf"--(?=[\x00-\x20]|\Z){REST_OF_LINE}|\#{REST_OF_LINE}|(?!/\*M?!){BLOCK_COMMENT}|/\*M?![0-9]*|\*/",
        rf"'{_ESCAPED.format(chr(39))}'|\"{_ESCAPED.format(chr(34))}\"",
        f"`{_DOUBLED.format('`')}`",
    ),
    "sqlite": (
        rf"--{REST_OF_LINE}|{BLOCK_COMMENT}",
        f"[xX]?'{_DOUBLED.format(chr(39))}'",
        f'"{_DOUBLED.format(chr(34))}"|`{_DOUBLED.format("`")}`|\\[[^\\]]*\\]',
    ),
}


@cache
def _pattern(dialect: str) -> re.Pattern[str]:
    comment, text, name = _RULES[dialect]
    return re.compile(f"(?P<comment>{comment})|(?P<text>{text})|(?P<name>{name})|{_REST}", re.DOTALL)


def scan(dialect: str, sql: str) -> Iterator[Token]:
    """Every token of a text, comments among them."""
    for found in _pattern(dialect).finditer(sql):
        kind = str(found.lastgroup)
        if kind in ("text", "name"):
            yield Token(kind, _unquoted(found[0]), found.start())
        elif kind != "blank":
            yield Token(kind, found[0], found.start())


def tokens(dialect: str, sql: str) -> tuple[Token, ...]:
    """The tokens of a statement, without its comments."""
    return tuple(token for token in scan(dialect, sql) if token.kind != "comment")


def _unquoted(text: str) -> str:
    quote = text[-1]
    opening = text.find("[" if quote == "]" else quote)
    return text[opening + 1 : -1].replace(quote * 2, quote)
