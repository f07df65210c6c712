"""The tokens of a stored CREATE statement, and the text that two ways to write the same have in common."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from surefoot.engine.dialects.split import BLANKS, LETTER, PART, REST_OF_LINE, word_set

# https://sqlite.org/lang_keywords.html, with the two constants that are no keywords. A quoted one of them is a name,
# where the bare one may be something else.
KEYWORDS = word_set(
    "abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade "
    "case cast check collate column commit conflict constraint create cross current current_date current_time "
    "current_timestamp database default deferrable deferred delete desc detach distinct do drop each else end escape "
    "except exclude exclusive exists explain fail false filter first following for foreign from full generated glob "
    "group groups having if ignore immediate in index indexed initially inner insert instead intersect into is isnull "
    "join key last left like limit match materialized natural no not nothing notnull null nulls of offset on or order "
    "others outer over partition plan pragma preceding primary query raise range recursive references regexp reindex "
    "release rename replace restrict returning right rollback row rows savepoint select set table temp temporary then "
    "ties to transaction trigger true unbounded union unique update using vacuum values view virtual when where window "
    "with within without"
)
_TOKEN = re.compile(
    rf"(?P<gap>{BLANKS}|--{REST_OF_LINE}|/\*[^*]*\*+(?:[^*/][^*]*\*+)*/)"
    r"|(?P<blob>[xX]'[^']*')"
    r"|(?P<string>'[^']*(?:''[^']*)*')"
    r"|(?P<quoted>\"[^\"]*(?:\"\"[^\"]*)*\"|`[^`]*(?:``[^`]*)*`|\[[^\]]*\])"
    r"|(?P<number>\.?[0-9](?:[A-Za-z0-9_.]|(?<=[eE])[+-])*)"
    rf"|(?P<word>{LETTER}{PART}*)"
    r"|(?P<mark>\|\||->>|->|<<|>>|<=|>=|<>|!=|==|[\s\S])"
)
_PLAIN = re.compile("[a-z_][a-z0-9_]*")
_UPPER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
# Where a double-quoted text names a relation, and cannot be taken for a string.
_BEFORE_NAMES = word_set("from join into update as of references table view trigger index collate")


class Token(NamedTuple):
    """A piece of SQL: `kind` is word, quoted, string, blob, number or mark; `start` and `end` are offsets."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these bare words (lower case)."""
        return self.kind == "word" and fold(self.text) in words

    @property
    def name(self) -> str | None:
        """What it names, if it can be a name."""
        if self.kind == "word":
            return self.text
        if self.kind not in ("quoted", "string"):
            return None
        end = self.text[-1]
        return self.text[1:-1] if end == "]" else self.text[1:-1].replace(end * 2, end)


def tokens(sql: str) -> tuple[Token, ...]:
    """The tokens of a text, without blanks and comments."""
    found = ((match.lastgroup or "", match) for match in _TOKEN.finditer(sql))
    return tuple(Token(kind, match[0], *match.span()) for kind, match in found if kind != "gap")


def fold(name: str) -> str:
    """A name as SQLite compares names: the letters of ASCII in lower case."""
    return name.translate(_UPPER)


def quote_name(name: str) -> str:
    """A name as SQL needs it."""
    if _PLAIN.fullmatch(fold(name)) and fold(name) not in KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def settled(found: Sequence[Token], columns: Collection[str] | None = None) -> str:
    """The text of tokens without what makes no difference: blanks, comments, the case and the quotes of names.

    SQLite takes a double-quoted text for a string where it names nothing. `columns` are the (folded) names that an
    expression of a table can mean; where they are not given, double quotes are dropped in places only that are for
    names of relations.
    """
    return " ".join(_settled(token, _is_name(found, index, columns)) for index, token in enumerate(found))


def _is_name(found: Sequence[Token], index: int, columns: Collection[str] | None) -> bool:
    token = found[index]
    if not token.text.startswith('"'):
        return True
    after = found[index + 1].text if index + 1 < len(found) else ""
    if after in (".", "(") or _is_before_name(found[max(index - 2, 0) : index]):
        return True
    return columns is not None and fold(token.name or "") in columns


def _is_before_name(last: Sequence[Token]) -> bool:
    if not last or last[0].is_word("distinct"):
        return False
    return last[-1].text == "." or last[-1].is_word(*_BEFORE_NAMES)


def _settled(token: Token, is_name: bool) -> str:
    if token.kind == "word":
        return fold(token.text)
    if token.kind != "quoted" or not is_name:
        return token.text
    return quote_name(fold(token.name or ""))


def names_in(sql: str) -> Iterator[str]:
    """Every name (folded) that stands in a text, whatever it means there."""
    return (fold(token.name) for token in tokens(sql) if token.name is not None)


def is_virtual(sql: str) -> bool:
    """Whether a stored text is that of a virtual table."""
    return fold(sql[:14]) == "create virtual"


def listed(found: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The parts between the commas that stand in no parentheses."""
    depth = start = 0
    for index, token in enumerate(found):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == "," and depth == 0:
            yield found[start:index]
            start = index + 1
    yield found[start:]
