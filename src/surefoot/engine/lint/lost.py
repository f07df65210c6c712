"""What MariaDB, MySQL and SQLite throw away when told to: tables, columns and rows. squawk says it for PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

from surefoot.engine.findings import Level
from surefoot.engine.lint.command import outer_keys
from surefoot.engine.lint.general import dropped_column
from surefoot.engine.lint.model import Parsed, Rule, Scope
from surefoot.engine.lint.tokens import Token


def _drop_table(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    if parsed.tree.temporary or table in scope.created or table in set(_new_names(scope)):
        return ""
    return f"DROP TABLE {table} loses its rows: no down brings them back."


def _new_names(scope: Scope) -> Iterator[str]:
    """The names that tables get in this way of the migration: what a rebuild drops comes back under its name."""
    for each in scope.same_way():
        if each.kind in ("ALTER TABLE", "RENAME TABLE"):
            tokens: tuple[Token, ...] = each.tree.tokens
            yield from (token.text.lower() for at, token in enumerate(tokens) if at and tokens[at - 1].key == "TO")


def _drop_column(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    columns = [name for part in parsed.tree.parts if (name := dropped_column(part))]
    if not columns or table in scope.created:
        return ""
    return f"DROP COLUMN {table}.{columns[0]} loses what is in it: no down brings that back."


def _whole_table(parsed: Parsed, scope: Scope) -> str:
    keys = outer_keys(parsed.tree.tokens)
    table = parsed.tree.name
    if {"WHERE", "LIMIT", "JOIN"}.intersection(keys) or table in scope.created:
        return ""
    return f"{parsed.kind} of every row of {table} in one transaction: each row stays locked until it ends."


def _truncate(parsed: Parsed, scope: Scope) -> str:
    table = parsed.tree.name
    return "" if table in scope.created else f"TRUNCATE deletes every row of {table}: no down brings them back."


def _rules(dialect: str) -> tuple[Rule, ...]:
    return (
        Rule(
            "drop-table",
            dialect,
            Level.WARNING,
            "DROP TABLE",
            "The rows are gone, and an application of the version before still asks for them.",
            "Rename the table first, and drop it some releases later, when nobody has missed it.",
            ("DROP TABLE",),
            _drop_table,
        ),
        Rule(
            "drop-column",
            dialect,
            Level.WARNING,
            "DROP COLUMN",
            "What is in the column is gone, and an application of the version before still asks for it.",
            "First release an application that does without the column; then drop it.",
            ("ALTER TABLE",),
            _drop_column,
        ),
    )


MYSQL = (
    *_rules("mysql"),
    Rule(
        "whole-table-write",
        "mysql",
        Level.WARNING,
        "An UPDATE or DELETE without WHERE",
        "Every row is locked until the transaction ends, the undo log grows by each of them, and replicas fall behind.",
        "Work in batches of some thousand rows, each in a transaction of its own: WHERE on a range of the primary key.",
        ("UPDATE", "DELETE"),
        _whole_table,
    ),
    Rule(
        "truncate",
        "mysql",
        Level.WARNING,
        "TRUNCATE of a table that is in use",
        "It commits by itself: every row goes at once, and no rollback brings one back.",
        "Where the rows are wanted after a rollback, keep them: CREATE TABLE ... AS SELECT before.",
        ("TRUNCATE TABLE",),
        _truncate,
    ),
)
SQLITE = _rules("sqlite")
