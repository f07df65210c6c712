"""Splitting a script into MariaDB's and MySQL's statements."""

from __future__ import annotations

import re
from functools import partial

from surefoot.engine.dialects.mysql import client
from surefoot.engine.dialects.mysql.compound import compound_end
from surefoot.engine.dialects.mysql.lexer import lexicon
from surefoot.engine.dialects.split import Source, Split, Token, Unterminated, next_token, split_script
from surefoot.engine.model import Note, Script

_DELIMITER = re.compile(r"DELIMITER(?![\w$])[ \t]*(?P<delimiter>'[^'\n]*'|\"[^\"\n]*\"|\S*)[^\n]*", re.IGNORECASE)
_TABLE_LOCKS = frozenset({(verb, noun) for verb in ("LOCK", "UNLOCK") for noun in ("TABLE", "TABLES")})
_WHY = "Surefoot's own tables would be out of reach"
# Dumps remember it first, and bring it back at the end: SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0.
_AUTOCOMMIT = re.compile(
    r"SET\s+(?:@\w+\s*:?=\s*@@AUTOCOMMIT\s*,\s*)?(?:@@)?(?:(?:SESSION|LOCAL)[\s.]+)?AUTOCOMMIT\s*:?=\s*@?\w+\s*\Z",
    re.IGNORECASE,
)


def split(script: Script, backslash_escapes: bool = True) -> Split:
    """A script's statements, in order; bodies of stored programs are understood with and without DELIMITER.

    `backslash_escapes` is False under the SQL mode NO_BACKSLASH_ESCAPES. The client's harmless commands and
    SET autocommit are passed over with a note. Raises CommandRefused for other commands of the client, and
    MalformedFile for NUL characters and for quotes and comments without an end.
    """
    rules = lexicon(";", backslash_escapes)
    return split_script(script, rules, partial(_take, backslash_escapes=backslash_escapes))


def split_for_run(script: Script) -> Split:
    """As `split`, without LOCK TABLES and UNLOCK TABLES: under them Surefoot's own tables would be out of reach."""
    found = split(script)
    passed = [each for each in found.statements if each.words[:2] in _TABLE_LOCKS]
    notes = [Note(each.path, each.line, f"{' '.join(each.words[:2])} is passed over: {_WHY}") for each in passed]
    kept = tuple(each for each in found.statements if each.words[:2] not in _TABLE_LOCKS)
    return Split(kept, (*found.notes, *notes))


def _take(source: Source, start: int, *, backslash_escapes: bool) -> int:
    text = source.text
    if found := _DELIMITER.match(text, start):
        source.lexicon = lexicon(_delimiter(source, start, found["delimiter"]), backslash_escapes)
        return found.end()
    if found := client.NAMED.match(text, start):
        _decide(source, start, found["name"], client.refusal(found["name"]))
        return found.end()
    if source.lexicon is lexicon(";", backslash_escapes):
        end = compound_end(text, start, source.lexicon, backslash_escapes=backslash_escapes)
        if end is not None:
            return _compound(source, start, end)
    return _plain(source, start)


def _delimiter(source: Source, start: int, argument: str) -> str:
    delimiter = argument.strip("'\"")
    if not delimiter or "\\" in delimiter:
        message = "DELIMITER needs one or more characters, none of them a backslash"
        raise source.malformed(start, message, "Write, for instance, DELIMITER //")
    return delimiter


def _decide(source: Source, start: int, name: str, hint: str | None) -> None:
    if hint is not None:
        raise source.refused(start, name, hint)
    source.note(start, f"{name} is the client's own and changes nothing here: passed over")


def _compound(source: Source, start: int, end: int) -> int:
    position = last = start
    while position < end:
        token = next_token(source.lexicon, source.text, position)
        position, last = token.end, max(last, token.last)
        if token.start < end and token.kind != "eof":
            last = token.end
    source.add(start, last)
    return end + 1


def _plain(source: Source, start: int) -> int:
    token, last = _terminator(source, start)
    if token.kind != "backslash":
        _add(source, start, last)
        return token.end
    found = client.SHORT.match(source.text, token.start)
    assert found is not None, "a backslash alone is a command without a name"
    if found["name"] in {"g", "G"} and last > start:
        _add(source, start, last)
        return token.end + 1
    hint = client.short_refusal(found["name"])
    if last > start:
        hint = hint or "Move it out of the statement, or end the statement first."
    _decide(source, token.start, f"\\{found['name']}", hint)
    return found.end()


def _terminator(source: Source, start: int) -> tuple[Token, int]:
    executed, last, position = 0, start, start
    while True:
        token = next_token(source.lexicon, source.text, position)
        position, last = token.end, max(last, token.last)
        if token.kind in {"open", "close"}:
            executed = max(0, executed + (1 if token.kind == "open" else -1))
        elif not executed:
            return token, last
        elif token.kind == "eof":
            raise Unterminated("comment", start)
        last = position


def _add(source: Source, start: int, last: int) -> None:
    if _AUTOCOMMIT.match(source.text, start, last):
        source.note(start, "SET autocommit is passed over: Surefoot decides when to commit")
    elif last > start:
        source.add(start, last)
