"""A bad and a good example of each of our own rules: what tests run, the docs show, and a report explains with.

In a folder of the rule's name: `bad.sql`, in which the line that is found ends with `-- found`; `good.sql`; and
`given.sql`, the migration before them, where there has to be one. `-- next migration` stands between two migrations;
with dbmate's markers an example has two ways.
"""

from __future__ import annotations

from importlib import resources

from surefoot.engine.lint.model import Rule

NEXT = "-- next migration\n"


def example(rule: Rule, which: str) -> str:
    """An example's text; empty where there is none."""
    place = resources.files(__name__) / (rule.dialect or "any") / rule.name / f"{which}.sql"
    return place.read_text(encoding="utf-8") if place.is_file() else ""
