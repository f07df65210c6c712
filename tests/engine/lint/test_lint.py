"""Linting a folder: levels, what is reported on, what a run would refuse, and how rules see the rest of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.findings import Finding, Level
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.lint.catalogue import RULES
from surefoot.engine.lint.examples import example
from surefoot.engine.lint.model import Options, Rule
from surefoot.engine.lint.run import lint
from surefoot.engine.lint.tokens import scan
from surefoot.errors import ConfigError
from tests.engine.lint.folders import lint_files, lint_up, rules_found

DROPS = {f"{number:03}_x.{way}.sql": f"DROP TABLE t{number};\n" for number in (1, 2) for way in ("up", "down")}
QUIET = Options(levels={"down-drops-more": "off"})


def test_a_finding_says_everything(tmp_path: Path) -> None:
    [found] = lint_up(tmp_path, "\nDROP TABLE a;\n")
    assert found == Finding(
        "ban-drop-table",
        Level.WARNING,
        "Dropping a table may break existing clients.",
        "First release an application that does without it; its rows are gone for good.",
        "001_x.up.sql",
        2,
        "001",
    )


@pytest.mark.parametrize("level", ["note", "warning", "error"])
def test_a_level_is_a_choice(level: str, tmp_path: Path) -> None:
    [found] = lint_up(tmp_path, "DROP TABLE a;\n", Options(levels={"ban-drop-table": level}))
    assert found.level == level


def test_a_rule_that_is_off_finds_nothing_and_one_that_was_off_does(tmp_path: Path) -> None:
    options = Options(levels={"ban-drop-table": "off", "prefer-bigint-over-int": "error"})
    assert rules_found(tmp_path, "DROP TABLE a;\nCREATE TABLE b (n int);\n", options) == ["prefer-bigint-over-int"]


@pytest.mark.parametrize(
    ("levels", "message", "hint"),
    [
        ({"ban-drop-tabel": "off"}, "a rule ban-drop-tabel", "Did you mean ban-drop-table?"),
        ({"ban-drop-table": "fatal"}, "fatal is not a level", "off, note, warning, error"),
        ({"x": "off"}, "a rule x", "lint-rules.md"),
    ],
)
def test_a_rule_or_level_that_there_is_not_is_an_error(
    levels: dict[str, str], message: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=message) as refused:
        lint_up(tmp_path, "SELECT 1;\n", Options(levels=levels))
    assert hint in refused.value.hint


def test_a_rule_of_another_database_may_have_a_level_too(tmp_path: Path) -> None:
    assert rules_found(tmp_path, "SELECT 1;\n", Options("sqlite", levels={"old-utf8": "off"})) == []


def test_only_some_migrations_or_files_are_reported_on(tmp_path: Path) -> None:
    assert [each.path for each in lint_files(tmp_path, DROPS, QUIET).findings] == ["001_x.up.sql", "002_x.up.sql"]
    second = lint_files(tmp_path, DROPS, Options(levels=QUIET.levels, versions=frozenset({"002"})))
    assert ([each.path for each in second.findings], second.files) == (["002_x.up.sql"], 2)
    one = lint_files(tmp_path, DROPS, Options(levels=QUIET.levels, files=frozenset({"001_x.up.sql"})))
    assert ([each.path for each in one.findings], one.files) == (["001_x.up.sql"], 1)


def test_a_rule_sees_the_folder_beyond_what_is_reported_on(tmp_path: Path) -> None:
    files = {
        "001_x.up.sql": "ALTER TABLE a ADD CONSTRAINT c CHECK (n > 0) NOT VALID;\n",
        "002_x.up.sql": "ALTER TABLE a VALIDATE CONSTRAINT c;\n",
    }
    assert lint_files(tmp_path, files, Options(versions=frozenset({"001"}))).findings == ()


@pytest.mark.parametrize(
    ("sql", "line", "message"),
    [
        ("SELECT 1;\nBEGIN;\nSELECT 2;\n", 2, "BEGIN"),
        ("SELECT 1;\n\\i other.sql\n", 2, "\\i is a command of the database's own client"),
        ("SELECT 1;\n\nSELECT 'x;\n", 3, "the string that begins here has no end"),
    ],
)
def test_what_a_run_would_refuse_is_a_finding(sql: str, line: int, message: str, tmp_path: Path) -> None:
    [found] = lint_up(tmp_path, sql)
    assert (found.rule, found.level, found.line) == ("refused", Level.ERROR, line)
    assert message in found.message
    assert not found.message.startswith("001")


def test_a_file_that_is_refused_for_its_transactions_is_linted_all_the_same(tmp_path: Path) -> None:
    assert rules_found(tmp_path, "BEGIN;\nDROP TABLE a;\nROLLBACK;\n") == ["refused", "ban-drop-table"]


def test_an_empty_migration_has_no_finding(tmp_path: Path) -> None:
    for dialect in ("postgres", "mysql", "sqlite"):
        assert (
            lint_files(tmp_path, {"001_x.up.sql": "", "001_x.down.sql": "-- nothing\n"}, Options(dialect)).findings
            == ()
        )


def test_a_folder_without_ways_back_is_not_asked_for_one(tmp_path: Path) -> None:
    files = {f"00{number}_x.up.sql": f"CREATE TABLE t{number} (id bigint);\n" for number in (1, 2, 3)}
    assert lint_files(tmp_path, files).findings == ()


@pytest.mark.parametrize(
    ("up", "down"),
    [
        ("CREATE TABLE public.a (n int)", "DROP TABLE a"),
        ("CREATE TABLE a (n int)", "DROP TABLE IF EXISTS public.a"),
        ("CREATE INDEX ON a (n)", "DROP INDEX a_n_idx"),
        ("CREATE INDEX i ON s.a (n)", "DROP INDEX s.i"),
        ("CREATE TYPE s.e AS ENUM ('x')", "DROP TYPE s.e"),
        ("CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n'", "DROP FUNCTION f(int)"),
        ("CREATE VIEW v AS SELECT 1 AS n", "DROP VIEW v"),
        ("CREATE TABLE a AS SELECT 1 AS n", "DROP TABLE a"),
        ("ALTER TABLE a ADD COLUMN n int", "ALTER TABLE a DROP COLUMN n"),
        ("ALTER TABLE a RENAME COLUMN m TO n", "ALTER TABLE a DROP COLUMN n"),
        ("ALTER TABLE a RENAME TO b", "DROP TABLE b"),
        ("DO $$ BEGIN EXECUTE 'CREATE TABLE a (n int)'; END $$", "DROP TABLE a"),
        ("SELECT make_everything()", "DROP TABLE a"),
        ("CREATE TABLE b (n int)", "CREATE TABLE c (n int); DROP TABLE c; DROP TABLE b"),
        ("CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f()", "DROP TRIGGER t ON a"),
        ("CREATE POLICY p ON a", "DROP POLICY p ON a"),
        ("CREATE EXTENSION citext", "DROP EXTENSION citext"),
        ("CREATE SCHEMA s", "DROP SCHEMA s"),
        ("CREATE SEQUENCE s", "DROP SEQUENCE s"),
        ("CREATE DOMAIN d AS int", "DROP DOMAIN d"),
    ],
)
def test_a_down_may_drop_what_its_up_made(up: str, down: str, tmp_path: Path) -> None:
    files = {"001_x.up.sql": f"{up};\n", "001_x.down.sql": f"{down};\n"}
    found = lint_files(tmp_path, files).findings
    assert "down-drops-more" not in {each.rule for each in found}


@pytest.mark.parametrize(
    ("dialect", "up", "down"),
    [
        ("mysql", "CREATE TABLE `a` (n int)", "DROP TABLE IF EXISTS `a`"),
        ("mysql", "ALTER TABLE a ADD COLUMN n int, ADD INDEX i (n)", "ALTER TABLE a DROP INDEX i, DROP COLUMN n"),
        ("mysql", "ALTER TABLE a ADD n int", "ALTER TABLE a DROP n"),
        ("mysql", "ALTER TABLE a CHANGE m n int", "ALTER TABLE a DROP COLUMN n"),
        ("mysql", "ALTER TABLE a ADD UNIQUE KEY k (n)", "DROP INDEX k ON a"),
        ("mysql", "RENAME TABLE a TO b", "DROP TABLE b"),
        ("mysql", "CREATE UNIQUE INDEX i ON a (n)", "DROP INDEX i ON a"),
        ("sqlite", 'CREATE TABLE IF NOT EXISTS "a" (n int)', "DROP TABLE a"),
        ("sqlite", "ALTER TABLE a RENAME TO b", "DROP TABLE b"),
        ("sqlite", "CREATE INDEX IF NOT EXISTS main.i ON a (n)", "DROP INDEX i"),
    ],
)
def test_so_may_it_on_other_databases(dialect: str, up: str, down: str, tmp_path: Path) -> None:
    files = {"001_x.up.sql": f"{up};\n", "001_x.down.sql": f"{down};\n"}
    found = lint_files(tmp_path, files, Options(dialect)).findings
    assert "down-drops-more" not in {each.rule for each in found}


OF_ONE_DATABASE = [each for each in RULES if each.kinds and each.dialect]


@pytest.mark.parametrize("rule", OF_ONE_DATABASE, ids=lambda each: f"{each.dialect}-{each.name}")
def test_no_rule_fails_on_half_a_statement(rule: Rule, tmp_path: Path) -> None:
    text = example(rule, "bad")
    ends = [token.at for token in scan(rule.dialect, text)]
    files = {f"{number:04}_x.up.sql": text[:end] for number, end in enumerate(ends)}
    levels = {each.name: "note" for each in RULES if not each.squawk}
    lint_files(tmp_path, files, Options(rule.dialect, levels=levels))


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t OF ty (id WITH OPTIONS PRIMARY KEY)",
        "ALTER TABLE ALL IN TABLESPACE x SET TABLESPACE y",
        "GRANT ALL ON ALL TABLES IN SCHEMA s TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
        "GRANT r TO CURRENT_USER",
        "DROP OPERATOR + (int, int) CASCADE",
        "DROP CAST (int AS text)",
        "DROP OWNED BY x CASCADE",
        "ALTER TYPE t DROP ATTRIBUTE x CASCADE",
        "ALTER TABLE t ADD CHECK (x > 0) NOT VALID",
        "WITH d AS (DELETE FROM x RETURNING *) SELECT * FROM d",
        "INSERT INTO t DEFAULT VALUES",
        "ALTER USER x PASSWORD NULL",
        "VACUUM",
        "CLUSTER",
    ],
)
def test_no_rule_fails_on_an_unusual_statement(sql: str, tmp_path: Path) -> None:
    found = lint_up(tmp_path, f"{sql};\n")
    assert "syntax-error" not in {each.rule for each in found}


def test_the_example_shop_has_few_findings_and_none_of_level_error() -> None:

    found = lint(read_folder(Path(__file__).parents[3] / "examples" / "webshop" / "migrations"), Options()).findings
    assert len(found) <= 12
    assert {each.level for each in found} == {Level.WARNING, Level.NOTE}
