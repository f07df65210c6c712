"""`baseline` and `repair`: what Surefoot knows of the database, put right after a yes."""

from __future__ import annotations

import psycopg
import pytest

from tests.cli.shell import DIES, ORDERS, SHOP, USERS, Shell

FINDING_KEYS = ["version", "found", "action", "solvable", "diff"]


def count(shell: Shell, state: str) -> int:
    return int(shell.ok("status", "--json").json["counts"].get(state, 0))


def edit(shell: Shell) -> None:
    shell.write({f"{USERS}.up.sql": f"-- who buys\n{SHOP[f'{USERS}.up.sql']}SELECT 1;\n"})


def test_a_baseline_accepts_without_running_and_up_goes_on_from_there(any_shop: Shell) -> None:
    any_shop.write({f"{USERS}.up.sql": "THIS IS NEVER RUN;", f"{ORDERS}.up.sql": "SELECT 1;"})
    said = any_shop("baseline", "001")
    assert said.code == 3
    assert "Accept 1 migration up to 001 as applied on " in said.err
    assert any_shop("baseline", "001", "--json").error["versions"] == ["001"]
    assert any_shop.ok("baseline", "001", "--yes").out == "✓ 1 migration accepted as applied; nothing ran\n"
    assert any_shop.ok("up", "--json").events[-1]["versions"] == ["002"]
    assert (count(any_shop, "baseline"), count(any_shop, "applied")) == (1, 1)


def test_a_baseline_as_a_document(shop: Shell) -> None:
    assert shop.ok("baseline", "002", "--yes", "--json").json == {"kind": "baseline", "versions": ["001", "002"]}


@pytest.mark.parametrize(("version", "code"), [("009", "unknown-version"), ("002", "refused")])
def test_a_baseline_is_refused(version: str, code: str, shop: Shell) -> None:
    if code == "refused":
        shop.ok("up", "--steps", "1")
    said = shop("baseline", version, "--yes", "--json")
    assert (said.code, said.error["code"]) == (3, code)


def test_a_baseline_cannot_be_rolled_back(shop: Shell) -> None:
    shop.ok("baseline", "001", "--yes")
    said = shop("down", "--yes", "--json")
    assert (said.code, said.error["code"]) == (3, "no-down")


def test_there_is_nothing_to_repair(any_shop: Shell) -> None:
    any_shop.ok("up")
    assert any_shop.ok("repair").out == "Nothing to repair.\n"
    assert any_shop.ok("repair", "--json").json == {"kind": "repair", "findings": [], "repaired": False}


def test_an_edited_file_is_shown_and_accepted_once_confirmed(any_shop: Shell) -> None:
    any_shop.ok("up")
    edit(any_shop)
    said = any_shop("repair")
    assert said.code == 3
    assert "✗ 001: 001 users was edited after it was applied\n" in said.out
    assert "    +SELECT 1;\n" in said.out
    assert "  → accept the folder's text" in said.out
    assert count(any_shop, "edited") == 1
    assert "✓ repaired" in any_shop.ok("repair", "--yes").out
    assert count(any_shop, "applied") == 2


def test_the_findings_come_with_the_refusal_and_with_the_repair(shop: Shell) -> None:
    shop.ok("up")
    edit(shop)
    said = shop("repair", "--json")
    assert (said.code, said.error["code"]) == (3, "not-confirmed")
    (finding,) = said.error["findings"]
    assert list(finding) == FINDING_KEYS
    assert finding["solvable"] is True
    repaired = shop.ok("repair", "--yes", "--json").json
    assert repaired == {"kind": "repair", "findings": [finding], "repaired": True}


def test_what_the_database_cannot_tell_is_left_to_a_person(shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    said = shop("repair", "--yes")
    assert said.code == 4
    assert "CALL dies()" in said.out
    assert "--ran or --not-ran" in said.out
    said = shop("repair", "--yes", "--json")
    assert (said.code, said.json["repaired"]) == (4, False)
    assert [finding["solvable"] for finding in said.json["findings"]] == [True, False]


def test_a_statement_that_did_not_run_runs_again(shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    assert "Nobody is here to say yes." in shop("repair", "--not-ran").err
    shop.ok("repair", "--not-ran", "--yes")
    with psycopg.connect(shop.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE OR REPLACE PROCEDURE dies() LANGUAGE sql AS 'SELECT 1'")
    shop.ok("up")
    assert count(shop, "applied") == 3


def test_a_half_applied_step_is_given_up_once_it_was_undone_by_hand(shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    with psycopg.connect(shop.environ["DATABASE_URL"]) as connection:
        connection.execute("DROP PROCEDURE dies()")
    shop.ok("repair", "--discard", "--yes")
    assert count(shop, "pending") == 1


@pytest.mark.parametrize("answer", ["--ran", "--not-ran", "--discard"])
def test_an_answer_about_a_step_accepts_no_edited_file(answer: str, shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    edit(shop)
    said = shop.ok("repair", answer, "--yes")
    assert "edited" not in said.out
    assert count(shop, "edited") == 1


@pytest.mark.parametrize("argv", [["--ran", "--not-ran"], ["--ran"], ["--discard"]])
def test_an_answer_without_a_question_is_refused(argv: list[str], shop: Shell) -> None:
    shop.ok("up")
    said = shop("repair", *argv, "--yes", "--json")
    assert (said.code, said.error["code"]) == (2, "usage")


def test_a_step_that_goes_on_by_itself_needs_no_yes(shop: Shell) -> None:
    shop.write({"003_half.up.sql": "CREATE INDEX CONCURRENTLY u ON users (id);\nSELECT 1 / 0;\n"})
    assert shop("up").code == 1
    said = shop.ok("repair")
    assert "✗ 003: an earlier `up` stopped half-way: 1 of 2 blocks took effect\n" in said.out
    assert shop.ok("repair", "--json").json["repaired"] is False
    assert count(shop, "half-way") == 1
