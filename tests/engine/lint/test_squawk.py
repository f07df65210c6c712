"""squawk's part: what it is given, how its places come back, and where it is not believed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest

from surefoot.engine.findings import Level
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.lint import squawk
from surefoot.engine.lint.catalogue import RULES
from surefoot.engine.lint.model import Options
from surefoot.engine.lint.run import lint
from surefoot.errors import ToolFailed
from tests.engine.lint.folders import lint_files, lint_up, marked, rules_found, write_example

SQUAWK = [rule for rule in RULES if rule.squawk]
BAD_INDEX = "CREATE INDEX orders_total ON orders (total);\n"
INDEX = "require-concurrent-index-creation"


def places(findings: object, rule: str) -> list[tuple[str, int]]:
    assert isinstance(findings, tuple)
    return [(each.path, each.line) for each in findings if each.rule == rule]


def test_squawk_has_every_rule_that_we_name(tmp_path: Path) -> None:
    (tmp_path / "x.sql").write_text("SELECT 1;\n")
    command = [str(squawk.program()), "--include", ",".join(rule.name for rule in SQUAWK), "x.sql"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("rule", [r for r in RULES if r.dialect == "postgres" and r.kinds], ids=lambda r: r.name)
def test_our_own_rules_say_what_squawk_does_not(rule: object, tmp_path: Path) -> None:
    write_example(tmp_path, rule, "bad")  # type: ignore[arg-type]  # parametrize takes any object
    # A dropped table is a loss by itself; that CASCADE takes more with it is ours.
    both = {"ban-drop-table"} if getattr(rule, "name", "") == "drop-cascade" else set()
    findings = lint(read_folder(tmp_path), Options()).findings
    names = {each.rule for each in findings if (each.path, each.line) in marked(tmp_path)}
    assert names & {each.name for each in SQUAWK} == both


def test_findings_have_the_lines_of_the_file(tmp_path: Path) -> None:
    text = f"-- über\n\n/* x\n */ {BAD_INDEX}\nSELECT 1; /* é */ DROP TABLE a; ALTER TABLE b\n  RENAME TO c;\n"
    found = lint_up(tmp_path, text)
    assert [(each.line, each.rule) for each in found] == [(4, INDEX), (6, "ban-drop-table"), (7, "renaming-table")]


def test_a_section_of_a_file_keeps_its_lines(tmp_path: Path) -> None:
    text = f"-- migrate:up\n{BAD_INDEX}-- migrate:down\n\n{BAD_INDEX}"
    assert places(lint_files(tmp_path, {"1_x.sql": text}).findings, INDEX) == [("1_x.sql", 2), ("1_x.sql", 5)]


def test_statements_that_the_format_marked_keep_their_lines(tmp_path: Path) -> None:
    text = f"-- +goose Up\n-- +goose StatementBegin\nSELECT f();\n-- +goose StatementEnd\n\n{BAD_INDEX}"
    assert places(lint_files(tmp_path, {"1_x.sql": text}).findings, INDEX) == [("1_x.sql", 6)]


def test_data_of_a_copy_and_commands_of_psql_are_not_read_as_sql(tmp_path: Path) -> None:
    text = f"\\set ON_ERROR_STOP on\nCOPY a FROM stdin;\nit's\n\\.\n{BAD_INDEX}"
    assert [(each.line, each.rule) for each in lint_up(tmp_path, text)] == [(5, INDEX)]


def test_what_a_migration_makes_itself_is_nobody_elses_yet(tmp_path: Path) -> None:
    table = "CREATE TABLE orders (id bigint, total bigint);\n"
    view = "CREATE MATERIALIZED VIEW sums AS SELECT id, total FROM orders;\nCREATE INDEX sums_id ON sums (id);\n"
    assert lint_up(tmp_path, f"{table}{BAD_INDEX}{view}") == ()


def test_a_table_that_comes_and_goes_in_a_migration_is_no_loss(tmp_path: Path) -> None:
    assert lint_up(tmp_path, "CREATE TEMPORARY TABLE few AS SELECT f();\nDROP TABLE few;\n") == ()


def test_that_a_script_runs_outside_of_a_transaction_changes_nothing(tmp_path: Path) -> None:
    sql = "-- surefoot: no-transaction\nCREATE TABLE orders (id bigint, total bigint);\n" + BAD_INDEX
    assert lint_up(tmp_path, sql) == ()


@pytest.mark.parametrize(
    ("constraint", "rule"),
    [
        ("UNIQUE (total)", "disallowed-unique-constraint"),
        ("PRIMARY KEY (total)", "adding-serial-primary-key-field"),
        ("EXCLUDE (total WITH =)", "exclude-constraint"),
    ],
)
def test_not_valid_is_not_advised_where_postgresql_refuses_it(
    constraint: str, rule: str, tmp_path: Path, postgres18_url: str
) -> None:
    sql = f"ALTER TABLE orders ADD CONSTRAINT orders_total {constraint}"
    assert rules_found(tmp_path, f"{sql};\n") == [rule]
    with psycopg.connect(postgres18_url) as connection:
        connection.execute("CREATE TABLE orders (total bigint)")
        with pytest.raises(psycopg.errors.FeatureNotSupported, match="cannot be marked NOT VALID"):
            connection.execute(f"{sql} NOT VALID".encode())


def test_a_foreign_key_that_reads_is_found_once(tmp_path: Path) -> None:
    sql = "ALTER TABLE orders ADD CONSTRAINT o FOREIGN KEY (customer_id) REFERENCES customers (id);\n"
    assert rules_found(tmp_path, sql) == ["adding-foreign-key-constraint"]


@pytest.mark.parametrize(("head", "expected"), [("", ["constraint-missing-not-valid"]), ("no-transaction", [])])
def test_validating_at_once_matters_within_a_transaction_only(head: str, expected: list[str], tmp_path: Path) -> None:
    sql = (
        "ALTER TABLE orders ADD CONSTRAINT o CHECK (total > 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT o;\n"
    )
    assert rules_found(tmp_path, f"-- surefoot: {head}\n{sql}" if head else sql) == expected


def test_the_version_decides(tmp_path: Path) -> None:
    sql = "VACUUM FULL orders;\n"
    levels = {"prefer-repack": "note"}
    assert "prefer-repack" in rules_found(tmp_path / "19", sql, Options(pg_version=19, levels=levels))
    assert "prefer-repack" not in rules_found(tmp_path / "18", sql, Options(pg_version=18, levels=levels))


def test_what_is_valid_sql_the_servers_grammar_decides(tmp_path: Path) -> None:
    sql = "SELECT f();\nCREAT TABLE x (id int);\nDROP TABLE y;\n"
    found = lint_up(tmp_path, sql)
    assert [(each.line, each.rule, each.level) for each in found] == [
        (2, "syntax-error", Level.ERROR),
        (3, "ban-drop-table", Level.WARNING),
    ]
    assert found[0].message == 'Syntax error at or near "CREAT".'


def test_a_way_back_is_asked_for_its_locks_and_not_for_what_it_drops(tmp_path: Path) -> None:
    down = f"DROP TABLE vouchers;\n{BAD_INDEX}ALTER TABLE orders DROP COLUMN voucher;\n"
    up = "CREATE TABLE vouchers (id bigint);\nALTER TABLE orders ADD COLUMN voucher bigint;\n"
    found = lint_files(tmp_path, {"001_x.up.sql": up, "001_x.down.sql": down}).findings
    assert [(each.path, each.line, each.rule) for each in found] == [("001_x.down.sql", 2, INDEX)]


def test_a_project_s_own_settings_for_squawk_have_no_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".squawk.toml").write_text(f'excluded_rules = ["{INDEX}"]\n')
    monkeypatch.chdir(tmp_path)
    assert rules_found(tmp_path / "m", BAD_INDEX) == [INDEX]


def test_the_program_is_found_without_an_environment_around_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", "")
    assert squawk.program().is_file()


def test_a_program_that_fails_is_an_error_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    broken = tmp_path / "squawk"
    broken.write_text("#!/bin/sh\necho out of cheese >&2; exit 3\n")
    broken.chmod(0o755)
    with pytest.raises(ToolFailed, match="out of cheese"):
        lint_up(tmp_path / "m", BAD_INDEX)
    broken.write_text("no program\n")
    broken.chmod(0o644)
    with pytest.raises(ToolFailed, match="cannot be run"):
        lint_up(tmp_path / "m", BAD_INDEX)
