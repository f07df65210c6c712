"""A generated way back: from the schema after a migration to the one before it, statement by statement.

It is made for tables, columns, defaults, constraints, indexes, views, functions, triggers, policies, sequences, types,
schemas, comments and privileges; anything else is named, to be written by hand. Nothing runs here: who shows it has
rehearsed it.
"""

from __future__ import annotations

from surefoot.engine.dialects.postgres.reverse import access, code, parts, renames, tables, types
from surefoot.engine.dialects.postgres.reverse.way import Way
from surefoot.engine.dialects.shadow import Reversal
from surefoot.engine.snapshot import Difference, Snapshot, compare

_HANDLERS = {
    "table": tables.table,
    "column": tables.column,
    "constraint": parts.constraint,
    "index": parts.index,
    "statistics": parts.statistics,
    "view": code.view,
    "materialized view": code.view,
    "function": code.function,
    "procedure": code.function,
    "trigger": code.trigger,
    "rule": code.rule,
    "policy": code.policy,
    "sequence": types.sequence,
    "enum": types.enum,
    "domain": types.domain,
    "type": types.type_,
    "schema": types.schema,
    "extension": types.extension,
    "comment": access.comment,
    "privilege": access.privilege,
}


def reverse(before: Snapshot, after: Snapshot) -> Reversal:
    """The statements that lead from `after` back to `before`, as far as they can be derived."""
    way = Way(before, after)
    differences = compare(before, after).differences
    handled = renames.renames(way, differences)
    for difference in differences:
        if difference.key not in handled and not way.goes_with_parent(difference):
            _undo(way, difference)
    return Reversal(way.statements(), tuple(way.missing), tuple(way.losses))


def _undo(way: Way, difference: Difference) -> None:
    handler = _HANDLERS.get(difference.key.kind)
    if handler is not None:
        handler(way, difference)
    else:
        types.other(way, difference)
