"""A run as a person at a terminal sees it: one line a step, and what is worth knowing in between."""

from __future__ import annotations

from surefoot.cli.output import Output, duration, size
from surefoot.engine import events as ev

_ARROWS = {"up": "↑", "down": "↓"}
_WARNINGS = ("WARNING", "NOTICE", "NOTE", "ERROR")


class RunView:
    """Consumes the events of a run: lines for a person, or JSON lines for a program."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._step: ev.StepStarted | None = None

    def __call__(self, event: ev.Event) -> None:
        """Show an event."""
        if self._output.as_json:
            self._output.document(event.to_dict(), compact=True)
            return
        show = getattr(self, f"_{event.kind}", None)
        if show:
            show(event)

    def _run_started(self, event: ev.RunStarted) -> None:
        paint = self._output.paint
        count = f"{len(event.versions)} {'step' if len(event.versions) == 1 else 'steps'}"
        self._output.line(f"{paint(event.target, 'bold')} {paint(f'· {count}', 'dim')}")

    def _step_started(self, event: ev.StepStarted) -> None:
        self._step = event
        counter = f"{event.position}/{event.total}"
        self._output.transient(f"  … {event.version} {event.name}  {self._output.paint(counter, 'dim')}")

    def _step_finished(self, event: ev.StepFinished) -> None:
        paint = self._output.paint
        arrow = paint(_ARROWS[event.direction], "green" if event.direction == "up" else "yellow")
        self._output.line(f"  {arrow} {event.version} {event.name}  {paint(duration(event.duration_ms), 'dim')}")

    def _notice(self, event: ev.NoticeReceived) -> None:
        self._aside(f"{event.severity.lower()}: {event.message}", "dim")

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
        text = f"statement {event.position}: {event.phase or 'running'}{amount}, {event.seconds:.0f} s"
        if self._output.live:
            version = self._step.version if self._step else event.version
            self._output.transient(f"  … {version}  {self._output.paint(text, 'dim')}")
        else:
            self._aside(text, "dim")

    def _recovered(self, event: ev.Recovered) -> None:
        self._aside(f"looked up after an interruption: {event.finding}", "cyan")

    def _paused(self, _event: ev.Paused) -> None:
        self._aside("paused", "yellow")

    def _aside(self, text: str, *styles: str) -> None:
        self._output.line(f"      {self._output.paint(text, *styles)}")
