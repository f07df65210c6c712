"""Which rehearsals pass, and what becomes of them as findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from surefoot.cli.reports.findings import sarif
from surefoot.cli.reports.judgement import findings, passed
from surefoot.engine.findings import Finding, Level
from surefoot.engine.rehearsal.model import Crash, Phase, Rehearsed
from tests.cli.reports.samples import (
    DIFFERENT,
    EVERYTHING,
    FAIL_ON,
    FAILING,
    IRREVERSIBLE,
    LOSSY,
    PROVEN,
    UNREACHED,
    report,
)

QUIET = replace(LOSSY, warnings=(), crashes=())


@pytest.mark.parametrize(
    ("rehearsed", "fail_on", "expected"),
    [
        (PROVEN, FAIL_ON, True),
        (QUIET, FAIL_ON, False),
        (QUIET, ("different",), True),
        (DIFFERENT, FAIL_ON, False),
        (FAILING, FAIL_ON, False),
        (IRREVERSIBLE, FAIL_ON, True),
        (IRREVERSIBLE, ("irreversible",), False),
        (FAILING, (), True),
        (replace(PROVEN, warnings=(Finding("lock-budget", Level.ERROR, "too long"),)), (), False),
        (replace(PROVEN, warnings=(Finding("lock-budget", Level.WARNING, "long"),)), FAIL_ON, True),
        (replace(PROVEN, crashes=(Crash(Phase.UP, 1, False),)), FAIL_ON, False),
        (replace(PROVEN, crashes=(Crash(Phase.UP, 1, False),)), (), True),
        (replace(PROVEN, crashes=(Crash(Phase.UP, 1, True),)), FAIL_ON, True),
    ],
)
def test_what_passes(rehearsed: Rehearsed, fail_on: Sequence[str], expected: bool) -> None:
    assert passed(report(PROVEN, rehearsed), fail_on) is expected


def test_what_was_not_reached_does_not_pass() -> None:
    assert not passed(report(PROVEN, unreached=(UNREACHED,)), ())


def test_findings_name_verdict_what_was_found_and_the_place() -> None:
    found = {item.rule: item for item in findings(EVERYTHING, FAIL_ON)}
    assert list(found) == [
        "not-filled",
        "rehearsal-lossy",
        "rehearsal-no-recovery",
        "lock-budget-rewrite",
        "rehearsal-different",
        "rehearsal-irreversible",
        "rehearsal-failing",
        "not-rehearsed",
    ]
    assert found["rehearsal-lossy"].level is Level.ERROR
    assert "lost: 2 of 5 rows of public.customers: note, name" in found["rehearsal-lossy"].message
    assert (found["rehearsal-lossy"].path, found["rehearsal-lossy"].line) == ("split.up.sql", 1)
    assert found["rehearsal-irreversible"].level is Level.WARNING
    failing = found["rehearsal-failing"]
    assert (failing.path, failing.line) == ("20260109090000_rename_total.down.sql", 3)
    assert all(item.hint for item in findings(EVERYTHING, FAIL_ON) if item.level is not Level.NOTE)


def test_findings_become_sarif() -> None:
    results = sarif(findings(EVERYTHING, FAIL_ON))["runs"][0]["results"]
    assert [item["level"] for item in results].count("error") == 6
    place = results[1]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "split.up.sql"}, "region": {"startLine": 1}}


def test_a_proven_migration_is_no_finding() -> None:
    assert findings(report(replace(PROVEN, warnings=())), FAIL_ON) == []
