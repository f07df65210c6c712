"""Which objects a statement names: read with the dialect's own lexical rules, so that no comment or text misleads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from surefoot.engine.dialects.mysql.lexer import EXECUTED, GAP, beyond, quoted
from surefoot.engine.dialects.split import Unterminated, word_set

# Names stand at a statement's beginning; only RENAME and DROP have long lists of them.
_MOST_PIECES = 20_000
_PIECE = re.compile(
    rf"{GAP}|{EXECUTED}|\*/|(?P<variable>@@?(?:`[^`]*`|[\w.$]*))|(?P<name>`[^`]*(?:``[^`]*)*`(?!`))"
    rf"|(?P<text>{quoted(True)})|(?P<beyond>['\"]|/\*)|(?P<word>[\w$]+)|(?P<mark>.)",
    re.DOTALL,
)
_KINDS = word_set("TABLE VIEW INDEX TRIGGER PROCEDURE FUNCTION EVENT SEQUENCE DATABASE SCHEMA PACKAGE")
_NO_NAMES = frozenset({"USER", "ROLE", "SERVER", "TABLESPACE", "LOGFILE", "INSTANCE", "RESOURCE", "UNDO"})
# They change what is in a table and leave its definition as it is; so does RESTART with a sequence.
_UNSEEN = frozenset(
    {
        ("EXCHANGE", "PARTITION"),
        ("IMPORT", "PARTITION"),
        ("IMPORT", "TABLESPACE"),
        ("DISCARD", "PARTITION"),
        ("DISCARD", "TABLESPACE"),
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A word (upper case in `key`), a quoted name, a quoted text, a user or system variable, or a punctuation mark."""

    kind: str
    text: str

    @property
    def key(self) -> str:
        """The word in upper case, or the mark; empty for what is quoted."""
        return self.text.upper() if self.kind in {"word", "mark"} else ""


Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The objects that a statement makes, changes or removes: their kind, and names with or without a database.

    `names` is empty where the current database is meant. `seen` is False where the statement can take effect without
    a change of any definition.
    """

    kind: str
    names: tuple[Name, ...]
    verb: str
    if_exists: bool = False
    seen: bool = True


def pieces(sql: str) -> Iterator[Piece]:
    """The pieces of a statement's beginning; see `located`."""
    return (piece for piece, _, _ in islice(located(sql), _MOST_PIECES))


def located(sql: str) -> Iterator[tuple[Piece, int, int]]:
    """The pieces of a whole text, each with the offsets of its first character and behind its last one.

    Comments are left out, and so are the ends of a comment that the server executes.
    """
    position = 0
    while (found := _PIECE.match(sql, position)) is not None:
        kind, at, position = found.lastgroup, position, found.end()
        if kind == "beyond":
            kind, position = _beyond(sql, at)
        if kind == "name":
            yield Piece("name", found[0][1:-1].replace("``", "`")), at, position
        elif kind is not None:
            yield Piece(kind, sql[at:position]), at, position


def _beyond(sql: str, at: int) -> tuple[str | None, int]:
    try:
        end, more = beyond(sql, at)
    except Unterminated:
        return "mark", at + 1
    return "text" if more else None, end


def named(sql: str) -> Named | None:
    """The objects of a DDL statement; None where it names none that could be looked up."""
    parts = list(pieces(sql))
    if not parts:
        return None
    if parts[0].key == "RENAME":
        return _rename(parts)
    if parts[0].key not in {"CREATE", "ALTER", "DROP"}:
        return None
    return _definition(parts)


def _definition(parts: Sequence[Piece]) -> Named | None:
    at = next((at for at, part in enumerate(parts) if part.key in _KINDS | _NO_NAMES | {"TABLES"}), None)
    if at is None or parts[at].key in _NO_NAMES:
        return None
    verb, kind = parts[0].key, parts[at].key.replace("SCHEMA", "DATABASE").replace("TABLES", "TABLE")
    if kind == "PACKAGE" and _key(parts, at + 1) == "BODY":
        kind, at = "PACKAGE BODY", at + 1
    at, if_exists = _skip_if(parts, at + 1)
    if kind == "INDEX":
        return _index(parts, at, verb)
    if verb == "DROP":
        return _named(kind, _list(parts, at), verb, if_exists=if_exists)
    if kind == "DATABASE" and (at >= len(parts) or not _is_database_name(parts, at)):
        return Named(kind, (), verb)
    first = _name(parts, at)
    return _altered(parts, kind, first) if verb == "ALTER" else _named(kind, [first], verb)


def _named(kind: str, names: Sequence[Name], verb: str, *, if_exists: bool = False, seen: bool = True) -> Named | None:
    return Named(kind, tuple(names), verb, if_exists, seen) if names and all(names) else None


def _key(parts: Sequence[Piece], at: int) -> str:
    return parts[at].key if at < len(parts) else ""


def _skip_if(parts: Sequence[Piece], at: int) -> tuple[int, bool]:
    """Step over IF EXISTS or IF NOT EXISTS."""
    if _key(parts, at) != "IF":
        return at, False
    return (at + 3, False) if _key(parts, at + 1) == "NOT" else (at + 2, True)


def _is_database_name(parts: Sequence[Piece], at: int) -> bool:
    """ALTER DATABASE may leave the name out; what follows then is an option."""
    options = {"DEFAULT", "CHARACTER", "CHARSET", "COLLATE", "COMMENT", "ENCRYPTION", "READ", "UPGRADE"}
    return parts[at].kind == "name" or parts[at].key not in options or parts[0].key != "ALTER"


def _name(parts: Sequence[Piece], at: int) -> Name:
    """The name that begins at a place, with its database where it has one; empty where there is none."""
    if at >= len(parts) or parts[at].kind not in {"name", "word", "text"}:
        return ()
    first = _bare(parts[at])
    if _key(parts, at + 1) == "." and at + 2 < len(parts):
        return first, _bare(parts[at + 2])
    return (first,)


def _bare(part: Piece) -> str:
    # Under ANSI_QUOTES a name stands in double quotes.
    return part.text[1:-1].replace('""', '"') if part.kind == "text" else part.text


def _after(parts: Sequence[Piece], at: int) -> int:
    return at + (3 if _key(parts, at + 1) == "." else 1)


def _list(parts: Sequence[Piece], at: int) -> list[Name]:
    names = [_name(parts, at)]
    while _key(parts, at := _after(parts, at)) == ",":
        at += 1
        names.append(_name(parts, at))
    return names


def _index(parts: Sequence[Piece], at: int, verb: str) -> Named | None:
    on = next((place for place in range(at, len(parts)) if parts[place].key == "ON"), len(parts))
    return _named("TABLE", [_name(parts, on + 1)], "ALTER" if verb == "DROP" else verb)


def _altered(parts: Sequence[Piece], kind: str, first: Name) -> Named | None:
    """ALTER names its object, and perhaps the new name of it."""
    depth, names, seen = 0, [first], True
    for at, part in enumerate(parts):
        depth += {"(": 1, ")": -1}.get(part.key, 0)
        if depth == 0:
            seen = seen and (part.key, _key(parts, at + 1)) not in _UNSEEN
            seen = seen and (kind, part.key) != ("SEQUENCE", "RESTART")
            if part.key == "RENAME" and (new := _new_name(parts, at + 1)):
                names.append(new)
    return _named(kind, names, "ALTER", seen=seen)


def _new_name(parts: Sequence[Piece], at: int) -> Name:
    if _key(parts, at) in {"COLUMN", "INDEX", "KEY"} and _key(parts, at + 1) not in {"", ","}:
        return ()
    return _name(parts, at + 1 if _key(parts, at) in {"TO", "AS", "="} else at)


def _rename(parts: Sequence[Piece]) -> Named | None:
    if _key(parts, 1) not in {"TABLE", "TABLES"}:
        return None
    at, if_exists = _skip_if(parts, 2)
    names: list[Name] = []
    while at < len(parts):
        names.append(_name(parts, at))
        at = next((place + 1 for place in range(at, len(parts)) if parts[place].key == "TO"), len(parts))
        names.append(_name(parts, at))
        at = _after(parts, at) + 1
    # Tables that change places may all look as before.
    return _named("TABLE", names, "RENAME", if_exists=if_exists, seen=len(set(names)) == len(names))
