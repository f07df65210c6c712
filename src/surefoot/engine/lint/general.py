"""Rules that are the same on every database: what the two ways of a migration owe each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from surefoot.engine.findings import Level
from surefoot.engine.lint.command import Command, has
from surefoot.engine.lint.model import Parsed, Rule, Scope
from surefoot.engine.lint.postgres import trees
from surefoot.engine.model import Direction

EVERY = "*"


def _missing_down(parsed: Parsed, scope: Scope) -> str:
    if scope.here.migration.down is not None or parsed is not next(scope.same_way(), None):
        return ""
    # A folder with hardly any is its team's decision.
    kept = sum(change.migration.down is not None for change in scope.changes)
    if kept * 2 < len(scope.changes):
        return ""
    return f"{scope.here.migration.label} has no down, and most migrations of the folder have one."


def _drops_more(parsed: Parsed, scope: Scope) -> str:
    dropped = list(removed(parsed))
    ups = list(scope.here.statements(Direction.UP)) if dropped else []
    if not dropped or any(_is_opaque(each) for each in ups):
        return ""
    known = {name for each in (*ups, *scope.same_way()) for name in made(each)}
    for kind, name in dropped:
        table = name.rpartition(".")[0]
        if name not in known and not (kind == "index" and "" in known) and (kind != "column" or table not in known):
            return f"This drops {kind} {name}, which the up does not make: a rollback would remove what was there."
    return ""


def _is_opaque(parsed: Parsed) -> bool:
    """Whether what a statement makes is not in its text."""
    if isinstance(parsed.tree, Command):
        return parsed.kind in ("CALL", "EXECUTE", "BEGIN", "IF")
    return parsed.tree is None or parsed.kind in trees.DYNAMIC or parsed.kind == "SelectStmt"


def made(parsed: Parsed) -> Iterator[str]:
    """The names of what a statement makes; a column is `table.column`."""
    if not isinstance(parsed.tree, Command):
        yield from trees.made(parsed) if parsed.tree is not None else ()
        return
    command = parsed.tree
    if command.kind.startswith("CREATE"):
        yield command.own_name
    for words in (command.tokens,) if command.kind == "RENAME TABLE" else command.parts:
        yield from (token.text.lower() for at, token in enumerate(words) if at and words[at - 1].key in ("TO", "AS"))
    for part in command.parts if command.kind == "ALTER TABLE" else ():
        yield from _added(command.name, [token.text.lower() for token in part])


def _added(table: str, words: list[str]) -> Iterator[str]:
    """What a clause of ALTER TABLE adds: a column, or an index by its name."""
    if words[:1] in (["add"], ["change"]):
        rest = [word for word in words[1:] if word not in ("column", "if", "not", "exists", "constraint", "unique")]
        for word in rest[:3]:
            yield f"{table}.{word}"
            yield word


def removed(parsed: Parsed) -> Iterator[tuple[str, str]]:
    """The kind and name of each object that a statement drops."""
    if not isinstance(parsed.tree, Command):
        yield from trees.removed(parsed) if parsed.tree is not None else ()
        return
    command = parsed.tree
    kind = command.kind.removeprefix("DROP ").lower()
    if command.kind.startswith("DROP ") and kind in ("table", "view", "index", "trigger", "procedure", "function"):
        yield kind, command.own_name
    for part in command.parts if command.kind == "ALTER TABLE" else ():
        if name := dropped_column(part):
            yield "column", f"{command.name}.{name}"


def dropped_column(part: Iterable[object]) -> str:
    """The column that a clause of ALTER TABLE drops; empty where it drops none."""
    words = [str(getattr(token, "text", "")) for token in part]
    keys = [word.upper() for word in words]
    if keys[:1] != ["DROP"] or not words[1:]:
        return ""
    if keys[1] in ("CONSTRAINT", "INDEX", "KEY", "PRIMARY", "FOREIGN", "CHECK", "PARTITION", "PERIOD", "SYSTEM"):
        return ""
    at = 2 if keys[1] == "COLUMN" else 1
    at += 2 if keys[at : at + 2] == ["IF", "EXISTS"] else 0
    return words[at].lower() if at < len(words) else ""


def created_tables(parsed: Parsed) -> Iterator[str]:
    """The tables and views that a statement makes."""
    if not isinstance(parsed.tree, Command):
        yield from trees.created_tables(parsed) if parsed.tree is not None else ()
    elif parsed.kind in ("CREATE TABLE", "CREATE VIEW"):
        yield parsed.tree.name
    elif parsed.kind == "ALTER TABLE" and has(parsed.tree.tokens, "RENAME", "TO"):
        yield parsed.tree.tokens[-1].text.lower()


RULES = (
    Rule(
        "missing-down",
        "",
        Level.WARNING,
        "A migration without a way back, in a folder whose others have one",
        "When it was wrong, somebody has to write the way back at the worst moment.",
        "`surefoot new-down VERSION` writes one where it can; for what cannot be undone, a down that says so.",
        (EVERY,),
        _missing_down,
    ),
    Rule(
        "down-drops-more",
        "",
        Level.WARNING,
        "A down that drops what its up did not make",
        "A rollback then removes something that was there before the migration, with its rows.",
        "Drop only what the up makes; restore what it dropped.",
        (EVERY,),
        _drops_more,
        (Direction.DOWN,),
    ),
)
