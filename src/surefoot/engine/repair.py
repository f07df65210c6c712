"""What a crash or an edited file left behind: found and said first, mended when asked, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from surefoot.engine import prepare
from surefoot.engine.dialects.target import Target, Verdict
from surefoot.engine.history import Entry, History
from surefoot.engine.model import Step
from surefoot.engine.prepare import State
from surefoot.engine.recover import replay, settle
from surefoot.engine.run import Run
from surefoot.errors import UsageError


class Resolution(StrEnum):
    """What a person says of a statement that the database cannot tell about, or of the whole step."""

    RAN = "ran"
    NOT_RAN = "not-ran"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: what was found, and what `repair` would do.

    `solvable` is False where somebody has to say first what happened. `diff` is an edited file's difference.
    """

    version: str
    found: str
    action: str
    solvable: bool = True
    diff: str = ""


def examine(target: Target, history: History, state: State) -> list[Finding]:
    """Everything that `mend` would deal with. Looks, and changes nothing."""
    edited = [
        Finding(
            row.version,
            f"{migration.label} was edited after it was applied",
            "accept the folder's text as the one that was applied; nothing runs",
            diff=prepare.difference(history.scripts(row)[0], migration.up),
        )
        for row, migration in state.compared.edited
    ]
    return [*edited, *_half_way(target, history, state)]


def _half_way(target: Target, history: History, state: State) -> list[Finding]:
    if not state.journal:
        return []
    step = prepare.step_in_progress(target, history, state)
    done = len(step.done)
    entry = state.journal[0]
    summary = Finding(
        entry.version,
        f"an earlier `{entry.direction}` stopped half-way: {done} of {len(step.blocks)} blocks took effect",
        f"nothing by itself: `surefoot {entry.direction}` goes on from there",
    )
    doubts = [_doubt(target, step, entry) for entry in state.journal if entry.state == "started"]
    failures = [
        Finding(entry.version, f"failed: {entry.statement} ({entry.error})", "it runs again then")
        for entry in state.journal
        if entry.state == "failed"
    ]
    return [summary, *doubts, *failures]


def _doubt(target: Target, step: Step, entry: Entry) -> Finding:
    statement = step.blocks[entry.block].statements[0]
    replay(target, step, step.done)
    judgement = target.judge(statement, entry.before, mend=False)
    target.clean()
    actions = {
        Verdict.DONE: "write down that it took effect",
        Verdict.NOT_DONE: "write down that it did not: it runs again then",
        Verdict.UNKNOWN: "look at the database, then say --ran or --not-ran",
    }
    return Finding(
        entry.version,
        f"in doubt since {entry.started_at:%Y-%m-%d %H:%M:%S %Z}: {entry.statement} ({judgement.finding})",
        actions[judgement.verdict],
        solvable=judgement.verdict is not Verdict.UNKNOWN,
    )


def mend(run: Run, state: State, resolution: Resolution | None) -> None:
    """Do what `examine` said, in the order in which it said it. The caller holds the runner lock.

    A resolution speaks of the step that stopped half-way, and only that is mended then.
    Raises OutcomeUnknown where the database cannot tell and nobody said, UsageError where there is nothing to say.
    """
    history = run.history
    if resolution is not None and not state.journal:
        raise UsageError(
            f"--{resolution} speaks of a step that stopped half-way, and there is none.",
            hint="`surefoot repair` without it shows what there is.",
        )
    run.target.begin(clean=True)
    if resolution is None:
        for _, migration in state.compared.edited:
            history.accept(migration)
    elif resolution is Resolution.DISCARD:
        history.forget_step()
    else:
        _resolve(history, state, resolution)
    run.target.commit()
    if state.journal and resolution is None:
        settle(run, prepare.step_in_progress(run.target, history, state), state.journal)


def _resolve(history: History, state: State, resolution: Resolution) -> None:
    for entry in state.journal:
        if entry.state == "started":
            if resolution is Resolution.RAN:
                history.mark_block(entry.block, "done")
            else:
                history.forget_block(entry.block)
