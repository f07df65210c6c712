"""A rehearsal as a comment on a pull request: a short table, and what was found folded away below it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from surefoot.cli.output import counted, duration
from surefoot.cli.reports.diff import SIGNS, bounded, lines_of
from surefoot.cli.reports.judgement import failed, passed
from surefoot.cli.reports.table import MARKS
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Rehearsed, Report, Verdict, WayBack
from surefoot.engine.snapshot import Difference

# A comment takes 65,536 characters.
LONGEST = 60_000
_TABLE = 20_000
_SECTION = 12_000
# How many lines are shown of one object or statement, less and less of them until it fits.
_LIMITS = (40, 10, 2)
_OBJECTS, _WIDEST, _PROVEN = 25, 300, 20
# An underscore within a word means nothing.
_SPECIAL = re.compile(r"[\\`*{}\[\]<>&|#~@$]|(?<![^\W_])_|_(?![^\W_])")
_RUN = re.compile("`+")


def markdown(report: Report, fail_on: Collection[str]) -> str:
    """The report, in no more than 60,000 characters; what was left out is said at its end."""
    head = "\n".join(_head(report, fail_on))
    shown = [item for item in report.migrations if item.verdict is not Verdict.PROVEN or _says(item, fail_on)]
    text, left_out = head, 0
    # Room for the last line.
    room = LONGEST - 300
    for rehearsed in shown:
        section = _fitting(rehearsed, min(_SECTION, room - len(text)))
        left_out += not section
        text += section
    if left_out:
        text += f"\nNot shown here for want of room: the findings about {counted(left_out, 'migration')}.\n"
    return text


def _says(rehearsed: Rehearsed, fail_on: Collection[str]) -> bool:
    loud = any(item.level is not Level.NOTE for item in rehearsed.warnings)
    return loud or bool(rehearsed.excuses) or failed(rehearsed, fail_on)


def _head(report: Report, fail_on: Collection[str]) -> Iterator[str]:
    mark = "✓" if passed(report, fail_on) else "✗"
    yield f"### {mark} Rehearsal: {words.summary(report.migrations)}"
    yield ""
    where = f"On {report.shadow}, beginning with {report.base}, in {duration(report.duration_ms)}."
    yield escape(where)
    for note in report.notes[:10]:
        yield f"- {escape(note)}"
    for item in report.unreached[:10]:
        yield f"- ✗ {escape(item.message)}"
    if len(report.unreached) > 10:
        yield f"- ✗ and {len(report.unreached) - 10} more"
    yield ""
    yield from _table(report.migrations, fail_on)
    yield ""


def _table(migrations: Sequence[Rehearsed], fail_on: Collection[str]) -> Iterator[str]:
    """Every migration as long as they are few; else those that say more than that they are proven."""
    if not migrations:
        return
    quiet = [item for item in migrations if item.verdict is Verdict.PROVEN and not _says(item, fail_on)]
    listed = migrations if len(quiet) <= _PROVEN else [item for item in migrations if item not in quiet]
    yield "| | migration | verdict | rows | locks | note |"
    yield "|---|---|---|--:|---|---|"
    size = 0
    for number, rehearsed in enumerate(listed):
        row = _row(rehearsed)
        size += len(row) + 1
        if size > _TABLE:
            yield f"| | and {counted(len(listed) - number, 'migration')} more | | | | |"
            break
        yield row
    if len(listed) < len(migrations):
        yield f"| ✓ | and {len(migrations) - len(listed)} more | proven | | | |"


def _row(rehearsed: Rehearsed) -> str:
    mark, _ = MARKS[rehearsed.verdict]
    note = _cut(words.note(rehearsed), 120)
    locks = words.worst(rehearsed.up_effects)
    cells = (mark, _cut(rehearsed.label, 80), rehearsed.verdict, str(rehearsed.rows), locks, note)
    return f"| {' | '.join(escape(cell) for cell in cells)} |"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def escape(text: str) -> str:
    """The text as it stands: no markup, no HTML, no cell's end, and nobody is called by it."""
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};{_break(match[0])}", " ".join(text.split()))


def _break(sign: str) -> str:
    # Names and numbers are looked for in the finished text, where an entity is the sign itself again.
    return "&#8203;" if sign in "@#" else ""


def fenced(text: str, language: str) -> str:
    """A block of code, which nothing in the text can end."""
    longest = max((len(run) for run in _RUN.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _fitting(rehearsed: Rehearsed, room: int) -> str:
    """A section that takes no more room; an empty text where none does."""
    sections = (_section(rehearsed, limit) for limit in _LIMITS)
    return next((section for section in sections if len(section) <= room), "")


def _section(rehearsed: Rehearsed, limit: int) -> str:
    mark, _ = MARKS[rehearsed.verdict]
    body = "\n\n".join([escape(words.verdict(rehearsed)), *_body(rehearsed, limit)])
    summary = f"{mark} <b>{escape(_cut(rehearsed.label, 120))}</b>: {rehearsed.verdict}"
    return f"\n<details><summary>{summary}</summary>\n\n{body}\n\n</details>\n"


def _body(rehearsed: Rehearsed, limit: int) -> Iterator[str]:
    if rehearsed.failure:
        yield escape(_cut(words.failure(rehearsed.failure), 1000))
        if rehearsed.failure.statement:
            yield _sql([rehearsed.failure.statement], limit)
    changes = [_difference(item, limit, again=False) for item in rehearsed.differences[:_OBJECTS]]
    changes += [_difference(item, limit, again=True) for item in rehearsed.again[:_OBJECTS]]
    if changes:
        yield fenced("\n".join(changes), "diff")
    more = len(rehearsed.differences) + len(rehearsed.again) - len(changes)
    if more:
        yield f"… and {counted(more, 'object')} more."
    if losses := [f"- {escape(words.loss(item))}" for item in rehearsed.losses[:_OBJECTS]]:
        yield "\n".join(losses)
    if rehearsed.way_back:
        yield from _way_back(rehearsed.way_back, limit)
    if asides := list(_asides(rehearsed)):
        yield "\n".join(asides)


def _difference(item: Difference, limit: int, *, again: bool) -> str:
    # A line that begins with two signs is no line of a difference, and stays without a colour.
    head = f"{'!' if SIGNS[item.change] == '~' else SIGNS[item.change]} {words.difference(item, again=again)}"
    lines = [f"{line.sign} {_cut(line.text, _WIDEST)}" for line in bounded(lines_of(item), limit)]
    return "\n".join([_cut(head, _WIDEST), *(f"{line[:1]}   {line[2:]}" for line in lines)])


def _sql(statements: Sequence[str], limit: int) -> str:
    lines = [line for statement in statements for line in statement.splitlines()]
    shown = [_cut(line, _WIDEST) for line in lines[:limit]]
    return fenced("\n".join([*shown, *(["-- ..."] if len(lines) > limit else [])]), "sql")


def _way_back(way: WayBack, limit: int) -> Iterator[str]:
    yield escape(_cut(words.way_back(way), 1000))
    if way.statements:
        yield _sql([f"{statement};" for statement in way.statements], limit)
    by_hand = [f"- by hand: {escape(_cut(text, _WIDEST))}" for text in way.missing[:_OBJECTS]]
    by_hand += [f"- not to be had back: the content of {escape(text)}" for text in way.losses[:_OBJECTS]]
    if by_hand:
        yield "\n".join(by_hand)


def _asides(rehearsed: Rehearsed) -> Iterator[str]:
    for crash in rehearsed.crashes:
        if not crash.recovered:
            yield f"- ✗ {escape(_cut(words.crash(crash), _WIDEST))}"
    for finding in rehearsed.warnings[:_OBJECTS]:
        if finding.level is not Level.NOTE:
            yield f"- {_finding(finding)}"
    for excuse in rehearsed.excuses[:_OBJECTS]:
        yield f"- excused: {escape(_cut(f'{excuse.key}: {excuse.reason}', _WIDEST))}"


def _finding(finding: Finding) -> str:
    place = f" ({finding.path}:{finding.line})" if finding.path else ""
    return escape(_cut(f"{finding.level}: {finding.message}{place}", 500))
