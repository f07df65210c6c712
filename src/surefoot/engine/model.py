"""What the engine talks about: folders, migrations, scripts, statements, blocks, steps and plans.

Everything here is a frozen value. Formats make `Folder`s, dialects make `Statement`s and `Block`s, planning makes
`Plan`s, and the executor runs exactly what a `Plan` holds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Direction(StrEnum):
    """Which way a step goes."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a file's SQL text, with the place where it stands.

    `line` is the 1-based line of the file on which `text` begins. The format marked a `whole` fragment as one
    statement; a dialect that knows better (PostgreSQL in a transaction, SQLite) splits it all the same.
    """

    text: str
    line: int = 1
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """One direction's SQL from one file (or one section of it): what runs, and how its author wants it to run.

    `transaction` is False where a directive of the format says that the script runs outside a transaction. Statements
    that cannot run inside one are found by the dialect all the same.
    """

    path: str
    fragments: tuple[Fragment, ...]
    transaction: bool = True

    @property
    def text(self) -> str:
        """The script's SQL, as the checksum and a diff see it."""
        return "\n".join(fragment.text for fragment in self.fragments)


@dataclass(frozen=True, slots=True)
class Migration:
    """One immutable versioned change.

    `version` is its identity in the history: unique in a folder; which part of a file's name it is made of is the
    format's business. `down` is None where there is no way back; scripts of `down` are in the order they run in.
    """

    version: str
    name: str
    up: tuple[Script, ...]
    down: tuple[Script, ...] | None

    @property
    def label(self) -> str:
        """The migration as a person calls it: version and name."""
        return f"{self.version} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Note:
    """Something in a file that was understood or passed over, and that its author should know of."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of migrations, read: in the order in which its format applies them."""

    path: str
    format: str
    migrations: tuple[Migration, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL command, without its terminator.

    `line` is the 1-based line of the file on which `sql` begins. `words` are the leading bare words (keywords and
    unquoted identifiers, upper case, comments and quoted text left out; at most 16). `copy_data` is the inline data
    of a `COPY ... FROM stdin`.
    """

    sql: str
    path: str
    line: int
    words: tuple[str, ...]
    copy_data: str | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """The database's own timeouts for a block, in seconds.

    `lock` 0 means none: the run's watch ends a wait that lasts too long. `statement` None leaves the server's setting.
    """

    lock: float
    statement: float | None


@dataclass(frozen=True, slots=True)
class Block:
    """Statements that take effect together, or one statement that the server runs by itself.

    A transactional block is one transaction. Any other holds a single statement outside of a transaction; `reason`
    says why.
    """

    statements: tuple[Statement, ...]
    transactional: bool = True
    reason: str = ""
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One migration in a run, one way, cut into blocks.

    With one transactional block the history row commits with it. Otherwise each block is journalled. Where an earlier
    run stopped in the middle, `done` are the indexes of the blocks that took effect, and `in_doubt` of those that
    have to be looked up in the database first.
    """

    migration: Migration
    direction: Direction
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...] = ()
    done: frozenset[int] = frozenset()
    in_doubt: frozenset[int] = frozenset()

    @property
    def atomic(self) -> bool:
        """Whether the step and its history row commit as one transaction."""
        resumed = self.done or self.in_doubt
        return not resumed and len(self.blocks) <= 1 and all(block.transactional for block in self.blocks)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Every statement of the step, in order."""
        return tuple(statement for block in self.blocks for statement in block.statements)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a run waits, in seconds; 0 means that the server's own limit is switched off.

    `lock`: one attempt to get a lock. `lock_wait`: all attempts together. `statement`: one statement, None leaves the
    server's setting. `runner`: another runner on the same target. `connect`: an answer to a connection.
    """

    lock: float = 2.0
    lock_wait: float = 300.0
    statement: float | None = None
    runner: float = 60.0
    connect: float = 10.0


@dataclass(frozen=True, slots=True)
class Plan:
    """The ordered intent: the steps that will run, and nothing else will."""

    direction: Direction
    steps: tuple[Step, ...]
    timeouts: Timeouts = field(default_factory=Timeouts)


@dataclass(frozen=True, slots=True)
class Applied:
    """A row of the history: one application of a migration, and its end where it was rolled back.

    `kind` is `migration` or `baseline`. Times are aware datetimes. `down_checksum` is None where no way back was
    stored.
    """

    id: int
    version: str
    name: str
    kind: str
    checksum: str
    down_checksum: str | None
    applied_at: datetime
    applied_by: str
    duration_ms: int
    run_id: str
    rolled_back_at: datetime | None = None
    rolled_back_by: str | None = None
