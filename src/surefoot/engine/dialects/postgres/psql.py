"""Which of psql's own commands mean nothing to a migration, and what to write instead of the others."""

from __future__ import annotations

import re

from surefoot.engine.dialects.split import word_set

# How psql shows things, and what it shows: nothing of it reaches the database.
_HARMLESS = word_set(
    "a C conninfo copyright echo errverbose f H h help html p pset qecho r reset restrict s t T timing "
    "unrestrict warn x ?"
)
_LISTING = re.compile(r"(?:d[A-Za-z]*|l|z|sf|sv)[S+x]*")
_ENCODING = re.compile(r"|'?(?:utf-?8|unicode)'?", re.IGNORECASE)

# psql's control variables that shape its output or its habits.
_SHOWING = word_set(
    "COMP_KEYWORD_CASE ECHO ECHO_HIDDEN FETCH_COUNT HIDE_TABLEAM HIDE_TOAST_COMPRESSION HISTCONTROL HISTFILE "
    "HISTSIZE IGNOREEOF ON_ERROR_STOP PROMPT1 PROMPT2 PROMPT3 QUIET SHOW_ALL_RESULTS SHOW_CONTEXT VERBOSITY "
    "WATCH_INTERVAL"
)
_SWITCHES = {
    "AUTOCOMMIT": (
        frozenset({"", "on", "1", "true", "yes"}),
        "Remove it: the migration's directive says whether it is one transaction.",
    ),
    "ON_ERROR_ROLLBACK": (
        frozenset({"", "off", "0", "false", "no"}),
        "Remove it: a migration stops at its first error. Use IF EXISTS, or a DO block with EXCEPTION.",
    ),
    "SINGLELINE": (
        frozenset({"off", "0", "false", "no"}),
        "Remove it, and end each statement with a semicolon.",
    ),
    "SINGLESTEP": (frozenset({"off", "0", "false", "no"}), "Remove it: nobody is there to answer."),
}

_INLINE = "Put that file's SQL here, or make it a migration of its own."
_CONDITION = "Write a DO block with IF ... THEN ... END IF, or two migrations."
_CONNECTION = "Remove it: a migration runs on the one target that the run was started for."
_SHELL = "Remove it: a migration is SQL only; run programs before or after the run."
_PREPARED = "Write the values into the statement."
_VALUES = "Write the value itself, or compute it in a DO block or a WITH query."
_OUTPUT = "Remove it: results of queries are not kept; use SQL that stores what it needs."
_LARGE_OBJECT = "Use the server's own functions, such as lo_from_bytea."

_INSTEAD = {
    "i": _INLINE,
    "ir": _INLINE,
    "include": _INLINE,
    "include_relative": _INLINE,
    "copy": "Write COPY ... FROM stdin; with the rows on the lines below it and a line with \\. at the end.",
    "gexec": "Write a DO block that runs EXECUTE for each row of the query.",
    "gset": _VALUES,
    "gdesc": "Remove it, and end the statement with a semicolon.",
    "crosstabview": "Remove it, and end the statement with a semicolon.",
    "g": "End the statement with a semicolon; a \\g with arguments, or without a statement, needs psql.",
    "gx": "End the statement with a semicolon; a \\gx with arguments, or without a statement, needs psql.",
    "if": _CONDITION,
    "elif": _CONDITION,
    "else": _CONDITION,
    "endif": _CONDITION,
    "set": _VALUES,
    "unset": "Remove it: variables of psql are not kept.",
    "getenv": _VALUES,
    "setenv": _SHELL,
    "prompt": "Write the value itself: nobody is there to answer.",
    "c": _CONNECTION,
    "connect": _CONNECTION,
    "cd": _SHELL,
    "!": _SHELL,
    "o": _OUTPUT,
    "out": _OUTPUT,
    "w": _OUTPUT,
    "write": _OUTPUT,
    "password": "Write ALTER ROLE ... PASSWORD with a hash, or set it outside of migrations.",
    "q": "Remove what follows it from the file: a migration runs to its end.",
    "quit": "Remove what follows it from the file: a migration runs to its end.",
    "watch": "Write the statement once; a DO block can repeat it.",
    "e": "Remove it: nobody is there to edit.",
    "edit": "Remove it: nobody is there to edit.",
    "ef": "Write CREATE OR REPLACE FUNCTION.",
    "ev": "Write CREATE OR REPLACE VIEW.",
    "bind": _PREPARED,
    "bind_named": _PREPARED,
    "parse": _PREPARED,
    "close_prepared": _PREPARED,
    "startpipeline": "Remove it: each statement is sent by itself.",
    "endpipeline": "Remove it: each statement is sent by itself.",
    "syncpipeline": "Remove it: each statement is sent by itself.",
    "sendpipeline": "Remove it: each statement is sent by itself.",
    "encoding": "Save the file as UTF-8.",
    "lo_import": _LARGE_OBJECT,
    "lo_export": _LARGE_OBJECT,
    "lo_unlink": _LARGE_OBJECT,
    "lo_list": _LARGE_OBJECT,
    ";": "Write a plain semicolon: each statement is sent by itself.",
    ":": "Write the colon without the backslash.",
    ".": "Put it below the data of a COPY ... FROM stdin, alone on its line.",
}
_UNKNOWN = "Write it in SQL: psql's own commands are not run."


def refusal(name: str, arguments: str) -> str | None:
    """What to write instead of a command of psql's; None where it changes nothing and can be passed over."""
    if name in {"set", "unset"}:
        return _variable(name, arguments.split())
    if name in _HARMLESS or _LISTING.fullmatch(name):
        return None
    if name == "encoding" and _ENCODING.fullmatch(arguments):
        return None
    return _INSTEAD.get(name) or _INSTEAD.get(name[:1] if name[:1] in ";!:." else name, _UNKNOWN)


def _variable(command: str, words: list[str]) -> str | None:
    if not words or words[0] in _SHOWING:
        return _VALUES if any("`" in word for word in words) else None
    if words[0] not in _SWITCHES:
        return _INSTEAD[command]
    values, hint = _SWITCHES[words[0]]
    value = "" if command == "unset" else " ".join(words[1:]).strip("'").lower()
    return None if command == "unset" or value in values else hint
