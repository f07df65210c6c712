"""What the folder says of a column on MariaDB and MySQL: its definition, as the last migration before left it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from surefoot.engine.lint.command import Tokens, closing, has, outer_keys
from surefoot.engine.lint.model import Parsed


@dataclass(frozen=True, slots=True)
class Redefinition:
    """A MODIFY or CHANGE: the column's name before, and its whole new definition."""

    column: str
    definition: Tokens


def redefinitions(parsed: Parsed) -> Iterator[Redefinition]:
    """The columns that an ALTER TABLE defines anew."""
    for part in parsed.tree.parts if parsed.kind == "ALTER TABLE" else ():
        if part and part[0].key in ("MODIFY", "CHANGE"):
            at = _first_name(part)
            if at < len(part):
                behind = at + (2 if part[0].key == "CHANGE" else 1)
                yield Redefinition(part[at].text.lower(), part[behind:])


def definition(table: str, column: str, before: Iterable[Parsed]) -> Tokens | None:
    """The column's definition after these statements; None where they do not say."""
    found: Tokens | None = None
    for parsed in before:
        if parsed.kind == "CREATE TABLE" and parsed.tree.name == table:
            found = parsed.tree.columns().get(column)
        if parsed.kind == "ALTER TABLE" and parsed.tree.name == table:
            for part in parsed.tree.parts:
                found = _altered(part, column, found)
    return found


def _altered(part: Tokens, column: str, found: Tokens | None) -> Tokens | None:
    at = _first_name(part)
    names = [token.text.lower() for token in part[at : at + 2]]
    verb = part[0].key if part else ""
    if verb in ("ADD", "MODIFY") and names[:1] == [column]:
        return part[at + 1 :]
    if verb == "CHANGE" and column in names:
        return part[at + 2 :] if names[1:] == [column] else None
    if verb == "DROP" and names[:1] == [column]:
        return None
    return found


def _first_name(part: Tokens) -> int:
    """The place of the column's name in a clause of ALTER TABLE."""
    at = 1
    while at < len(part) and part[at].key in ("COLUMN", "IF", "NOT", "EXISTS"):
        at += 1
    return at


def attributes(column: Tokens) -> dict[str, str]:
    """What a definition says beside the type, by the words that one would write."""
    keys = outer_keys(column)
    pairs = [f"{one} {other}" for one, other in pairwise(keys)]
    said = {"NOT NULL": "NOT NULL" in pairs, "NULL": _says_null(pairs, keys), "ON UPDATE": "ON UPDATE" in pairs}
    said |= {word: word in keys for word in ("DEFAULT", "COMMENT", "AUTO_INCREMENT", "UNSIGNED", "COLLATE")}
    said["CHARACTER SET"] = "CHARACTER SET" in pairs or "CHARSET" in keys
    said["GENERATED"] = "GENERATED" in keys or "AS" in keys
    return {word: word for word, there in said.items() if there}


def _says_null(pairs: Sequence[str], keys: Sequence[str]) -> bool:
    """Whether it says NULL by itself: not as a part of NOT NULL, DEFAULT NULL or SET NULL."""
    others = sum(pair in ("NOT NULL", "SET NULL") for pair in pairs)
    return keys.count("NULL") > others


def is_key(table: str, column: str, before: Iterable[Parsed]) -> bool:
    """Whether the column was made as a part of the primary key, which is NOT NULL without saying so."""
    made = [each.tree for each in before if each.kind == "CREATE TABLE" and each.tree.name == table]
    listed = [part for command in made for part in command.parts if has(part, "PRIMARY", "KEY")]
    return any(column in {token.text.lower() for token in part} for part in listed)


def column_type(column: Tokens) -> str:
    """The type with its parentheses, in upper case."""
    if not column:
        return ""
    end = closing(column, 1) + 1 if column[1:2] and column[1].key == "(" else 1
    unsigned = " UNSIGNED" if "UNSIGNED" in outer_keys(column) else ""
    return "".join(token.text.upper() for token in column[:end]) + unsigned


def enum_values(column: Tokens) -> list[str]:
    """The values of an ENUM, in their order; none for another type."""
    if not column or column[0].key != "ENUM":
        return []
    return [token.text for token in column[: closing(column, 1)] if token.kind == "text"]
