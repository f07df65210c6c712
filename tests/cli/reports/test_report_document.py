"""The JSON document of a rehearsal is what its schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from surefoot.cli.reports.document import document
from surefoot.engine.rehearsal.model import Report
from tests.cli.reports.samples import ALL_PROVEN, EVERYTHING, FAIL_ON, hostile, report

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "reference" / "rehearsal.schema.json").read_text())
VALIDATOR = Draft202012Validator(SCHEMA)


def plain(found: Report) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(document(found, FAIL_ON, "surefoot.proof.json")))
    return made


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("found", [EVERYTHING, ALL_PROVEN, report(), hostile("\x00")])
def test_a_report_is_what_the_schema_says(found: Report) -> None:
    VALIDATOR.validate(plain(found))


@pytest.mark.parametrize("key", ["version", "name", "verdict", "differences", "effects", "warnings"])
def test_the_schema_asks_for_what_a_reader_counts_on(key: str) -> None:
    made = plain(EVERYTHING)
    del made["migrations"][0][key]
    with pytest.raises(ValidationError):
        VALIDATOR.validate(made)


def test_the_schema_describes_every_key() -> None:
    made = plain(EVERYTHING)
    for migration in made["migrations"]:
        migration["more"] = 1
    with pytest.raises(ValidationError):
        VALIDATOR.validate(made)


def test_a_migration_is_one_object_with_all_that_was_found() -> None:
    made = plain(EVERYTHING)
    assert made["passed"] is False
    assert made["counts"] == {"proven": 1, "lossy": 1, "different": 1, "irreversible": 1, "failing": 1}
    lossy, different, irreversible, failing = made["migrations"][1:]
    assert lossy["losses"][0] == {
        "table": "public.customers",
        "rows": 2,
        "of": 5,
        "columns": ["note", "name"],
        "left": 0,
    }
    assert lossy["effects"][0]["locks"] == [
        {"relation": "public.customers", "mode": "AccessExclusiveLock", "newly_taken": True}
    ]
    assert different["differences"][0] == {
        "kind": "column",
        "name": "public.orders.note",
        "change": "changed",
        "facts": [
            {"name": "default", "before": "'none'::text", "after": None},
            {"name": "not_null", "before": "true", "after": "false"},
        ],
    }
    assert (irreversible["passed"], irreversible["way_back"]["verdict"]) == (True, "lossy")
    assert (failing["passed"], failing["failure"]["line"]) == (False, 3)
    assert [effect["direction"] for effect in made["migrations"][0]["effects"]] == ["up", "up", "down"]
