"""What linting is made of: a rule is data and a pure function on a statement that was parsed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surefoot.engine.findings import Finding, Level
from surefoot.engine.model import Direction, Migration, Script, Statement

UP_ONLY = (Direction.UP,)
BOTH_WAYS = (Direction.UP, Direction.DOWN)
NEWEST_POSTGRES = 18


@dataclass(frozen=True, slots=True)
class Parsed:
    """A statement and what a parser made of it.

    PostgreSQL: `tree` is pglast's node and `kind` the name of its type. MariaDB, MySQL and SQLite: `tree` is a
    `Command` and `kind` its leading words, such as `ALTER TABLE`. Where the statement cannot be read, `tree` is None
    and `problem` says why, and `problem_line` in which line of the file.
    """

    statement: Statement
    kind: str
    tree: Any
    problem: str = ""
    problem_line: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One script of a migration, one way, with its statements parsed.

    `atomic`: all of it is one transaction. `created` are the tables that this way of the migration makes itself: nobody
    else can use them yet.
    """

    migration: Migration
    direction: Direction
    script: Script
    statements: tuple[Parsed, ...]
    atomic: bool = True
    created: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Change:
    """A migration, parsed: both ways."""

    migration: Migration
    up: tuple[Part, ...]
    down: tuple[Part, ...]

    def statements(self, direction: Direction) -> Iterator[Parsed]:
        """Every statement of one way, in order."""
        for part in self.up if direction is Direction.UP else self.down:
            yield from part.statements


@dataclass(frozen=True, slots=True)
class Scope:
    """What a rule may know beside the statement: its own script, the other way, and the rest of the folder."""

    part: Part
    changes: Sequence[Change]
    index: int

    @property
    def created(self) -> frozenset[str]:
        """The tables that this way of the migration makes itself."""
        return self.part.created

    @property
    def here(self) -> Change:
        """The migration itself."""
        return self.changes[self.index]

    def earlier(self) -> Iterator[Parsed]:
        """The statements of the ups before this migration, in order."""
        for change in self.changes[: self.index]:
            yield from change.statements(Direction.UP)

    def later(self) -> Iterator[Parsed]:
        """The statements of the ups behind this migration, in order."""
        for change in self.changes[self.index + 1 :]:
            yield from change.statements(Direction.UP)

    def same_way(self) -> Iterator[Parsed]:
        """All statements of this way of the migration, in order."""
        return self.here.statements(self.part.direction)

    def before(self, parsed: Parsed) -> Iterator[Parsed]:
        """The statements of this way that stand before one of them."""
        for each in self.same_way():
            if each is parsed:
                return
            yield each

    def after(self, parsed: Parsed) -> Iterator[Parsed]:
        """The statements of this way that stand behind one of them."""
        found = False
        for each in self.same_way():
            if found:
                yield each
            found = found or each is parsed


# Says what is wrong, naming the object; an empty text where nothing is.
Check = Callable[[Parsed, Scope], str]


def _nothing(_parsed: Parsed, _scope: Scope) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its stable name, what it says and why, and what to write instead.

    `dialect` is a database, or empty for all of them. `kinds` are the kinds of statements that `check` looks at; none
    for rules that something else finds: squawk, or reading the folder. `lock` is the lock that a statement of the rule
    takes on PostgreSQL, if the rule is about one.
    """

    name: str
    dialect: str
    level: Level
    title: str
    why: str
    hint: str
    kinds: tuple[str, ...] = ()
    check: Check = _nothing
    directions: tuple[Direction, ...] = UP_ONLY
    lock: str = ""
    squawk: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """How to lint.

    `dialect` is postgres, mysql or sqlite; `pg_version` PostgreSQL's major version. `levels` are rules and their level
    where it is not the default one. `versions` and `files` are what to report on, None for all: a rule sees the whole
    folder all the same.
    """

    dialect: str = "postgres"
    pg_version: int = NEWEST_POSTGRES
    levels: Mapping[str, str] = field(default_factory=dict)
    versions: frozenset[str] | None = None
    files: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was found, in the order of the folder; how many files were looked at; and what their authors ignored."""

    findings: tuple[Finding, ...]
    files: int
    ignored: tuple[Finding, ...] = ()
