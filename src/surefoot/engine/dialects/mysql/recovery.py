"""Statements that commit by themselves: what tells, before and after, whether they took effect.

Since MariaDB 10.6 and MySQL 8 a DDL statement takes effect wholly or not at all, except where it removes several
things. So it is enough to compare the definitions of what it names. They are read in a session of their own, because
what a migration sets changes how the server writes them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

import pymysql

from surefoot.engine.dialects.mysql.bind import fetch, quote
from surefoot.engine.dialects.mysql.connect import Connection
from surefoot.engine.dialects.mysql.names import Name, Named, named, pieces
from surefoot.engine.dialects.split import word_set
from surefoot.engine.dialects.target import Judgement, Verdict
from surefoot.engine.model import Statement

# To run these twice is the same as to run them once.
_REPEATABLE = word_set("TRUNCATE GRANT REVOKE ANALYZE OPTIMIZE FLUSH CHECK REPAIR CACHE STOP START")
_REPEATABLE_PAIRS = frozenset({("SET", "PASSWORD"), ("LOAD", "INDEX")})
# What a procedure runs is not known: it can have done a part of it, and committed that.
_RUNS_OTHERS = word_set("CALL CASE EXECUTE FOR IF LOOP REPEAT WHILE BEGIN")
_WRITES = word_set("INSERT REPLACE UPDATE DELETE LOAD WITH")
# No such table, database, routine, trigger, event, view, sequence; nor a table behind a name with no such database.
_ABSENT = frozenset({1049, 1051, 1109, 1146, 1305, 1360, 1539, 1347, 4089, 4091})
_LOST_OR_LOCKED = frozenset({1205, 1213, 1317, 1927, 2006, 2013})
_COUNTER = re.compile(r" AUTO_INCREMENT=\d+")
_GONE = "absent"
_HIDDEN = "?"


def look(connection: Connection, statement: Statement, database: str) -> str:
    """The fingerprints of what the statement names, as JSON; `database` is where unqualified names belong."""
    objects = _objects(statement)
    if objects is None:
        return "{}"
    return json.dumps({"database": database, "objects": _fingerprints(connection, objects, database)})


def judge(connection: Connection, statement: Statement, before: str) -> Judgement:
    """Whether the statement took effect since `look`."""
    if statement.words[:2] in _REPEATABLE_PAIRS or (statement.words[:1] and statement.words[0] in _REPEATABLE):
        return Judgement(Verdict.NOT_DONE, "running it again does no harm")
    known = json.loads(before or "{}")
    objects = _objects(statement)
    if objects is None or "objects" not in known:
        return cannot_tell(statement)
    now = _fingerprints(connection, objects, known["database"])
    if runs_others(statement):
        return _judge_call(statement, now)
    return _compare(objects, known["objects"], now)


def runs_others(statement: Statement) -> bool:
    """Whether the statement runs others that are not in the file, or several at once."""
    return statement.words[:1] != () and (
        statement.words[0] in _RUNS_OTHERS or statement.words[:2] == ("SET", "STATEMENT")
    )


def cannot_tell(statement: Statement) -> Judgement:
    """The verdict on what leaves nothing behind that could be looked up."""
    if statement.words[:1] and statement.words[0] in _WRITES:
        return Judgement(Verdict.UNKNOWN, "its table's engine has no transactions: a part of the rows can be there")
    if runs_others(statement):
        return Judgement(Verdict.UNKNOWN, "what it ran can have taken effect in part")
    return Judgement(Verdict.UNKNOWN, "it leaves nothing behind that could be looked up")


def _objects(statement: Statement) -> Named | None:
    if statement.words[:1] != ("CALL",):
        return named(statement.sql)
    parts = list(pieces(statement.sql))[1:4]
    names = tuple(part.text for part in parts if part.kind in {"name", "word"})
    qualified = len(parts) > 2 and parts[1].key == "."
    return Named("PROCEDURE", (names[: 2 if qualified else 1],), "CALL") if names else None


def _judge_call(statement: Statement, now: Mapping[str, str]) -> Judgement:
    missing = [name for name, state in now.items() if state == _GONE]
    if missing:
        return Judgement(Verdict.NOT_DONE, f"{missing[0]} does not exist")
    return cannot_tell(statement)


def _fingerprints(connection: Connection, objects: Named, database: str) -> dict[str, str]:
    names = objects.names or ((database,),)
    return {_title(objects.kind, name): _fingerprint(connection, objects.kind, name, database) for name in names}


def _title(kind: str, name: Name) -> str:
    return f"{kind.lower()} {'.'.join(name)}"


def _fingerprint(connection: Connection, kind: str, name: Name, database: str) -> str:
    """A hash of the object's definition, or that it is absent, or that it cannot be seen."""
    qualified = name if kind == "DATABASE" or len(name) > 1 else (database, *name)
    try:
        rows = fetch(connection, f"SHOW CREATE {kind} {quote(*qualified)}")
    except pymysql.Error as error:
        if error.args[:1] and error.args[0] in _LOST_OR_LOCKED:
            raise
        return _GONE if error.args[:1] and error.args[0] in _ABSENT else _HIDDEN
    # A counter moves with every row that the application writes.
    text = _COUNTER.sub("", "\0".join(map(str, rows[0]))) if rows else ""
    return hashlib.sha256(text.encode()).hexdigest()[:32] if rows else _GONE


def _compare(objects: Named, before: Mapping[str, str], now: Mapping[str, str]) -> Judgement:
    hidden = [name for name, state in [*before.items(), *now.items()] if state == _HIDDEN]
    if hidden:
        return Judgement(Verdict.UNKNOWN, f"the definition of {hidden[0]} cannot be read")
    changed = [name for name in now if now[name] != before.get(name)]
    if not changed:
        return _unchanged(objects, now)
    if objects.verb == "DROP":
        return _judge_drop(objects, changed, now)
    if objects.verb == "CREATE" and now[changed[0]] == _GONE:
        # MariaDB's CREATE OR REPLACE TABLE drops first, and is two steps for a server that dies.
        return Judgement(Verdict.NOT_DONE, _states(changed, now))
    return Judgement(Verdict.DONE, _states(changed, now))


def _unchanged(objects: Named, now: Mapping[str, str]) -> Judgement:
    finding = f"{_several(list(now))} as before"
    if objects.seen:
        return Judgement(Verdict.NOT_DONE, finding)
    return Judgement(Verdict.UNKNOWN, f"{finding}, which this statement can leave so")


def _judge_drop(objects: Named, gone: list[str], now: Mapping[str, str]) -> Judgement:
    """Several tables go one after the other: some can be gone and others not."""
    left = [name for name, state in now.items() if state != _GONE]
    if not left:
        return Judgement(Verdict.DONE, _states(gone, now))
    finding = f"{_states(gone, now)}, and {_several(left)} still there"
    return Judgement(Verdict.NOT_DONE if objects.if_exists else Verdict.UNKNOWN, finding)


def _states(names: list[str], now: Mapping[str, str]) -> str:
    gone = [name for name in names if now[name] == _GONE]
    there = [name for name in names if now[name] != _GONE]
    parts = [f"{_several(gone)} gone"] if gone else []
    return " and ".join([*parts, f"{_several(there)} there, and not as before"] if there else parts)


def _several(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
