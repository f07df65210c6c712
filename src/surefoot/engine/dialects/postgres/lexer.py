"""The lexical rules of PostgreSQL, as psql's scanner applies them to a file.

standard_conforming_strings is taken to be on, as it is by default since 9.1.
"""

from __future__ import annotations

import re

from surefoot.engine.dialects.split import (
    BLANKS,
    LETTER,
    NO_BLANK,
    PART,
    REST_OF_LINE,
    SOME,
    Lexicon,
    Unterminated,
    end_of_all,
)

_FLAT_COMMENT = rf"/\*[^*/]*(?:(?:\*+(?![*/])|/(?!\*))[^*/]*){SOME}\*+/"
_COMMENT = rf"--{REST_OF_LINE}|{_FLAT_COMMENT}"
GAP = rf"(?:{BLANKS}|{_COMMENT})"

# The quotes behind an e may have backslashes in them: those are left to `beyond`.
_STRING = "'(?<![eE]')[^']*'"
_RUN = r"[^-/'\"$;\\()]"
_FLAT_PARENTHESES = rf"\((?:{_RUN}*{_STRING}){SOME}{_RUN}*\)"
# A $ in a name, or before a parameter's number, begins no quotes.
_DOLLAR = rf"\$(?!{LETTER}|\$)|(?<={PART})\$"
_SOLID = rf"{_RUN}+|{_STRING}|{_FLAT_PARENTHESES}|\"[^\"]*\"|-(?!-)|/(?!\*)|{_DOLLAR}"
_EVENT = r"(?P<end>;)|(?P<open>\()|(?P<close>\))|(?P<backslash>\\)"

_NO_WORD = (
    r"[\x00-!#%&(-,.:-@\[-\^`{-\x7f]+|[0-9][A-Za-z0-9_.]*|(?:[bBxXnN]|[uU]&)?'[^']*'|(?:[uU]&)?\"[^\"]*\""
    rf"|{_COMMENT}|-(?!-)|/(?!\*)|\$(?!{LETTER}|\$)"
)
_WORD = rf"(?![bBeEnNxX]'|[uU]&['\"]){LETTER}{PART}*"

_DOLLAR_QUOTE = re.compile(rf"\$(?:{LETTER}[^\x00-/:-@\[-\^`{{-\x7f]*)?\$")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_WITH_ESCAPES = re.compile(rf"[^'\\]*(?:(?:\\.|'')[^'\\]*){SOME}", re.DOTALL)
# A string goes on behind a line break, with the escapes that it began with (SQL standard, 5.3).
_CONTINUED = re.compile(r"[ \t\f\v]*(?:--[^\n]*)?\n(?:[ \t\n\f\v]*--[^\n]*\n)*[ \t\n\f\v]*'")
_ESCAPES = re.compile(rf"(?<!{PART})[eE]$")


def beyond(text: str, position: int) -> tuple[int, bool]:
    """The end of a quote or comment that no one pattern can tell, and whether it is more than a comment."""
    if text[position] == "/":
        return _comment(text, position), False
    if text[position] == "$":
        return _dollar_quoted(text, position), True
    if text[position] == '"':
        raise Unterminated("quoted name", position)
    return _string(text, position), True


def _comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise Unterminated("comment", start)


def _dollar_quoted(text: str, start: int) -> int:
    quote = _DOLLAR_QUOTE.match(text, start)
    if quote is None:
        return start + 1
    end = text.find(quote[0], quote.end())
    if end < 0:
        raise Unterminated(f"{quote[0]} quote", start)
    return end + len(quote[0])


def _string(text: str, start: int) -> int:
    opening = text.find("'", start)
    escapes = text[start] in "eE" or _ESCAPES.search(text, max(0, start - 2), start)
    end = _escaped_end(text, opening + 1) if escapes else text.find("'", opening + 1)
    if end < 0:
        raise Unterminated("string", start)
    return end + 1


def _escaped_end(text: str, inside: int) -> int:
    """The offset of the last quote; -1 where there is none."""
    further: re.Match[str] | None
    while text.startswith("'", end := end_of_all(_WITH_ESCAPES, text, inside)):
        if (further := _CONTINUED.match(text, end + 1)) is None:
            return end
        inside = further.end()
    return -1


LEXICON = Lexicon(
    gap=re.compile(f"{GAP}{SOME}"),
    scan=re.compile(f"{GAP}{SOME}(?P<solid>(?:{NO_BLANK}(?:{_SOLID}){SOME})?)(?:{_EVENT})?"),
    word=re.compile(f"(?:{_NO_WORD}){SOME}(?P<word>{_WORD})?"),
    beyond=beyond,
)
