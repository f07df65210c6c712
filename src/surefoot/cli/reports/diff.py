"""What changed in an object, as lines with a sign: the same ones on a terminal, in a pull request and on a page."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from surefoot.engine.snapshot import Change, Difference, FactChange

SIGNS = {Change.ADDED: "+", Change.REMOVED: "-", Change.CHANGED: "~"}


class Line(NamedTuple):
    """A line of a difference: `-` for before, `+` for after, a space for both, `…` for what was left out."""

    sign: str
    text: str


def lines_of(difference: Difference) -> list[Line]:
    """Every changed fact of an object; its definition first."""
    facts = sorted(difference.facts, key=lambda fact: (fact.name != "definition", fact.name))
    return [line for fact in facts for line in _fact(fact)]


def _fact(fact: FactChange) -> Iterator[Line]:
    before, after = (fact.before or "").splitlines(), (fact.after or "").splitlines()
    if len(before) <= 1 and len(after) <= 1:
        if fact.before is not None:
            yield Line("-", f"{fact.name}: {fact.before}")
        if fact.after is not None:
            yield Line("+", f"{fact.name}: {fact.after}")
        return
    yield Line(" ", f"{fact.name}:")
    if fact.before is None or fact.after is None:
        sign = "+" if fact.before is None else "-"
        yield from (Line(sign, f"  {text}") for text in before or after)
        return
    yield from _unified(before, after)


def _unified(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    for number, text in enumerate(difflib.unified_diff(before, after, lineterm="", n=1)):
        # The first two lines name files.
        if number > 2 and text.startswith("@@"):
            yield Line("…", "")
        elif number > 2:
            yield Line(text[:1], f"  {text[1:]}")


def bounded(lines: Sequence[Line], limit: int) -> list[Line]:
    """No more than so many lines, with a word about the others."""
    if len(lines) <= limit:
        return list(lines)
    return [*lines[: limit - 1], Line("…", f"{len(lines) - limit + 1} more lines")]
