"""The error tree keeps its promises: a code for each class, a docstring, a place in the drawing."""

from __future__ import annotations

import inspect
import re

from surefoot import errors
from surefoot.errors import SurefootError

DRAWN = re.compile(r"^(?P<indent>[│├└─ ]*)(?P<name>[A-Z]\w+)(?P<text>.*)$", re.MULTILINE)
CLASSES = [
    member
    for _, member in inspect.getmembers(errors, inspect.isclass)
    if issubclass(member, SurefootError) and member.__module__ == errors.__name__
]


def test_every_code_is_unique() -> None:
    codes = [cls.code for cls in CLASSES]
    assert sorted(codes) == sorted(set(codes))


def test_every_class_has_a_docstring_of_its_own() -> None:
    assert [cls.__name__ for cls in CLASSES if not vars(cls).get("__doc__")] == []


def test_the_drawing_shows_every_class_under_its_parent() -> None:
    parents = {cls.__name__: cls.__bases__[0].__name__ for cls in CLASSES if cls is not SurefootError}
    assert drawn_parents(errors.__doc__ or "") == parents


def drawn_parents(drawing: str) -> dict[str, str]:
    """Class → parent, as the tree in the docstring draws it: four columns are one generation."""
    ancestors: list[str] = []
    parents: dict[str, str] = {}
    for match in DRAWN.finditer(drawing[drawing.index("\nSurefootError") :]):
        depth = len(match["indent"]) // 4
        ancestors[depth:] = [match["name"]]
        if depth:
            parents[match["name"]] = ancestors[depth - 1]
    return parents
