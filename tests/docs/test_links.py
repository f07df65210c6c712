"""Every link between the pages leads somewhere, and every page can be reached."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, pages


@pytest.mark.parametrize("page", pages(), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in relative_links(page) if not leads_somewhere(page, link)]
    assert broken == []


def relative_links(page: Path) -> list[str]:
    return [link for link in links((ROOT / page).read_text()) if "://" not in link and not link.startswith("mailto:")]


def leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (ROOT / page.parent / name).resolve() if name else ROOT / page
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(target.read_text())


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [Path("README.md")]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [target_of(page, link) for link in relative_links(page)]
    assert set(pages()) - reached == set()


def target_of(page: Path, link: str) -> Path:
    name = link.partition("#")[0]
    target = (ROOT / page.parent / name).resolve() if name else ROOT / page
    return (target / "README.md" if target.is_dir() else target).relative_to(ROOT)
