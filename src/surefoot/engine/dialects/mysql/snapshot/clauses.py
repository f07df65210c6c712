"""Cutting the texts of SHOW CREATE into clauses: nothing of a text is lost, known or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from surefoot.engine.dialects.mysql.names import Piece, located

# Stands for the name of the database where a text gives it: a shadow's name is another one.
HERE = "(database)."


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of a text, with its place and the number of parentheses that are open around it."""

    piece: Piece
    start: int
    end: int
    depth: int

    @property
    def key(self) -> str:
        """The word in upper case, or the mark; empty for what is quoted."""
        return self.piece.key


@dataclass(frozen=True, slots=True)
class Text:
    """A text and its tokens, or some of them."""

    sql: str
    tokens: Sequence[Token] = field(default_factory=tuple)

    def __str__(self) -> str:
        """The tokens as they stand in the text, with one space where there were blanks or comments between them."""
        parts: list[str] = []
        end = self.tokens[0].start if self.tokens else 0
        for token in self.tokens:
            parts.append(" " if token.start > end else "")
            parts.append(self.sql[token.start : token.end])
            end = token.end
        return "".join(parts)

    def since(self, index: int) -> Text:
        """The tokens from an index on."""
        return Text(self.sql, self.tokens[index:])

    def until(self, index: int) -> Text:
        """The tokens before an index."""
        return Text(self.sql, self.tokens[:index])

    def find(self, *keys: str, start: int = 0) -> int:
        """The index of the first of the tokens that are these words in a row; the number of tokens without one."""
        last = len(self.tokens)
        for index in range(start, last - len(keys) + 1):
            if all(self.tokens[index + step].key == key for step, key in enumerate(keys)):
                return index
        return last

    def rest(self, index: int) -> str:
        """The text as it stands from the token at an index on; empty behind the last one."""
        return self.sql[self.tokens[index].start :] if index < len(self.tokens) else ""


def read(sql: str) -> Text:
    """The tokens of a text."""
    return Text(sql, tuple(_tokens(located(sql))))


def _tokens(pieces: Iterable[tuple[Piece, int, int]]) -> Iterator[Token]:
    depth = 0
    for piece, start, end in pieces:
        key = piece.text if piece.kind == "mark" else ""
        if key == ")":
            depth -= 1
        yield Token(piece, start, end, depth)
        if key == "(":
            depth += 1


def inside(text: Text) -> tuple[list[Text], Text]:
    """The parts of the first parenthesis, which commas separate, and what follows it."""
    opening = text.find("(")
    depth = text.tokens[opening].depth
    closing = next(index for index in range(opening + 1, len(text.tokens)) if text.tokens[index].depth == depth)
    return split(Text(text.sql, text.tokens[opening + 1 : closing])), text.since(closing + 1)


def split(text: Text) -> list[Text]:
    """The parts of a text that commas separate, outside of parentheses."""
    parts: list[Text] = []
    begin, depth = 0, text.tokens[0].depth if text.tokens else 0
    for index, token in enumerate(text.tokens):
        if token.depth == depth and token.key == ",":
            parts.append(Text(text.sql, text.tokens[begin:index]))
            begin = index + 1
    parts.append(text.since(begin))
    return parts


def facts(text: Text, first: str, starts: Mapping[str, str], last: str = "") -> dict[str, str]:
    """A text as facts: each goes on to the word that begins another one, outside of parentheses.

    `starts` are those words with the name of their fact. An option (`NAME = value`) is a fact of its own. `first` is
    the fact that the text begins with, and `last` the one that goes on to the end.
    """
    found: dict[str, list[Token]] = {}
    current, depth = first, text.tokens[0].depth if text.tokens else 0
    for index, token in enumerate(text.tokens):
        if token.depth == depth and current != last:
            name = _begins(text.tokens, index, starts)
            # A word that could begin the same fact twice belongs to the one that it stands in.
            if name and name not in found:
                current = name
        found.setdefault(current, []).append(token)
    return {name: str(Text(text.sql, tokens)) for name, tokens in found.items()}


def _begins(tokens: Sequence[Token], index: int, starts: Mapping[str, str]) -> str | None:
    token = tokens[index]
    if index and tokens[index - 1].key == "DEFAULT" and token.key == "NULL":
        return None
    if token.key in starts:
        return starts[token.key]
    if index + 1 < len(tokens) and tokens[index + 1].key == "=" and token.piece.kind in {"word", "name"}:
        return f"option {token.piece.text.lower()}"
    return None


def without_database(sql: str, database: str) -> str:
    """The text with `HERE` in place of the database's name where it qualifies another name."""
    if database.lower() not in sql.lower():
        return sql
    tokens, parts, end = read(sql).tokens, list[str](), 0
    for token, dot in pairwise(tokens):
        if dot.key == "." and _is_name(token.piece, database):
            parts.append(sql[end : token.start] + HERE)
            end = dot.end
    return "".join(parts) + sql[end:]


def _is_name(piece: Piece, name: str) -> bool:
    """Whether a piece is this name; under ANSI_QUOTES a name stands in double quotes."""
    if piece.kind == "text":
        return piece.text[1:-1] == name
    return piece.kind in {"word", "name"} and piece.text == name
