"""A rehearsal as a page of its own: no other file, no script, nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.resources import files

from surefoot.cli.output import counted, duration, moment
from surefoot.cli.reports.elements import Html, el, join
from surefoot.cli.reports.judgement import failed, passed
from surefoot.cli.reports.sides import differences
from surefoot.cli.reports.table import MARKS
from surefoot.engine.effects import Effect, Lock
from surefoot.engine.findings import Finding
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict, WayBack

_SLOT = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_SQL = 5_000


def page(report: Report, fail_on: Collection[str]) -> str:
    """The whole page."""
    good = passed(report, fail_on)
    slots = {
        "title": join([f"Rehearsal: {words.summary(report.migrations)}"]),
        "result": el("span", "✓ passed" if good else "✗ failed", class_=f"result {'good' if good else 'bad'}"),
        "facts": _facts(report),
        "bar": _bar(report),
        "filters": _filters(report),
        "notes": _notes(report),
        "migrations": join(_migration(item, is_open=failed(item, fail_on)) for item in report.migrations),
    }
    return _filled(slots)


def _filled(slots: Mapping[str, Html]) -> str:
    template = files("surefoot.cli.reports").joinpath("rehearsal.html").read_text(encoding="utf-8")
    # In one pass: what is put in may look like a slot.
    return _SLOT.sub(lambda match: slots[match[1]], template)


def _facts(report: Report) -> Html:
    facts = {
        "Database": report.shadow,
        "Begins with": report.base,
        "Migrations": str(len(report.migrations)),
        "Took": duration(report.duration_ms),
        "At": moment(report.started_at),
    }
    return join(el("div", el("dt", name), el("dd", value)) for name, value in facts.items())


def _bar(report: Report) -> Html:
    """How the verdicts are distributed; the filters below it say the same in numbers."""
    counts = words.counts(report.migrations)
    return join(el("i", class_=verdict, style=f"flex-grow:{count}") for verdict, count in counts.items())


def _filters(report: Report) -> Html:
    counts = words.counts(report.migrations)
    return join(part for verdict, count in counts.items() for part in _filter(verdict, count))


def _filter(verdict: Verdict, count: int) -> Iterator[Html]:
    yield el("input", type="checkbox", id=f"show-{verdict}", checked="checked")
    yield el("label", f"{MARKS[verdict][0]} {verdict} ", el("b", str(count)), for_=f"show-{verdict}", class_=verdict)


def _notes(report: Report) -> Html:
    items = [el("li", note) for note in report.notes]
    items += [_finding(item) for item in report.unreached]
    return el("ul", *items, class_="notes") if items else Html()


def _migration(rehearsed: Rehearsed, *, is_open: bool) -> Html:
    mark, _ = MARKS[rehearsed.verdict]
    note = words.note(rehearsed)
    summary = el(
        "summary",
        el("span", mark, class_="mark", aria_hidden="true"),
        el("span", el("b", rehearsed.version), f" {rehearsed.name}", class_="label"),
        el("span", rehearsed.verdict, class_="verdict"),
        el("span", note, class_="note"),
    )
    body = el("div", *_body(rehearsed), class_="body")
    return el("details", summary, body, class_=f"migration {rehearsed.verdict}", open="open" if is_open else "")


def _body(rehearsed: Rehearsed) -> Iterator[Html]:
    rows = f" {counted(rehearsed.rows, 'row')} at stake." if rehearsed.rows else ""
    yield el("p", words.verdict(rehearsed) + rows)
    if rehearsed.failure:
        yield el("p", words.failure(rehearsed.failure), class_="bad")
        yield _sql(rehearsed.failure.statement)
    yield differences(rehearsed.differences)
    yield differences(rehearsed.again, again=True)
    if rehearsed.losses:
        yield el("h4", "Rows")
        yield el("ul", *(el("li", words.loss(item)) for item in rehearsed.losses))
    if rehearsed.way_back:
        yield from _way_back(rehearsed.way_back)
    yield _asides(rehearsed)
    yield _effects("Up", rehearsed.up_effects, rehearsed.up_ms)
    yield _effects("Down", rehearsed.down_effects, rehearsed.down_ms)


def _way_back(way: WayBack) -> Iterator[Html]:
    yield el("h4", "The way back")
    yield el("p", words.way_back(way))
    if way.statements:
        yield _sql("\n".join(f"{statement};" for statement in way.statements))
    items = [el("li", f"by hand: {text}") for text in way.missing]
    items += [el("li", f"not to be had back: the content of {text}") for text in way.losses]
    if items:
        yield el("ul", *items)


def _asides(rehearsed: Rehearsed) -> Html:
    items = [_finding(item) for item in rehearsed.warnings]
    items += [el("li", words.crash(item), class_="" if item.recovered else "error") for item in rehearsed.crashes]
    for excuse in rehearsed.excuses:
        texts = f" ({excuse.before} → {excuse.after})" if excuse.before or excuse.after else ""
        items.append(el("li", f"excused: {excuse.key}: {excuse.reason}{texts}", class_="excuse"))
    return el("ul", *items, class_="asides") if items else Html()


def _finding(item: Finding) -> Html:
    place = f" ({item.path}:{item.line})" if item.path else ""
    hint = el("span", item.hint, class_="hint") if item.hint else Html()
    return el("li", el("b", item.level), f" {item.message}{place} ", hint, class_=item.level)


def _effects(way: str, effects: Sequence[Effect], ms: int) -> Html:
    if not effects:
        return Html()
    title = f"{way}: {counted(len(effects), 'statement')} in {duration(ms)}"
    return join([el("h4", title), *(_effect(item) for item in effects)])


def _effect(item: Effect) -> Html:
    rows = "" if item.rows is None else f" · {counted(item.rows, 'row')}"
    place = el("div", f"{item.path}:{item.line} · {duration(item.duration_ms)}{rows}", class_="place")
    badges = [_lock(lock) for lock in words.locks(item)]
    badges += [el("li", f"rewrites {name}", class_="reads") for name in item.rewrites]
    badges += [el("li", f"reads all of {name}", class_="writes") for name in item.scans]
    badges += [el("li", f"leaves unfinished: {text}", class_="writes") for text in item.unfinished]
    badges += [el("li", item.algorithm)] if item.algorithm else []
    badges += [] if item.transactional else [el("li", "outside a transaction")]
    badges += [] if item.complete else [el("li", "a short lock may have been missed")]
    shown = el("ul", *badges, class_="badges") if badges else Html()
    return el("div", place, _sql(item.sql), shown, class_="statement")


def _lock(lock: Lock) -> Html:
    since = "" if lock.taken else " (held)"
    return el("li", el("b", lock.mode.removesuffix("Lock")), f" {lock.relation}{since}", class_=words.blocks(lock.mode))


def _sql(text: str) -> Html:
    if not text.strip():
        return Html()
    cut = text if len(text) <= _LONGEST_SQL else f"{text[:_LONGEST_SQL]}\n… cut"
    return el("pre", el("code", cut), class_="sql")
