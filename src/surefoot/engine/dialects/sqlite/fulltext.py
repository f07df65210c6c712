"""What a full-text index finds: its table shows the texts, and those may be another table's, or kept nowhere.

An index that is behind its texts looks like one that is not, until somebody searches.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict

from surefoot.engine.dialects.sqlite.tokens import quote_name, quote_text

_USING = re.compile(r"\busing\s+fts(?P<version>[345])\b", re.IGNORECASE)
_LOOK = "temp.surefoot_look"
_FIFTH = f"SELECT doc, term, col, offset FROM {_LOOK} ORDER BY doc, col, offset, term"
_WORDS = f"SELECT DISTINCT term FROM {_LOOK} ORDER BY term"


def indexed(connection: sqlite3.Connection, name: str, sql: str) -> defaultdict[int, str] | None:
    """The words by which the index finds each row, by row id; None where the table is no full-text index.

    Of one that cannot be read each row says why.
    """
    found = _USING.search(sql)
    if found is None:
        return None
    fifth = found["version"] == "5"
    using = f"fts5vocab(main, {quote_text(name)}, instance)" if fifth else f"fts4aux(main, {quote_text(name)})"
    connection.execute(f"CREATE VIRTUAL TABLE {_LOOK} USING {using}")
    try:
        return _fifth(connection) if fifth else _third(connection, quote_name(name))
    except sqlite3.Error as error:
        reason = str(error)
        return defaultdict(lambda: reason)
    finally:
        connection.execute(f"DROP TABLE {_LOOK}")


def _fifth(connection: sqlite3.Connection) -> defaultdict[int, str]:
    words = defaultdict[int, list[str]](list)
    for row, term, column, offset in connection.execute(_FIFTH):
        words[row].append(f"{column or ''}:{'' if offset is None else offset} {term}")
    return _joined(words)


def _third(connection: sqlite3.Connection, table: str) -> defaultdict[int, str]:
    """FTS3 and FTS4 list their words, and which rows these are in only a search tells."""
    words = defaultdict[int, list[str]](list)
    for (term,) in connection.execute(_WORDS).fetchall():
        for (row,) in connection.execute(f"SELECT docid FROM main.{table} WHERE {table} MATCH ?", (f'"{term}"',)):
            words[row].append(term)
    return _joined(words)


def _joined(words: dict[int, list[str]]) -> defaultdict[int, str]:
    return defaultdict(str, {row: ", ".join(texts) for row, texts in words.items()})
