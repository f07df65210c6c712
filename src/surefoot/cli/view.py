"""A run as a person at a terminal sees it: one line a step, and what is worth knowing in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from surefoot.cli.output import Output, counted, duration, size
from surefoot.engine import events as ev

_ARROWS = {"up": "↑", "down": "↓"}


class RunView:
    """Consumes the events of a run: lines for a person, or JSON lines for a program."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._title = ""
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
        self._aside(f"waiting for {what} for {event.seconds:.0f} s, held by {who}", "yellow")

    def _retrying(self, event: ev.Retrying) -> None:
        self._aside(f"no lock (attempt {event.attempt}): {event.reason}; again in {event.delay:.1f} s", "yellow")

    def _progress(self, event: ev.Progressed) -> None:
        amount = ""
        if event.done is not None and event.total:
            share = f"{100 * event.done / event.total:.0f} %"
            amount = f" {share} of {size(event.total) if event.unit == 'bytes' else f'{event.total} {event.unit}'}"
        text = f"statement {event.position}: {event.phase or 'running'}{amount}, {duration(event.seconds * 1000)}"
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
