"""HTML, built so that a text can never be taken for markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

# Elements that have no end.
_EMPTY = ("input",)


class Html(str):
    """Markup that is finished; any other text is escaped where it is put in."""

    __slots__ = ()


def el(name: str, *children: str, **attributes: str) -> Html:
    """An element. `class_` is the attribute `class`, `aria_hidden` is `aria-hidden`; an empty one is left out."""
    # The names of elements and attributes are ours; their values are not.
    given = (f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value)
    start = f"<{name}{''.join(given)}>"
    return Html(start if name in _EMPTY else f"{start}{join(children)}</{name}>")


def join(children: Iterable[str]) -> Html:
    """Markup and texts, one after the other."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))
