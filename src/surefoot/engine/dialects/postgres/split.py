"""Splitting a script into PostgreSQL's statements, as psql would send them.

Why it is not the server's own grammar: docs/decisions/0001-own-postgresql-splitter.md.
"""

from __future__ import annotations

import re
from itertools import pairwise

from surefoot.engine.dialects.postgres.lexer import GAP, LEXICON
from surefoot.engine.dialects.postgres.psql import refusal
from surefoot.engine.dialects.split import (
    Source,
    Split,
    Token,
    each_word,
    leading_words,
    next_token,
    skip_gap,
    split_script,
)
from surefoot.engine.model import Script

_NAME = r'(?:(?:[uU]&)?"[^"]*"|[^\W\d][\w$]*(?![\w$]))'
_COLUMNS = r'\([^()"]*(?:"[^"]*"[^()"]*)*\)'
# The grammar takes FROM STDOUT for FROM STDIN.
_COPY_FROM_CLIENT = re.compile(
    rf"COPY{GAP}+(?:BINARY{GAP}+)?{_NAME}{GAP}*(?:\.{GAP}*{_NAME}{GAP}*)*(?:{_COLUMNS}{GAP}*)?"
    rf"FROM{GAP}+(?:STDIN|STDOUT)(?![\w$])",
    re.IGNORECASE,
)
_REST_OF_LINE = re.compile(r"[ \t]*(?:--[^\n]*)?(?:\n|\Z)")
_END_OF_DATA = re.compile(r"\n\\\.(?=\n|\Z)")

_ROUTINES = frozenset({"FUNCTION", "PROCEDURE"})
_END = re.compile(r"END(?![\w$])", re.IGNORECASE)

# Arguments end with the line, or where the next command begins; quotes hide a backslash.
_COMMAND = re.compile(
    r"\\(?P<name>[^\s\\]*)(?P<arguments>(?:'(?:[^'\\\n]|\\.)*'|\"[^\"\n]*\"|`[^`\n]*`|[^\\\n])*)(?:\\\\)?"
)


def split(script: Script) -> Split:
    """A script's statements, in order, with the data of each COPY ... FROM stdin.

    psql's harmless commands are passed over with a note. Raises CommandRefused for the others, and
    MalformedFile for NUL characters and for quotes and comments without an end.
    """
    return split_script(script, LEXICON, _take)


def _take(source: Source, start: int) -> int:
    token = _terminator(source.text, start)
    if token.kind == "backslash":
        return _command(source, start, token)
    return _statement(source, start, token.last, token.end)


def _statement(source: Source, start: int, last: int, position: int) -> int:
    if last <= start:
        return position
    if not _COPY_FROM_CLIENT.match(source.text, start, last):
        source.add(start, last)
        return position
    begin, end, position = _copy_data(source, position)
    data = source.text[begin:end]
    source.add(start, last, data if not data or data.endswith("\n") else f"{data}\n")
    return position


def _copy_data(source: Source, position: int) -> tuple[int, int, int]:
    """Where a COPY's data begins and ends, and where SQL goes on; a file's end ends data, as in psql."""
    rest = _REST_OF_LINE.match(source.text, position)
    if rest is None:
        message, hint = "something follows COPY ... FROM stdin on its line", "Begin a new line for the data."
        raise source.malformed(position, message, hint)
    begin = rest.end()
    if found := _END_OF_DATA.search(source.text, max(0, begin - 1)):
        return begin, max(begin, found.start() + 1), found.end()
    return begin, len(source.text), len(source.text)


def _terminator(text: str, start: int) -> Token:
    """The token that ends the statement which begins at `start`; `last` is the statement's own end."""
    token = _top_level(text, start)
    if token.kind == "end" and text[start] in "cC" and _opens_body(text[start : token.start]):
        # Inside BEGIN ATOMIC every statement has its semicolon, so that only one may be followed by END.
        while token.kind == "end" and not _END.match(text, skip_gap(LEXICON, text, token.end)):
            token = _further(text, token)
        if token.kind == "end":
            token = _further(text, token)
    return token


def _further(text: str, token: Token) -> Token:
    following = _top_level(text, token.end)
    return following._replace(last=max(following.last, token.end))


def _opens_body(head: str) -> bool:
    words = leading_words(LEXICON, head)
    kind = words[3:4] if words[1:3] == ("OR", "REPLACE") else words[1:2]
    if words[0] != "CREATE" or not kind or kind[0] not in _ROUTINES:
        return False
    all_words = list(each_word(LEXICON, head))
    return ("BEGIN", "ATOMIC") in pairwise(all_words) and all_words[-2:] != ["ATOMIC", "END"]


def _top_level(text: str, position: int) -> Token:
    depth, last = 0, -1
    while True:
        token = next_token(LEXICON, text, position)
        position, last = token.end, max(last, token.last)
        if token.kind == "open":
            depth, last = depth + 1, position
        elif token.kind == "close":
            depth, last = max(0, depth - 1), position
        elif depth == 0 or token.kind != "end":
            return token._replace(last=last)


def _command(source: Source, start: int, token: Token) -> int:
    found = _COMMAND.match(source.text, token.start)
    assert found is not None, "a backslash alone is a command without a name"
    name, arguments = found["name"], found["arguments"].strip()
    inside = token.last > start
    if name in {"g", "gx"} and not arguments and inside:
        return _statement(source, start, token.last, found.end())
    if (hint := refusal(name, arguments)) is not None:
        raise source.refused(token.start, f"\\{name}", hint)
    if inside:
        raise source.refused(token.start, f"\\{name}", "Move it out of the statement, or end the statement first.")
    source.note(token.start, f"\\{name} is psql's own and changes nothing here: passed over")
    return found.end()
