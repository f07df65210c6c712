"""What a log line may hold, and what never."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import structlog

from surefoot.telemetry.logging import HIDDEN, configure_logging, logger

CANARY = "canary-4f1d"


@contextmanager
def configured(form: str, level: str) -> Iterator[io.StringIO]:
    """The process's log, written to a text; as it was before at the end of the block."""
    root, stream = logging.getLogger(), io.StringIO()
    handlers, before = root.handlers, root.level
    try:
        configure_logging(form, level, stream)
        yield stream
    finally:
        root.handlers = handlers
        root.setLevel(before)
        structlog.reset_defaults()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with configured("json", "info") as stream:
        yield stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_an_event_is_one_line_of_json_with_time_level_and_its_fields(log: io.StringIO) -> None:
    logger.info("request", status=200, route="/api/v1/account")
    (line,) = lines(log)
    assert {"event": "request", "level": "info", "status": 200, "route": "/api/v1/account"}.items() <= line.items()
    assert line["timestamp"].endswith("Z")


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.parametrize(
    "event",
    [
        {"authorization": f"Bearer {CANARY}"},
        {"headers": {"Cookie": f"__Host-surefoot={CANARY}"}},
        {"new_password": CANARY},
        {"client_secret": CANARY},
        {"said": f"Authorization: Bearer {CANARY}"},
        {"said": f"token sft_pat_{CANARY.replace('-', '')}"},
        {"url": f"postgresql://surefoot:{CANARY}@db.example/platform"},
        {"url": f"https://surefoot.example/verify#token={CANARY}"},
        {"url": f"https://surefoot.example/path?state={CANARY}&code={CANARY}"},
        {"tried": [f"https://a:{CANARY}@host"]},
        {"raw": CANARY.encode()},
    ],
)
def test_a_secret_is_never_written(log: io.StringIO, event: dict[str, Any]) -> None:
    logger.info("something", **event)
    assert CANARY not in log.getvalue()
    assert CANARY.replace("-", "") not in log.getvalue()
    assert HIDDEN in log.getvalue()


@pytest.mark.asvs("16.2.5")
def test_a_secret_in_an_exception_is_never_written(log: io.StringIO) -> None:
    try:
        raise ValueError(f"cannot connect to postgresql://surefoot:{CANARY}@db.example/platform")
    except ValueError as error:
        logger.error("failed", exc_info=error)
    assert CANARY not in log.getvalue()
    assert "ValueError" in log.getvalue()


@pytest.mark.asvs("16.2.5")
def test_what_a_library_logs_goes_through_the_same(log: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("refused %s", f"https://u:{CANARY}@host")
    (line,) = lines(log)
    assert CANARY not in log.getvalue()
    assert line["logger"] == "uvicorn.error"


@pytest.mark.asvs("16.4.1")
@pytest.mark.parametrize("form", ["json", "text"])
@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\x1b[31m", "\u2028", "\x85", "\x00"])
def test_a_value_cannot_begin_a_line_of_its_own(form: str, sign: str) -> None:
    with configured(form, "info") as stream:
        logger.info("request", agent=f"Mozilla{sign}2026-01-01 forged")
    assert len(stream.getvalue().splitlines()) == 1
    assert sign not in stream.getvalue().rstrip("\n")


def test_what_is_below_the_level_is_not_told(log: io.StringIO) -> None:
    logger.debug("detail")
    assert log.getvalue() == ""


def test_a_text_on_a_terminal_is_for_people() -> None:
    with configured("text", "warning") as stream:
        logger.warning("mail waits", mails=3)
    assert "mail waits" in stream.getvalue()
    assert "mails=3" in stream.getvalue()
