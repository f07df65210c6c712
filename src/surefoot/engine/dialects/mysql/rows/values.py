"""The values of columns: as SQL that writes them again, and as texts in which nothing that differs looks the same."""

from __future__ import annotations

import re

from surefoot.engine.dialects.mysql.snapshot.naming import names_of
from surefoot.engine.dialects.mysql.snapshot.tables import Table

_POSITIONS = re.compile(r"(?:enum|set)\b", re.IGNORECASE)
_NUMBERS = re.compile(r"(?:(?:tiny|small|medium|big)?int|integer|decimal|year|double|float)\b", re.IGNORECASE)
_TIMES = re.compile(r"(?:date|datetime|timestamp|time|uuid|inet4|inet6)\b", re.IGNORECASE)
_TEXTS = re.compile(r"(?:char|varchar|(?:tiny|medium|long)?text|enum|set|json)\b", re.IGNORECASE)
# A longer value is compared by its hash.
_LONGEST = 100_000


def writable(table: Table) -> dict[str, str]:
    """The columns of a table whose values are written and not computed, with their types."""
    return {
        names_of(key.name)[1]: facts["type"]
        for key, facts in table.objects
        if key.kind == "column" and ("generated" not in facts or " AS ROW " in facts["generated"])
    }


def as_sql(column: str, kind: str, *, exact: bool = True) -> str:
    """The expression that gives a column's value as SQL; NULL where the server cannot send that much.

    `exact` gives a text byte by byte, for a column of the same character set; otherwise it is the same text in any.
    """
    return f"IF({column} IS NULL, 'NULL', {_literal(column, kind, exact=exact)})"


def _literal(column: str, kind: str, *, exact: bool) -> str:
    if kind.lower().startswith("bit") or (_POSITIONS.match(kind) and exact):
        return f"CAST({column} AS UNSIGNED)"
    if _NUMBERS.match(kind):
        return _number(column, kind)
    if _TIMES.match(kind):
        return f"QUOTE({column})"
    if kind.lower() == "json" or (_TEXTS.match(kind) and not exact):
        return f"CONCAT('_utf8mb4 x''', HEX(CONVERT({column} USING utf8mb4)), '''')"
    return f"CONCAT('x''', HEX({column}), '''')"


def _number(column: str, kind: str) -> str:
    # As a double, a float has all of its digits.
    return f"{column} + 0e0" if kind.lower().startswith("float") else column


def as_text(column: str, kind: str) -> str:
    """The expression that gives a column's value as a text that a person can read, or its hash where it is long."""
    if kind.lower().startswith("bit"):
        return f"CAST({column} AS UNSIGNED)"
    if _NUMBERS.match(kind) or _TIMES.match(kind):
        return _number(column, kind)
    text = f"CONVERT({column} USING utf8mb4)" if _TEXTS.match(kind) else f"CONCAT('0x', HEX({column}))"
    return f"IF(LENGTH({column}) > {_LONGEST}, {_digest(column)}, {text})"


def _digest(column: str) -> str:
    return f"CONCAT(LENGTH({column}), ' bytes, MD5 ', MD5({column}))"


def as_hash(column: str, kind: str) -> str:
    """The expression that gives the hash of a column's value, as hexadecimal digits."""
    return f"IFNULL(MD5({as_text(column, kind)}), '-')"


def as_number(digest: str) -> str:
    """The expression that gives the first 60 bits of a hash as a number."""
    return f"CAST(CONV(LEFT(MD5({digest}), 15), 16, 10) AS UNSIGNED)"
