"""The page about the platform shows commands that can be typed; the way that it tells is tried in a terminal's test."""

from __future__ import annotations

import shlex

import pytest

from surefoot.cli.commands import COMMANDS
from surefoot.cli.parser import joined, make_parser
from tests.docs.pages import ROOT, fences

SHOWN = [
    line
    for fence in fences((ROOT / "docs" / "platform.md").read_text())
    for line in fence.text.splitlines()
    if line.startswith("surefoot ")
]


@pytest.mark.parametrize("line", SHOWN)
def test_a_command_of_the_page_can_be_typed(line: str) -> None:
    argv = joined(shlex.split(line, comments=True)[1:])
    assert make_parser(argv).parse_args(argv).command in {command.name for command in COMMANDS}


def test_the_page_shows_commands() -> None:
    assert len(SHOWN) >= 10
