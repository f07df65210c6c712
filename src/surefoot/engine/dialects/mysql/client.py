"""Which of the mysql client's own commands mean nothing to a migration, and what replaces the others."""

from __future__ import annotations

import re

_DATABASE = "Remove it: the run's target is the database of its URL. Qualify a name with its database where needed."
_INLINE = "Put that file's SQL here, or make it a migration of its own."
_SHELL = "Remove it: a migration is SQL only; run programs before or after the run."
_OUTPUT = "Remove it: results of queries are not kept."
_CONNECTION = "Remove it: a migration runs on the one target that the run was started for."
_CHARSET = "Write SET NAMES, and save the file as UTF-8."
_STOP = "Remove what follows it from the file: a migration runs to its end."
_EDIT = "Remove it: nobody is there to edit."
_SEND = "End the statement with a semicolon."

_INSTEAD = {
    "use": _DATABASE,
    "source": _INLINE,
    "system": _SHELL,
    "tee": _OUTPUT,
    "pager": _OUTPUT,
    "connect": _CONNECTION,
    "charset": _CHARSET,
    "edit": _EDIT,
    "exit": _STOP,
    "quit": _STOP,
    "clear": "Remove the unfinished statement.",
    "go": _SEND,
    "ego": _SEND,
    "prompt": "Remove it: nobody is there to see it.",
}
_HARMLESS = frozenset({"notee", "nopager", "nowarning", "print", "rehash", "status", "warnings"})
_SHORT = {
    "u": "use",
    ".": "source",
    "!": "system",
    "T": "tee",
    "P": "pager",
    "r": "connect",
    "C": "charset",
    "e": "edit",
    "q": "quit",
    "c": "clear",
    "R": "prompt",
    "t": "notee",
    "n": "nopager",
    "w": "nowarning",
    "W": "warnings",
    "p": "print",
    "s": "status",
    "#": "rehash",
}
_UNKNOWN = "Write it in SQL: the client's own commands are not run."

NAMED = re.compile(rf"(?P<name>{'|'.join([*_INSTEAD, *_HARMLESS])})(?![\w$(:=])[^\n]*", re.IGNORECASE)
SHORT = re.compile(r"\\(?P<name>.?)[^\n]*", re.DOTALL)


def refusal(name: str) -> str | None:
    """What to write instead of a named command of the client's; None where it can be passed over."""
    return None if name.lower() in _HARMLESS else _INSTEAD[name.lower()]


def short_refusal(letter: str) -> str | None:
    """The same for a command of a backslash and a letter."""
    if letter == "d":
        return "Write DELIMITER on a line of its own."
    return refusal(_SHORT[letter]) if letter in _SHORT else _UNKNOWN
