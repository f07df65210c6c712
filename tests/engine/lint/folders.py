"""What the tests of the rules share: folders of migrations made of a few texts."""

from __future__ import annotations

from pathlib import Path

from surefoot.engine.findings import Finding
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.lint.examples import NEXT, example
from surefoot.engine.lint.model import Options, Result, Rule
from surefoot.engine.lint.run import lint
from tests.cli.shell import write

UP, DOWN = "-- migrate:up\n", "-- migrate:down\n"


def lint_files(root: Path, files: dict[str, str], options: Options | None = None) -> Result:
    """Write a folder and lint it."""
    write(root, files)
    return lint(read_folder(root), options or Options())


def lint_up(root: Path, sql: str, options: Options | None = None) -> tuple[Finding, ...]:
    """The findings of a single migration, whose down does nothing."""
    return lint_files(root, {"001_x.up.sql": sql, "001_x.down.sql": "SELECT 1;\n"}, options).findings


def rules_found(root: Path, sql: str, options: Options | None = None) -> list[str]:
    """The names of the rules that find something in a single migration."""
    return [finding.rule for finding in lint_up(root, sql, options)]


def write_example(root: Path, rule: Rule, which: str) -> None:
    """Write an example as a folder of dbmate's format: first what it needs, then the migrations that it consists of."""
    texts = [example(rule, "given"), *example(rule, which).split(NEXT)]
    write(root, {f"{number:03}_{which}.sql": _both_ways(text) for number, text in enumerate(texts)})


def _both_ways(text: str) -> str:
    return text if text.startswith(UP) else f"{UP}{text}{DOWN}"


def marked(root: Path) -> set[tuple[str, int]]:
    """The lines of a folder that are marked as found."""
    lines = ((path, enumerate(path.read_text().splitlines(), 1)) for path in root.iterdir())
    return {(path.name, number) for path, each in lines for number, line in each if line.endswith("-- found")}
