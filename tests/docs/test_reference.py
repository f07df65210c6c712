"""The reference says what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from surefoot.engine.history import History
from surefoot.engine.open import connect
from tests.docs.pages import ROOT

REFERENCE = ROOT / "docs" / "reference"
COLUMNS = {
    "postgres": "SELECT column_name FROM information_schema.columns WHERE table_schema = 'surefoot' "
    "AND table_name = %s ORDER BY ordinal_position",
    "mysql": "SELECT column_name FROM information_schema.columns WHERE table_schema = database() "
    "AND table_name = %s ORDER BY ordinal_position",
    "sqlite": "SELECT name FROM pragma_table_info(%s) ORDER BY cid",
}


def test_the_generated_pages_are_up_to_date(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts" / "reference"), str(tmp_path)], check=True)
    for made in sorted(tmp_path.iterdir()):
        assert (REFERENCE / made.name).read_text() == made.read_text(), f"{made.name}: run `make docs`"


@pytest.mark.parametrize("table", ["surefoot_history", "surefoot_journal", "surefoot_format"])
def test_the_page_of_the_history_names_every_column(any_url: str, table: str) -> None:
    with connect(any_url) as target:
        History(target, "shop", "somebody").ensure()
        columns = [row[0] for row in target.query(COLUMNS[target.dialect], (table,))]
    assert columns
    # MariaDB's stand-in for a condition of an index, which the page explains below the table.
    assert [column for column in columns if column != "live"] == documented(table)


def documented(table: str) -> list[str]:
    """The columns that the page's section on the table names."""
    page = (REFERENCE / "history-table.md").read_text()
    section = page.partition(f"## {table}\n")[2].partition("\n## ")[0]
    return [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
