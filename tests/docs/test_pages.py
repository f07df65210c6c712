"""Every command, file and program that a page shows is run, and gives the output that the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.databases import Databases
from tests.docs.pages import ROOT, Fence, databases_of, fences, pages, runs, steps
from tests.docs.shell import Canon, Shell, matches, open_shell

pytestmark = pytest.mark.slow
SHOWING = [path for path in pages() if any(runs(fence) for fence in fences((ROOT / path).read_text()))]


@pytest.mark.parametrize("page", SHOWING, ids=str)
def test_a_page_shows_what_happens(page: Path, databases: Databases, tmp_path: Path) -> None:
    text = (ROOT / page).read_text()
    run_page(fences(text), databases_of(text), databases, tmp_path)


@pytest.mark.parametrize("kind", ["pg16", "pg18", "mariadb"])
def test_the_quick_start_works_on(kind: str, databases: Databases, tmp_path: Path) -> None:
    shown = next(fence for fence in fences((ROOT / "README.md").read_text()) if fence.language == "sh")
    lines = [line for line in shown.text.splitlines(keepends=True) if not line.startswith("export DATABASE_URL=")]
    assert len(lines) == len(shown.text.splitlines()) - 1
    run_page([Fence("sh", None, "".join(lines), shown.line)], {"DATABASE_URL": kind}, databases, tmp_path)


def run_page(shown: list[Fence], needs: dict[str, str], databases: Databases, home: Path) -> None:
    """Run the blocks of a page, in order, in an empty folder with fresh databases."""
    with open_shell(databases, needs, home) as shell:
        canons = Canon(), Canon()
        for fence in filter(runs, shown):
            run_fence(shell, fence, *canons)


def run_fence(shell: Shell, fence: Fence, shown: Canon, said: Canon) -> None:
    """Write the block to its file, or run it and compare."""
    place = f"the block on line {fence.line}"
    if fence.language == "console":
        for command, expected in steps(fence):
            output = shell.run(command, strict=False)[1]
            want, got = shown(expected), said(output)
            assert matches(want, got), f"{place}, or run `make docs`: {command}{output}\nwanted: {want}\nbut got: {got}"
    else:
        code, output = shell.do(fence)
        assert code == 0, f"{place}: {output}"
