"""The lexical rules of MariaDB and MySQL.

A comment that the server executes (`/*! ... */`, `/*M! ... */`) is text like any other; its two ends are
tokens.
"""

from __future__ import annotations

import re
from functools import cache

from surefoot.engine.dialects.split import BLANKS, PART, Lexicon, unterminated

# The first line of mariadb-dump's output is a command to its client, wrapped so that a server skips it.
_SANDBOX = r"/\*M?!999999\\-[^*]*+\*/"
_BLOCK_COMMENT = r"/\*(?!M?!)[^*]*+(?:\*(?!/)[^*]*+)*+\*/"
# Two dashes begin a comment only before a blank or a control character: 5--1 is arithmetic.
_DASHES = r"--(?=[\x00-\x20\x7f]|\Z)"
COMMENT = rf"{_DASHES}[^\n]*+|\#[^\n]*+|{_BLOCK_COMMENT}|{_SANDBOX}"
GAP = rf"(?:{BLANKS}|{COMMENT})"
EXECUTED = r"/\*M?![0-9]*+"
# In 2 */* c */ 3 a comment begins; none ends.
CLOSE = r"\*/(?!\*)"
WORD = rf"(?![0-9]){PART}++"
_SPECIAL = "-/'\"`#\\*"
_SINGLE = rf"(?!{_DASHES})-|/(?!\*)"

_end_missing = unterminated({"'": "string", '"': "quoted text", "`": "quoted name", "/": "comment", "*": "comment"})


def _beyond(text: str, position: int) -> tuple[int, bool]:
    if text.startswith(("/*!", "/*M!"), position):
        return position, True
    return _end_missing(text, position)


def quoted(backslash_escapes: bool) -> str:
    """The pattern of a quoted text or name."""
    if not backslash_escapes:
        return "'[^']*+'|\"[^\"]*+\"|`[^`]*+`"
    return r"'[^'\\]*+(?:\\.[^'\\]*+)*+'|\"[^\"\\]*+(?:\\.[^\"\\]*+)*+\"|`[^`]*+`"


@cache
def lexicon(delimiter: str, backslash_escapes: bool) -> Lexicon:
    """The rules for one delimiter and one setting of NO_BACKSLASH_ESCAPES."""
    quotes = quoted(backslash_escapes)
    end = re.escape(delimiter)
    # A delimiter may begin with any character: a run of plain text stops there, to look.
    first = re.escape(delimiter[0])
    run = rf"[^{re.escape(_SPECIAL)}{first}]++" + ("" if delimiter[0] in _SPECIAL else f"|{first}")
    solid = rf"(?!{end})(?:{run}|{quotes}|{_SINGLE}|(?!{CLOSE})\*|\\N)"
    events = rf"(?P<end>{end})|(?P<open>{EXECUTED})|(?P<close>{CLOSE})|(?P<backslash>\\)"
    no_word = (
        r"[\x00-!%&(-,.:-?\[\]\^{-\x7f]++|[0-9][A-Za-z0-9_.]*+|@@|@[A-Za-z0-9_.$]*+"
        rf"|{quotes}|{_SANDBOX}|{EXECUTED}"
        rf"|{COMMENT}|{_SINGLE}|\\.?"
    )
    return Lexicon(
        gap=re.compile(f"{GAP}*+", re.DOTALL),
        scan=re.compile(rf"(?:(?!{end}){GAP})*+(?P<solid>(?:{solid})*+)(?:{events})?", re.DOTALL),
        word=re.compile(f"(?:{no_word})*+(?P<word>{WORD})?", re.DOTALL),
        beyond=_beyond,
    )
