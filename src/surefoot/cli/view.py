"""A run as a person at a terminal sees it: one line a step, and what is worth knowing in between."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from surefoot.cli.output import Output, counted, duration, size
from surefoot.engine import events as ev

_SESSION = re.compile(r"session \d+ ")
_ARROWS = {"up": "↑", "down": "↓"}


class RunView:
    """Consumes the events of a run: lines for a person, or JSON lines for a program."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._title = ""
        self._in_the_way = ""
        self._steps = 0
        self._shows: Mapping[type[ev.Event], Callable[[Any], None]] = {
            ev.RunStarted: self._run_started,
            ev.StepStarted: self._step_started,
            ev.StepFinished: self._step_finished,
            ev.NoticeReceived: self._notice,
            ev.Waiting: self._waiting,
            ev.Retrying: self._retrying,
            ev.Progressed: self._progress,
            ev.Recovered: self._recovered,
            ev.RunFinished: self._run_finished,
        }

    def __call__(self, event: ev.Event) -> None:
        """Show an event."""
        if self._output.as_json:
            self._output.document(event.to_dict(), compact=True)
        elif show := self._shows.get(type(event)):
            show(event)

    def _run_started(self, event: ev.RunStarted) -> None:
        self._steps = len(event.versions)
        if event.versions:
            paint = self._output.paint
            count = paint(f"· {counted(self._steps, 'step')}", "dim")
            self._output.line(f"{paint(event.target, 'bold')} {count}")

    def _step_started(self, event: ev.StepStarted) -> None:
        self._title = f"{event.version} {event.name}"
        self._in_the_way = ""
        counter = self._output.paint(f"{event.position}/{event.total}", "dim")
        self._output.transient(f"  … {self._title}  {counter}")

    def _step_finished(self, event: ev.StepFinished) -> None:
        paint = self._output.paint
        arrow = paint(_ARROWS[event.direction], "green" if event.direction == "up" else "yellow")
        self._output.line(f"  {arrow} {event.version} {event.name}  {paint(duration(event.duration_ms), 'dim')}")

    def _notice(self, event: ev.NoticeReceived) -> None:
        self._aside(f"{event.severity.lower()}: {event.message}", "yellow" if event.severity == "WARNING" else "dim")

    def _waiting(self, event: ev.Waiting) -> None:
        what = "another run" if event.what == "runner" else "a lock"
        who = "; ".join(str(blocker) for blocker in event.blockers) or "an unknown session"
        self._blocked(f"waiting for {what} for {event.seconds:.0f} s", f", held by {who}")

    def _retrying(self, event: ev.Retrying) -> None:
        self._blocked(f"no lock (attempt {event.attempt}), again in {event.delay:.1f} s", f": {event.reason}")

    def _blocked(self, what: str, who: str) -> None:
        """Name who is in the way once, and after that only what is being done about it."""
        sessions = "".join(_SESSION.findall(who)) or who
        if sessions != self._in_the_way:
            self._in_the_way = sessions
            self._aside(f"{what}{who}", "yellow")
        elif self._output.live:
            self._output.transient(f"  … {self._title}  {self._output.paint(what, 'yellow')}")
        else:
            self._aside(what, "yellow")

    def _progress(self, event: ev.Progressed) -> None:
        text = f"{_how_far(event)}, {duration(event.seconds * 1000)}"
        if self._output.live:
            self._output.transient(f"  … {self._title}  {self._output.paint(text, 'dim')}")
        else:
            self._aside(text, "dim")

    def _recovered(self, event: ev.Recovered) -> None:
        self._aside(f"looked up after an interruption: {event.finding}", "cyan")

    def _run_finished(self, event: ev.RunFinished) -> None:
        if event.outcome != "succeeded" and self._steps > 1:
            done = f"{event.steps} of {counted(self._steps, 'step')} done"
            self._output.line(f"  {self._output.paint('✗', 'red')} stopped: {done}")

    def _aside(self, text: str, *styles: str) -> None:
        self._output.line(f"      {self._output.paint(text, *styles)}")


def _how_far(event: ev.Progressed) -> str:
    if event.unit == "statements":
        return f"statement {event.position} of {event.total}"
    running = f"statement {event.position}: {event.phase or 'running'}"
    if event.done is None or not event.total:
        return running
    whole = size(event.total) if event.unit == "bytes" else f"{event.total} {event.unit}"
    return f"{running} {100 * event.done / event.total:.0f} % of {whole}"
