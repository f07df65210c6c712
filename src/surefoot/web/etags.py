"""ETags: what somebody edits is what they have read, or the edit is refused."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header

from surefoot.errors import Stale

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of the object as it was read.", examples=['"3"'], max_length=64),
]
_HINT = "Read it again, and send its ETag in If-Match."


def etag_of(version: int) -> str:
    """The strong ETag of an object's version."""
    return f'"{version}"'


def expected_version(if_match: str | None) -> int:
    """The version that the caller has read. The statement that changes the object is to compare it as well.

    Raises Stale without one: nobody overwrites what they have not seen, so `*` is none either.
    """
    found = re.fullmatch(r'"([0-9]{1,18})"', (if_match or "").strip())
    if found is None:
        raise Stale("The header If-Match does not say which version is to be changed.", hint=_HINT)
    return int(found[1])


def check_version(if_match: str | None, version: int) -> None:
    """Raises Stale unless the caller has read this very version."""
    if expected_version(if_match) != version:
        raise Stale("Somebody has changed it since you read it.", hint=_HINT, version=version)
