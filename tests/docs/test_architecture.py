"""The page on the architecture names every module of the engine, and no other."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT

ENGINE = ROOT / "src" / "surefoot" / "engine"
PAGE = (ROOT / "docs" / "architecture.md").read_text()


def test_every_module_of_the_engine_is_named_once() -> None:
    modules = [str(path.relative_to(ENGINE)) for path in ENGINE.rglob("*.py") if path.name != "__init__.py"]
    assert sorted(re.findall(r"^\| `([\w/]+\.py)` \|", PAGE, re.MULTILINE)) == sorted(modules)
