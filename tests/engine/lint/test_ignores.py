"""Comments that ignore a rule: where they stand, what they hold for, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.lint.model import Options, Result
from tests.engine.lint.folders import lint_files

DROP = "DROP TABLE a;"
IGNORE = "-- surefoot: ignore ban-drop-table because nobody asks for it any more"


def linted(root: Path, sql: str, dialect: str = "postgres") -> Result:
    return lint_files(root, {"001_x.up.sql": sql, "001_x.down.sql": "SELECT 1;\n"}, Options(dialect))


def found(result: Result) -> list[tuple[int, str]]:
    return [(each.line, each.rule) for each in result.findings]


@pytest.mark.parametrize(
    "sql",
    [
        f"{IGNORE}\n{DROP}\n",
        f"{DROP} {IGNORE}\n",
        f"{IGNORE}\n-- It is empty.\n\n{DROP}\n",
        f"SELECT f();\n{IGNORE}\n{DROP}\n",
        f"DROP TABLE {IGNORE}\n a;\n",
        f"/* {IGNORE[3:]} */ {DROP}\n",
        "-- surefoot: ignore ban-drop-view, ban-drop-table because both are gone\nDROP VIEW b; DROP TABLE a;\n",
        "SELECT f();\n-- surefoot: ignore-file ban-drop-table because all of it goes\nDROP TABLE a;\nDROP TABLE b;\n",
        "-- squawk-ignore ban-drop-table\nDROP TABLE a;\n",
        "-- squawk-ignore-file\nDROP TABLE a;\nDROP VIEW b;\n",
    ],
)
def test_a_finding_is_ignored(sql: str, tmp_path: Path) -> None:
    result = linted(tmp_path, sql)
    assert found(result) == []
    assert "ban-drop-table" in {each.rule for each in result.ignored}


@pytest.mark.parametrize(
    "sql",
    [
        f"{IGNORE}\nSELECT f();\n{DROP}\n",
        f"{DROP}\n{IGNORE}\nSELECT f();\n",
        f"SELECT '{IGNORE}';\n{DROP}\n",
        f"SELECT $$\n{IGNORE}\n$$;\n{DROP}\n",
    ],
)
def test_an_ignore_holds_for_its_own_statement_and_within_no_text(sql: str, tmp_path: Path) -> None:
    assert "ban-drop-table" in {rule for _, rule in found(linted(tmp_path, sql))}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            f"-- surefoot: ignore ban-drop-table\n{DROP}\n",
            [(1, "ignore-without-reason"), (2, "ban-drop-table")],
        ),
        (
            f"-- surefoot: ignore ban-drop-table because\n{DROP}\n",
            [(1, "ignore-of-unknown-rule"), (1, "ignore-without-reason"), (2, "ban-drop-table")],
        ),
        (
            f"-- surefoot: ignore ban-drop-tabel because it is empty\n{DROP}\n",
            [(1, "ignore-of-unknown-rule"), (2, "ban-drop-table")],
        ),
        (f"-- surefoot: ignore because it is empty\n{DROP}\n", [(1, "ignore-of-unknown-rule"), (2, "ban-drop-table")]),
        (f"{IGNORE}\nSELECT f();\n", [(1, "ignore-without-effect")]),
        (f"SELECT f();\n{IGNORE}\n", [(2, "ignore-without-effect")]),
    ],
)
def test_an_ignore_that_is_wrong_is_a_finding_itself(sql: str, expected: list[tuple[int, str]], tmp_path: Path) -> None:
    assert found(linted(tmp_path, sql)) == expected


@pytest.mark.parametrize(("dialect", "comment"), [("mysql", "--"), ("mysql", "#"), ("sqlite", "--")])
def test_every_database_s_comments_are_read(dialect: str, comment: str, tmp_path: Path) -> None:
    sql = f"{comment} surefoot: ignore drop-table because it's empty\nDROP TABLE a;\n"
    assert found(linted(tmp_path, sql, dialect)) == []


def test_an_ignore_in_a_section_of_a_file_has_the_lines_of_the_file(tmp_path: Path) -> None:
    text = f"-- migrate:up\nSELECT f();\n{IGNORE}\n{DROP}\n-- migrate:down\n{IGNORE}\nSELECT f();\n"
    assert found(lint_files(tmp_path, {"1_x.sql": text})) == [(6, "ignore-without-effect")]


def test_an_ignore_is_no_directive_of_the_native_format(tmp_path: Path) -> None:
    result = linted(tmp_path, f"{IGNORE}\n-- surefoot: no-transaction\n{DROP}\n")
    assert found(result) == []
