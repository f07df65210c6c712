"""Whether a rehearsal passes, and what it found as findings."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict

_HINTS = {
    Verdict.LOSSY: "Have the up keep what the down needs (a side table, a renamed column), and the down bring it back.",
    Verdict.DIFFERENT: "Have the down undo everything that the up did.",
    Verdict.IRREVERSIBLE: "Write a down; `surefoot new-down` writes the one that was generated, where there is one.",
    Verdict.FAILING: "Mend the statement, and rehearse it again.",
}


def failed(rehearsed: Rehearsed, fail_on: Collection[str]) -> bool:
    """Whether a migration does not pass: by its verdict, a failure without recovery, or a finding of level error."""
    stuck = "failing" in fail_on and any(not crash.recovered for crash in rehearsed.crashes)
    return rehearsed.verdict in fail_on or stuck or any(item.level is Level.ERROR for item in rehearsed.warnings)


def passed(report: Report, fail_on: Collection[str]) -> bool:
    """Whether a rehearsal passes: every migration was reached, and does."""
    return not report.unreached and not any(failed(rehearsed, fail_on) for rehearsed in report.migrations)


def findings(report: Report, fail_on: Collection[str]) -> list[Finding]:
    """Everything worth acting on, in the order of the migrations: verdicts but proven, failures, and findings."""
    found = [item for rehearsed in report.migrations for item in _of_migration(rehearsed, fail_on)]
    return [*found, *report.unreached]


def _of_migration(rehearsed: Rehearsed, fail_on: Collection[str]) -> Iterator[Finding]:
    level = Level.ERROR if rehearsed.verdict in fail_on else Level.WARNING
    if rehearsed.verdict is not Verdict.PROVEN:
        text = f"{rehearsed.label} is {rehearsed.verdict}. {'; '.join(_what(rehearsed))}"
        rule, hint = f"rehearsal-{rehearsed.verdict}", _HINTS[rehearsed.verdict]
        yield Finding(rule, level, text, hint, *_place(rehearsed), rehearsed.version)
    for crash in rehearsed.crashes:
        if not crash.recovered:
            stuck = Level.ERROR if Verdict.FAILING in fail_on else Level.WARNING
            text = f"{rehearsed.label}: {words.crash(crash)}"
            hint = "Split the migration, so that each part can run again."
            yield Finding("rehearsal-no-recovery", stuck, text, hint, *_place(rehearsed), rehearsed.version)
    yield from rehearsed.warnings


def _what(rehearsed: Rehearsed) -> Iterator[str]:
    """Each thing that was found, in a phrase."""
    if rehearsed.failure:
        yield words.failure(rehearsed.failure).removesuffix(".")
    if rehearsed.way_back:
        yield words.way_back(rehearsed.way_back).removesuffix(".")
    yield from (words.difference(item) for item in rehearsed.differences)
    yield from (words.difference(item, again=True) for item in rehearsed.again)
    yield from (words.loss(item) for item in rehearsed.losses)


def _place(rehearsed: Rehearsed) -> tuple[str, int]:
    """The file and line to look at: of the failure, else where the way back begins, else the way up."""
    if rehearsed.failure and rehearsed.failure.path:
        return rehearsed.failure.path, rehearsed.failure.line
    effects = (*rehearsed.down_effects, *rehearsed.up_effects)
    return (effects[0].path, effects[0].line) if effects else ("", 0)
