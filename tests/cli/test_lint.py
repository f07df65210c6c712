"""`lint`: what is looked at, what it says in each shape, and with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import SHOP, USERS, Shell, write
from tests.cli.test_start_up import loaded

DROP = {"003_drop.up.sql": "\nDROP TABLE orders;\n", "003_drop.down.sql": "CREATE TABLE orders (id int PRIMARY KEY);\n"}
REQUIRED = {"004_more.up.sql": "ALTER TABLE orders ADD COLUMN n int NOT NULL;\n", "004_more.down.sql": "SELECT 1;\n"}
BAN = "ban-drop-table"


@pytest.fixture
def drop(bare: Shell) -> Shell:
    """A command line without a database, and a folder whose third migration drops a table."""
    bare.write(SHOP | DROP)
    return bare


def config(shell: Shell, text: str) -> None:
    (shell.cwd / "surefoot.toml").write_text(text)


def test_a_finding_says_where_what_and_what_to_do(drop: Shell) -> None:
    said = drop.ok("lint")
    assert said.out == (
        "migrations/003_drop.up.sql:2  warning  ban-drop-table\n"
        "    Dropping a table may break existing clients.\n"
        "    next  First release an application that does without it; its rows are gone for good.\n"
        "\n"
        "! 6 files: 1 warning · PostgreSQL 18 (the newest)\n"
    )


def test_nothing_found_is_one_line(bare: Shell) -> None:
    bare.write(SHOP)
    assert bare.ok("lint").out == "✓ 4 files: nothing found · PostgreSQL 18 (the newest)\n"


def test_what_to_do_is_said_once_a_rule_and_files_stand_apart(drop: Shell) -> None:
    drop.write({"005_again.up.sql": "DROP TABLE a;\nDROP TABLE b;\n", "005_again.down.sql": "SELECT 1;\n"})
    lines = drop.ok("lint").out.splitlines()
    assert len([line for line in lines if "next" in line]) == 1
    assert lines.index("") == 3
    assert lines[4].startswith("migrations/005_again.up.sql:1 ")
    assert lines[6].startswith("migrations/005_again.up.sql:2 ")


def test_the_report_fits_100_columns(drop: Shell) -> None:
    drop.write({"005_x.up.sql": "ALTER TABLE orders ALTER COLUMN id TYPE bigint;\n", "005_x.down.sql": "SELECT 1;\n"})
    assert max(len(line) for line in drop.ok("lint").out.splitlines()) <= 100


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        ((), 0),
        (("--strict",), 1),
        (("--level", "warning"), 1),
        (("--level", "note"), 1),
        (("--level", "error"), 0),
        (("--level", "error", "--strict"), 0),
    ],
)
def test_the_exit_code_depends_on_the_gravest_finding(argv: tuple[str, ...], code: int, drop: Shell) -> None:
    assert drop("lint", *argv).code == code


def test_an_error_fails(drop: Shell) -> None:
    drop.write(REQUIRED)
    said = drop("lint")
    assert said.code == 1
    assert said.out.splitlines()[-1].startswith("✗ 8 files: 1 error, 1 warning ")


def test_the_configuration_chooses_levels_for_each_environment(drop: Shell) -> None:
    config(drop, f'[lint]\n{BAN} = "off"\n[env.production.lint]\n{BAN} = "error"\n')
    assert drop.ok("lint").out.startswith("✓")
    assert drop("lint", "--env", "production").code == 1


def test_a_rule_that_there_is_not_gets_a_suggestion(drop: Shell) -> None:
    config(drop, '[lint]\nban-drop-tabel = "off"\n')
    said = drop("lint")
    assert said.code == 2
    assert "Did you mean ban-drop-table?" in said.err


def test_an_ignore_is_counted(drop: Shell) -> None:
    drop.write({"003_drop.up.sql": f"-- surefoot: ignore {BAN} because nobody asks for it\nDROP TABLE orders;\n"})
    assert drop.ok("lint").out.startswith("✓ 6 files: nothing found, 1 ignored ")


@pytest.mark.parametrize("name", ["migrations/003_drop.up.sql", "./migrations/../migrations/003_drop.up.sql"])
def test_some_files(name: str, drop: Shell) -> None:
    drop.write(REQUIRED)
    said = drop.ok("lint", name)
    assert said.out.splitlines()[-1].startswith("! 1 file: 1 warning ")


def test_a_directory_is_all_that_is_in_it(bare: Shell) -> None:
    write(bare.cwd / "migrations", {"2026-01-01-000000_a/up.sql": "DROP TABLE a;", "2026-01-01-000000_a/down.sql": ""})
    write(bare.cwd / "migrations", {"2026-01-02-000000_b/up.sql": "DROP TABLE b;", "2026-01-02-000000_b/down.sql": ""})
    assert " 2 files: 1 warning " in bare.ok("lint", "migrations/2026-01-02-000000_b").out
    assert " 4 files: 2 warnings " in bare.ok("lint", "migrations").out


@pytest.mark.parametrize("name", ["migrations/009_none.up.sql", "elsewhere.sql", "/"])
def test_a_file_of_another_place_is_refused(name: str, drop: Shell) -> None:
    said = drop("lint", name)
    assert said.code == 2
    assert f"{name} is not a file of the migrations in migrations." in said.err


def test_only_what_is_pending(shop: Shell) -> None:
    shop.write(DROP)
    shop.ok("up", "--steps", "2")
    assert " 2 files: 1 warning " in shop.ok("lint", "--pending").out
    shop.ok("up")
    assert " 0 files: nothing found " in shop.ok("lint", "--pending").out


def test_pending_needs_a_target(drop: Shell) -> None:
    assert drop("lint", "--pending").code == 2
    drop.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/x"
    assert drop("lint", "--pending").code == 6


def test_the_target_tells_its_version(bare: Shell, postgres_url: str) -> None:
    bare.write(SHOP)
    bare.environ["DATABASE_URL"] = postgres_url
    assert re.search(r"· PostgreSQL 1[68] \(the target\)$", bare.ok("lint").out)
    assert bare.ok("lint", "--pg-version", "15.4").out.endswith("· PostgreSQL 15 (--pg-version)\n")


def test_a_target_that_does_not_answer_is_not_waited_for(drop: Shell) -> None:
    drop.environ["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/x"
    assert drop.ok("lint").out.endswith("· PostgreSQL 18 (the newest)\n")


def test_what_is_no_version_is_refused(drop: Shell) -> None:
    assert "next is not a version of PostgreSQL." in drop("lint", "--pg-version", "next").err


@pytest.mark.parametrize(
    ("url", "rule", "product"),
    [
        ("sqlite:///x.db", "drop-table", "SQLite"),
        ("mysql://nobody@127.0.0.1:1/x", "drop-table", "MariaDB and MySQL"),
        ("", BAN, "PostgreSQL 18 (the newest)"),
    ],
)
def test_the_url_says_which_rules_hold(url: str, rule: str, product: str, drop: Shell) -> None:
    drop.environ["DATABASE_URL"] = url
    said = drop.ok("lint").out
    assert f"warning  {rule}\n" in said
    assert said.endswith(f" · {product}\n")
    assert not (drop.cwd / "x.db").exists()


def test_without_a_url_the_configuration_says_it(drop: Shell) -> None:
    config(drop, 'dialect = "sqlite"\n')
    assert drop.ok("lint").out.endswith(" · SQLite\n")


def test_the_folder_may_be_anywhere(drop: Shell, tmp_path: Path) -> None:
    write(tmp_path / "other place", DROP)
    said = drop.ok("lint", "--dir", str(tmp_path / "other place"))
    assert said.out.startswith(f"{tmp_path}/other place/003_drop.up.sql:2  ")
    [located] = sarif(drop, "--dir", str(tmp_path / "other place"))["runs"][0]["results"][0]["locations"]
    assert located["physicalLocation"]["artifactLocation"]["uri"].startswith("file:///")
    assert located["physicalLocation"]["artifactLocation"]["uri"].endswith("/other%20place/003_drop.up.sql")


@pytest.mark.parametrize("argv", [("--json",), ("--report", "json"), ("--json", "--report", "json")])
def test_json_has_stable_keys(argv: tuple[str, ...], drop: Shell) -> None:
    document = drop.ok("lint", *argv).json
    assert document == {
        "kind": "lint",
        "dialect": "postgres",
        "pg_version": 18,
        "files": 6,
        "findings": [
            {
                "rule": BAN,
                "level": "warning",
                "message": "Dropping a table may break existing clients.",
                "hint": "First release an application that does without it; its rows are gone for good.",
                "path": "migrations/003_drop.up.sql",
                "line": 2,
                "version": "003",
            }
        ],
        "counts": {"error": 0, "warning": 1, "note": 0},
        "ignored": 0,
    }


@pytest.mark.parametrize("form", ["text", "sarif", "github"])
def test_two_documents_at_once_are_refused(form: str, drop: Shell) -> None:
    said = drop("lint", "--json", "--report", form)
    assert (said.code, said.error["code"]) == (2, "usage")


def test_commands_for_github(drop: Shell) -> None:
    drop.write({"004_a,b.up.sql": 'DROP TABLE "100%";\n', "004_a,b.down.sql": "CREAT\n"})
    lines = drop("lint", "--report", "github").out.splitlines()
    assert lines[0] == (
        "::warning file=migrations/003_drop.up.sql,line=2,title=ban-drop-table::Dropping a table may break existing "
        "clients. First release an application that does without it; its rows are gone for good."
    )
    assert lines[-1].startswith("::error file=migrations/004_a%2Cb.down.sql,line=1,title=syntax-error::Syntax error at")


def sarif(shell: Shell, *argv: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(shell("lint", "--report", "sarif", *argv).out)
    return document


# What the standard's schema asks of what we write, and what GitHub asks beyond it (help, a location, a region).
MESSAGE = {"text": str}
SCHEMA: dict[str, Any] = {
    "$schema": str,
    "version": str,
    "runs": [
        {
            "tool": {
                "driver": {
                    "name": str,
                    "version": str,
                    "rules": [{"id": str, "shortDescription": MESSAGE, "help": {"text": str, "markdown": str}}],
                }
            },
            "columnKind": str,
            "results": [
                {
                    "ruleId": str,
                    "ruleIndex": int,
                    "level": str,
                    "message": MESSAGE,
                    "locations": [
                        {"physicalLocation": {"artifactLocation": {"uri": str}, "region": {"startLine": int}}}
                    ],
                    "properties": {"migration": str},
                }
            ],
        }
    ],
}


def fits(value: Any, schema: Any) -> bool:
    """Whether a value has exactly the shape of a schema: every key of an object, every item of a list."""
    if isinstance(schema, dict):
        return (
            isinstance(value, dict) and value.keys() == schema.keys() and all(fits(value[k], schema[k]) for k in schema)
        )
    if isinstance(schema, list):
        return isinstance(value, list) and all(fits(item, schema[0]) for item in value)
    return isinstance(value, schema) and value != ""


def test_sarif_is_valid_and_explains_its_rules(drop: Shell) -> None:
    drop.write(
        REQUIRED | {"005_all.up.sql": "UPDATE orders SET n = 0;\n", "005_all.down.sql": "UPDATE orders SET n = 1;\n"}
    )
    log = sarif(drop)
    assert fits(log, SCHEMA)
    assert log["version"] == "2.1.0"
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [BAN, "adding-required-field", "whole-table-write"]
    assert [result["level"] for result in run["results"]] == ["warning", "error", "warning"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert run["results"][1]["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}
    assert "```sql\nUPDATE orders SET currency = 'EUR'; -- found\n```" in rules[2]["help"]["markdown"]


def test_sarif_without_findings_is_valid(bare: Shell) -> None:
    bare.write(SHOP)
    log = sarif(bare)
    assert fits(log, SCHEMA)
    assert log["runs"][0]["results"] == []


def test_no_other_command_loads_it(shop: Shell) -> None:
    modules = loaded(shop.cwd, "status", url=shop.environ["DATABASE_URL"])
    assert [name for name in modules if name.startswith("surefoot.engine.lint")] == []


def test_no_secret_is_shown(bare: Shell) -> None:
    config(bare, 'folder_format = "flyway"\n[variables]\ndb_password = "canary-table"\n')
    bare.write({"V1__x.sql": 'DROP TABLE a;\nUPDATE "${db_password}" SET n = 1;\n'})
    for form in ("text", "json", "sarif", "github"):
        said = bare.ok("lint", "--report", form)
        assert "canary" not in said.out
        assert "UPDATE of every row of ***" in said.out


def test_a_name_cannot_give_the_terminal_a_command(bare: Shell) -> None:
    bare.write({f"{USERS}.up.sql": 'UPDATE "\033[31mred" SET n = 1;\n', f"{USERS}.down.sql": "SELECT 1;\n"})
    assert "\033" not in bare.ok("lint").out
