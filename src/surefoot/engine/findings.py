"""What a lint rule or a measurement found: one shape for the terminal, JSON, SARIF and a pull request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How much a finding weighs; `off` is for rules only."""

    OFF = "off"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, at one place. `rule` is a stable name; `hint` says what to write instead.

    `path` is a file of the folder and `line` its 1-based line; empty and 0 where a finding is about no line.
    """

    rule: str
    level: Level
    message: str
    hint: str = ""
    path: str = ""
    line: int = 0
    version: str = ""
