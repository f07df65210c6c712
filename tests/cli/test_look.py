"""`status`, `history`, `plan` and `verify`: what they show of every state a migration can be in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import psycopg
import pytest

from surefoot.engine.open import connect
from tests.cli.shell import CONCURRENT, DIES, ORDERS, SHOP, USERS, Shell, write

WEBSHOP = Path(__file__).parents[2] / "examples" / "webshop" / "migrations"
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
ROW_KEYS = ["version", "name", "state", "applied_at", "applied_by", "duration_ms"]
_SEEN = ["runners", "other_projects"]
STATUS_KEYS = ["kind", "target", "project", "folder", "format", "migrations", "counts", "notes", *_SEEN]
PLAN_KEYS = ["kind", "target", "project", "preamble_statements", "direction", "timeouts_seconds", "steps", *_SEEN]
# Statements that share a transaction, one that needs to be without, and rows for a COPY.
MIXED = {
    "001_mixed.up.sql": "-- first\nCREATE TABLE a (x int);\nSET LOCAL work_mem = '8MB';\n\n"
    "CREATE INDEX CONCURRENTLY a_x ON a (x); INSERT INTO a VALUES (1), (2);\n"
    "COPY a FROM stdin;\n3\n4\n\\.\nDO $$ BEGIN PERFORM 1; -- not the end;\nEND $$;\nVACUUM a -- done\n;\n",
    "001_mixed.down.sql": "DROP TABLE a;\n",
}


def states(shell: Shell, *argv: str) -> dict[str, str]:
    return {row["version"]: row["state"] for row in shell.ok("status", "--json", *argv).json["migrations"]}


def test_status_of_an_empty_database_changes_nothing(shop: Shell) -> None:
    said = shop.ok("status")
    assert re.fullmatch(
        r"postgresql:///t_\w+ · native\n  pending      001 users\n  pending      002 orders\n2 pending\n", said.out
    )
    with psycopg.connect(shop.environ["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT to_regnamespace('surefoot')").fetchone() == (None,)


def test_status_of_an_empty_folder(shell: Shell) -> None:
    shell.ok("init")
    assert "The folder has no migrations." in shell.ok("status").out
    assert shell.ok("status", "--json").json["counts"] == {}


def test_status_has_stable_keys(any_shop: Shell) -> None:
    any_shop.ok("up", "--steps", "1")
    status = any_shop.ok("status", "--json").json
    assert list(status) == STATUS_KEYS
    assert [list(row) for row in status["migrations"]] == [ROW_KEYS, ROW_KEYS]
    assert status["counts"] == {"applied": 1, "pending": 1}
    assert (status["kind"], status["format"], status["project"]) == ("status", "native", "default")
    assert status["migrations"][0]["applied_at"].endswith("+00:00")
    assert status["migrations"][1]["applied_at"] is None


def test_status_shows_every_state_and_counts_them(shell: Shell) -> None:
    shell.write({f"{version}_x.up.sql": "SELECT 1;" for version in ("001", "003", "004")})
    shell.ok("baseline", "001", "--yes")
    shell.ok("up")
    (shell.cwd / "migrations/003_x.up.sql").write_text("SELECT 'edited';")
    (shell.cwd / "migrations/004_x.up.sql").unlink()
    shell.write({"002_x.up.sql": "SELECT 1;", "005_x.up.sql": "SELECT 1;"})
    said = shell.ok("status")
    assert states(shell) == {
        "004": "missing",
        "001": "baseline",
        "002": "out of order",
        "003": "edited",
        "005": "pending",
    }
    assert re.search(rf"^  edited       003 x  {MOMENT}  \d+ ms$", said.out, re.MULTILINE)
    assert re.search(rf"^  baseline     001 x  {MOMENT}$", said.out, re.MULTILINE)
    assert said.out.splitlines()[-1] == "1 baseline, 1 pending, 1 out of order, 1 edited, 1 missing"


def test_a_run_at_work_is_not_taken_for_one_that_stopped(shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    with connect(shop.environ["DATABASE_URL"]) as other:
        assert other.lock("default")
        [(pid,)] = other.query("SELECT pg_backend_pid()")
        assert states(shop)["003"] == "running"
        at_work = f"a run is at work: session {pid} "
        for command in ("status", "plan", "verify"):
            assert at_work in shop.ok(command).out
            [runner] = shop.ok(command, "--json").json["runners"]
            assert runner.startswith(f"session {pid} ")
        for refused in (shop("repair", "--json"), shop("down", "--json"), shop("down", "--yes", "--json")):
            assert (refused.code, refused.error["code"]) == (5, "target-locked")
            assert f"session {pid} " in refused.error["message"]
        # Seen from another project nobody is at work.
        assert shop.ok("status", "--project", "other", "--json").json["runners"] == []
    assert states(shop)["003"] == "half-way"
    assert shop("verify").code == 1
    assert shop("down", "--yes").code == 3


def test_status_shows_a_step_that_stopped_half_way_even_without_its_file(shop: Shell) -> None:
    shop.write(DIES)
    assert shop("up").code == 4
    assert states(shop)["003"] == "half-way"
    for name in DIES:
        (shop.cwd / "migrations" / name).unlink()
    assert states(shop) == {"003": "half-way", "001": "applied", "002": "applied"}


def test_the_exit_code_of_status_is_a_choice(shop: Shell) -> None:
    assert shop("status").code == 0
    assert shop("status", "--exit-code").code == 1
    shop.ok("up")
    assert shop("status", "--exit-code").code == 0
    (shop.cwd / f"migrations/{USERS}.up.sql").write_text("SELECT 'edited';")
    assert shop("status", "--exit-code").code == 1


def test_what_is_passed_over_in_the_folder_is_told(shop: Shell) -> None:
    shop.write({"schema.sql": "SELECT 1;"})
    note = "schema.sql:1: not read"
    assert note in shop.ok("status").out
    assert note in shop.ok("verify").out
    assert shop.ok("status", "--json").json["notes"][0].startswith(note)
    assert shop.ok("verify", "--json").json["notes"][0].startswith(note)


@pytest.mark.parametrize("command", ["status", "plan", "history"])
def test_a_renamed_project_is_told_whose_history_there_is(command: str, shop: Shell) -> None:
    shop.ok("up", "--project", "shop")
    line = "Nothing was applied for project new; other projects in this database: shop"
    assert line in shop.ok(command, "--project", "new").out
    assert shop.ok(command, "--project", "new", "--json").json["other_projects"] == ["shop"]
    assert "other projects" not in shop.ok(command, "--project", "shop").out
    assert shop.ok(command, "--project", "shop", "--json").json["other_projects"] == []


def test_history_tells_what_happened_and_needs_no_folder(any_shop: Shell) -> None:
    any_shop.ok("up")
    any_shop.ok("down", "--yes")
    any_shop.ok("up")
    (any_shop.cwd / f"migrations/{USERS}.up.sql").write_bytes(b"\xff")
    said = any_shop.ok("history")
    assert re.findall(r"([↑↓]) (?:(\d+) )?", said.out) == [("↑", "001"), ("↑", "002"), ("↓", ""), ("↑", "002")]
    assert len(re.findall(MOMENT, said.out)) == 4
    entries = any_shop.ok("history", "--json").json["entries"]
    assert [entry["rolled_back_at"] is None for entry in entries] == [True, False, True]
    assert {"run_id", "applied_by", "checksum", "kind", "version", "name"} <= set(entries[0])


def test_history_of_an_empty_database(shop: Shell) -> None:
    assert shop.ok("history").out == "Nothing has been applied here.\n"
    assert shop.ok("history", "--json").json["entries"] == []


def test_verify_finds_what_is_wrong(shop: Shell) -> None:
    assert shop.ok("verify").out == "✓ 2 migrations: unchanged, present and in order\n"
    shop.ok("up")
    (shop.cwd / f"migrations/{USERS}.up.sql").write_text("SELECT 'edited';")
    said = shop("verify")
    assert (said.code, said.out) == (1, "✗ 001 users is edited\n")
    said = shop("verify", "--json")
    assert (said.code, [row["state"] for row in said.json["problems"]]) == (1, ["edited"])


def test_verify_reads_every_statement(shop: Shell) -> None:
    shop.write({f"{ORDERS}.down.sql": "DROP TABLE orders;\n\\connect other\n", "3_more.up.sql": "SELECT 1;\nROLLBACK;"})
    said = shop("verify")
    assert said.code == 1
    assert f"{ORDERS}.down.sql" in said.out
    assert "3_more.up.sql" in said.out
    problems = shop("verify", "--json").json["problems"]
    assert [problem["error"]["code"] for problem in problems] == ["client-command", "transaction-control"]
    assert [problem["error"]["line"] for problem in problems] == [2, 2]


def test_plan_shows_each_statement_whole_with_its_place_and_conditions(shell: Shell) -> None:
    shell.write(MIXED)
    said = shell.ok("plan", "--lock-timeout", "700ms", "--statement-timeout", "9s")
    assert "lock_timeout 0.7 s, tried again for 300 s · statement_timeout 9 s" in said.out
    shown = [line.strip() for line in said.out.splitlines()]
    order = [
        "in a transaction",
        "001_mixed.up.sql:2",
        "CREATE TABLE a (x int);",
        "001_mixed.up.sql:3",
        "SET LOCAL work_mem = '8MB';",
        "001_mixed.up.sql:5",
        "CREATE INDEX CONCURRENTLY a_x ON a (x);",
        "in a transaction",
        "001_mixed.up.sql:5",
        "INSERT INTO a VALUES (1), (2);",
        "COPY a FROM stdin;",
        "4 bytes of inline data",
        "DO $$ BEGIN PERFORM 1; -- not the end;",
        "END $$;",
    ]
    places = iter(shown)
    assert [line for line in order if line not in places] == []
    assert len([line for line in shown if line.startswith("outside a transaction, journalled")]) == 2


def test_plan_counts_the_statements_of_the_preamble_and_keeps_them_to_itself(shop: Shell) -> None:
    assert "preamble" not in shop.ok("plan").out
    (shop.cwd / "surefoot.toml").write_text("""preamble = ["SET work_mem = '8MB'", "SET TIME ZONE 'UTC'"]""")
    said = shop.ok("plan")
    assert "\n  before each step the preamble of your settings runs: 2 statements\n" in said.out
    assert "work_mem" not in said.out
    assert shop.ok("plan", "--json").json["preamble_statements"] == 2


def test_plan_as_a_document(shell: Shell) -> None:
    shell.write(MIXED)
    plan = shell.ok("plan", "--json", "--lock-timeout", "700ms").json
    assert list(plan) == PLAN_KEYS
    assert plan["timeouts_seconds"] == {"lock": 0.7, "lock_wait": 300.0, "statement": None}
    (step,) = plan["steps"]
    assert (step["version"], step["name"], step["atomic"]) == ("001", "mixed", False)
    assert [(block["transactional"], bool(block["reason"])) for block in step["blocks"]] == [
        (True, False),
        (False, True),
        (True, False),
        (False, True),
    ]
    assert step["blocks"][2]["statements"][1]["copy_bytes"] == 4
    assert {block["state"] for block in step["blocks"]} == {"to run"}


def test_a_plan_of_a_long_statement_is_whole(shell: Shell) -> None:
    long = f"SELECT '{'x' * 5000}\n\n  end' -- why"
    shell.write({"001_long.up.sql": f"{long}\n;"})
    (statement,) = shell.ok("plan", "--json").json["steps"][0]["blocks"][0]["statements"]
    assert statement["sql"].startswith(f"SELECT '{'x' * 5000}\n\n  end'")
    assert f"SELECT '{'x' * 5000}\n\n        end'" in shell.ok("plan").out


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("folder", ["webshop", "mixed"])
def test_what_runs_is_what_was_planned(folder: str, direction: str, shell: Shell) -> None:
    mixed = {**SHOP, **CONCURRENT, **{name.replace("001", "004"): text for name, text in MIXED.items()}}
    texts = {path.name: path.read_text() for path in WEBSHOP.iterdir()} if folder == "webshop" else mixed
    write(shell.cwd / "migrations", texts)
    if direction == "down":
        shell.ok("up")
    way = ["--to", "0"] if direction == "down" else []
    plan = shell.ok("plan", direction, *way, "--json").json
    planned = [
        (step["version"], statement["file"], statement["line"], statement["sql"], block["transactional"])
        for step in plan["steps"]
        for block in step["blocks"]
        for statement in block["statements"]
    ]
    events = shell.ok(direction, *way, "--yes", "--json").events
    ran = [
        (event["version"], event["path"], event["line"], event["sql"], event["transactional"])
        for event in events
        if event["kind"] == "statement_started"
    ]
    assert [(*row[:3], row[3][:2000], row[4]) for row in planned] == ran
    assert [event["version"] for event in events if event["kind"] == "step_finished"] == [
        step["version"] for step in plan["steps"]
    ]
    assert shell.ok("plan", direction, *way, "--json").json["steps"] == []


def test_plan_of_nothing(shop: Shell) -> None:
    shop.ok("up")
    assert shop.ok("plan").out.endswith(": nothing to do.\n")


@pytest.mark.parametrize(
    ("argv", "versions"),
    [
        (["plan", "--steps", "1"], ["001"]),
        (["plan", "--to", "001"], ["001"]),
        (["plan", "up"], ["001", "002"]),
        (["plan", "down"], []),
    ],
)
def test_plan_takes_the_choices_of_up_and_down(argv: list[str], versions: list[str], shop: Shell) -> None:
    assert [step["version"] for step in shop.ok(*argv, "--json").json["steps"]] == versions


def test_documents_are_utf8_and_readable(shell: Shell) -> None:
    shell.write({"001_grüße.up.sql": "SELECT 'grüße →';"})
    out = shell.ok("plan", "--json").out
    assert "grüße →" in out
    assert json.loads(out)
