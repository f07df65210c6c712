"""Reading pglast's trees: names, the commands of ALTER TABLE, and what a statement makes or removes.

Types and enumerations are compared by their names, so that nothing of this imports pglast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from surefoot.engine.lint.model import Parsed

# Statements whose effect is not in their text.
DYNAMIC = frozenset({"DoStmt", "CallStmt", "ExecuteStmt"})


def dotted(parts: Sequence[Any]) -> str:
    """A name of several parts; `public.` is left out, as most authors do."""
    words = [str(part.sval) for part in parts]
    return ".".join(words[1:] if len(words) > 1 and words[0] == "public" else words)


def relation(node: Any) -> str:
    """The name of a table, view or index."""
    schema = node.schemaname if node.schemaname not in (None, "public") else ""
    return f"{schema}.{node.relname}" if schema else str(node.relname)


def is_temporary(node: Any) -> bool:
    """Whether a relation exists in its session only."""
    return bool(node.relpersistence == "t")


def commands(parsed: Parsed, *subtypes: str) -> Iterator[Any]:
    """The commands of an ALTER TABLE of these kinds, such as `AT_AddColumn`; all of them without a kind."""
    if parsed.kind == "AlterTableStmt":
        for command in parsed.tree.cmds:
            if not subtypes or command.subtype.name in subtypes:
                yield command


def constraints(parsed: Parsed, *kinds: str) -> Iterator[Any]:
    """The constraints that an ALTER TABLE adds, of these kinds, such as `CONSTR_CHECK`."""
    for command in commands(parsed, "AT_AddConstraint"):
        if not kinds or command.def_.contype.name in kinds:
            yield command.def_


def option(options: Sequence[Any] | None, name: str) -> Any:
    """The option of a name, if it is there."""
    return next((each for each in options or () if each.defname == name), None)


def created_tables(parsed: Parsed) -> Iterator[str]:
    """The tables and views that a statement makes."""
    tree = parsed.tree
    if parsed.kind == "CreateStmt":
        yield relation(tree.relation)
    elif parsed.kind == "CreateTableAsStmt":
        yield relation(tree.into.rel)
    elif parsed.kind == "SelectStmt" and tree.intoClause is not None:
        yield relation(tree.intoClause.rel)
    elif parsed.kind == "ViewStmt":
        yield relation(tree.view)
    elif parsed.kind == "RenameStmt" and tree.relation is not None and tree.renameType.name == "OBJECT_TABLE":
        yield str(tree.newname)


def made(parsed: Parsed) -> Iterator[str]:
    """The names of everything that a statement makes; a column is `table.column`. An index may be without a name."""
    tree = parsed.tree
    yield from created_tables(parsed)
    for name in _NAMED.get(parsed.kind, ()):
        value = getattr(tree, name)
        yield dotted(value) if isinstance(value, tuple) else str(value or "")
    if parsed.kind == "IndexStmt" and tree.relation.schemaname:
        yield f"{tree.relation.schemaname}.{tree.idxname}"
    if parsed.kind == "CreateSeqStmt":
        yield relation(tree.sequence)
    if parsed.kind in ("CreateTrigStmt", "RuleStmt"):
        yield f"{relation(tree.relation)}.{getattr(tree, 'trigname', None) or getattr(tree, 'rulename', '')}"
    if parsed.kind == "CreatePolicyStmt":
        yield f"{relation(tree.table)}.{tree.policy_name}"
    if parsed.kind == "RenameStmt":
        yield f"{relation(tree.relation)}.{tree.newname}" if tree.relation is not None else str(tree.newname)
        yield str(tree.newname)
    for command in commands(parsed, "AT_AddColumn", "AT_AddConstraint"):
        name = command.def_.colname if command.subtype.name == "AT_AddColumn" else command.def_.conname
        yield f"{relation(tree.relation)}.{name}"
        yield str(name or "")
    for element in tree.tableElts or () if parsed.kind == "CreateStmt" else ():
        yield str(getattr(element, "conname", None) or "?")


_NAMED = {
    "IndexStmt": ("idxname",),
    "CreateFunctionStmt": ("funcname",),
    "CreateEnumStmt": ("typeName",),
    "CreateRangeStmt": ("typeName",),
    "CreateDomainStmt": ("domainname",),
    "DefineStmt": ("defnames",),
    "CreateSchemaStmt": ("schemaname",),
    "CreateExtensionStmt": ("extname",),
    "CreateEventTrigStmt": ("trigname",),
    "CreatePublicationStmt": ("pubname",),
    "CreateStatsStmt": ("defnames",),
    "CreateRoleStmt": ("role",),
}
_REMOVED = {
    "OBJECT_TABLE": "table",
    "OBJECT_VIEW": "view",
    "OBJECT_MATVIEW": "materialized view",
    "OBJECT_INDEX": "index",
    "OBJECT_SEQUENCE": "sequence",
    "OBJECT_TYPE": "type",
    "OBJECT_DOMAIN": "domain",
    "OBJECT_FUNCTION": "function",
    "OBJECT_PROCEDURE": "procedure",
    "OBJECT_TRIGGER": "trigger",
    "OBJECT_POLICY": "policy",
    "OBJECT_SCHEMA": "schema",
    "OBJECT_EXTENSION": "extension",
}


def removed(parsed: Parsed) -> Iterator[tuple[str, str]]:
    """The kind and name of each object that a statement drops; a column is `table.column`."""
    if parsed.kind == "DropStmt" and parsed.tree.removeType.name in _REMOVED:
        for each in parsed.tree.objects:
            yield _REMOVED[parsed.tree.removeType.name], object_name(each)
    for command in commands(parsed, "AT_DropColumn"):
        yield "column", f"{relation(parsed.tree.relation)}.{command.name}"


def object_name(node: Any) -> str:
    """The name of what DROP names, in whichever shape the grammar gives it."""
    if isinstance(node, tuple):
        return dotted(node)
    if hasattr(node, "sval"):
        return str(node.sval)
    return dotted(node.objname if hasattr(node, "objname") else node.names)


def walk(node: Any) -> Iterator[Any]:
    """Every node of a tree, from its root on."""
    if isinstance(node, tuple):
        for each in node:
            yield from walk(each)
    elif type(node).__module__ == "pglast.ast":
        yield node
        for name in node:
            yield from walk(getattr(node, name))
