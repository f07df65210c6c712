"""A rehearsal as a comment on a pull request: bounded, and with no markup but our own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from surefoot.cli.reports.markdown import LONGEST, escape, fenced, markdown
from surefoot.engine.rehearsal.model import Failure, Phase, Report
from surefoot.engine.snapshot import Change, Difference, FactChange, ObjectKey
from tests.cli.reports.samples import DIFFERENT, EVERYTHING, FAIL_ON, FAILING, PROVEN, hostile, report

QUIET = replace(PROVEN, warnings=(), excuses=())


def told(found: Report) -> str:
    return markdown(found, FAIL_ON)


def test_the_table_is_short_and_the_rest_is_folded_away() -> None:
    lines = told(EVERYTHING).splitlines()
    assert lines[0] == "### ✗ Rehearsal: 1 proven, 1 lossy, 1 different, 1 irreversible, 1 failing"
    assert (
        "| ≠ | 20260107120000 drop_note | different | 25 |  | column public.orders.note is not as it was, and 3 more |"
        in (lines)
    )
    assert [line for line in lines if line.startswith("<details>")] == [
        "<details><summary>✓ <b>20260105091500 add_orders</b>: proven</summary>",
        "<details><summary>! <b>20260106101500 split_the_name_of_customers_in_two_columns</b>: lossy</summary>",
        "<details><summary>≠ <b>20260107120000 drop_note</b>: different</summary>",
        "<details><summary>→ <b>20260108090000 add_places</b>: irreversible</summary>",
        "<details><summary>✗ <b>20260109090000 rename_total</b>: failing</summary>",
    ]
    assert lines.count("</details>") == 5


def test_differences_are_shown_as_one() -> None:
    assert (
        "```diff\n! column public.orders.note is not as it was\n-   default: 'none'::text\n-   not_null: true\n"
        "+   not_null: false\n- comment column public.orders.note is not brought back\n-   text: What to do\n"
    ) in told(EVERYTHING)


def test_many_proven_migrations_are_counted_and_not_listed() -> None:
    text = told(report(*[replace(QUIET, version=str(number)) for number in range(300)], DIFFERENT))
    assert "| ✓ | and 300 more | proven | | | |" in text
    assert text.count("| proven |") == 1
    assert text.count("<details>") == 1


def test_a_proven_migration_is_no_section() -> None:
    text = told(report(QUIET))
    assert text.startswith("### ✓ Rehearsal: 1 proven")
    assert "<details>" not in text


HOSTILE = [
    "|",
    "`",
    "```\n",
    "````````\n",
    "</details>",
    "<script>alert(1)</script>",
    "<!--",
    "@somebody",
    "#1",
    "**bold**",
    "[a](b)",
    "![a](b)",
    "\n\n# head\n",
    "\\",
    "~~~\n",
    "\r\n|---|\r\n",
    "_it_",
    "&lt;",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_taken_for_markup(text: str) -> None:
    outside = without_fences(told(hostile(text)))
    ours = without_fences(told(EVERYTHING))
    for sign in "|`<>*[]#~\\":
        known = re.sub(r"&#\d+;", "", outside)
        assert known.count(sign) == re.sub(r"&#\d+;", "", ours).count(sign), sign
    assert not re.search(r"@\w|#\d", outside.replace("&#", ""))
    assert outside.count("\n") == ours.count("\n")


def without_fences(text: str) -> str:
    """The text without its blocks of code, each of which ends where its own fence does."""
    lines: list[str] = []
    fence = ""
    for line in text.splitlines():
        if fence:
            fence = "" if line.strip() == fence else fence
        elif match := re.match(r"(`{3,})(?:diff|sql)$", line):
            fence = match[1]
        else:
            lines.append(line)
    assert not fence
    return "\n".join(lines)


@pytest.mark.parametrize("text", ["```", "a\n````\nb", "x", "~~~", "`" * 50])
def test_nothing_ends_a_block_of_code_but_its_own_fence(text: str) -> None:
    fence, *body, end = fenced(text, "sql").splitlines()
    assert fence == f"{end}sql"
    assert "\n".join(body) == text
    assert end not in text


def test_a_word_with_an_underscore_stays_readable() -> None:
    assert escape("public.add_orders_2 __x__") == "public.add_orders_2 &#95;&#95;x&#95;&#95;"


def many(count: int, facts: int, length: int) -> Report:
    change = FactChange("definition", "\n".join(["x" * length] * facts), None)
    found = Difference(ObjectKey("function", "public.f()"), Change.REMOVED, (change,))
    one = replace(DIFFERENT, differences=(found,) * 20, again=())
    return report(*[replace(one, version=f"{number:05}", name="n" * 200) for number in range(count)])


@pytest.mark.parametrize(("count", "facts", "length"), [(1, 500, 500), (30, 50, 50), (400, 5, 80), (3000, 1, 1)])
def test_the_comment_is_bounded_and_says_what_was_left_out(count: int, facts: int, length: int) -> None:
    text = told(many(count, facts, length))
    assert len(text) <= LONGEST
    assert text.count("<details>") == text.count("</details>")
    without_fences(text)
    left_out = count - text.count("<details>")
    assert ("Not shown here for want of room: the findings about" in text) is bool(left_out)
    assert left_out == 0 or f"about {left_out} migration" in text


def test_one_monstrous_migration_leaves_room_for_the_others() -> None:
    failure = Failure(Phase.UP, "x" * 100_000, "statement-failed", statement="SELECT 1;\n" * 100_000)
    text = told(report(replace(FAILING, failure=failure), DIFFERENT))
    assert text.count("<details>") == 2


def test_notes_and_unreached_migrations_are_bounded_too() -> None:
    found = replace(EVERYTHING, notes=("n",) * 5000, unreached=EVERYTHING.unreached * 5000)
    text = told(found)
    assert len(text) <= LONGEST
    assert "- ✗ and 4990 more" in text
