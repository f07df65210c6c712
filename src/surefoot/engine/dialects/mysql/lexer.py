"""The lexical rules of MariaDB and MySQL.

A comment that the server executes (`/*! ... */`, `/*M! ... */`) is text like any other; its two ends are
tokens.
"""

from __future__ import annotations

import re
from functools import cache

from surefoot.engine.dialects.split import (
    BLANKS,
    BLOCK_COMMENT,
    NO_BLANK,
    PART,
    REST_OF_LINE,
    SOME,
    Lexicon,
    Unterminated,
    comment_end,
    end_of_all,
)

# The first line of mariadb-dump's output is a command to its client, wrapped so that a server skips it.
_SANDBOX = r"/\*M?!999999\\-[^*]*\*/"
# Two dashes begin a comment only before a blank or a control character: 5--1 is arithmetic.
_DASHES = r"--(?=[\x00-\x20\x7f]|\Z)"
COMMENT = rf"{_DASHES}{REST_OF_LINE}|\#{REST_OF_LINE}|(?!/\*M?!){BLOCK_COMMENT}|{_SANDBOX}"
GAP = rf"(?:{BLANKS}|{COMMENT})"
EXECUTED = rf"(?!{_SANDBOX})/\*M?![0-9]*"
# In 2 */* c */ 3 a comment begins; none ends.
CLOSE = r"\*/(?!\*)"
WORD = rf"(?![0-9]){PART}+"
_SPECIAL = "-/'\"`#\\*"
_SINGLE = rf"(?!{_DASHES})-|/(?!\*)"

_QUOTES = {"'": "string", '"': "quoted text", "`": "quoted name"}
_ESCAPES = {quote: re.compile(rf"(?:[^{quote}\\]*\\.){SOME}", re.DOTALL) for quote in "'\""}


def beyond(text: str, position: int) -> tuple[int, bool]:
    """The end of a quote or comment with more in it than a pattern takes, and whether it is more than a comment.

    Without an end, it has none in either setting of NO_BACKSLASH_ESCAPES: raises Unterminated.
    """
    if text.startswith(("/*!", "/*M!"), position):
        return position, True
    quote = text[position]
    if quote not in _QUOTES:
        return comment_end(text, position), False
    inside = end_of_all(_ESCAPES[quote], text, position + 1) if quote in _ESCAPES else position + 1
    end = text.find(quote, inside)
    if end < 0:
        raise Unterminated(_QUOTES[quote], position)
    return end + 1, True


def quoted(backslash_escapes: bool) -> str:
    """The pattern of a quoted text or name."""
    if not backslash_escapes:
        return "'[^']*'|\"[^\"]*\"|`[^`]*`"
    return rf"'[^'\\]*(?:\\.[^'\\]*){SOME}'|\"[^\"\\]*(?:\\.[^\"\\]*){SOME}\"|`[^`]*`"


@cache
def lexicon(delimiter: str, backslash_escapes: bool) -> Lexicon:
    """The rules for one delimiter and one setting of NO_BACKSLASH_ESCAPES."""
    quotes = quoted(backslash_escapes)
    end = re.escape(delimiter)
    # A delimiter may begin with any character: a run of plain text stops there, to look.
    first = re.escape(delimiter[0])
    run = rf"[^{re.escape(_SPECIAL)}{first}]+" + ("" if delimiter[0] in _SPECIAL else f"|{first}")
    solid = rf"(?!{end})(?:{run}|{quotes}|{_SINGLE}|(?!{CLOSE})\*|\\N)"
    events = rf"(?P<end>{end})|(?P<open>{EXECUTED})|(?P<close>{CLOSE})|(?P<backslash>\\(?!N))"
    no_word = (
        r"[\x00-!%&(-,.:-?\[\]\^{-\x7f]+|[0-9][A-Za-z0-9_.]*|@@|@[A-Za-z0-9_.$]*"
        rf"|{quotes}|{_SANDBOX}|{EXECUTED}"
        rf"|{COMMENT}|{_SINGLE}|\\.?"
    )
    return Lexicon(
        gap=re.compile(f"{GAP}{SOME}", re.DOTALL),
        scan=re.compile(
            rf"(?:(?!{end}){GAP}){SOME}(?P<solid>(?:{NO_BLANK}(?:{solid}){SOME})?)(?:{events})?", re.DOTALL
        ),
        word=re.compile(f"(?:{no_word}){SOME}(?P<word>{WORD})?", re.DOTALL),
        beyond=beyond,
    )
