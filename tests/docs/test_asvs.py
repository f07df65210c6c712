"""The security checklist's page says what the tests prove, and every item has a test that does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "security" / "asvs.md"


def test_every_item_has_a_test_and_the_page_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "asvs.md"
    written = subprocess.run(
        [sys.executable, ROOT / "scripts" / "asvs", made], capture_output=True, text=True, check=False
    )
    assert (written.returncode, written.stderr) == (0, "")
    assert PAGE.read_text() == made.read_text(), "run `make docs`"


def test_a_mark_that_is_no_item_and_an_item_without_a_mark_are_errors(tmp_path: Path) -> None:
    script = tmp_path / "scripts" / "asvs"
    script.parent.mkdir()
    script.write_text((ROOT / "scripts" / "asvs").read_text())
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_a.py").write_text(
        'import pytest\npytestmark = [pytest.mark.anyio, pytest.mark.asvs("6.2.1")]\n'
        'class TestA:\n    @pytest.mark.asvs("0.0.0")\n    async def test_b(self): ...\n'
    )
    written = subprocess.run(
        [sys.executable, script, tmp_path / "asvs.md"], capture_output=True, text=True, check=False
    )
    assert written.returncode == 1
    said = written.stderr.splitlines()
    assert [line for line in said if line.startswith("6.2.1 ")] == []
    assert [line for line in said if line.startswith("6.2.4 has no test")] != []
    assert "0.0.0 is no item of scripts/asvs: tests/test_a.py::test_b" in said
    assert "](../../tests/test_a.py)::`test_b`" in (tmp_path / "asvs.md").read_text()
