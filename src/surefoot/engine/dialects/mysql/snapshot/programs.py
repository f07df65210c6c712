"""Views, triggers, routines and events as facts."""

from __future__ import annotations

from collections.abc import Callable

from surefoot.engine.dialects.mysql.snapshot.clauses import Text, read
from surefoot.engine.dialects.mysql.snapshot.naming import title
from surefoot.engine.dialects.mysql.snapshot.stored import Stored
from surefoot.engine.snapshot import Facts, ObjectKey

MIGRATOR = "(migrator)"
_SETTINGS = {
    "sql_mode": "sql mode",
    "time_zone": "time zone",
    "character_set_client": "character set",
    "collation_connection": "collation",
    "Database Collation": "database collation",
}
# An event on a replica, or on a shadow, where no event may run.
_STATUS = {"SLAVESIDE_DISABLED": "ENABLED", "REPLICA_SIDE_DISABLED": "ENABLED"}


def read_program(stored: Stored, migrator: str) -> tuple[ObjectKey, Facts]:
    """The facts of a view, a trigger, a routine or an event; `migrator` is the account that runs migrations."""
    text = read(stored.text)
    settings = {_SETTINGS[name]: value for name, value in stored.session.items()}
    facts = {"definer": _definer(text, migrator), **_READERS[stored.kind](stored, text), **settings}
    # A trigger stands with its table, as columns do; alone its name is unique as well.
    names = [stored.more["table"], stored.name] if stored.kind == "trigger" else [stored.name]
    return ObjectKey(stored.kind, title(*names)), {name: fact for name, fact in facts.items() if fact}


def definer_of(text: Text) -> tuple[str, ...]:
    """The user and the host of the definer, or a role alone; empty without one."""
    return tuple(_bare(text.sql[start:end]) for start, end in definer_places(text))


def definer_places(text: Text) -> list[tuple[int, int]]:
    """Where the user and the host of the definer stand in the text; or a role alone, or nothing."""
    at = text.find("DEFINER", "=") + 2
    if at >= len(text.tokens):
        return []
    user, after = text.tokens[at], text.tokens[at + 1]
    if after.piece.kind != "variable":
        return [(user.start, user.end)]
    # A host stands behind the user as a variable would: @`localhost`; under ANSI_QUOTES it is a text of its own.
    last = text.tokens[at + 2] if after.piece.text == "@" else after
    return [(user.start, user.end), (after.start + 1, last.end)]


def _bare(name: str) -> str:
    return name[1:-1] if name[:1] in {"`", '"', "'"} else name


def _definer(text: Text, migrator: str) -> str:
    name = "@".join(definer_of(text))
    return MIGRATOR if name == migrator else name


def _view(_stored: Stored, text: Text) -> Facts:
    start, body = text.find("VIEW"), text.find("AS", start=text.find("VIEW"))
    head = text.until(start)
    return {
        "columns": str(text.until(body).since(start + 2)),
        "algorithm": _after(head, "ALGORITHM", "="),
        "security": _after(head, "SQL", "SECURITY"),
        "definition": text.rest(body + 1),
    }


def _after(text: Text, *keys: str) -> str:
    at = text.find(*keys) + len(keys)
    return text.tokens[at].piece.text if at < len(text.tokens) else ""


def _trigger(stored: Stored, text: Text) -> Facts:
    body = text.rest(text.find("EACH", "ROW") + 2)
    return {**stored.more, "table": title(stored.more["table"]), "definition": body}


def _routine(_stored: Stored, text: Text) -> Facts:
    opening = text.find("(")
    aggregate = text.until(opening).find("AGGREGATE") < opening
    return {"aggregate": "yes" if aggregate else "", "definition": text.rest(opening)}


def _package(stored: Stored, text: Text) -> Facts:
    return {"definition": text.rest(text.find(*stored.kind.upper().split()) + 1)}


def _event(stored: Stored, text: Text) -> Facts:
    more = dict(stored.more)
    status = more.pop("status")
    schedule = f"EVERY {more.pop('every')} {more.pop('unit')}" if "every" in more else "AT"
    return {
        "schedule": schedule,
        "status": _STATUS.get(status, status),
        **more,
        "definition": text.rest(text.find("DO") + 1),
    }


_READERS: dict[str, Callable[[Stored, Text], Facts]] = {
    "view": _view,
    "trigger": _trigger,
    "procedure": _routine,
    "function": _routine,
    "package": _package,
    "package body": _package,
    "event": _event,
}
