"""What a verification of the audit trail found."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

_SHOWN = 100


class Verdict(StrEnum):
    """How the trail stands."""

    WHOLE = "whole"
    """Everything is as it was written."""
    BROKEN = "broken"
    """Something was changed, removed or added."""
    UNTOLD = "untold"
    """What would tell is not there: keys, the file of checkpoints."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it was written: `where` names the chain and the event, `what` how it differs."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was looked at, what is wrong with it (the first hundred problems), and what could not be told.

    `uncovered` is how many events no checkpoint covers yet: that their end was not cut off is not shown.
    """

    at: datetime
    chains: int
    events: int
    checkpoints: int
    segments: int
    batches: int
    uncovered: int
    problems: tuple[Problem, ...]
    more_problems: int
    doubts: tuple[str, ...]

    @property
    def verdict(self) -> Verdict:
        """Broken where anything is wrong, else untold where anything is in doubt."""
        if self.problems:
            return Verdict.BROKEN
        return Verdict.UNTOLD if self.doubts else Verdict.WHOLE

    @property
    def exit_code(self) -> int:
        """What the command ends with: 0 whole, 1 broken, 2 cannot be told."""
        return {Verdict.WHOLE: 0, Verdict.BROKEN: 1, Verdict.UNTOLD: 2}[self.verdict]


@dataclass(slots=True)
class Findings:
    """Counts and problems while a verification goes on; it keeps a bounded number of them."""

    chains: int = 0
    events: int = 0
    checkpoints: int = 0
    segments: int = 0
    batches: int = 0
    uncovered: int = 0
    problems: list[Problem] = field(default_factory=list)
    more: int = 0
    doubts: list[str] = field(default_factory=list)

    def add(self, where: str, what: str) -> None:
        """Note a problem."""
        if len(self.problems) < _SHOWN:
            self.problems.append(Problem(where, what))
        else:
            self.more += 1

    def report(self) -> Report:
        """Everything that was found."""
        return Report(
            datetime.now(UTC),
            self.chains,
            self.events,
            self.checkpoints,
            self.segments,
            self.batches,
            self.uncovered,
            tuple(self.problems),
            self.more,
            tuple(self.doubts),
        )
