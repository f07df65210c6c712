"""`rehearse`: what it begins with, what it says, what it writes and how it exits."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from surefoot.engine.prepare import Project
from surefoot.engine.rehearsal.model import Report
from surefoot.engine.rehearsal.rehearse import Progress, RehearsalOptions, rehearse
from surefoot.errors import SurefootError
from tests.cli.shell import SHOP, Said, Shell

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "rehearsal.schema.json"
PROOFS = "surefoot.proof.json"
GOOD = {
    **SHOP,
    "003_note.up.sql": "ALTER TABLE users ADD COLUMN note text;",
    "003_note.down.sql": "ALTER TABLE users DROP COLUMN note;",
}
LOSSY = {
    "004_purge.up.sql": "DELETE FROM orders;",
    "004_purge.down.sql": "SELECT 1;",
}
DIFFERENT = {
    "005_index.up.sql": "CREATE INDEX IF NOT EXISTS orders_user ON orders (user_id);\nCREATE TABLE more (id int);",
    "005_index.down.sql": "DROP TABLE more;",
}
NO_DOWN = {"006_places.up.sql": "CREATE TABLE places (id int);"}
FAILING = {"007_fails.up.sql": "CREATE TABLE late (id int);", "007_fails.down.sql": "DROP TABLE early;"}


@pytest.fixture
def lite(bare: Shell) -> Shell:
    """A command line whose shadow databases are files, without a target."""
    bare.environ["SUREFOOT_DIALECT"] = "sqlite"
    bare.write(GOOD)
    return bare


@pytest.fixture
def lite_target(lite: Shell, sqlite_url: str) -> Shell:
    lite.environ["DATABASE_URL"] = sqlite_url
    return lite


def proofs(shell: Shell) -> dict[str, str]:
    document = json.loads((shell.cwd / PROOFS).read_text())
    return {proof["version"]: proof["verdict"] for proof in document["proofs"]}


def versions(said: Said) -> list[str]:
    return [migration["version"] for migration in said.json["migrations"]]


def test_a_good_history_is_proven_and_the_proofs_are_kept(lite: Shell) -> None:
    said = lite.ok("rehearse")
    lines = said.out.splitlines()
    assert [line.split()[:4] for line in lines[1:4]] == [
        ["✓", "001", "users", "proven"],
        ["✓", "002", "orders", "proven"],
        ["✓", "003", "note", "proven"],
    ]
    assert lines[-2].startswith("✓ 3 proven in ")
    assert (
        lines[-1] == f"next  Commit {PROOFS} together with the migrations: `surefoot up --require-proof` asks for it."
    )
    assert proofs(lite) == {"001": "proven", "002": "proven", "003": "proven"}


def test_the_same_rehearsal_gives_the_same_proofs(lite: Shell) -> None:
    lite.ok("rehearse")
    before = (lite.cwd / PROOFS).read_bytes()
    lite.ok("rehearse")
    assert (lite.cwd / PROOFS).read_bytes() == before
    (lite.cwd / PROOFS).unlink()
    lite.ok("rehearse", "--rows", "7")
    assert (lite.cwd / PROOFS).read_bytes() == before


def test_every_verdict_is_told_and_decides_over_the_exit_code(lite: Shell) -> None:
    lite.write({**LOSSY, **DIFFERENT, **NO_DOWN, **FAILING})
    said = lite("rehearse")
    assert said.code == 1
    assert re.search(r"  lost: (\d+) of \1 rows of orders\n", said.out)
    assert "  + index orders_user is left behind\n" in said.out
    assert "      DROP TABLE places;\n" in said.out
    assert "The down fails: 007_fails.down.sql:1" in said.out
    assert proofs(lite) == {
        "001": "proven",
        "002": "proven",
        "003": "proven",
        "004": "lossy",
        "005": "different",
        "006": "irreversible",
        "007": "failing",
    }


@pytest.mark.parametrize(
    ("files", "fail_on", "code"),
    [
        (LOSSY, "lossy", 1),
        (LOSSY, "different,failing", 0),
        (LOSSY, "none", 0),
        (NO_DOWN, "lossy,different,failing", 0),
        (NO_DOWN, "irreversible", 1),
    ],
)
def test_fail_on_chooses_the_verdicts_that_count(lite: Shell, files: dict[str, str], fail_on: str, code: int) -> None:
    lite.write(files)
    assert lite("rehearse", "--fail-on", fail_on).code == code


def test_a_migration_without_a_down_leads_to_new_down(lite: Shell) -> None:
    lite.write(NO_DOWN)
    assert lite.ok("rehearse").out.splitlines()[-1].startswith("next  `surefoot new-down 006` writes ")


def test_json_is_the_whole_report_as_its_schema_says(lite: Shell) -> None:
    lite.write(LOSSY)
    for argv in (("--json",), ("--report", "json")):
        said = lite("rehearse", *argv)
        assert said.code == 1
        Draft202012Validator(json.loads(SCHEMA.read_text())).validate(said.json)
        assert said.json["counts"] == {"proven": 3, "lossy": 1}
        assert said.json["proof"] == PROOFS


@pytest.mark.parametrize(("form", "begins"), [("markdown", "### ✓ Re"), ("html", "<!doctype html>"), ("sarif", "{")])
def test_a_report_of_another_form_is_all_that_is_printed(lite: Shell, form: str, begins: str) -> None:
    said = lite.ok("rehearse", "--report", form)
    assert said.out.startswith(begins)
    assert "…" not in said.out
    if form == "sarif":
        assert json.loads(said.out)["version"] == "2.1.0"


def test_a_report_goes_to_a_file_beside_what_a_person_reads(lite: Shell) -> None:
    said = lite.ok("rehearse", "--report", "html", "--output", "out/report.html")
    assert said.out.splitlines()[0].split() == ["version", "name", "verdict", "rows", "locks", "note"]
    assert said.out.endswith("report written to out/report.html\n")
    assert (lite.cwd / "out/report.html").read_text().endswith("</html>\n")
    lite.ok("rehearse", "--report", "json", "--output", "report.json")
    assert json.loads((lite.cwd / "report.json").read_text())["kind"] == "rehearsal"
    said = lite.ok("rehearse", "--json", "--report", "markdown", "--output", "report.md")
    assert said.json["passed"] is True
    assert (lite.cwd / "report.md").read_text().startswith("### ")


def test_sarif_names_files_as_the_working_directory_does(lite: Shell) -> None:
    lite.write(DIFFERENT)
    (result,) = json.loads(lite("rehearse", "--report", "sarif").out)["runs"][0]["results"]
    assert result["ruleId"] == "rehearsal-different"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "migrations/005_index.down.sql"},
        "region": {"startLine": 1},
    }


def test_details_show_each_statement(lite: Shell) -> None:
    assert "003_note.up.sql:1 · " not in lite.ok("rehearse").out
    said = lite.ok("rehearse", "--details")
    assert "  up   003_note.up.sql:1 · " in said.out
    assert "      ALTER TABLE users ADD COLUMN note text\n" in said.out


def test_no_proof_leaves_the_file_alone(lite: Shell) -> None:
    said = lite.ok("rehearse", "--no-proof", "--json")
    assert said.json["proof"] is None
    assert not (lite.cwd / PROOFS).exists()


def test_without_rows_nothing_is_proven(lite: Shell) -> None:
    lite.write(LOSSY)
    said = lite.ok("rehearse", "--rows", "0", "--json")
    assert said.json["proof"] is None
    assert "no proof is written: without rows no down can lose any" in said.json["notes"]
    assert not (lite.cwd / PROOFS).exists()


def test_with_a_target_the_pending_migrations_are_rehearsed_on_its_schema(lite_target: Shell) -> None:
    lite_target.ok("up", "--to", "002")
    said = lite_target.ok("rehearse", "--json")
    assert versions(said) == ["003"]
    assert versions(lite_target.ok("rehearse", "--from", "empty", "--json")) == ["001", "002", "003"]
    assert proofs(lite_target) == {"001": "proven", "002": "proven", "003": "proven"}
    lite_target.ok("up")
    said = lite_target.ok("rehearse")
    assert "nothing to rehearse" in said.out


def test_a_part_of_the_history_can_be_chosen(lite: Shell) -> None:
    assert versions(lite.ok("rehearse", "--to", "002", "--json")) == ["001", "002"]
    assert versions(lite.ok("rehearse", "--from", "001", "--json")) == ["002", "003"]
    assert versions(lite.ok("rehearse", "--from", "001", "--to", "002", "--json")) == ["002"]
    assert versions(lite.ok("rehearse", "002", "--json")) == ["002"]
    assert versions(lite.ok("rehearse", "001", "--json")) == ["001"]
    assert proofs(lite) == {"001": "proven", "002": "proven", "003": "proven"}


def test_a_dump_can_be_what_it_begins_with(lite: Shell) -> None:
    (lite.cwd / "dump.sql").write_text("CREATE TABLE other (id int);\n")
    said = lite.ok("rehearse", "--from", "dump.sql", "--json")
    assert said.json["base"] == "the dump dump.sql"


def test_rows_can_be_given(lite: Shell) -> None:
    lite.write(LOSSY)
    (lite.cwd / "seed.sql").write_text("INSERT INTO orders VALUES (41, 1), (42, 1);\n")
    said = lite("rehearse", "--from", "003", "--rows", "0", "--seed", "seed.sql", "--json")
    (migration,) = said.json["migrations"]
    # A user is the history's own.
    assert migration["rows"] == 3
    assert migration["losses"] == [{"table": "orders", "rows": 2, "of": 2, "columns": [], "left": 0}]


@pytest.mark.parametrize(
    ("argv", "code", "text"),
    [
        (["--from", "elsewhere"], "unknown-version", "--from knows empty, target, a version of the folder"),
        (["--from", "target"], "usage", "--from empty"),
        (["--from", "gone.sql"], "usage", "There is no file gone.sql"),
        (["--seed", "gone.sql"], "usage", "There is no file gone.sql"),
        (["--to", "009"], "unknown-version", "009"),
        (["009"], "unknown-version", "009"),
        (["002", "--from", "001"], "usage", "A version excludes --from and --to"),
        (["002", "--to", "001"], "usage", "A version excludes --from and --to"),
        (["--fail-on", "sloppy"], "config", "fail_on does not know sloppy"),
        (["--fail-on", "lossy,none"], "config", "fail_on does not know none"),
        (["--rows", "-1"], "config", "rows is a whole number"),
        (["--report", "pdf"], "usage", "pdf"),
        (["--failures", "some"], "usage", "some"),
        (["--output", "x"], "usage", "--output needs to know what to write"),
    ],
)
def test_wrong_usage_is_told_with_the_way_out(lite: Shell, argv: list[str], code: str, text: str) -> None:
    said = lite("rehearse", *argv)
    assert said.code in (2, 3)
    assert f"error[{code}]" in said.err
    assert text in said.err
    assert not (lite.cwd / PROOFS).exists()


def test_two_documents_have_no_room_on_one_output(lite: Shell) -> None:
    said = lite("rehearse", "--report", "html", "--json")
    assert (said.code, said.error["code"]) == (2, "usage")
    assert "--report html --output FILE" in said.error["hint"]


def test_a_file_of_proofs_that_is_none_is_told_before_anything_is_rehearsed(lite: Shell) -> None:
    (lite.cwd / PROOFS).write_text("<<<<<<< ours")
    said = lite("rehearse")
    assert (said.code, said.out) == (2, "")
    assert f"error[usage] The file of proofs {PROOFS} is not JSON" in said.err
    assert lite("up", "--require-proof", "--url", "sqlite:///x.db").code == 2


def test_a_target_that_does_not_answer_is_told(lite: Shell) -> None:
    lite.environ["SUREFOOT_DIALECT"] = "postgres"
    lite.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    said = lite("rehearse", "--json")
    assert (said.code, said.error["code"]) == (6, "unreachable")


def test_a_report_that_cannot_be_written_is_told(lite: Shell) -> None:
    (lite.cwd / "file").write_text("")
    said = lite("rehearse", "--report", "html", "--output", "file/report.html")
    assert (said.code, "cannot be written" in said.err) == (2, True)


def test_a_folder_that_changes_meanwhile_gets_no_proof(lite: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def meddling(project: Project, options: RehearsalOptions, on_progress: Progress) -> Report:
        report = rehearse(project, options, on_progress)
        lite.write({"001_users.down.sql": "DROP TABLE users; SELECT 1;\n"})
        return report

    monkeypatch.setattr("surefoot.cli.rehearse.rehearse_all", meddling)
    said = lite("rehearse")
    assert said.code == 3
    assert "The folder changed while it was rehearsed" in said.err
    assert not (lite.cwd / PROOFS).exists()


def test_what_comes_after_a_migration_that_does_not_run_is_named(lite: Shell) -> None:
    lite.write({"002_orders.up.sql": "CREATE TABLE users (id int);"})
    said = lite("rehearse", "--json")
    assert said.code == 1
    assert versions(said) == ["001", "002"]
    assert [item["version"] for item in said.json["unreached"]] == ["003"]
    assert proofs(lite) == {"001": "proven", "002": "failing"}
    assert "1 not reached" in lite("rehearse").out


def test_a_secret_stands_in_no_report(lite: Shell) -> None:
    lite.environ["APP_PASSWORD"] = "hunter2-and-more"
    lite.write({"004_secret.up.sql": "CREATE TABLE x (id int DEFAULT 'hunter2-and-more');"})
    for form in ("json", "markdown", "html", "sarif"):
        lite("rehearse", "--report", form, "--output", "report")
        assert "hunter2" not in (lite.cwd / "report").read_text()
    said = lite("rehearse", "--details")
    assert "DEFAULT '***'" in said.out
    assert "hunter2" not in said.out


def test_an_error_of_the_shadow_is_one_like_any_other(lite: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object) -> None:
        raise SurefootError("No shadow.", hint="Make room.")

    monkeypatch.setattr("surefoot.cli.rehearse.rehearse_all", refused)
    assert lite("rehearse", "--json").error["message"] == "No shadow."


CHILD = "import sys; from surefoot.cli.main import main; main(sys.argv[1:])"


def test_ctrl_c_removes_the_shadow_and_says_so(lite: Shell, tmp_path: Path) -> None:
    lite.write({
        f"{number:04}_t.up.sql": f"CREATE TABLE t{number} (id int);" for number in range(10, 400)
    })  # fmt: skip
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    environ = {**os.environ, "SUREFOOT_DIALECT": "sqlite", "TMPDIR": str(scratch)}
    environ.pop("DATABASE_URL", None)
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, "rehearse"],
        cwd=lite.cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    for _ in range(3):
        child.stdout.readline()
    child.send_signal(signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "error[cancelled] Cancelled after " in told
    assert "of 393 migrations: the shadow database is gone, and no proof was written." in told
    assert list(scratch.iterdir()) == []
    assert not (lite.cwd / PROOFS).exists()


def test_on_postgres_the_locks_are_told_and_the_proofs_let_up_run(shop: Shell) -> None:
    shop.write({"003_note.up.sql": "ALTER TABLE users ADD COLUMN note text;"})
    shop.write({"003_note.down.sql": "ALTER TABLE users DROP COLUMN note;"})
    said = shop.ok("rehearse")
    assert "✓ 3 proven in " in said.out
    assert "✓  003      note    proven" in said.out
    assert "AccessExclusive" in said.out
    shop.ok("up", "--require-proof")


@pytest.mark.parametrize("way", ["flag", "setting", "environment"])
def test_up_refuses_what_is_not_proven_where_proof_is_required(lite_target: Shell, way: str) -> None:
    argv: tuple[str, ...] = ("up",)
    if way == "flag":
        argv = ("up", "--require-proof")
    elif way == "setting":
        (lite_target.cwd / "surefoot.toml").write_text("require_proof = true\n")
    else:
        lite_target.environ["SUREFOOT_REQUIRE_PROOF"] = "true"
    said = lite_target(*argv, "--json")
    assert (said.code, said.error["code"], said.error["version"]) == (3, "not-proven", "001")
    assert "surefoot rehearse" in said.error["hint"]
    lite_target.ok("rehearse")
    lite_target.ok(*argv)


def test_proof_may_be_required_in_one_environment_only(lite_target: Shell) -> None:
    url = lite_target.environ.pop("DATABASE_URL")
    (lite_target.cwd / "surefoot.toml").write_text(
        f'[env.test]\nurl = "{url}"\n'
        f'[env.production]\nurl = "{url}"\nrequire_proof = true\naccept = ["proven", "lossy"]\n'
    )
    lite_target.write(LOSSY)
    assert lite_target("up", "--env", "production").code == 3
    lite_target("rehearse", "--env", "test")
    lite_target.ok("up", "--env", "production")


def test_without_the_demand_up_asks_for_no_proof(lite_target: Shell) -> None:
    lite_target.ok("up")


def test_taking_back_and_redo_under_the_demand(lite_target: Shell) -> None:
    lite_target.environ["SUREFOOT_REQUIRE_PROOF"] = "true"
    lite_target.ok("rehearse")
    lite_target.ok("up")
    lite_target.ok("redo", "--yes")
    (lite_target.cwd / PROOFS).unlink()
    assert lite_target("redo", "--yes").code == 3
    lite_target.ok("down", "--yes")


def test_status_tells_of_proofs_once_there_are_some(lite_target: Shell) -> None:
    assert all("proof" not in row for row in lite_target.ok("status", "--json").json["migrations"])
    lite_target.write(LOSSY)
    lite_target("rehearse")
    lite_target.write({"002_orders.down.sql": "DROP TABLE orders; SELECT 1;", **NO_DOWN})
    rows = {row["version"]: row["proof"] for row in lite_target.ok("status", "--json").json["migrations"]}
    assert rows["001"] == [{"engine": "sqlite 3", "verdict": "proven", "void": None}]
    assert rows["002"][0]["void"] == "the down was edited since"
    assert rows["003"][0]["void"] == "002 orders before it: the down was edited since"
    assert rows["006"] == []
    said = lite_target.ok("status").out
    assert "pending      001 users   rehearsed: proven on sqlite 3\n" in said
    assert "pending      004 purge   rehearsed: lossy (void) on sqlite 3\n" in said
    assert "pending      006 places  not rehearsed\n" in said
