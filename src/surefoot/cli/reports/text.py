"""A rehearsal for a person at a terminal: what the table cannot say, and the last line."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from surefoot.cli.output import counted, duration, fit
from surefoot.cli.reports.diff import SIGNS, Line, bounded, lines_of
from surefoot.cli.reports.judgement import passed
from surefoot.cli.reports.scrub import printable, scrubbed
from surefoot.cli.reports.table import MARKS, Paint
from surefoot.engine.effects import Effect
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict, WayBack
from surefoot.engine.snapshot import Difference

_COLORS = {"-": ("red",), "+": ("green",), "…": ("dim",), " ": ("dim",)}
_CHANGES = {"+": "green", "-": "red", "~": "yellow"}
_LEVELS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.NOTE: "dim"}
# The others explain themselves: nothing was found, or what was found says it all.
_EXPLAINED = (Verdict.LOSSY, Verdict.DIFFERENT, Verdict.IRREVERSIBLE)
# The verdicts of generated ways back that `new-down` writes.
_USABLE = (Verdict.PROVEN, Verdict.LOSSY, Verdict.DIFFERENT)
# What is shown of one object, of one statement and of one kind of finding, where not everything is asked for.
_LINES, _OBJECTS, _NOTES = 12, 20, 4


@dataclass(frozen=True, slots=True)
class Style:
    """How to show a report: colours, the terminal's width, and whether to leave nothing out."""

    paint: Paint
    width: int = 100
    details: bool = False

    def limit(self, usual: int) -> int:
        """A bound on what is shown, lifted where everything is asked for."""
        return 1_000_000 if self.details else usual


def details(report: Report, style: Style) -> Iterator[str]:
    """Everything about the migrations that are not simply proven; of all of them where details are asked for."""
    shown: Report = scrubbed(report, printable)
    for note in shown.notes:
        yield from _wrapped(f"note: {note}", style, "  ", "dim")
    for rehearsed in shown.migrations:
        body = list(_body(rehearsed, style))
        if body or style.details or rehearsed.verdict is not Verdict.PROVEN:
            mark, color = MARKS[rehearsed.verdict]
            yield ""
            label = style.paint(fit(rehearsed.label, style.width - len(rehearsed.verdict) - 4), "bold")
            yield f"{style.paint(mark, color)} {label}  {style.paint(rehearsed.verdict, color)}"
            if style.details or rehearsed.verdict in _EXPLAINED:
                yield from _wrapped(words.verdict(rehearsed), style, "  ", "dim")
            yield from body
    if shown.unreached:
        yield ""
        yield from _findings(shown.unreached, style)


def _body(rehearsed: Rehearsed, style: Style) -> Iterator[str]:
    if rehearsed.failure:
        yield from _wrapped(words.failure(rehearsed.failure), style, "  ", "red")
        yield from _sql(rehearsed.failure.statement, style)
    yield from _differences(rehearsed.differences, style)
    yield from _differences(rehearsed.again, style, again=True)
    for loss in rehearsed.losses:
        yield from _wrapped(words.loss(loss), style, "  ", "yellow")
    if rehearsed.way_back:
        yield from _way_back(rehearsed.way_back, style)
    for crash in rehearsed.crashes:
        if style.details or not crash.recovered:
            yield from _wrapped(words.crash(crash), style, "  ", "dim" if crash.recovered else "red")
    yield from _findings(rehearsed.warnings, style)
    for excuse in rehearsed.excuses:
        texts = f" ({excuse.before} → {excuse.after})" if excuse.before or excuse.after else ""
        yield from _wrapped(f"excused: {excuse.key}: {excuse.reason}{texts}", style, "  ", "dim", lines=3)
    if style.details:
        yield from _effects("up", rehearsed.up_effects, style)
        yield from _effects("down", rehearsed.down_effects, style)


def _wrapped(text: str, style: Style, indent: str, *colors: str, lines: int = 6) -> Iterator[str]:
    """A sentence, with its later lines indented a little more, and no more lines than are worth reading."""
    width, later = style.width, f"{indent}  "
    found = textwrap.wrap(text, width, initial_indent=indent, subsequent_indent=later, break_on_hyphens=False)
    kept = found[: style.limit(lines)]
    for number, line in enumerate(kept, 1):
        cut = number == len(kept) < len(found)
        yield style.paint(fit(f"{line} …", style.width) if cut else line, *colors)


def _differences(differences: Sequence[Difference], style: Style, *, again: bool = False) -> Iterator[str]:
    limit = style.limit(_OBJECTS)
    for item in differences[:limit]:
        sign = SIGNS[item.change]
        indent = f"  {style.paint(sign, _CHANGES[sign])} "
        yield indent + fit(words.difference(item, again=again), style.width - 4)
        for line in bounded(lines_of(item), style.limit(_LINES)):
            yield from _line(line, style)
    if len(differences) > limit:
        yield style.paint(f"  … and {counted(len(differences) - limit, 'object')} more (--details)", "dim")


def _line(line: Line, style: Style) -> Iterator[str]:
    # A definition on one long line is shown whole, as far as that is bearable: what differs may stand at its end.
    room = style.width - 8
    pieces = [line.text[start : start + room] for start in range(0, len(line.text), room)] or [""]
    limit = style.limit(8)
    for number, piece in enumerate(pieces[:limit]):
        sign = line.sign if number == 0 else " "
        cut = number + 1 == limit < len(pieces)
        yield style.paint(f"      {sign} {piece[:-1] + '…' if cut else piece}".rstrip(), *_COLORS[line.sign])


def _sql(text: str, style: Style, indent: str = "      ") -> Iterator[str]:
    lines = textwrap.dedent(text).strip().splitlines()
    for line in bounded([Line(" ", item) for item in lines], style.limit(_LINES)):
        yield style.paint(fit(f"{indent}{line.text}", style.width), "dim")


def _way_back(way: WayBack, style: Style) -> Iterator[str]:
    yield from _wrapped(words.way_back(way), style, "  ", "green" if way.verdict is Verdict.PROVEN else "yellow")
    for statement in way.statements[: style.limit(_OBJECTS)]:
        yield from _sql(f"{statement};", style)
    if len(way.statements) > style.limit(_OBJECTS):
        yield style.paint(f"      … and {counted(len(way.statements) - _OBJECTS, 'statement')} more", "dim")
    for text in way.missing[: style.limit(_OBJECTS)]:
        yield from _wrapped(f"by hand: {text}", style, "  ", "yellow")
    for text in way.losses[: style.limit(_OBJECTS)]:
        yield from _wrapped(f"not to be had back: the content of {text}", style, "  ", "yellow")


def _findings(findings: Sequence[Finding], style: Style) -> Iterator[str]:
    """Errors and warnings first; notes only as long as they are few."""
    notes = [item for item in findings if item.level is Level.NOTE]
    limit = style.limit(_NOTES)
    loud = [item for item in findings if item.level is not Level.NOTE]
    for item in (*loud[: style.limit(_OBJECTS)], *notes[:limit]):
        place = f" ({item.path}:{item.line})" if item.path else ""
        yield from _wrapped(f"{item.level}: {item.message}{place} [{item.rule}]", style, "  ", _LEVELS[item.level])
        if item.hint and item.level is not Level.NOTE:
            yield from _wrapped(item.hint, style, "    ", "cyan")
    if (more := len(findings) - min(len(loud), style.limit(_OBJECTS)) - min(len(notes), limit)) > 0:
        yield style.paint(f"  … and {counted(more, 'finding')} more (--details)", "dim")


def _effects(direction: str, effects: Sequence[Effect], style: Style) -> Iterator[str]:
    for item in effects:
        took = duration(item.duration_ms)
        rows = "" if item.rows is None else f" · {counted(item.rows, 'row')}"
        yield fit(f"  {style.paint(f'{direction:<4}', 'cyan')} {item.path}:{item.line} · {took}{rows}", style.width)
        yield from _sql(item.sql, style)
        for phrase in words.effect(item):
            loud = any(words.blocks(lock.mode) for lock in item.locks if phrase.startswith(lock.mode))
            yield from _wrapped(phrase, style, "      ▸ ", "yellow" if loud else "dim")


def closing(report: Report, fail_on: Collection[str], style: Style) -> Iterator[str]:
    """The last line: how many of each verdict, how long it took, and where; two lines where one is too narrow."""
    good = passed(report, fail_on)
    clean = all(rehearsed.verdict is Verdict.PROVEN for rehearsed in report.migrations)
    mark, color = ("✓", "green" if clean else "yellow") if good else ("✗", "red")
    unreached = f", {len(report.unreached)} not reached" if report.unreached else ""
    what = f"{words.summary(report.migrations)}{unreached}"
    where = f"in {duration(report.duration_ms)} on {printable(report.shadow)}"
    if len(what) + len(where) + 3 <= style.width:
        yield f"{style.paint(mark, color)} {what} {style.paint(where, 'dim')}"
        return
    first, *rest = textwrap.wrap(what, style.width - 2)
    yield f"{style.paint(mark, color)} {first}"
    yield from (f"  {line}" for line in rest)
    yield from _wrapped(where, style, "  ", "dim")


def next_step(report: Report, fail_on: Collection[str], proof: str | None) -> str:
    """What to do now, in one sentence; empty where nothing was rehearsed."""
    generated = [item for item in report.migrations if item.way_back and item.way_back.verdict in _USABLE]
    if not passed(report, fail_on):
        return "Mend what failed, and rehearse again; --details shows each statement with its locks."
    if generated:
        return f"`surefoot new-down {generated[0].version}` writes the generated way back as its down."
    if proof and report.migrations:
        return f"Commit {proof} together with the migrations: `surefoot up --require-proof` asks for it."
    return ""
