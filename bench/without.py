"""The platform with a part taken out, to measure what the part costs: `python -m bench.without PART COMMAND ...`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from surefoot.audit import store
from surefoot.audit.read_log import ReadLog
from surefoot.cli.main import main
from surefoot.limits.limiter import Limiter


async def _nothing(*_arguments: Any) -> None:
    """In place of what would have been awaited."""


def _audit() -> None:
    store.insert_event = _nothing  # type: ignore[assignment]  # left out on purpose


def _limiter() -> None:
    Limiter.take = _nothing  # type: ignore[assignment, method-assign]  # left out on purpose


def _reads() -> None:
    ReadLog.note = lambda *_arguments: None  # type: ignore[method-assign]  # left out on purpose


PARTS: dict[str, Callable[[], None]] = {"audit": _audit, "limiter": _limiter, "reads": _reads, "nothing": lambda: None}


if __name__ == "__main__":
    PARTS[sys.argv.pop(1)]()
    main()
