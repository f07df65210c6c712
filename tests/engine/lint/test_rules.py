"""Each rule finds its bad example, at the line that is marked, and not its good one; both run on a real database."""

from __future__ import annotations

from pathlib import Path

import pytest

from surefoot.engine.api import Project, connect, up
from surefoot.engine.findings import Level
from surefoot.engine.formats.folder import read_folder
from surefoot.engine.lint.catalogue import NAMES, RULES, levels_of
from surefoot.engine.lint.examples import example
from surefoot.engine.lint.model import Options, Rule
from surefoot.engine.lint.run import lint
from tests.databases import Databases
from tests.engine.lint.folders import marked, write_example

OWN = [rule for rule in RULES if rule.kinds]
SERVERS = {"postgres": ("pg16", "pg18"), "mysql": ("mariadb",), "sqlite": ("sqlite",)}
ON_SERVERS = [
    pytest.param(rule, kind, id=f"{rule.name}-{kind}")
    for rule in OWN
    for dialect, kinds in SERVERS.items()
    for kind in kinds
    if rule.dialect in ("", dialect)
]


def dialect_of(kind: str) -> str:
    return next(dialect for dialect, kinds in SERVERS.items() if kind in kinds)


def places(root: Path, rule: Rule, dialect: str) -> set[tuple[str, int]]:
    """Where the rule finds something in a folder."""
    options = Options(dialect, levels={rule.name: str(rule.level if rule.level is not Level.OFF else Level.NOTE)})
    return {(found.path, found.line) for found in lint(read_folder(root), options).findings if found.rule == rule.name}


@pytest.mark.parametrize(("rule", "kind"), ON_SERVERS)
def test_the_bad_example_is_found_at_its_line_and_both_examples_run(
    rule: Rule, kind: str, databases: Databases, tmp_path: Path
) -> None:
    for which in ("bad", "good"):
        root, scratch = tmp_path / which, tmp_path / f"{which}-scratch"
        scratch.mkdir()
        write_example(root, rule, which)
        assert places(root, rule, dialect_of(kind)) == marked(root)
        with databases.fresh(kind, scratch) as url, connect(url) as target:
            up(target, Project(root, format="dbmate"))
    assert len(marked(tmp_path / "bad")) == 1
    assert not marked(tmp_path / "good")


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: f"{rule.dialect or 'any'}-{rule.name}")
def test_a_good_example_has_no_finding_but_notes_of_another_rule(rule: Rule, tmp_path: Path) -> None:
    write_example(tmp_path, rule, "good")
    found = lint(read_folder(tmp_path), Options(rule.dialect or "postgres")).findings
    given = "000_good.sql"
    assert [each.rule for each in found if each.level is Level.ERROR and each.path != given] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.dialect or 'any'}-{rule.name}")
def test_a_rule_says_what_it_is_and_what_to_do(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert bool(rule.kinds) == bool(example(rule, "bad")) == bool(example(rule, "good"))
    if not rule.squawk:
        assert rule.why.endswith(".")
        assert rule.hint.endswith(".")


def test_a_rule_of_several_databases_weighs_the_same_and_no_name_is_used_twice_on_one() -> None:
    for name in NAMES:
        same = [rule for rule in RULES if rule.name == name]
        assert len({rule.level for rule in same}) == 1
        assert len({rule.dialect for rule in same}) == len(same)
    for dialect in SERVERS:
        assert len(levels_of(dialect, {})) == len([rule for rule in RULES if rule.dialect in ("", dialect)])
