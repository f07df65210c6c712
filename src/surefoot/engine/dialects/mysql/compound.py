"""Where a stored program's body ends when its file sets no DELIMITER of its own.

The mysql client would cut such a body at its first semicolon; files written for other tools rely on its being
understood. A word begins or ends a block only where a block can begin or end: many of these words are also
names. Not understood without DELIMITER: Oracle-mode declarations before BEGIN, and BEGIN in a package's own
body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, pairwise

from surefoot.engine.dialects.mysql.lexer import CLOSE, EXECUTED, GAP, WORD, beyond, quoted
from surefoot.engine.dialects.split import Lexicon, leading_words

_HEAD = re.compile(
    rf"(?:{EXECUTED}{GAP}*)?(?:CREATE|BEGIN|IF|CASE|LOOP|REPEAT|WHILE|FOR)(?![\w$])",
    re.IGNORECASE | re.DOTALL,
)
_PROGRAMS = frozenset({"PROCEDURE", "FUNCTION", "TRIGGER", "EVENT", "PACKAGE"})
_OTHERS = frozenset(
    {"TABLE", "VIEW", "INDEX", "DATABASE", "SCHEMA", "USER", "ROLE", "SERVER", "SEQUENCE", "TABLESPACE"}
)

_BEFORE_STATEMENT = frozenset({"", ";", ":", "THEN", "ELSE", "BEGIN", "DO", "LOOP", "REPEAT", "ROW"})
# The last word of a routine's head or of a handler's condition; a quoted text may be a comment or a name.
_BEFORE_BODY = frozenset(
    {"DETERMINISTIC", "SQL", "DATA", "DEFINER", "INVOKER", "FOUND", "SQLEXCEPTION", "SQLWARNING", "'"}
)
_BESIDE_NAME = frozenset(".,=<>")


@dataclass(slots=True)
class _Blocks:
    """What is open at one place of a statement; `package` while a package's AS is still to come."""

    package: bool
    open: list[str] = field(default_factory=list)
    parentheses: int = 0
    executed: int = 0

    def closed(self) -> bool:
        return not self.open and self.parentheses == 0 and self.executed == 0


def compound_end(text: str, start: int, lexicon: Lexicon, *, backslash_escapes: bool) -> int | None:
    """The offset of the semicolon (or of the end of the text) that ends the compound statement at `start`.

    None where what begins there is no compound statement.
    """
    if not _HEAD.match(text, start):
        return None
    words = leading_words(lexicon, text, start)
    if not _is_compound(words):
        return None
    blocks = _Blocks(package=words[0] == "CREATE" and "PACKAGE" in words)
    before = ""
    for (piece, at), (after, _) in pairwise(chain(_pieces(text, start, backslash_escapes), [("", 0)])):
        if piece == ";" and blocks.closed():
            return at
        _pass(blocks, before, piece, after)
        before = piece
    return len(text)


def _is_compound(words: tuple[str, ...]) -> bool:
    if words[0] == "CREATE":
        return next((word for word in words if word in _PROGRAMS | _OTHERS), "") in _PROGRAMS
    return words[0] != "BEGIN" or words[1:3] == ("NOT", "ATOMIC")


@cache
def _piece_pattern(backslash_escapes: bool) -> re.Pattern[str]:
    return re.compile(
        rf"{GAP}|(?P<quoted>{quoted(backslash_escapes)})|(?P<executed>{EXECUTED})|[0-9][\w.]*"
        rf"|(?P<piece>{WORD}|{CLOSE}|[;:().,=<>])|(?P<beyond>['\"`]|/\*)|.",
        re.DOTALL,
    )


def _pieces(text: str, start: int, backslash_escapes: bool) -> Iterator[tuple[str, int]]:
    pattern, position = _piece_pattern(backslash_escapes), start
    while found := pattern.match(text, position):
        kind, at, position = found.lastgroup, position, found.end()
        if kind == "beyond":
            position, more = beyond(text, at)
            kind = "quoted" if more else None
        if kind == "piece":
            yield found[0].upper(), at
        elif kind is not None:
            yield "'" if kind == "quoted" else "/*!", at


def _pass(blocks: _Blocks, before: str, piece: str, after: str) -> None:
    if piece in {"(", ")"}:
        blocks.parentheses += 1 if piece == "(" else -1
    elif piece in {"/*!", "*/"}:
        blocks.executed += 1 if piece == "/*!" else -1
    elif blocks.parentheses > 0:
        return
    elif piece == "END":
        if blocks.open and _closes(blocks.open[-1], before):
            blocks.open.pop()
    elif _opens(blocks, before, piece, after):
        blocks.package = blocks.package and piece not in {"AS", "IS"}
        blocks.open.append(piece)


def _closes(block: str, before: str) -> bool:
    # A CASE expression ends behind an expression, and so does UNTIL.
    if block in {"CASE", "REPEAT"}:
        return before not in _BESIDE_NAME | {"AS"}
    return before in _BEFORE_STATEMENT | {"AS", "IS"}


def _opens(blocks: _Blocks, before: str, piece: str, after: str) -> bool:
    if before == "END":
        return False
    if piece in {"CASE", "LOOP", "WHILE"}:
        return True
    if piece == "BEGIN":
        return not ({before, after} & _BESIDE_NAME or after in {";", ")"})
    if piece == "FOR":
        return before in _BEFORE_STATEMENT and after not in {"EACH", "UPDATE"}
    if piece in {"IF", "REPEAT"}:
        return before in _BEFORE_STATEMENT | _BEFORE_BODY or (before == ")" and not blocks.open)
    return blocks.package and piece in {"AS", "IS"}
