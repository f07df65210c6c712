"""Times in requests: text with a zone, as RFC 3339 writes it; a bare number would be guessed at."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator


def _written(given: object) -> object:
    if isinstance(given, str) and "T" not in given.upper():
        raise ValueError("a time is written as 2026-11-23T20:15:00Z")
    return given


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
