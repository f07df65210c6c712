"""A rehearsal as a page: alone, accessible, and with no markup but its own."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from surefoot.cli.reports.elements import Html, el, join
from surefoot.cli.reports.html import page
from surefoot.cli.reports.sides import pair
from surefoot.engine.rehearsal.model import Report, Verdict
from tests.cli.reports.samples import ALL_PROVEN, EVERYTHING, FAIL_ON, hostile, report

VOID = {"meta", "input"}


class Reader(HTMLParser):
    """Collects elements with their attributes, and checks that each ends where it should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def read(found: Report) -> Reader:
    return Reader(page(found, FAIL_ON))


@pytest.mark.parametrize("found", [EVERYTHING, ALL_PROVEN, report()])
def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(found: Report) -> None:
    text = page(found, FAIL_ON)
    reader = Reader(text)
    assert not {"script", "link", "img", "iframe", "object", "form"} & {tag for tag, _ in reader.found}
    assert not re.search(r"https?:|url\(|@import|javascript:|\son\w+=", text)
    policies = [meta["content"] for meta in reader.named("meta") if meta.get("http-equiv")]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert "{{" not in text


def test_each_migration_can_be_unfolded_and_what_failed_is_open() -> None:
    folded = read(EVERYTHING).named("details")
    assert [(item["class"], "open" in item) for item in folded] == [
        ("migration proven", False),
        ("migration lossy", True),
        ("migration different", True),
        ("migration irreversible", False),
        ("migration failing", True),
    ]


def test_each_verdict_that_there_is_can_be_filtered() -> None:
    reader = read(EVERYTHING)
    boxes = [item["id"] for item in reader.named("input")]
    assert boxes == [f"show-{verdict}" for verdict in Verdict]
    assert [item["for"] for item in reader.named("label")] == boxes
    style = page(EVERYTHING, FAIL_ON)
    for verdict in Verdict:
        assert f"body:has(#show-{verdict}:not(:checked)) .migration.{verdict}" in style
    assert [item["id"] for item in read(ALL_PROVEN).named("input")] == ["show-proven"]


def test_the_page_says_everything_that_was_found() -> None:
    text = read(EVERYTHING).text
    for expected in (
        "Rehearsal: 1 proven, 1 lossy, 1 different, 1 irreversible, 1 failing",
        "✗ failed",
        "PostgreSQL 18.1 (throw-away)",
        "column public.orders.note is not as it was",
        "index public.orders_note_idx is left behind",
        "sequence public.s is missing after the second up",
        "2 of 5 rows of public.customers: note, name",
        "This way back was generated, and rehearsed: it is lossy.",
        "DROP TABLE public.places;",
        'column "totl" does not exist',
        "AccessExclusive public.customers",
        "rewrites index public.customers_pkey",
        "outside a transaction",
        "expect about 7 minutes",
        "excused: table public.users: the order of its columns (id, name → name, id)",
        "The up, broken off after statement 2: index customers_name is added",
        "20260110090000 more was not rehearsed",
        "role app did not exist here",
    ):
        assert expected in text


@pytest.mark.parametrize(
    "text",
    [
        "</script><script>alert(1)</script>",
        "</style></title></pre></details>",
        '"><img src=x onerror=alert(1)>',
        "' onclick='x",
        "<!--",
        "-->",
        "<![CDATA[",
        "&lt;b&gt;",
        "{{migrations}}",
    ],
)
def test_no_text_is_taken_for_markup(text: str) -> None:
    def shape(reader: Reader) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attributes)) for tag, attributes in reader.found]

    reader = read(hostile(text))
    assert shape(reader) == shape(read(hostile("x")))
    assert text in reader.text


def test_before_and_after_mark_the_lines_that_differ() -> None:
    before, after = pair("a\nb\nc", "a\nx\nc")
    assert before == "a\n<del>b\n</del>c"
    assert after == "a\n<ins>x\n</ins>c"
    assert pair(None, "a<b") == ("", "<ins>a&lt;b</ins>")


def test_a_text_is_escaped_wherever_it_is_put_in() -> None:
    assert el("p", "<b>", el("i", "&"), class_='"') == '<p class="&quot;">&lt;b&gt;<i>&amp;</i></p>'
    assert join(["<", Html("<hr>")]) == "&lt;<hr>"
    assert isinstance(join([]), Html)
