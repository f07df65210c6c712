"""`up`, `down` and `redo`: what they say, refuse and leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from surefoot.engine.api import connect
from tests.cli.shell import CONCURRENT, DIES, ORDERS, SHOP, USERS, Shell

KEYS = {
    "run_started": ["kind", "seq", "at", "run_id", "direction", "target", "versions"],
    "step_started": ["kind", "seq", "at", "run_id", "version", "name", "direction", "position", "total"],
    "statement_finished": ["kind", "seq", "at", "run_id", "version", "position", "total", "duration_ms", "rows"],
    "step_finished": ["kind", "seq", "at", "run_id", "version", "name", "direction", "duration_ms"],
    "run_finished": ["kind", "seq", "at", "run_id", "outcome", "steps", "duration_ms", "error"],
    "result": ["kind", "run_id", "direction", "versions", "duration_ms"],
}


@contextmanager
def session(shell: Shell, statement: str) -> Iterator[None]:
    """Another session that has run a statement in a transaction, and keeps it open."""
    with psycopg.connect(shell.environ["DATABASE_URL"]) as connection:
        connection.execute(statement.encode())
        yield
        connection.rollback()


def test_up_shows_each_step_and_says_when_there_is_nothing_to_do(any_shop: Shell) -> None:
    said = any_shop.ok("up")
    assert re.fullmatch(
        r".*· 2 steps\n  ↑ 001 users  \d+ ms\n  ↑ 002 orders  \d+ ms\n✓ 2 migrations applied in \d+ ms\n", said.out
    )
    assert said.err == ""
    assert any_shop.ok("up").out == "Nothing to do: everything is applied.\n"


def test_down_takes_back_the_latest_and_redo_brings_it_again(any_shop: Shell) -> None:
    any_shop.ok("up")
    assert re.search(r"  ↓ 002 orders  \d+ ms\n✓ 1 migration rolled back in ", any_shop.ok("down", "--yes").out)
    any_shop.ok("up")
    said = any_shop.ok("redo", "--steps", "2", "--yes").out
    assert re.findall(r"  ([↑↓]) (\d+)", said) == [("↓", "002"), ("↓", "001"), ("↑", "001"), ("↑", "002")]
    any_shop.ok("down", "--to", "0", "--yes")
    assert any_shop.ok("down", "--yes").out == "Nothing to do: nothing is applied.\n"
    assert any_shop.ok("redo", "--yes").out == "Nothing to do: nothing is applied.\n"


@pytest.mark.parametrize("command", ["up", "down", "redo"])
def test_json_is_one_event_a_line_and_a_result(command: str, any_shop: Shell) -> None:
    if command != "up":
        any_shop.ok("up")
    events = any_shop.ok(command, "--yes", "--json").events
    assert [event["seq"] for event in events[:-1]] == list(range(1, len(events)))
    assert len({event["run_id"] for event in events}) == 1
    kinds = [event["kind"] for event in events]
    assert (kinds[0], kinds[-2:]) == ("run_started", ["run_finished", "result"])
    for event in events:
        assert list(event) == KEYS.get(event["kind"], list(event))


def test_json_of_nothing_to_do_is_a_result_without_versions(shop: Shell) -> None:
    shop.ok("up")
    (result,) = shop.ok("up", "--json").events
    assert (result["kind"], result["versions"]) == ("result", [])


def test_a_statement_that_fails_names_place_statement_and_what_to_do(shop: Shell) -> None:
    shop.write({"003_bad.up.sql": "SELECT 1;\n\nSELECT *\nFROM nowhere;\n"})
    said = shop("up")
    assert said.code == 1
    assert "  ✗ stopped: 2 of 3 steps done\n" in said.out
    assert 'error[statement-failed] 003_bad.up.sql:4:6: relation "nowhere" does not exist.\n' in said.err
    assert "    SELECT *\n    FROM nowhere\n" in said.err
    assert said.err.splitlines()[-1].startswith("next  ")
    said = shop("up", "--json")
    assert said.code == 1
    assert said.error["code"] == "statement-failed"
    assert (said.error["file"], said.error["line"], said.error["column"]) == ("003_bad.up.sql", 4, 6)
    finished = said.events[-2]
    assert (finished["kind"], finished["outcome"], finished["error"]) == ("run_finished", "failed", said.error)


def test_a_message_of_the_server_is_shown(shop: Shell) -> None:
    shop.write({"003_notice.up.sql": "DO $$ BEGIN RAISE NOTICE 'half of it'; RAISE WARNING 'look out'; END $$;"})
    said = shop.ok("up")
    assert "      notice: half of it\n      warning: look out\n" in said.out


@pytest.mark.parametrize("way", [["--to", "001"], ["--steps", "1"]])
def test_up_goes_as_far_as_it_is_told(way: list[str], shop: Shell) -> None:
    shop.ok("up", *way)
    assert shop.ok("status", "--json").json["counts"] == {"applied": 1, "pending": 1}


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["up", "--to", "001", "--steps", "1"], "usage"),
        (["up", "--steps", "0"], "usage"),
        (["up", "--lock-timeout", "soon"], "config"),
        (["up", "--lock-timeout", "0"], "config"),
    ],
)
def test_choices_that_make_no_sense_are_refused(argv: list[str], code: str, shop: Shell) -> None:
    said = shop(*argv, "--json")
    assert (said.code, said.error["code"]) == (2, code)


@pytest.mark.parametrize("argv", [["up", "--to", "009"], ["down", "--to", "009", "--yes"], ["plan", "--to", "009"]])
def test_an_unknown_version_is_refused(argv: list[str], shop: Shell) -> None:
    said = shop(*argv, "--json")
    assert (said.code, said.error["code"], said.error["version"]) == (3, "unknown-version", "009")


@pytest.mark.parametrize("meant", ["2", "0002", "orders"])
def test_an_unknown_version_that_is_near_one_gets_a_suggestion(meant: str, shop: Shell) -> None:
    shop.ok("up")
    shop.write({"0030_more.up.sql": "SELECT 1;", "0031_more.up.sql": "SELECT 1;"})
    for command in ("up", "down"):
        assert shop(command, "--to", meant, "--yes", "--json").error["hint"].startswith("Did you mean 002? ")
    # Where it could be several, none is chosen.
    assert "Did you mean" not in shop("up", "--to", "003", "--json").error["hint"]
    assert "Did you mean" not in shop("up", "--to", "more", "--json").error["hint"]


def test_an_edited_file_is_refused_with_the_difference(shop: Shell) -> None:
    shop.ok("up", "--steps", "1")
    shop.write({f"{USERS}.up.sql": "CREATE TABLE users (id bigint PRIMARY KEY);\nINSERT INTO users VALUES (1);\n"})
    said = shop("up")
    assert said.code == 3
    assert "error[edited] 001 users" in said.err
    assert "\n    -CREATE TABLE users (id int PRIMARY KEY);\n    +CREATE TABLE users (id bigint" in said.err
    assert "surefoot repair" in said.err
    assert shop("up", "--json").error["diff"].startswith("--- as applied")


def test_a_missing_file_is_refused_unless_allowed(shop: Shell) -> None:
    shop.ok("up", "--steps", "1")
    for direction in ("up", "down"):
        (shop.cwd / f"migrations/{USERS}.{direction}.sql").unlink()
    said = shop("up", "--json")
    assert (said.code, said.error["code"], said.error["versions"]) == (3, "missing", ["001"])
    shop.ok("up", "--allow-missing")


def test_an_older_migration_is_refused_unless_allowed(shop: Shell) -> None:
    shop.ok("up")
    shop.write({"0015_early.up.sql": "SELECT 1;", "000_early.up.sql": "SELECT 1;"})
    said = shop("up", "--json")
    assert (said.code, said.error["code"]) == (3, "out-of-order")
    shop.environ["SUREFOOT_ALLOW"] = "out-of-order"
    shop.ok("up")


def test_no_way_back_names_the_migration(shop: Shell) -> None:
    (shop.cwd / f"migrations/{ORDERS}.down.sql").unlink()
    shop.ok("up")
    said = shop("down", "--yes")
    assert said.code == 3
    assert "error[no-down] 002 orders has no way back" in said.err


def test_another_way_back_than_the_stored_one_is_shown_and_refused(shop: Shell) -> None:
    shop.ok("up")
    shop.write({f"{ORDERS}.down.sql": "DROP TABLE IF EXISTS orders;\n"})
    said = shop("down", "--yes")
    assert said.code == 3
    assert "error[down-differs]" in said.err
    assert "    -DROP TABLE orders;\n    +DROP TABLE IF EXISTS orders;\n" in said.err
    assert "--use-file" in said.err
    statements = [event["sql"] for event in shop.ok("down", "--use-file", "--yes", "--json").events if "sql" in event]
    assert statements == ["DROP TABLE IF EXISTS orders"]


def test_a_way_back_that_came_later_runs_when_it_is_asked_for(shop: Shell) -> None:
    (shop.cwd / f"migrations/{ORDERS}.down.sql").unlink()
    shop.ok("up")
    shop.write(SHOP)
    assert shop("down", "--yes").code == 3
    shop.ok("down", "--yes", "--use-file")


@pytest.mark.parametrize("command", ["down", "redo"])
def test_without_a_yes_nothing_is_rolled_back(command: str, any_shop: Shell) -> None:
    any_shop.ok("up")
    said = any_shop(command)
    assert said.code == 3
    assert "error[not-confirmed] Roll back" in said.err
    assert ": 002 orders? Nobody is here to say yes." in said.err
    assert "--yes" in said.err
    said = any_shop(command, "--json")
    assert (said.code, said.error["code"], said.error["versions"]) == (3, "not-confirmed", ["002"])
    assert any_shop.ok("status", "--json").json["counts"] == {"applied": 2}


def test_up_asks_where_that_is_configured(shop: Shell) -> None:
    shop.environ["SUREFOOT_CONFIRM"] = "true"
    assert shop("up").code == 3
    shop.ok("up", "--yes")
    # There is nothing to say yes to.
    shop.ok("up")


def test_a_new_history_is_left_to_a_newer_surefoot(shop: Shell) -> None:
    shop.ok("up", "--steps", "1")
    with psycopg.connect(shop.environ["DATABASE_URL"]) as connection:
        connection.execute("INSERT INTO surefoot.surefoot_format VALUES (99, now())")
    for argv in (["up"], ["status"], ["history"], ["plan"], ["verify"], ["repair"], ["down", "--yes"]):
        said = shop(*argv, "--json")
        assert (said.code, said.error["code"]) == (3, "history-too-new")


def test_an_unknown_outcome_is_told_and_resolved_by_what_a_person_saw(shop: Shell) -> None:
    shop.write(DIES)
    said = shop("up")
    assert said.code == 4
    assert "error[unknown] 003_dies.up.sql:3" in said.err
    said = shop("up", "--json")
    assert (said.code, said.error["code"], said.error["statement"]) == (4, "unknown", "CALL dies()")
    assert "surefoot repair --ran" in said.error["hint"]
    said = shop("down", "--yes", "--json")
    assert (said.code, said.error["code"]) == (3, "interrupted")
    assert shop("redo", "--yes").code == 3
    shop.ok("repair", "--ran", "--yes")
    shop.ok("up")
    assert shop.ok("status", "--json").json["counts"] == {"applied": 3}


def test_another_run_on_the_target_is_waited_for_with_a_bound(shop: Shell) -> None:
    shop.ok("up", "--steps", "1")
    with connect(shop.environ["DATABASE_URL"]) as other:
        assert other.lock("default")
        said = shop("up", "--runner-wait", "100ms")
        assert said.code == 5
        assert re.search(r"waiting for another run for 0 s, held by session \d+ \(postgres surefoot ", said.out)
        assert "error[target-locked] Another run works on postgresql:///t_" in said.err
        assert "--runner-wait" in said.err
        said = shop("up", "--runner-wait", "0", "--json")
        assert (said.code, said.error["code"]) == (5, "target-locked")
    shop.ok("up")


def test_a_lock_that_is_not_to_be_had_names_who_holds_it(shop: Shell) -> None:
    shop.ok("up", "--steps", "1")
    with session(shop, "LOCK TABLE users"):
        said = shop("up", "--lock-timeout", "300ms", "--lock-wait", "3s")
    assert said.code == 5
    assert "no lock (attempt 2)" in said.out
    # Who is in the way is told once, however often it is tried.
    assert said.out.count("LOCK TABLE users") == 1
    assert "error[lock-timeout] 002_orders.up.sql:1" in said.err
    assert "LOCK TABLE users" in said.err
    shop.ok("up")


def test_a_lost_connection_is_told(shop: Shell) -> None:
    shop.write({"003_lost.up.sql": "SELECT pg_terminate_backend(pg_backend_pid());"})
    said = shop("up", "--json")
    assert (said.code, said.error["code"]) == (6, "connection-lost")


def test_the_schema_is_written_after_a_run_where_that_is_configured(any_shop: Shell) -> None:
    (any_shop.cwd / "surefoot.toml").write_text('dump = "db/schema.sql"\n')
    schema = any_shop.cwd / "db/schema.sql"
    assert "schema written to " in any_shop.ok("up", "--steps", "1").out
    one = schema.read_text()
    assert "users" in one
    any_shop.ok("up", "--json")
    assert "orders" in schema.read_text()
    any_shop.ok("down", "--yes")
    assert schema.read_text() == one
    any_shop.ok("redo", "--yes")
    assert schema.read_text() == one
    assert list(schema.parent.iterdir()) == [schema]


def test_a_schema_that_cannot_be_written_does_not_hide_what_was_applied(shop: Shell) -> None:
    (shop.cwd / "file").write_text("")
    shop.environ["SUREFOOT_DUMP"] = "file/schema.sql"
    said = shop("up")
    assert said.code == 2
    assert "✓ 2 migrations applied" in said.out
    assert "error[usage] The schema cannot be written to " in said.err


def test_a_concurrent_index_goes_up_and_down(shop: Shell) -> None:
    shop.write(CONCURRENT)
    shop.ok("up")
    shop.ok("down", "--to", "0", "--yes")
    assert shop.ok("status", "--json").json["counts"] == {"pending": 3}
