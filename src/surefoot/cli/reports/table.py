"""The table of a rehearsal on a terminal: a line for each migration, which can be shown as soon as it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from surefoot.cli.output import fit
from surefoot.cli.reports.scrub import printable
from surefoot.engine.rehearsal import words
from surefoot.engine.rehearsal.model import Rehearsed, Verdict

Paint = Callable[..., str]

MARKS = {
    Verdict.PROVEN: ("✓", "green"),
    Verdict.LOSSY: ("!", "yellow"),
    Verdict.DIFFERENT: ("≠", "yellow"),
    Verdict.IRREVERSIBLE: ("→", "blue"),
    Verdict.FAILING: ("✗", "red"),
}
WIDEST = 100
_VERDICT, _ROWS, _LOCKS = 12, 5, 17
# What a note and a name need to say anything, and what a name gets where there is enough for all.
_LEAST_NOTE, _LEAST_NAME, _NAME = 16, 8, 22


@dataclass(frozen=True, slots=True)
class Table:
    """How wide each column is; a column of width 0 is left out."""

    version: int
    name: int
    locks: int
    note: int
    paint: Paint

    def head(self) -> str:
        """The names of the columns."""
        verdict = f"{'verdict':<{_VERDICT}}"
        return self.paint(self._line(" ", "version", "name", verdict, "rows", "locks", "note"), "dim")

    def row(self, rehearsed: Rehearsed) -> str:
        """The line of a migration."""
        mark, color = MARKS[rehearsed.verdict]
        return self._line(
            self.paint(mark, color),
            rehearsed.version,
            rehearsed.name,
            self.paint(f"{rehearsed.verdict:<{_VERDICT}}", color),
            str(rehearsed.rows),
            words.worst(rehearsed.up_effects),
            words.note(rehearsed),
        )

    def _line(self, mark: str, version: str, name: str, verdict: str, rows: str, locks: str, note: str) -> str:
        cells = [
            mark,
            _cell(version, self.version),
            _cell(name, self.name),
            verdict,
            f"{rows:>{_ROWS}}",
        ]
        cells += [_cell(locks, self.locks)] if self.locks else []
        cells += [self.paint(_cell(note, self.note).rstrip(), "dim")] if self.note else []
        return ("  ".join(cells)).rstrip()


def _cell(text: str, width: int) -> str:
    return f"{fit(' '.join(printable(text).split()), width):<{width}}"


def make_table(migrations: Iterable[tuple[str, str]], width: int, paint: Paint) -> Table:
    """The table for migrations of these versions and names, no wider than `width` columns (and never than 100).

    On a narrow terminal the notes go first, then the locks.
    """
    pairs = list(migrations)
    version = max(len("version"), min(20, width // 3, max((len(version) for version, _ in pairs), default=0)))
    longest = max(4, max((len(name) for _, name in pairs), default=0))
    # The mark, the gaps of two, and what does not vary.
    room = min(width, WIDEST) - 1 - 8 - version - _VERDICT - _ROWS
    if room - 2 - _LOCKS < _LEAST_NAME:
        return Table(version, max(_LEAST_NAME, min(longest, room)), 0, 0, paint)
    room -= 2 + _LOCKS
    name = min(longest, max(_NAME, room - 2 - 2 * _LEAST_NOTE))
    note = room - name - 2
    if note < _LEAST_NOTE:
        return Table(version, min(longest, room), _LOCKS, 0, paint)
    return Table(version, name, _LOCKS, note, paint)
