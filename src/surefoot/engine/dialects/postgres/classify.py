"""Which statements PostgreSQL refuses inside a transaction, or wants committed before what follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from surefoot.engine.dialects.split import Outside
from surefoot.engine.model import Statement

_ALONE = frozenset(
    {
        ("CREATE", "DATABASE"),
        ("DROP", "DATABASE"),
        ("CREATE", "TABLESPACE"),
        ("DROP", "TABLESPACE"),
        ("ALTER", "SYSTEM"),
        ("CREATE", "SUBSCRIPTION"),
        ("DROP", "SUBSCRIPTION"),
        ("COMMIT", "PREPARED"),
        ("ROLLBACK", "PREPARED"),
        ("DISCARD", "ALL"),
    }
)
# Only these forms of ALTER SUBSCRIPTION talk to the publisher.
_SUBSCRIPTION = frozenset({"REFRESH", "PUBLICATION", "FAILOVER", "TWO_PHASE"})
_REINDEX_WHOLE = frozenset({"DATABASE", "SYSTEM", "SCHEMA"})
_WHOLE_TYPE = frozenset({"ENUM_RANGE", "ENUM_FIRST", "ENUM_LAST"})


def outside(statements: Sequence[Statement], *, explicit: bool) -> dict[int, Outside]:
    """The statements that cannot share their script's transaction, by their index, each with the reason.

    With `explicit` (the author asked for no transaction) CALL and DO are among them: they may commit by
    themselves.
    """
    found = {
        index: Outside(reason)
        for index, statement in enumerate(statements)
        if statement.words and (reason := _reason(statement, explicit))
    }
    return found | _values_used(statements)


def _reason(statement: Statement, explicit: bool) -> str:
    words = statement.words
    if explicit and words[0] in {"CALL", "DO"}:
        return f"{words[0]} may commit by itself, and the file asks for no transaction"
    if words[0] == "VACUUM" or words[:2] in _ALONE:
        return f"{' '.join(words[: 1 if words[0] == 'VACUUM' else 2])} cannot run inside a transaction"
    check = _CHECKS.get(words[0])
    return f"{what} cannot run inside a transaction" if check and (what := check(statement)) else ""


def _create(statement: Statement) -> str:
    words = [word for word in statement.words[:4] if word != "UNIQUE"]
    return "CREATE INDEX CONCURRENTLY" if words[1:3] == ["INDEX", "CONCURRENTLY"] else ""


def _drop(statement: Statement) -> str:
    return "DROP INDEX CONCURRENTLY" if statement.words[1:3] == ("INDEX", "CONCURRENTLY") else ""


def _reindex(statement: Statement) -> str:
    words = statement.words
    if "CONCURRENTLY" not in words and _REINDEX_WHOLE.isdisjoint(words[1:5]):
        return ""
    node = _parse(statement)
    if node is None or node.kind.name.rpartition("_")[2] in _REINDEX_WHOLE:
        return "REINDEX of a schema or a database"
    concurrent = any(option.defname == "concurrently" and _is_on(option) for option in node.params or ())
    return "REINDEX CONCURRENTLY" if concurrent else ""


def _alter(statement: Statement) -> str:
    words = statement.words
    if words[1:2] == ("SUBSCRIPTION",) and not _SUBSCRIPTION.isdisjoint(words[2:]):
        return "ALTER SUBSCRIPTION ... REFRESH"
    if words[1:2] == ("DATABASE",) and ("SET", "TABLESPACE") in {words[2:4], words[3:5]}:
        return "ALTER DATABASE ... SET TABLESPACE"
    if words[1:2] == ("TABLE",) and {"DETACH", "CONCURRENTLY"}.issubset(words) and _detaches(statement):
        return "ALTER TABLE ... DETACH PARTITION CONCURRENTLY"
    return ""


def _detaches(statement: Statement) -> bool:
    node = _parse(statement)
    return node is None or any(getattr(each.def_, "concurrent", False) for each in node.cmds)


def _cluster(statement: Statement) -> str:
    node = _parse(statement) if len(statement.words) <= 2 else None
    return "CLUSTER without a table" if node is not None and node.relation is None else ""


_CHECKS = {"CREATE": _create, "DROP": _drop, "REINDEX": _reindex, "ALTER": _alter, "CLUSTER": _cluster}


def _values_used(statements: Sequence[Statement]) -> dict[int, Outside]:
    """The ALTER TYPE ... ADD VALUE whose value a later statement uses.

    From PostgreSQL 17 on, a type as new as the transaction could do without; older servers refuse that too.
    """
    used = {}
    for index, statement in enumerate(statements):
        if statement.words[:2] == ("ALTER", "TYPE") and {"ADD", "VALUE"}.issubset(statement.words):
            node = _parse(statement)
            value = node.newVal if type(node).__name__ == "AlterEnumStmt" else None
            if value is not None and any(_mentions(later, value) for later in statements[index + 1 :]):
                used[index] = Outside("its value is used further on, and must be committed first", transactional=True)
    return used


def _mentions(statement: Statement, value: str) -> bool:
    text = statement.sql + (statement.copy_data or "")
    return value in text or value.replace("'", "''") in text or not _WHOLE_TYPE.isdisjoint(statement.words)


def _is_on(option: Any) -> bool:
    value = option.arg
    text = getattr(value, "sval", getattr(value, "ival", getattr(value, "boolval", True)))
    return str(text).lower() not in {"false", "off", "0"}


def _parse(statement: Statement) -> Any:
    """The statement as the server's own grammar reads it; None where it is wrong: the server will say so."""
    # pglast takes longer to import than all else here, and most migrations need nothing of it.
    import pglast

    try:
        return pglast.parse_sql(statement.sql)[0].stmt
    except pglast.parser.ParseError:
        return None
