"""A rehearsal on a terminal: it fits, it says everything, and nothing in it is a command to the terminal."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from surefoot.cli.output import _styled
from surefoot.cli.reports.scrub import scrubbed
from surefoot.cli.reports.table import make_table
from surefoot.cli.reports.text import Style, closing, details, next_step
from surefoot.engine.rehearsal.model import Report, Verdict, WayBack
from surefoot.engine.snapshot import Change, Difference, FactChange, ObjectKey
from tests.cli.reports.samples import (
    ALL_PROVEN,
    DIFFERENT,
    EVERYTHING,
    FAIL_ON,
    IRREVERSIBLE,
    PROVEN,
    effect,
    hostile,
    report,
)


def plain(text: str, *_styles: str) -> str:
    return text


def colored(text: str, *styles: str) -> str:
    return _styled(text, styles)


def told(found: Report, width: int = 100, *, everything: bool = False, color: bool = False) -> str:
    """All that a terminal shows."""
    style = Style(colored if color else plain, width, everything)
    table = make_table([(item.version, item.name) for item in found.migrations], width, style.paint)
    rows = [table.head(), *(table.row(item) for item in found.migrations)]
    return "\n".join([*rows, *details(found, style), *closing(found, FAIL_ON, style)])


def test_the_table_has_a_line_for_each_migration() -> None:
    lines = told(EVERYTHING).splitlines()
    assert re.match(r" +version +name +verdict +rows +locks +note$", lines[0])
    assert re.match(r"✓  20260105091500  add_orders +proven +15  ShareRowExclusive +excused: table p…$", lines[1])
    assert re.match(r"!  20260106101500  split_the_name_of_cus…  lossy +10  AccessExclusive +lost: 2 of 5 ro", lines[2])


def test_short_versions_and_names_leave_room_for_the_note() -> None:
    table = make_table([("001", "users")], 100, plain)
    row = table.row(replace(DIFFERENT, version="001", name="users"))
    assert row.endswith("column public.orders.note is not as it w…")
    assert len(row) <= 100


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("everything", [True, False])
@pytest.mark.parametrize("width", [50, 60, 80, 100])
def test_no_line_is_wider_than_the_terminal(width: int, everything: bool, color: bool) -> None:
    text = re.sub(r"\033\[[0-9;]*m", "", told(EVERYTHING, width, everything=everything, color=color))
    assert [line for line in text.splitlines() if len(line) > width] == []


def test_a_wide_terminal_gets_no_wider_table() -> None:
    assert make_table([("1" * 30, "n" * 80)], 300, plain) == make_table([("1" * 30, "n" * 80)], 100, plain)


@pytest.mark.parametrize(
    "expected",
    [
        "note: role app did not exist here",
        "  ~ column public.orders.note is not as it was\n      - default: 'none'::text\n      - not_null: true\n",
        "  - comment column public.orders.note is not brought back\n",
        "  + index public.orders_note_idx is left behind\n",
        "      - WHERE orders.total > 0",
        "      + WHERE orders.total >= 0",
        "  - sequence public.s is missing after the second up\n",
        "lost: 2 of 5 rows of public.customers: note, name\n",
        "lost: 1 of 1 row of public.carts\n",
        "lost: the position of public.orders_id_seq\n",
        "This way back was generated, and rehearsed: it is lossy.\n      DROP TABLE public.places;\n",
        "by hand: cast (text as public.kind): no statement of ours makes one",
        "not to be had back: the content of table public.old_places",
        "The down fails with the rows that were written after the up:\n    20260109090000_rename_total.down.sql:3: ",
        "      ALTER TABLE orders\n        RENAME COLUMN totl TO total\n",
        "The up, broken off after statement 2: index customers_name is added",
        "expect\n    about 7 minutes",
        "excused: table public.users: the order of its columns (id, name → name, id)",
        "20260110090000 more was not rehearsed",
        "✗ 1 proven, 1 lossy, 1 different, 1 irreversible, 1 failing, 1 not reached\n  in 4.2 s on PostgreSQL 18.1",
    ],
)
def test_everything_that_was_found_is_told(expected: str) -> None:
    # How far a definition is indented is its own business.
    text = re.sub(r"^(      [-+]) +", r"\1 ", told(EVERYTHING), flags=re.MULTILINE)
    assert expected in text


def test_details_show_each_statement_with_its_effects() -> None:
    text = told(EVERYTHING, everything=True)
    assert "  up   split.up.sql:1 · 41 ms · 5 rows\n      ALTER TABLE customers ALTER COLUMN id TYPE bigint\n" in text
    assert "      ▸ AccessExclusiveLock on public.customers, newly taken\n      ▸ rewrites public.customers\n" in text
    assert "▸ reads all of public.customers\n" in text
    assert "▸ outside a transaction\n      ▸ seen from outside: a short lock may have been missed" in text
    assert "AccessExclusiveLock on public.customers, newly" not in told(EVERYTHING)


def test_a_proven_migration_needs_no_words() -> None:
    quiet = report(replace(PROVEN, warnings=(), excuses=()))
    lines = told(replace(quiet, notes=())).splitlines()
    assert len(lines) == 3
    assert lines[-1] == "✓ 1 proven in 4.2 s on PostgreSQL 18.1 (throw-away)"


def big(lines: int, length: int = 20) -> Report:
    before, after = ("\n".join(f"{sign} {n} {'x' * length}" for n in range(lines)) for sign in "ab")
    change = Difference(ObjectKey("function", "public.f()"), Change.CHANGED, (FactChange("definition", before, after),))
    return report(replace(DIFFERENT, differences=(change,) * 50, again=()))


def test_long_definitions_are_cut_unless_everything_is_asked_for() -> None:
    text = told(big(300))
    assert "590 more lines" in text
    assert "… and 30 objects more (--details)" in text
    assert len(text.splitlines()) < 400
    assert "more lines" not in told(big(300), everything=True)


def test_a_long_line_is_wrapped_so_that_its_end_is_seen() -> None:
    change = FactChange("definition", "x" * 150 + " old", "x" * 150 + " new")
    found = Difference(ObjectKey("view", "public.v"), Change.CHANGED, (change,))
    text = told(report(replace(DIFFERENT, differences=(found,), again=())))
    assert "x old\n" in text
    assert "x new\n" in text


@pytest.mark.parametrize("text", ["\033[2J", "\x00\x07\b", "\x9b1m", "\u202e", "\u2066x", "\r"])
def test_texts_of_the_database_are_no_commands_to_the_terminal(text: str) -> None:
    shown = told(hostile(text), everything=True)
    assert text not in shown
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2066]", shown)


def test_a_secret_can_be_taken_out_of_every_text() -> None:
    clean = scrubbed(hostile("hunter2"), lambda text: text.replace("hunter2", "***"))
    assert "hunter2" not in repr(clean)
    assert repr(clean).count("***") == repr(hostile("hunter2")).count("hunter2")
    assert clean.migrations[0].verdict is Verdict.PROVEN


def test_a_generated_way_back_of_many_statements_is_cut() -> None:
    way = WayBack(tuple(f"DROP TABLE t{n}" for n in range(60)), Verdict.PROVEN)
    text = told(report(replace(IRREVERSIBLE, way_back=way)))
    assert "DROP TABLE t19;" in text
    assert "DROP TABLE t20;" not in text
    assert "… and 40 statements more" in text


def test_the_next_step_fits_what_was_found() -> None:
    assert "Mend what failed" in next_step(EVERYTHING, FAIL_ON, "p.json")
    assert next_step(report(IRREVERSIBLE), FAIL_ON, "p.json").startswith("`surefoot new-down 20260108090000` writes")
    assert next_step(ALL_PROVEN, FAIL_ON, "p.json").startswith("Commit p.json together with the migrations")
    assert next_step(ALL_PROVEN, FAIL_ON, None) == ""
    assert next_step(report(), FAIL_ON, "p.json") == ""


def test_nothing_to_rehearse_is_said() -> None:
    assert told(replace(report(), notes=())).splitlines()[-1].startswith("✓ nothing to rehearse in 4.2 s")


def test_an_unknown_lock_counts_as_the_strongest() -> None:
    from surefoot.engine.effects import Lock

    locks = (Lock("t", "AccessExclusiveLock", True), Lock("t", "MysteryLock", True))
    row = make_table([("1", "n")], 100, plain).row(replace(PROVEN, up_effects=(effect("SELECT 1", *locks),)))
    assert " Mystery " in row
