"""From a folder to parsed statements: cut as a run would cut them, and without a connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from surefoot.engine.dialects.blocks import Classify, cut
from surefoot.engine.dialects.split import Split
from surefoot.engine.findings import Finding, Level
from surefoot.engine.lint.command import read_command
from surefoot.engine.lint.general import created_tables
from surefoot.engine.lint.model import Change, Parsed, Part
from surefoot.engine.model import Direction, Folder, Migration, Script, Statement
from surefoot.errors import FolderError

REFUSED = "refused"
SYNTAX_ERROR = "syntax-error"


def read_changes(folder: Folder, dialect: str) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    """Every migration of the folder, parsed, and what a run would refuse to read."""
    refused: list[Finding] = []
    changes = tuple(_change(migration, dialect, refused) for migration in folder.migrations)
    return changes, tuple(refused)


def _change(migration: Migration, dialect: str, refused: list[Finding]) -> Change:
    up, down = (
        _way([_part(migration, direction, script, dialect, refused) for script in scripts])
        for direction, scripts in ((Direction.UP, migration.up), (Direction.DOWN, migration.down or ()))
    )
    return Change(migration, up, down)


def _way(parts: list[Part]) -> tuple[Part, ...]:
    created = frozenset(name for part in parts for each in part.statements for name in created_tables(each))
    return tuple(replace(part, created=created) for part in parts)


def _part(migration: Migration, direction: Direction, script: Script, dialect: str, refused: list[Finding]) -> Part:
    """A script, parsed. One that cannot be split has no statements."""
    statements: tuple[Statement, ...] = ()
    atomic = False
    reader, cut_as = _reader(dialect), _as_cut(script, dialect)
    try:
        statements = reader.split(cut_as).statements
        atomic = _is_atomic(cut_as, reader)
    except FolderError as error:
        refused.append(_refusal(migration, script, error))
    return Part(migration, direction, script, tuple(_parse(each, dialect) for each in statements), atomic)


def _refusal(migration: Migration, script: Script, error: FolderError) -> Finding:
    line = error.details.get("line")
    at = line if isinstance(line, int) else 1
    message = error.message.removeprefix(f"{script.path}, line {at}: ")
    return Finding(REFUSED, Level.ERROR, message, error.hint, script.path, at, migration.version)


@dataclass(frozen=True, slots=True)
class _Reader:
    """How a dialect cuts scripts: its statements, those that a run sends, and which are outside of a transaction."""

    split: Callable[[Script], Split]
    split_for_run: Callable[[Script], Split]
    outside: Classify


def _reader(dialect: str) -> _Reader:
    """The reader of a dialect, which is imported only here: the others' rules cost a command nothing."""
    if dialect == "mysql":
        from surefoot.engine.dialects.mysql import classify as mysql
        from surefoot.engine.dialects.mysql.split import split as split_mysql
        from surefoot.engine.dialects.mysql.split import split_for_run

        return _Reader(split_mysql, split_for_run, mysql.outside)
    if dialect == "sqlite":
        from surefoot.engine.dialects.sqlite import classify as sqlite
        from surefoot.engine.dialects.sqlite.split import split as split_sqlite

        return _Reader(split_sqlite, split_sqlite, sqlite.outside)
    from surefoot.engine.dialects.postgres import classify as postgres
    from surefoot.engine.dialects.postgres.split import split as split_postgres

    return _Reader(split_postgres, split_postgres, postgres.outside)


def _as_cut(script: Script, dialect: str) -> Script:
    """Without the boundaries that the format marked where the dialect's target does without them."""
    if dialect == "mysql" or (dialect == "postgres" and not script.transaction):
        return script
    return replace(script, fragments=tuple(replace(fragment, whole=False) for fragment in script.fragments))


def _is_atomic(script: Script, reader: _Reader) -> bool:
    """Whether the script is one transaction. Raises FolderError, as a run does, where it would split a step."""
    blocks, _ = cut([script], reader.split_for_run, reader.outside)
    return len(blocks) == 1 and blocks[0].transactional


def _parse(statement: Statement, dialect: str) -> Parsed:
    if dialect != "postgres":
        command = read_command(dialect, statement.sql)
        return Parsed(statement, command.kind, command)
    import pglast

    try:
        node = pglast.parse_sql(statement.sql)[0].stmt
    except pglast.parser.ParseError as error:
        return _unreadable(statement, error.args)
    return Parsed(statement, type(node).__name__, node)


def _unreadable(statement: Statement, told: Sequence[object]) -> Parsed:
    at = told[1] if len(told) > 1 and isinstance(told[1], int) else 0
    line = statement.line + statement.sql.count("\n", 0, at)
    return Parsed(statement, "", None, str(told[0]) if told else "it cannot be read", line)
