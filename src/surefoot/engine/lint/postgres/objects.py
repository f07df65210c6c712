"""What looks harmless on PostgreSQL, and loses data, hides a failure, or opens a door."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from surefoot.engine.findings import Level
from surefoot.engine.lint.model import BOTH_WAYS, Parsed, Rule, Scope
from surefoot.engine.lint.postgres.trees import (
    commands,
    constraints,
    dotted,
    object_name,
    option,
    relation,
    removed,
    walk,
)

_DISABLE = ("AT_DisableTrig", "AT_DisableTrigAll", "AT_DisableTrigUser")
_ENABLE = ("AT_EnableTrig", "AT_EnableTrigAll", "AT_EnableTrigUser", "AT_EnableAlwaysTrig", "AT_EnableReplicaTrig")
_SMALL = {"int4": 2_147_483_647, "serial": 2_147_483_647, "serial4": 2_147_483_647}
_SMALLER = {"int2": 32_767, "smallserial": 32_767, "serial2": 32_767}
_COUNTED = frozenset({"serial", "serial4", "smallserial", "serial2"})


def _truncate(parsed: Parsed, scope: Scope) -> str:
    tables = [relation(each) for each in parsed.tree.relations]
    lost = [table for table in tables if table not in scope.created]
    return f"TRUNCATE deletes every row of {', '.join(lost)}: no down brings them back." if lost else ""


def _index_if_not_exists(parsed: Parsed, _scope: Scope) -> str:
    tree = parsed.tree
    if not tree.concurrent or not tree.if_not_exists:
        return ""
    return f"IF NOT EXISTS takes an invalid {tree.idxname} that a failed build left for the real one."


def _cascade(parsed: Parsed, _scope: Scope) -> str:
    dropped = list(removed(parsed))
    nodes = [parsed.tree] if parsed.kind == "DropStmt" else list(commands(parsed, "AT_DropColumn"))
    if not dropped or not any(node.behavior.name == "DROP_CASCADE" for node in nodes):
        return ""
    kind, name = dropped[0]
    return f"CASCADE drops whatever depends on {kind} {name} as well, on each target perhaps something else."


def _never_validated(parsed: Parsed, scope: Scope) -> str:
    table = relation(parsed.tree.relation)
    for constraint in constraints(parsed):
        waits = constraint.skip_validation and constraint.is_enforced and constraint.conname
        behind = chain(scope.after(parsed), scope.later())
        if waits and not any(_settles(each, table, constraint.conname) for each in behind):
            return f"No migration validates {constraint.conname} on {table}: old rows may break it for ever."
    return ""


def _settles(parsed: Parsed, table: str, constraint: str) -> bool:
    """Whether a statement validates the constraint, or removes it."""
    if any(name == table for kind, name in removed(parsed) if kind == "table"):
        return True
    found = commands(parsed, "AT_ValidateConstraint", "AT_DropConstraint")
    return any(command.name == constraint and relation(parsed.tree.relation) == table for command in found)


def _left_disabled(parsed: Parsed, scope: Scope) -> str:
    table = relation(parsed.tree.relation)
    if next(commands(parsed, *_DISABLE), None) is None:
        return ""
    for each in scope.after(parsed):
        if next(commands(each, *_ENABLE), None) is not None and relation(each.tree.relation) == table:
            return ""
    return f"The triggers of {table} stay disabled: nothing in this migration enables them again."


def _select(parsed: Parsed, _scope: Scope) -> str:
    tree = parsed.tree
    if tree.intoClause or tree.lockingClause or not tree.fromClause:
        return ""
    # A function may do anything, and a CTE may write.
    kinds = {type(node).__name__ for node in walk(tree)}
    if kinds & {"FuncCall", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"}:
        return ""
    return "This SELECT changes nothing, and nobody sees its rows."


def _definer(parsed: Parsed, scope: Scope) -> str:
    security = option(parsed.tree.options, "security")
    if security is None or not security.arg.boolval or _sets_path(parsed.tree.options):
        return ""
    name = dotted(parsed.tree.funcname)
    alters = [each.tree for each in scope.after(parsed) if each.kind == "AlterFunctionStmt"]
    if any(dotted(each.func.objname) == name and _sets_path(each.actions) for each in alters):
        return ""
    return f"{name} runs with its owner's rights and its caller's search_path: the caller decides what its names mean."


def _sets_path(options: Any) -> bool:
    found = (each.arg for each in options or () if each.defname == "set")
    return any(getattr(setting, "name", "") == "search_path" for setting in found)


def _public(parsed: Parsed, _scope: Scope) -> str:
    tree = parsed.tree
    to_public = any(each.roletype.name == "ROLESPEC_PUBLIC" for each in tree.grantees)
    if not tree.is_grant or not to_public or not _opens(tree):
        return ""
    names = ", ".join(relation(each) if hasattr(each, "relname") else object_name(each) for each in tree.objects or ())
    return f"Every role, those of tomorrow included, gets these privileges on {names or 'everything there'}."


def _opens(tree: Any) -> bool:
    """Whether the privileges are more than what is public anyway, or lets only names be seen."""
    given = {each.priv_name for each in tree.privileges or ()} or {"all"}
    if tree.objtype.name in ("OBJECT_TABLE", "OBJECT_SEQUENCE"):
        return True
    return tree.objtype.name in ("OBJECT_SCHEMA", "OBJECT_DATABASE") and bool(given & {"all", "create"})


def _password(parsed: Parsed, _scope: Scope) -> str:
    found = option(parsed.tree.options, "password")
    if found is None or found.arg is None or str(found.arg.sval).startswith("SCRAM-SHA-256$"):
        return ""
    role = parsed.tree.role
    name = role if isinstance(role, str) else role.rolename
    return f"The password of {name} stands in the migration: in the repository, in the history table, in server logs."


def _small_key(parsed: Parsed, _scope: Scope) -> str:
    for column, kind in _counted_keys(parsed.tree):
        most = (_SMALL | _SMALLER).get(kind)
        if most:
            return f"{relation(parsed.tree.relation)}.{column} counts no further than {most:,}: then inserts fail."
    return ""


def _counted_keys(tree: Any) -> Iterator[tuple[str, str]]:
    """The columns of a new table that are its primary key and count by themselves, with their types."""
    elements = tree.tableElts or ()
    alone = [each for each in elements if type(each).__name__ == "Constraint" and each.contype.name == "CONSTR_PRIMARY"]
    keys = {each.keys[0].sval for each in alone if each.keys and len(each.keys) == 1}
    for element in elements:
        # A column of a typed table says its type elsewhere.
        if type(element).__name__ == "ColumnDef" and element.typeName is not None:
            kinds = {each.contype.name for each in element.constraints or ()}
            kind = element.typeName.names[-1].sval
            counted = kind in _COUNTED or "CONSTR_IDENTITY" in kinds
            if counted and ("CONSTR_PRIMARY" in kinds or element.colname in keys):
                yield element.colname, kind


RULES = (
    Rule(
        "truncate",
        "postgres",
        Level.WARNING,
        "TRUNCATE of a table that is in use",
        "Every row goes at once, under a lock that stops reads as well, and nothing keeps a copy.",
        "Where the rows are wanted after a rollback, keep them: CREATE TABLE ... AS SELECT before.",
        ("TruncateStmt",),
        _truncate,
        lock="AccessExclusiveLock",
    ),
    Rule(
        "index-if-not-exists",
        "postgres",
        Level.WARNING,
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS",
        "A build that fails or is cancelled leaves an invalid index under its name: it costs with every write and "
        "helps no query. IF NOT EXISTS finds the name and reports success.",
        "Leave IF NOT EXISTS out: Surefoot finds what an interrupted build left, drops it, and builds again.",
        ("IndexStmt",),
        _index_if_not_exists,
        BOTH_WAYS,
    ),
    Rule(
        "drop-cascade",
        "postgres",
        Level.WARNING,
        "DROP ... CASCADE",
        "Views, foreign keys and functions that depend on the object go with it, without a word; a down that was "
        "written from the file does not know of them.",
        "Leave CASCADE out, and drop by name what the database then complains of.",
        ("DropStmt", "AlterTableStmt"),
        _cascade,
        BOTH_WAYS,
    ),
    Rule(
        "never-validated",
        "postgres",
        Level.WARNING,
        "A NOT VALID constraint that no migration validates",
        "NOT VALID is the first half of a safe plan. Until VALIDATE CONSTRAINT, rows from before may break the "
        "constraint, and the planner cannot rely on it.",
        "ALTER TABLE ... VALIDATE CONSTRAINT in the next migration: it lets reads and writes go on.",
        ("AlterTableStmt",),
        _never_validated,
    ),
    Rule(
        "trigger-left-disabled",
        "postgres",
        Level.WARNING,
        "Triggers that are disabled and not enabled again",
        "Once the migration is over, the application writes without them. DISABLE TRIGGER ALL switches foreign keys "
        "off as well.",
        "ENABLE TRIGGER in the same migration, behind the statements that were to run without.",
        ("AlterTableStmt",),
        _left_disabled,
        BOTH_WAYS,
    ),
    Rule(
        "select-without-effect",
        "postgres",
        Level.NOTE,
        "A SELECT whose rows nobody sees",
        "It is most often a check that was meant to stop the migration, and stops nothing.",
        "Take it out; or let it fail: DO $$ BEGIN IF ... THEN RAISE EXCEPTION ...; END IF; END $$.",
        ("SelectStmt",),
        _select,
        BOTH_WAYS,
    ),
    Rule(
        "definer-search-path",
        "postgres",
        Level.WARNING,
        "SECURITY DEFINER without its own search_path",
        "Whoever may call the function can put a table or operator of the same name before the real one, and have it "
        "used with the owner's rights.",
        "Add SET search_path = pg_catalog, public, pg_temp (the schemas that it needs, pg_temp last).",
        ("CreateFunctionStmt",),
        _definer,
        BOTH_WAYS,
    ),
    Rule(
        "grant-to-public",
        "postgres",
        Level.WARNING,
        "A privilege for PUBLIC",
        "PUBLIC is every role of the server, present and future, also those that were made for something else.",
        "Grant to a role that was made for it.",
        ("GrantStmt",),
        _public,
    ),
    Rule(
        "password-in-migration",
        "postgres",
        Level.WARNING,
        "A password in a migration",
        "It is in the repository for ever, in Surefoot's history on each target, and in the server's log.",
        "CREATE ROLE without a password here; set it outside of the migrations, with psql's \\password.",
        ("CreateRoleStmt", "AlterRoleStmt"),
        _password,
        BOTH_WAYS,
    ),
    Rule(
        "small-key",
        "postgres",
        Level.NOTE,
        "A counted primary key of 32 bits or less",
        "Rolled back and deleted rows use numbers up as well. To widen the key of a large table is among the most "
        "expensive changes that there are.",
        "bigint GENERATED ALWAYS AS IDENTITY: four bytes a row more.",
        ("CreateStmt",),
        _small_key,
    ),
)
