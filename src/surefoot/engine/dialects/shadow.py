"""What a rehearsal asks of a throw-away database, whichever it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from surefoot.engine.dialects.target import Target
from surefoot.engine.effects import Effect
from surefoot.engine.events import Event
from surefoot.engine.model import Statement, Timeouts
from surefoot.engine.rows import TableRows, Unfilled
from surefoot.engine.snapshot import Difference, ObjectKey, Snapshot
from surefoot.errors import StatementFailed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a shadow database is made, and what it begins with.

    `target_url` is the real target, if there is one: its version, roles and schema are imitated; nothing is written to
    its database. `shadow_url` is a server on which databases may be created. `beside` makes the shadow on the target's
    own server. Without either, a server of our own is started: its programs come from `postgres_bin`, an installed
    PostgreSQL of the target's version, or the embedded one. `copy_schema` begins with the target's own schema; `dump`
    with the SQL of that file; else the shadow begins empty. `schema` is where Surefoot's own tables are, on both.
    """

    target_url: str | None = None
    shadow_url: str | None = None
    beside: bool = False
    copy_schema: bool = False
    dump: Path | None = None
    schema: str = "surefoot"
    preamble: Sequence[str] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    postgres_bin: Path | None = None


@dataclass(frozen=True, slots=True)
class Reversal:
    """A generated way back. `missing` says, for each object that it does not deal with, what is to be written by hand.

    `losses` are the objects whose content the way up took away, which no statement brings back.
    """

    statements: tuple[str, ...]
    missing: tuple[tuple[ObjectKey, str], ...] = ()
    losses: tuple[ObjectKey, ...] = ()


class Tracer(Protocol):
    """Measures what the statements of one run do: a consumer of the run's events."""

    def __call__(self, event: Event) -> None:
        """Be told of an event, on the run's own thread."""

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What each statement that finished did, in order."""

    @property
    def written(self) -> frozenset[str] | None:
        """The tables and sequences whose rows the run may have changed; None where that is not known."""


class Shadow(Protocol):
    """A throw-away database, made when it is opened and gone when it is closed.

    `target` is the session on which migrations run: as the role and with the rights that they have on the real target,
    as far as that is known. Everything else looks at the database through a session of its own, with all rights.
    `label` names it for a person; `notes` say what had to be arranged (roles made, statements of the dump left out).
    """

    @property
    def label(self) -> str:
        """What it is called."""

    @property
    def target(self) -> Target:
        """The session on which migrations run. A new one after `restore`."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What had to be arranged so far, in words."""

    def open(self) -> None:
        """Make the database; clears away what killed rehearsals left. Raises ShadowFailed, Unreachable, ToolFailed."""

    def close(self) -> None:
        """Remove the database, and everything that was made with it. Never raises."""

    def save(self) -> None:
        """Keep the present state, rows included; it takes the place of the one kept before."""

    def restore(self) -> None:
        """Go back to the state that was kept; it stays kept. Everything since is gone, sessions included."""

    def snapshot(self) -> Snapshot:
        """The schema now, without Surefoot's own tables."""

    def excuse(self, difference: Difference) -> str | None:
        """Why a changed object is the same after all (its text settles to the same one), or None."""

    def check(self, statements: Sequence[Statement]) -> None:
        """Raise ShadowFailed where a statement would reach beyond the shadow: real data may be there."""

    def supply(self, error: StatementFailed) -> bool:
        """Make what a migration lacks of its surroundings (a role); whether that was done, and it may run again.

        Raises ShadowFailed where the server lacks something that cannot be made (an extension), with the ways out.
        """

    def trace(self) -> Tracer:
        """Begin to measure: the state now is the one before the run."""

    def fill(
        self, count: int, seed: str, tables: Collection[str] | None = None, *, plain: bool = False
    ) -> tuple[Unfilled, ...]:
        """Write `count` more generated rows into each table (or these), the same ones for the same seed and schema.

        `plain` rows hold no NULL and only short texts. Returns the tables that could not be filled.
        """

    def load(self, seed: str) -> None:
        """Run a file of SQL (INSERT, COPY), or take the rows of the database of this URL, table by table."""

    def read_rows(self, tables: Collection[str] | None = None) -> Mapping[str, TableRows]:
        """The rows of these tables and sequences, or of all; those that are not there are left out."""

    def reverse(self, before: Snapshot, after: Snapshot) -> Reversal:
        """The statements that lead from `after` back to `before`, as far as they can be derived. Runs nothing."""
