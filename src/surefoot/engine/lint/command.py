"""A statement of MariaDB, MySQL or SQLite, as far as rules need to understand it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from surefoot.engine.dialects.split import word_set
from surefoot.engine.lint.tokens import Token, tokens

Tokens = tuple[Token, ...]


_TEMPORARY = frozenset({"TEMPORARY", "TEMP"})
_NOUNS = word_set("TABLE INDEX VIEW TRIGGER FUNCTION PROCEDURE EVENT SEQUENCE DATABASE SCHEMA USER ROLE")
_WRITES = {"INSERT": "INTO", "REPLACE": "INTO", "DELETE": "FROM", "UPDATE": ""}
# With these an item of CREATE TABLE (...) is no column.
_NO_COLUMN = word_set("CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK KEY INDEX FULLTEXT SPATIAL EXCLUDE LIKE PERIOD")


@dataclass(frozen=True, slots=True)
class Command:
    """A statement's tokens, and what they say at first sight.

    `name` is the object that it is about (for an index or a trigger: the table), in lower case and without its
    database; `parts` are the items of CREATE TABLE's parentheses, or the clauses of ALTER TABLE; `rest` is what stands
    behind these parentheses.
    """

    kind: str
    name: str
    tokens: Tokens
    temporary: bool = False
    if_not_exists: bool = False
    own_name: str = ""
    parts: tuple[Tokens, ...] = ()
    rest: Tokens = ()

    @property
    def keys(self) -> list[str]:
        """Each token as a keyword or a sign; empty for what is quoted."""
        return [token.key for token in self.tokens]

    def columns(self) -> dict[str, Tokens]:
        """The columns of CREATE TABLE, by their names in lower case, with what defines them."""
        found = {}
        for part in self.parts:
            if self.kind == "CREATE TABLE" and part and part[0].key not in _NO_COLUMN:
                found[part[0].text.lower()] = part[1:]
        return found


def read_command(dialect: str, sql: str) -> Command:
    """Read a statement; one that is of no interest has its first word as its kind."""
    every = tokens(dialect, sql)
    keys = [token.key for token in every]
    if not keys:
        return Command("", "", every)
    if keys[0] in ("CREATE", "DROP", "ALTER", "RENAME", "TRUNCATE"):
        return _definition(every, keys)
    if keys[0] in _WRITES:
        at = 1
        while at < len(keys) and keys[at] in {"LOW_PRIORITY", "DELAYED", "QUICK", "IGNORE", "INTO", "FROM", "OR"}:
            at += 2 if keys[at] == "OR" else 1
        return Command(keys[0], _name(every, at), every)
    return Command(keys[0], _name(every, 1) if keys[0] == "PRAGMA" else "", every)


def _definition(every: Tokens, keys: Sequence[str]) -> Command:
    at = next((at for at, key in enumerate(keys[:12]) if key in _NOUNS), None)
    if at is None:
        # TRUNCATE names its table without the word.
        return Command("TRUNCATE TABLE" if keys[0] == "TRUNCATE" else keys[0], _name(every, 1), every)
    kind = f"{keys[0]} {keys[at]}"
    temporary = not _TEMPORARY.isdisjoint(keys[1:at])
    at += 1
    skips = {"IF": 3 if keys[at + 1 : at + 2] == ["NOT"] else 2}.get(keys[at] if at < len(keys) else "", 0)
    first = at + skips
    own = _name(every, first)
    if keys[0] != "ALTER" and kind.split()[1] in ("INDEX", "TRIGGER"):
        on = next((place for place in range(first, len(keys)) if keys[place] == "ON"), len(keys))
        return Command(kind, _name(every, on + 1), every, temporary, skips == 3, own)
    parts, rest = _body(kind, every, keys, _behind_name(keys, first))
    return Command(kind, own, every, temporary, skips == 3, own, parts, rest)


def _body(kind: str, every: Tokens, keys: Sequence[str], at: int) -> tuple[tuple[Tokens, ...], Tokens]:
    if kind == "ALTER TABLE":
        return tuple(split_list(every[at:])), ()
    if kind == "CREATE TABLE" and keys[at : at + 1] == ["("]:
        end = closing(every, at)
        return tuple(split_list(every[at + 1 : end])), every[end + 1 :]
    return (), every[at:]


def _behind_name(keys: Sequence[str], at: int) -> int:
    return at + (3 if keys[at + 1 : at + 2] == ["."] else 1)


def _name(every: Tokens, at: int) -> str:
    at = at + 2 if at + 2 < len(every) and every[at + 1].key == "." else at
    return every[at].text.lower() if at < len(every) else ""


def closing(every: Sequence[Token], opening: int) -> int:
    """The place of the parenthesis that closes the one at `opening`; the end where there is none."""
    depth = 0
    for at in range(opening, len(every)):
        depth += {"(": 1, ")": -1}.get(every[at].key, 0)
        if depth == 0:
            return at
    return len(every)


def split_list(every: Sequence[Token]) -> Iterator[Tokens]:
    """The items between commas that stand in no parentheses."""
    depth, item = 0, list[Token]()
    for token in every:
        depth += {"(": 1, ")": -1}.get(token.key, 0)
        if token.key == "," and depth == 0:
            yield tuple(item)
            item = []
        else:
            item.append(token)
    if item:
        yield tuple(item)


def outer_keys(every: Sequence[Token]) -> list[str]:
    """The keywords and signs that stand in no parentheses."""
    depth, found = 0, []
    for token in every:
        depth -= token.key == ")"
        if depth == 0:
            found.append(token.key)
        depth += token.key == "("
    return found


def has(every: Sequence[Token], *wanted: str) -> bool:
    """Whether these keywords stand one after the other among the tokens."""
    keys = [token.key for token in every]
    return any(keys[at : at + len(wanted)] == list(wanted) for at in range(len(keys) - len(wanted) + 1))
