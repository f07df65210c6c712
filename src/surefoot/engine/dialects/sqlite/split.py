"""Splitting a script into SQLite's statements: the library itself says where each one ends."""

from __future__ import annotations

import re
import sqlite3

from surefoot.engine.dialects.split import (
    BLANK,
    BLANKS,
    BLOCK_COMMENT,
    LETTER,
    NO_BLANK,
    PART,
    REST_OF_LINE,
    SOME,
    Lexicon,
    Source,
    Split,
    Unterminated,
    comment_end,
    leading_words,
    next_token,
    split_script,
    word_set,
)
from surefoot.engine.model import Script

_GAP = rf"(?:{BLANKS}|--{REST_OF_LINE}|{BLOCK_COMMENT})"
_QUOTED = r"'[^']*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]"
_SINGLE = r"-(?!-)|/(?!\*)"
_SOLID = rf"{NO_BLANK}(?:[^-/'\"`\[;]+|{_QUOTED}|{_SINGLE}){SOME}"


def _beyond(text: str, position: int) -> tuple[int, bool]:
    if text[position] == "/":
        return comment_end(text, position), False
    raise Unterminated("string" if text[position] == "'" else "quoted name", position)


_LEXICON = Lexicon(
    gap=re.compile(f"{_GAP}{SOME}"),
    scan=re.compile(rf"{_GAP}{SOME}(?P<solid>(?:{_SOLID})?)(?P<end>;)?"),
    word=re.compile(
        r"(?:[\x00-!#-&(-,.:-@\\\]\^{-\x7f]+|[0-9][A-Za-z0-9_.]*|[xX]'[^']*'"
        rf"|{_QUOTED}|{_GAP}|{_SINGLE}){SOME}(?P<word>(?![xX]'){LETTER}{PART}*)?"
    ),
    beyond=_beyond,
)

_FOREIGN_KEYS = re.compile(
    r"PRAGMA\s+(?:\w+\s*\.\s*)?foreign_keys\s*(?:=\s*|\(\s*)[\w'\"-]+\s*(?:\)\s*)?\Z", re.IGNORECASE
)
_COMMAND = re.compile(r"\.(?P<name>\w*)[^\n]*")
_HARMLESS = word_set(
    "bail changes echo eqp explain header headers mode nullvalue print prompt separator show stats timeout timer width"
)
_INLINE = "Put that file's SQL here, or make it a migration of its own."
_SHELL = "Remove it: a migration is SQL only; run programs before or after the run."
_CONNECTION = "Remove it: a migration runs on the one target that the run was started for."
_INSTEAD = {
    "read": _INLINE,
    "import": "Write INSERT statements.",
    "load": "Load the extension in the application: a migration is SQL only.",
    "open": _CONNECTION,
    "connection": _CONNECTION,
    "shell": _SHELL,
    "system": _SHELL,
    "cd": _SHELL,
    "exit": "Remove what follows it from the file: a migration runs to its end.",
    "quit": "Remove what follows it from the file: a migration runs to its end.",
}
_UNKNOWN = "Write it in SQL: the shell's own commands are not run."


def split(script: Script) -> Split:
    """A script's statements, in order; a trigger with its body is one.

    The shell's harmless commands, and PRAGMA foreign_keys (which the engine sees to around each step), are
    passed over with a note. Raises CommandRefused for the shell's other commands, and MalformedFile for NUL
    characters and for quotes and comments without an end.
    """
    return split_script(script, _LEXICON, _take)


def words_of(sql: str) -> tuple[str, ...]:
    """The leading bare words of a statement, as `Statement.words` holds them."""
    return leading_words(_LEXICON, sql)


def _take(source: Source, start: int) -> int:
    if found := _COMMAND.match(source.text, start):
        _command(source, start, found["name"])
        return found.end()
    position, last, complete = start, start, False
    while not complete:
        token = next_token(_LEXICON, source.text, position)
        complete = token.kind == "eof" or (
            (position == start or _behind_end(source.text, token.last))
            and sqlite3.complete_statement(source.text[start : token.end])
        )
        position, last = token.end, max(last, token.last if complete else token.end)
    _add(source, start, last)
    return position


def _behind_end(text: str, last: int) -> bool:
    """Whether a trigger could be complete: asking the library each time would take too long for long texts."""
    while text[last - 1] in BLANK:
        last -= 1
    return text[last - 3 : last].upper() == "END"


def _command(source: Source, start: int, name: str) -> None:
    if name not in _HARMLESS:
        raise source.refused(start, f".{name}", _INSTEAD.get(name, _UNKNOWN))
    source.note(start, f".{name} is the shell's own and changes nothing here: passed over")


def _add(source: Source, start: int, last: int) -> None:
    if _FOREIGN_KEYS.match(source.text, start, last):
        source.note(start, "PRAGMA foreign_keys is passed over: Surefoot sees to it around each step")
    elif last > start:
        source.add(start, last)
