"""The picture of the README shows what the example shop prints today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.pages import ROOT
from tests.docs.shell import Canon

PICTURE = ROOT / "docs" / "images" / "terminal.svg"


@pytest.mark.slow
def test_the_picture_is_up_to_date(tmp_path: Path) -> None:
    made = tmp_path / "terminal.svg"
    subprocess.run([sys.executable, str(ROOT / "scripts" / "picture"), str(made)], check=True)
    assert Canon()(text_of(PICTURE)) == Canon()(text_of(made)), "run scripts/picture"


def text_of(picture: Path) -> str:
    """The lines of an SVG, as one would read them."""
    root = ElementTree.parse(picture).getroot()
    lines = root.iter("{http://www.w3.org/2000/svg}text")
    return "\n".join(" ".join(line.itertext()) for line in lines)
