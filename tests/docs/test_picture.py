"""The pictures of the README show what commands print today."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.docs.pages import ROOT
from tests.docs.shell import Canon

PICTURES = ROOT / "docs" / "images"


@pytest.mark.slow
def test_the_pictures_are_up_to_date(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(ROOT / "scripts" / "picture"), str(tmp_path)], check=True)
    assert sorted(made.name for made in tmp_path.iterdir()) == sorted(kept.name for kept in PICTURES.iterdir())
    for made in tmp_path.iterdir():
        assert Canon()(text_of(PICTURES / made.name)) == Canon()(text_of(made)), "run scripts/picture"


def text_of(picture: Path) -> str:
    """The lines of an SVG, as one would read them."""
    root = ElementTree.parse(picture).getroot()
    lines = root.iter("{http://www.w3.org/2000/svg}text")
    return "\n".join(" ".join(line.itertext()) for line in lines)
