"""Writes what commands print today into the pages that show it: `python -m tests.docs.record [PAGE ...]`.

An output that is still right stays as it is. One with `...` in it was shortened by hand: it is only reported.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tests.databases import Databases, open_databases
from tests.docs.pages import ROOT, Fence, databases_of, pages, rewrite, runs, steps
from tests.docs.shell import Canon, Shell, matches, open_shell

# What a reader would have instead of the databases, the user and the directory of a test.
_SHOWN = (
    (re.compile(r"\bpostgresql:/\S*?(?=[:,?.]?(\s|$))", re.MULTILINE), "postgresql://localhost/shop"),
    (re.compile(r"\bmysql:/\S*?(?=[:,?.]?(\s|$))", re.MULTILINE), "mysql://localhost:3306/shop"),
    (re.compile(r"\S+ on \S+, as \S+,"), "shop on localhost, as ada,"),
    (re.compile(r"\bby \S+@\S+"), "by ada@laptop"),
    (re.compile(r"\bsurefoot [\w.-]+:(?=\d+[,)])"), "surefoot laptop:"),
    (re.compile(r"^.*: line \d+: +\d+ Killed.*$", re.MULTILINE), "Killed"),
    (re.compile(r"(?<![\w:./<])/tmp/(?:[\w.@-]+/)*page/"), "/home/ada/shop/"),
)


def main(names: Sequence[str]) -> None:
    """Bring the pages up to date: those named, or all."""
    databases = open_databases()
    try:
        for page in map(Path, names) if names else pages():
            record(ROOT / page, databases)
    finally:
        databases.close()


def record(page: Path, databases: Databases) -> None:
    """Run a page, and write it anew where an output has changed."""
    text = page.read_text()
    with tempfile.TemporaryDirectory() as home, open_shell(databases, databases_of(text), Path(home)) as shell:
        told = rewrite(text, partial(_retold, page, shell, Canon(), Canon()))
    if told != text:
        page.write_text(told)
        sys.stderr.write(f"wrote {page.relative_to(ROOT)}\n")


def _retold(page: Path, shell: Shell, shown: Canon, said: Canon, fence: Fence) -> str:
    if runs(fence) and fence.language != "console":
        code, output = shell.do(fence)
        if code != 0:
            raise SystemExit(f"{page}:{fence.line} fails: {output}")
    if fence.language != "console":
        return fence.text
    return "".join(_step(page, fence.line, shell, step, (shown, said)) for step in steps(fence))


def _step(page: Path, line: int, shell: Shell, step: tuple[str, str], canons: tuple[Canon, Canon]) -> str:
    """A command and its output: the one that the page has, where that is right."""
    command, before = step
    output = shell.run(command, strict=False)[1]
    right = matches(canons[0](before), canons[1](output))
    if not right and "..." in before:
        sys.stderr.write(f"{page}:{line}: shorten by hand what {command.strip()} prints:\n{output}\n")
    entered = "> ".join(command.splitlines(keepends=True))
    return f"$ {entered}{before if right or '...' in before else _presentable(canons[1].as_in(canons[0], output))}"


def _presentable(output: str) -> str:
    for pattern, word in _SHOWN:
        output = pattern.sub(word, output)
    return output.rstrip() + "\n" if output.strip() else ""


if __name__ == "__main__":
    main(sys.argv[1:])
