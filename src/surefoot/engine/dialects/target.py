"""What the engine asks of a database, whichever it is.

A target is one session on one database. It is not thread-safe, except for `cancel` and `observe`, which use a
connection of their own. Every method may raise ConnectionLost; those that run SQL raise StatementFailed, LockTimeout
(worth a retry of the whole transaction) or Cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NoReturn, Protocol

from surefoot.engine.events import Blocker
from surefoot.engine.model import Block, Limits, Note, Script, Statement, Timeouts
from surefoot.errors import Refused, TransactionRefused

if TYPE_CHECKING:
    # Most commands look at no schema, and the import costs.
    from surefoot.engine.effects import TableSize
    from surefoot.engine.snapshot import Snapshot

Row = tuple[Any, ...]
NoticeSink = Callable[[str, str], None]


class Verdict(StrEnum):
    """What a look at the database says of a statement whose outcome was in doubt."""

    DONE = "done"
    NOT_DONE = "not_done"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what was found, in words."""

    verdict: Verdict
    finding: str


class Session(StrEnum):
    """What a statement leaves behind in its session, for a later run that resumes after it."""

    NOTHING = "nothing"
    REPLAY = "replay"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Observation:
    """A look at a running statement from a second session."""

    blockers: tuple[Blocker, ...] = ()
    phase: str = ""
    done: int | None = None
    total: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A line of `surefoot doctor`. `status` is ok, warning, problem or info."""

    name: str
    status: str
    finding: str
    hint: str = ""


def refuse_lost_lock(*, held: bool) -> None:
    """Raise Refused where the runner lock is not held any more."""
    if not held:
        raise Refused(
            "A migration of this run gave the runner lock back: another run could have begun meanwhile.",
            hint="`surefoot status` shows what is applied, and another `up` goes on. Take out what releases all locks "
            "(pg_advisory_unlock_all, DISCARD ALL, RELEASE_ALL_LOCKS): each step gets a clean session by itself.",
        )


def refuse_split(statement: Statement) -> NoReturn:
    """Raise TransactionRefused: the statement has just ended the transaction of its step, which nobody foresaw."""
    place = f"{statement.path}:{statement.line}"
    raise TransactionRefused(
        f"{place}: this statement ended the step's transaction: what stands above it is committed, and the history "
        "does not have it.",
        hint="Undo by hand what took effect; then give the statement a migration of its own, or take it out.",
        file=statement.path,
        line=statement.line,
        statement=statement.sql[:2000],
    )


class Target(Protocol):
    """One session on one database."""

    dialect: str
    label: str
    now: str
    timeouts: Timeouts
    on_notice: NoticeSink

    def open(self) -> None:
        """Connect (again); a session that was open before is closed. Raises Unreachable."""

    def close(self) -> None:
        """End the session, and with it every lock. Never raises."""

    @property
    def server(self) -> str:
        """The server's product and version, for a person."""

    @property
    def user(self) -> str:
        """The database user of the session."""

    def cut(self, scripts: Sequence[Script]) -> tuple[tuple[Block, ...], tuple[Note, ...]]:
        """Split scripts into statements, and cut these into blocks. Raises FolderError."""

    def limits(self, block: Block) -> Limits:
        """The timeouts with which `begin` and `execute_outside` let the block run."""

    def lock(self, name: str) -> bool:
        """Try once to take the session lock of this name, without waiting. Raises PoolerFound."""

    def unlock(self) -> None:
        """Give the session lock back."""

    def check_lock(self) -> None:
        """Raise Refused where the session has taken its lock, and a migration gave it back; `begin` asks as well."""

    def lock_holders(self, name: str) -> tuple[Blocker, ...]:
        """Who holds the session lock of this name now; nobody is asked to wait for the answer."""

    def table(self, name: str) -> str:
        """The qualified, quoted name of one of Surefoot's own tables: `history`, `journal` or `format`."""

    def has_history(self) -> bool:
        """Whether Surefoot's tables exist."""

    def history_ddl(self) -> Sequence[Sequence[str]]:
        """The statements that bring Surefoot's tables from format version n to n + 1, for n = 0, 1, ..."""

    def query(self, sql: str, params: Sequence[object] = ()) -> list[Row]:
        """Run one statement of Surefoot's own, with `%s` placeholders, and fetch its rows, if any."""

    def utc(self, value: object) -> datetime:
        """A timestamp of Surefoot's tables as an aware datetime."""

    def begin(self, *, clean: bool) -> None:
        """Begin a transaction with bounded locks; `clean` resets the session and runs the preamble first."""

    def commit(self) -> None:
        """Commit. ConnectionLost here means that the outcome is unknown."""

    def rollback(self) -> None:
        """Roll back; does nothing where no transaction is open or the connection is gone."""

    def clean(self) -> None:
        """Reset the session and run the preamble, outside a transaction."""

    def execute(self, statement: Statement, *, comment: str = "") -> int | None:
        """Run a statement of a migration; returns the number of rows touched where the server counts them."""

    def execute_outside(self, statement: Statement, *, comment: str = "") -> int | None:
        """The same, outside a transaction, with the timeouts that this statement can stand."""

    def leaves_role_behind(self, statement: Statement) -> bool:
        """Whether the statement may change who the session is, so that the history could be out of reach."""

    def session_effect(self, statement: Statement) -> Session:
        """What the statement leaves behind in its session."""

    def look(self, statement: Statement) -> str:
        """Note, before the statement runs outside a transaction, what tells later whether it took effect."""

    def judge(self, statement: Statement, before: str, *, mend: bool) -> Judgement:
        """Tell whether the statement took effect since `look`; `mend` clears away what a failed attempt left."""

    def cancel(self) -> None:
        """Let no further statement run, and cancel the running one. Any thread, any signal handler; never raises."""

    def cancel_statement(self) -> None:
        """Cancel the running statement on the server, if one runs. Any thread; never raises."""

    def observe(self) -> Observation:
        """Look at the running statement from a second session. Any thread; never raises."""

    def doctor(self) -> list[Check]:
        """What a person should know about connection, versions, permissions, pooler and clock."""

    def dump(self) -> str:
        """The schema by the database's own dump tool, without what differs from run to run. Raises ToolFailed."""

    def snapshot(self) -> Snapshot:
        """The schema now, in a transaction of its own that changes nothing; without Surefoot's own tables."""

    def sizes(self) -> Mapping[str, TableSize]:
        """How large each table is, by the name that effects have for it; estimates, no table is read."""
