"""`drift`: hold the target's schema against the one that it should have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from surefoot.cli.context import Context
from surefoot.cli.output import Output, counted
from surefoot.engine.rehearsal.drift import Drift
from surefoot.engine.rehearsal.drift import drift as look_for_drift
from surefoot.engine.rehearsal.shadows import dialect_of
from surefoot.engine.snapshot import Change, Difference, FactChange

_SIGNS = {Change.ADDED: ("+", "green"), Change.REMOVED: ("-", "red"), Change.CHANGED: ("~", "yellow")}
_WORDS = {
    Change.ADDED: "is there, and should not be",
    Change.REMOVED: "is missing",
    Change.CHANGED: "is not as it should be",
}


def drift(context: Context) -> int:
    """Show what differs; 1 where anything does."""
    with context.connected() as target:
        dialect = dialect_of(context.settings.url or "")
        expected = str(context.flags.get("expected") or "auto")
        found = look_for_drift(target, context.project, dialect, context.place(), expected)
    context.output.document(_document(found))
    _show(context.output, found)
    return 1 if found.differences else 0


def _document(found: Drift) -> dict[str, Any]:
    return {
        "kind": "drift",
        "target": found.target,
        "expected": found.expected,
        "differences": [difference_document(item) for item in found.differences],
        "excuses": [
            {"object": str(item.key), "reason": item.reason, "before": item.before, "after": item.after}
            for item in found.excuses
        ],
        "notes": list(found.notes),
    }


def difference_document(difference: Difference) -> dict[str, Any]:
    """A difference as a JSON object."""
    return {
        "kind": difference.key.kind,
        "name": difference.key.name,
        "change": difference.change.value,
        "facts": [{"name": fact.name, "before": fact.before, "after": fact.after} for fact in difference.facts],
    }


def _show(output: Output, found: Drift) -> None:
    output.line(f"{output.paint(found.target, 'bold')} against its schema as {found.expected}")
    for line in _lines(output, found.differences):
        output.line(line)
    for excuse in found.excuses:
        output.line(output.paint(f"  not counted: {excuse.key}: {excuse.reason}", "dim"))
    for note in found.notes:
        output.line(output.paint(f"  note: {note}", "dim"))
    if not found.differences:
        output.line(f"{output.paint('✓', 'green')} no drift")
        return
    output.line(f"{output.paint('✗', 'red')} {counted(len(found.differences), 'object')} drifted")


def _lines(output: Output, differences: Sequence[Difference]) -> Iterator[str]:
    for difference in differences:
        sign, color = _SIGNS[difference.change]
        yield f"  {output.paint(sign, color)} {difference.key} {_WORDS[difference.change]}"
        if difference.change is Change.CHANGED:
            for fact in difference.facts:
                yield from _fact_lines(output, fact)


def _fact_lines(output: Output, fact: FactChange) -> Iterator[str]:
    yield output.paint(f"      {fact.name}", "dim")
    for text, sign, color in ((fact.before, "-", "red"), (fact.after, "+", "green")):
        for line in (text or "").splitlines():
            yield output.paint(f"      {sign} {line}", color)
