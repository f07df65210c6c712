"""Which statements SQLite refuses, or silently leaves undone, inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence

from surefoot.engine.dialects.split import Outside, word_set
from surefoot.engine.model import Block, Statement

_REASONS = {
    "VACUUM": "VACUUM cannot run inside a transaction",
    "ATTACH": "ATTACH is not undone by a rollback",
    "DETACH": "DETACH cannot run inside a transaction that has used the database",
}
_SETTINGS = word_set("AUTO_VACUUM ENCODING JOURNAL_MODE PAGE_SIZE SYNCHRONOUS TEMP_STORE")


def outside(statements: Sequence[Statement], *, explicit: bool) -> dict[int, Outside]:
    """The statements that cannot run inside a transaction, by their index, each with the reason.

    `explicit`, the author's wish for no transaction, changes nothing here: SQLite has no statement that
    commits.
    """
    del explicit
    found = ((index, _reason(statement)) for index, statement in enumerate(statements))
    return {index: Outside(reason) for index, reason in found if reason}


def _reason(statement: Statement) -> str:
    words = statement.words
    if words[:1] != ("PRAGMA",):
        return _REASONS.get(words[0], "") if words else ""
    name = next((word for word in words[1:3] if word in _SETTINGS | {"WAL_CHECKPOINT"}), "")
    sets = name == "WAL_CHECKPOINT" or {"=", "("}.intersection(statement.sql)
    return f"PRAGMA {name.lower()} does not work inside a transaction" if name and sets else ""


def joined(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Neighbouring transactions as one: nothing in SQLite has to be committed before the next statement can use it.

    Authors ask for "no transaction" on SQLite to be able to switch foreign keys off, which Surefoot does for every
    step; in one transaction the step is atomic all the same.
    """
    result: list[Block] = []
    for block in blocks:
        if result and block.transactional and result[-1].transactional:
            result.append(Block(result.pop().statements + block.statements))
        else:
            result.append(block)
    return tuple(result)
