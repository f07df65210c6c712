"""The crash matrix: kill a run at each of its events, run it again, and compare with a run that nobody disturbed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tests.engine.crash.child import Job, Outcome, do

Snapshot = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A folder of migrations.

    `keep` is the version that `down` leaves applied, so that what the way back does can be counted. `ran` holds, for
    `up` and `down`, a question to the database that only the test can ask: did the statement take effect that
    Surefoot cannot tell about? None where there is no such statement.
    """

    name: str
    files: Mapping[str, str]
    keep: str = "1"
    ran: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Bench:
    """A database to crash on: its URL, how to describe all that is in it, and how to ask it yes or no."""

    url: str
    snapshot: Callable[[str], Snapshot]
    ask: Callable[[str, str], bool]


def write_folder(folder: Path, files: Mapping[str, str]) -> Path:
    """Write a folder of migrations."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def crash_everywhere(case: Case, bench: Bench, folder: Path) -> dict[str, list[int]]:
    """Kill `up` and `down` at event 1, 2, 3, ... until both run to their end.

    After each kill the verb runs again, and the database has to look as it does without a kill. Returns for each verb
    the events after which a person had to say what happened.
    """
    write_folder(folder, case.files)
    wishes: dict[str, dict[str, Any]] = {"up": {}, "down": {"to": case.keep}}
    expected = {verb: _undisturbed(bench, Job(bench.url, folder, verb, wish=wish)) for verb, wish in wishes.items()}
    unknown: dict[str, list[int]] = {"up": [], "down": []}
    for event in count(1):
        _clear(bench, folder)
        killed = [False, False]
        for place, (verb, wish) in enumerate(wishes.items()):
            killed[place] = do(Job(bench.url, folder, verb, kill_at=event, wish=wish)).killed
            if _go_on(case, bench, Job(bench.url, folder, verb, wish=wish)):
                unknown[verb].append(event)
            assert bench.snapshot(bench.url) == expected[verb], f"{verb} killed at event {event}"
        if not any(killed):
            return unknown
    raise AssertionError


def _undisturbed(bench: Bench, job: Job) -> Snapshot:
    _succeed(do(job))
    return bench.snapshot(bench.url)


def _clear(bench: Bench, folder: Path) -> None:
    _succeed(do(Job(bench.url, folder, "down", wish={"to": "0"})))


def _go_on(case: Case, bench: Bench, job: Job) -> bool:
    """Finish what was killed; returns whether somebody had to look at the database first."""
    outcome = do(job)
    if outcome.error is None:
        return False
    assert outcome.error["code"] == "unknown", outcome.error
    assert case.ran is not None, outcome.error
    resolution = "ran" if bench.ask(bench.url, case.ran[job.verb]) else "not-ran"
    _succeed(do(Job(job.url, job.folder, "repair", resolution=resolution)))
    _succeed(do(job))
    return True


def _succeed(outcome: Outcome) -> None:
    assert outcome.error is None, outcome.error
    assert not outcome.killed
