"""An object before and after, side by side."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

from surefoot.cli.reports.elements import Html, el, join
from surefoot.engine.rehearsal import words
from surefoot.engine.snapshot import Difference, FactChange

# A definition can be as long as its author likes.
_LONGEST = 20_000


def differences(found: Sequence[Difference], *, again: bool = False) -> Html:
    """Every object that is not as it was, with its changed facts."""
    return join(_object(item, again=again) for item in found)


def _object(item: Difference, *, again: bool) -> Html:
    columns = ("after the first up", "after the second up") if again else ("before the up", "after the down")
    head = el("tr", el("td", ""), *(el("th", name, scope="col") for name in columns))
    facts = sorted(item.facts, key=lambda fact: (fact.name != "definition", fact.name))
    rows = join(_row(fact) for fact in facts)
    table = el("table", el("thead", head), el("tbody", rows), class_="sides")
    return el("section", el("h4", words.difference(item, again=again)), table, class_=f"object {item.change}")


def _row(fact: FactChange) -> Html:
    before, after = pair(fact.before, fact.after)
    return el("tr", el("th", fact.name, scope="row"), _side(before, fact.before), _side(after, fact.after))


def _side(content: Html, text: str | None) -> Html:
    return el("td", el("pre", content) if text is not None else el("span", "–", class_="none"))


def pair(before: str | None, after: str | None) -> tuple[Html, Html]:
    """Both texts, with the lines marked that are in one of them only."""
    old, new = _lines(before), _lines(after)
    left, right = list[Html](), list[Html]()
    for kind, i, j, k, m in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same = kind == "equal"
        left += _marked(old[i:j], "" if same else "del")
        right += _marked(new[k:m], "" if same else "ins")
    return join(left), join(right)


def _lines(text: str | None) -> list[str]:
    if text is None:
        return []
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\n… cut"
    return cut.splitlines(keepends=True)


def _marked(lines: Sequence[str], name: str) -> Iterator[Html]:
    for line in lines:
        yield el(name, line) if name else join([line])
