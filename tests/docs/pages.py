"""The documentation as the tests read it: pages, their links, and the blocks of code that they show.

What a block is, its first line says. `sh` and `python` run and have to succeed; `console` holds commands after `$ `
(`> ` goes on) with the output that they have to give, in which a line `...` stands for any lines; a block with
`file=NAME` is written to that file; any other is only read. A page may name its databases in a comment:
`<!-- tested with: mariadb, STAGING_URL=mariadb -->`; the first is DATABASE_URL.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_TESTED = re.compile(r"<!-- tested with: (.+?) -->")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fence:
    """A block of code: its language, the file that it is written to, if any, its text, and its line in the page."""

    language: str
    file: str | None
    text: str
    line: int


def pages() -> list[Path]:
    """Every page, as a path below the repository."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path.relative_to(ROOT) for path in found]


def fences(page: str) -> list[Fence]:
    """The blocks of a page, in order."""
    return [_fence(page, match) for match in _FENCE.finditer(page)]


def rewrite(page: str, change: Callable[[Fence], str]) -> str:
    """The page with the text of each block as `change` gives it, called in their order."""

    def changed(match: re.Match[str]) -> str:
        start, end = match.start("text") - match.start(), match.end("text") - match.start()
        return match[0][:start] + change(_fence(page, match)) + match[0][end:]

    return _FENCE.sub(changed, page)


def _fence(page: str, match: re.Match[str]) -> Fence:
    language, _, rest = match["info"].partition(" ")
    file = re.search(r"file=(\S+)", rest)
    text = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
    return Fence(language, file[1] if file else None, text, page.count("\n", 0, match.start()) + 1)


def runs(fence: Fence) -> bool:
    """Whether a test does something with the block."""
    return fence.file is not None or fence.language in {"sh", "console", "python"}


def databases_of(page: str) -> dict[str, str]:
    """The databases that a page's blocks need: the variable of the URL, and the kind."""
    match = _TESTED.search(page)
    parts = [part.strip() for part in (match[1] if match else "pg18").split(",")]
    named = (part if "=" in part else f"DATABASE_URL={part}" for part in parts)
    return {name: kind for name, _, kind in (part.partition("=") for part in named)}


def steps(fence: Fence) -> list[tuple[str, str]]:
    """The commands of a `console` block, each with the output that it shows."""
    found: list[tuple[str, str]] = []
    for line in fence.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:] + "\n", ""))
        elif line.startswith("> ") and not found[-1][1]:
            found[-1] = (found[-1][0] + line[2:] + "\n", "")
        else:
            found[-1] = (found[-1][0], found[-1][1] + line + "\n")
    return found


def links(page: str) -> list[str]:
    """The targets of a page's links, those in its blocks of code left out."""
    return _LINK.findall(_FENCE.sub("", page))


def anchors(page: str) -> set[str]:
    """The anchors of a page's headings, as a reader of Markdown makes them."""
    titles = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title) for title in _HEADING.findall(_FENCE.sub("", page)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}
