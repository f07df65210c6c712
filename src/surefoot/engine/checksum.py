"""The checksum of a migration's text: defined once, under a version, so that it never has to change."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from surefoot.engine.model import Script

_BLANKS = " \t\n"


def checksum(scripts: Sequence[Script]) -> str:
    """`v1:` and the SHA-256, in lower-case hex, of the scripts' normalised text in UTF-8.

    The normalised text is that of all fragments of all scripts, in order, joined with one line feed. Of each
    fragment a byte order mark at its beginning is removed, CRLF and lone CR become LF, and then the lines at
    its beginning and end that hold nothing but spaces and tabs are removed, with the line feed before or
    after them. Everything else counts, spaces at the end of other lines included: they may stand in a
    literal. Paths and line numbers do not.
    """
    digest = hashlib.sha256()
    texts = (fragment.text for script in scripts for fragment in script.fragments)
    for number, text in enumerate(texts):
        digest.update(b"\n" if number else b"")
        digest.update(_normalised(text).encode("utf-8"))
    return f"v1:{digest.hexdigest()}"


def _normalised(text: str) -> str:
    """A fragment's text as its checksum sees it."""
    text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = len(text) - len(text.lstrip(_BLANKS))
    if first == len(text):
        return ""
    start = text.rfind("\n", 0, first) + 1
    end = text.find("\n", len(text.rstrip(_BLANKS)))
    return text[start:] if end < 0 else text[start:end]
