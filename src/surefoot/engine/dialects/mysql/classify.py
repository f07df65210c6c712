"""Which statements MariaDB and MySQL cannot hold in a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.engine.dialects.split import Outside, word_set
from surefoot.engine.model import Statement

_COMMITS = Outside("it commits by itself on MariaDB and MySQL")
_MAY_COMMIT = Outside("it may commit by itself: what it runs is not in the file")

_COMMITTING = word_set(
    "ALTER ANALYZE CACHE CHANGE CHECK CREATE DROP FLUSH GRANT IMPORT INSTALL LOCK OPTIMIZE RENAME REPAIR "
    "RESET REVOKE STOP TRUNCATE UNINSTALL UNLOCK"
)
_COMMITTING_PAIRS = frozenset(
    {
        ("LOAD", "INDEX"),
        ("SET", "DEFAULT"),
        ("SET", "PASSWORD"),
        ("START", "SLAVE"),
        ("START", "REPLICA"),
        ("START", "ALL"),
    }
)
_RUNNING = word_set("CALL CASE EXECUTE FOR IF LOOP REPEAT WHILE")
_RUNNING_PAIRS = frozenset({("BEGIN", "NOT"), ("SET", "STATEMENT")})


def outside(statements: Sequence[Statement], *, explicit: bool) -> dict[int, Outside]:
    """The statements that end a transaction (all DDL) or may do so (a call), by their index, each with the
    reason.

    `explicit`, the author's wish for no transaction, changes nothing here.
    """
    del explicit
    found = ((index, _classify(statement.words)) for index, statement in enumerate(statements))
    return {index: why for index, why in found if why is not None}


def _classify(words: tuple[str, ...]) -> Outside | None:
    if _RUNNING.issuperset(words[:1] or ("",)) or words[:2] in _RUNNING_PAIRS:
        return _MAY_COMMIT
    if words[:2] in _COMMITTING_PAIRS:
        return _COMMITS
    return _COMMITS if words and words[0] in _COMMITTING and not _temporary_table(words) else None


def _temporary_table(words: tuple[str, ...]) -> bool:
    head = [word for word in words[:5] if word not in {"OR", "REPLACE"}]
    return head[0] in {"CREATE", "DROP"} and head[1:3] == ["TEMPORARY", "TABLE"]
