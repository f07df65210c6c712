"""What blocks others on PostgreSQL for as long as it takes to read or write a whole table."""

from __future__ import annotations

from surefoot.engine.dialects.split import word_set
from surefoot.engine.findings import Level
from surefoot.engine.lint.model import BOTH_WAYS, Parsed, Rule, Scope
from surefoot.engine.lint.postgres.trees import commands, constraints, is_temporary, option, relation

_READERS_WAIT = "AccessExclusiveLock"
_WRITERS_WAIT = "ShareRowExclusiveLock"
# Commands of ALTER TABLE that let reads and writes go on.
_GENTLE = word_set(
    "AT_ValidateConstraint AT_SetStatistics AT_SetOptions AT_ResetOptions AT_SetRelOptions AT_ResetRelOptions "
    "AT_ClusterOn AT_DropCluster AT_AttachPartition AT_DetachPartition AT_DetachPartitionFinalize"
)
_MOMENTARY = word_set("CreateTrigStmt CreateFunctionStmt CommentStmt GrantStmt")
# LOCK TABLE's modes from SHARE on stop writes.
_SHARE = 5
_MODES = {5: "SHARE", 6: "SHARE ROW EXCLUSIVE", 7: "EXCLUSIVE", 8: "ACCESS EXCLUSIVE"}


def _whole_table(parsed: Parsed, scope: Scope) -> str:
    tree = parsed.tree
    table = relation(tree.relation)
    if tree.whereClause is not None or table in scope.created or is_temporary(tree.relation):
        return ""
    verb = "UPDATE" if parsed.kind == "UpdateStmt" else "DELETE"
    return f"{verb} of every row of {table} in one transaction: each row stays locked until it ends."


def _refresh(parsed: Parsed, scope: Scope) -> str:
    view = relation(parsed.tree.relation)
    if parsed.tree.concurrent or parsed.tree.skipData or view in scope.created:
        return ""
    return f"REFRESH of {view} makes its readers wait until all of it is computed anew."


def _set_logged(parsed: Parsed, scope: Scope) -> str:
    table = relation(parsed.tree.relation)
    found = next(commands(parsed, "AT_SetLogged", "AT_SetUnLogged"), None)
    if found is None or table in scope.created:
        return ""
    word = "LOGGED" if found.subtype.name == "AT_SetLogged" else "UNLOGGED"
    return f"SET {word} writes all of {table} anew while reads and writes wait."


def _trigger(parsed: Parsed, scope: Scope) -> str:
    table = relation(parsed.tree.relation)
    if table in scope.created or all(each.kind in _MOMENTARY for each in scope.after(parsed)):
        return ""
    return f"CREATE TRIGGER {parsed.tree.trigname} makes writes to {table} wait until the transaction ends."


def _attach(parsed: Parsed, scope: Scope) -> str:
    for command in commands(parsed, "AT_AttachPartition"):
        child = relation(command.def_.name)
        if parsed.tree.objtype.name == "OBJECT_TABLE" and child not in scope.created and not _checked(child, scope):
            return f"ATTACH PARTITION reads all of {child} to see whether its rows belong there; both tables wait."
    return ""


def _checked(table: str, scope: Scope) -> bool:
    """Whether the folder gave the table a CHECK that spares the database the look at its rows."""
    every = (*scope.earlier(), *scope.same_way())
    return any(relation(each.tree.relation) == table for each in every for _found in constraints(each, "CONSTR_CHECK"))


def _vacuum_full(parsed: Parsed, _scope: Scope) -> str:
    full = option(parsed.tree.options, "full")
    if not parsed.tree.is_vacuumcmd or full is None:
        return ""
    tables = ", ".join(relation(each.relation) for each in parsed.tree.rels or ()) or "every table"
    return f"VACUUM FULL writes {tables} anew while reads and writes wait."


def _cluster(parsed: Parsed, _scope: Scope) -> str:
    table = relation(parsed.tree.relation) if parsed.tree.relation else "every clustered table"
    return f"CLUSTER writes {table} anew while reads and writes wait."


def _lock_table(parsed: Parsed, scope: Scope) -> str:
    tables = [relation(each) for each in parsed.tree.relations if relation(each) not in scope.created]
    if parsed.tree.mode < _SHARE or not tables:
        return ""
    return f"LOCK TABLE in {_MODES[parsed.tree.mode]} mode holds {', '.join(tables)} until the transaction ends."


def _exclude(parsed: Parsed, scope: Scope) -> str:
    found = next(constraints(parsed, "CONSTR_EXCLUSION"), None)
    table = relation(parsed.tree.relation)
    if found is None or table in scope.created:
        return ""
    return f"The EXCLUDE constraint {found.conname or ''} builds an index on {table} while reads and writes wait."


def _under_lock(parsed: Parsed, scope: Scope) -> str:
    if not scope.part.atomic or not _takes_long(parsed):
        return ""
    for each in scope.before(parsed):
        table = _locked(each)
        if table and table not in scope.created:
            line = each.statement.line
            return f"This goes on while the statement on line {line} holds its lock on {table}: others wait for both."
    return ""


def _takes_long(parsed: Parsed) -> bool:
    """Whether a statement works on as many rows as there are; a list of VALUES is short."""
    if parsed.kind == "InsertStmt":
        return parsed.tree.selectStmt is not None and not parsed.tree.selectStmt.valuesLists
    return not (parsed.kind == "RefreshMatViewStmt" and parsed.tree.skipData)


def _locked(parsed: Parsed) -> str:
    """The table that a statement makes others wait for, if it does."""
    if parsed.kind == "AlterTableStmt" and parsed.tree.objtype.name == "OBJECT_TABLE":
        heavy = any(command.subtype.name not in _GENTLE for command in parsed.tree.cmds)
        return relation(parsed.tree.relation) if heavy else ""
    if parsed.kind == "CreateTrigStmt":
        return relation(parsed.tree.relation)
    if parsed.kind == "RenameStmt" and parsed.tree.relation is not None:
        tables = parsed.tree.renameType.name == "OBJECT_TABLE" or parsed.tree.relationType.name == "OBJECT_TABLE"
        return relation(parsed.tree.relation) if tables else ""
    return ""


RULES = (
    Rule(
        "whole-table-write",
        "postgres",
        Level.WARNING,
        "An UPDATE or DELETE without WHERE",
        "Every row is locked until the transaction ends, and each is written a second time: on a large table that is "
        "minutes of waiting writers, a table twice its size, and replicas that fall behind.",
        "Work in batches of some thousand rows, each in a transaction of its own; TRUNCATE empties a table at once.",
        ("UpdateStmt", "DeleteStmt"),
        _whole_table,
    ),
    Rule(
        "refresh-blocks-readers",
        "postgres",
        Level.WARNING,
        "REFRESH MATERIALIZED VIEW without CONCURRENTLY",
        "The view cannot be read while its query runs, however long that takes.",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY; it needs a unique index on the view's columns.",
        ("RefreshMatViewStmt",),
        _refresh,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "set-logged",
        "postgres",
        Level.WARNING,
        "SET LOGGED or SET UNLOGGED",
        "The table and its indexes are written anew under a lock that stops reads as well.",
        "Do it while the table is small or the application is down; or fill a new table, and swap the names.",
        ("AlterTableStmt",),
        _set_logged,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "create-trigger",
        "postgres",
        Level.NOTE,
        "A trigger on a table that is in use",
        "CREATE TRIGGER itself takes a moment, but its lock lasts to the end of the transaction: everything behind it "
        "in the migration makes writes wait.",
        "Give the trigger a migration of its own, or let it be the last statement.",
        ("CreateTrigStmt",),
        _trigger,
        lock=_WRITERS_WAIT,
    ),
    Rule(
        "attach-scans",
        "postgres",
        Level.WARNING,
        "ATTACH PARTITION without a CHECK that proves the rows",
        "The database reads the whole new partition under a lock, unless a valid CHECK constraint on it says already "
        "that its rows lie within the bounds.",
        "First ADD CONSTRAINT ... CHECK (the bounds, and NOT NULL) NOT VALID, then VALIDATE it in a migration of its "
        "own, then ATTACH, then drop the constraint.",
        ("AlterTableStmt",),
        _attach,
        lock=_READERS_WAIT,
    ),
    Rule(
        "vacuum-full",
        "postgres",
        Level.WARNING,
        "VACUUM FULL",
        "The table and its indexes are written anew under a lock that stops reads as well.",
        "A plain VACUUM lets everybody work; pg_repack gives the space back without the lock.",
        ("VacuumStmt",),
        _vacuum_full,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "cluster",
        "postgres",
        Level.WARNING,
        "CLUSTER",
        "The table and its indexes are written anew under a lock that stops reads as well, and the order is lost again "
        "with the next writes.",
        "Leave it out, or use pg_repack, which sorts without the lock.",
        ("ClusterStmt",),
        _cluster,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "lock-table",
        "postgres",
        Level.WARNING,
        "LOCK TABLE",
        "The lock is held to the end of the transaction, whatever the statements behind it need.",
        "Leave it out: each statement takes the lock that it needs. Two tables that have to agree need it at most as "
        "the first statement of a short migration.",
        ("LockStmt",),
        _lock_table,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "exclude-constraint",
        "postgres",
        Level.WARNING,
        "An EXCLUDE constraint on a table that is in use",
        "Its index is built under a lock that stops reads as well, and neither CONCURRENTLY nor NOT VALID exists for "
        "it.",
        "Add it while the table is small, or fill a new table that has it from the beginning.",
        ("AlterTableStmt",),
        _exclude,
        BOTH_WAYS,
        _READERS_WAIT,
    ),
    Rule(
        "work-under-lock",
        "postgres",
        Level.WARNING,
        "Long work in a transaction that already holds a lock",
        "A lock lasts to the end of its transaction. What is quick by itself (a new column, a trigger) makes everybody "
        "wait for the backfill behind it.",
        "Make it two migrations: the change of the schema, then the work on the rows.",
        ("UpdateStmt", "DeleteStmt", "InsertStmt", "RefreshMatViewStmt"),
        _under_lock,
        lock=_READERS_WAIT,
    ),
)
