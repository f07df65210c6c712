"""What a rehearsal establishes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from surefoot.engine.effects import Effect
from surefoot.engine.findings import Finding
from surefoot.engine.rows import Loss
from surefoot.engine.snapshot import Difference, Excuse


class Verdict(StrEnum):
    """What a rehearsal says of a migration, from the best to the worst."""

    PROVEN = "proven"
    LOSSY = "lossy"
    DIFFERENT = "different"
    IRREVERSIBLE = "irreversible"
    FAILING = "failing"


class Phase(StrEnum):
    """What ran when something was found."""

    UP = "up"
    DOWN = "down"
    AGAIN = "up again"


@dataclass(frozen=True, slots=True)
class Failure:
    """A statement that the database refused, or a refusal of ours: where and why.

    `with_rows` says that it fails only with the rows that were written after the up.
    """

    phase: Phase
    message: str
    code: str
    path: str = ""
    line: int = 0
    statement: str = ""
    with_rows: bool = False


@dataclass(frozen=True, slots=True)
class WayBack:
    """A generated down for a migration that has none.

    `verdict` is what its own rehearsal said; None where nothing could be generated. `missing` is what is to be written
    by hand, one line for each object.
    """

    statements: tuple[str, ...]
    verdict: Verdict | None
    missing: tuple[str, ...] = ()
    losses: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Crash:
    """A rehearsed failure: the connection broke after a statement, and the same command ran again.

    `recovered` says that the schema is then that of an undisturbed run; `finding` says what happened otherwise.
    """

    phase: Phase
    statement: int
    recovered: bool
    finding: str = ""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One migration, rehearsed.

    `differences` are between the schema before the up and after the down; `again` between the first up and the second.
    `base` and `after` are the schema's fingerprints before and after the up; `after` is empty where the up failed.
    `rows` is the number of rows that were at stake. Checksums are those of the history; `down_checksum` is None where
    there is no down. Durations are in milliseconds.
    """

    version: str
    name: str
    verdict: Verdict
    checksum: str
    down_checksum: str | None
    base: str
    after: str = ""
    differences: tuple[Difference, ...] = ()
    again: tuple[Difference, ...] = ()
    excuses: tuple[Excuse, ...] = ()
    losses: tuple[Loss, ...] = ()
    failure: Failure | None = None
    up_effects: tuple[Effect, ...] = ()
    down_effects: tuple[Effect, ...] = ()
    warnings: tuple[Finding, ...] = ()
    way_back: WayBack | None = None
    crashes: tuple[Crash, ...] = ()
    rows: int = 0
    up_ms: int = 0
    down_ms: int = 0

    @property
    def label(self) -> str:
        """The migration as a person calls it."""
        return f"{self.version} {self.name}".strip()


@dataclass(frozen=True, slots=True)
class Report:
    """A rehearsal as a whole.

    `engine` is the database engine with its major version, as proofs are bound to it; `shadow` names the database;
    `base` says what it began with, in words. `notes` are what had to be arranged. `unreached` are findings for the
    migrations after one that does not run.
    """

    engine: str
    shadow: str
    base: str
    started_at: datetime
    duration_ms: int
    migrations: tuple[Rehearsed, ...]
    notes: tuple[str, ...] = ()
    unreached: tuple[Finding, ...] = ()
