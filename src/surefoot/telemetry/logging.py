"""The log of a process: one event a line, as JSON or for people, without secrets and without line breaks in values."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

logger: structlog.stdlib.BoundLogger = structlog.get_logger("surefoot")

HIDDEN = "•••"
# Names whose values are never written, wherever they stand in an event.
_SECRET_NAME = re.compile(
    r"authorization|cookie|passw|secret|token|credential|private|api_?key|master_key", re.IGNORECASE
)
# What looks like a secret in a text: our tokens, bearer values, passwords of URLs, and fragments and queries of links.
_SECRET_TEXT = re.compile(
    r"sft_(?:pat|svc)_[0-9A-Za-z]+"
    r"|(?<=bearer )[^\s\"',;]+"
    r"|(?<=://)[^\s/@:]*:[^\s/]+(?=@)"
    r"|(?<=[#?&]token=)[^\s&\"'#]+"
    r"|(?<=\?)[^\s\"'#]+=[^\s\"']*",
    re.IGNORECASE,
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# Libraries that tell at `info` what only somebody who works on the platform wants to know.
_TALKATIVE = ("httpx", "httpcore", "procrastinate", "asyncio", "psycopg.pool", "uvicorn.error", "uvicorn.access")


def configure_logging(form: str, level: str, stream: TextIO | None = None) -> None:
    """Set the process's log up: `form` is json, text or auto (text on a terminal); once for each process.

    What libraries log through Python's own logging has the same form and goes through the same redaction.
    """
    out = stream or sys.stderr
    as_json = form == "json" or (form == "auto" and not out.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        redact,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_render(as_json, out))
    )
    _install(handler, level)


def _render(as_json: bool, out: TextIO) -> Sequence[Processor]:
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    return [structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers = []
        logging.getLogger(name).propagate = True


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide what is secret by its name or its looks, and every control character in a value."""
    return {name: HIDDEN if _SECRET_NAME.search(name) else _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _BREAKS.sub(_escaped, _SECRET_TEXT.sub(HIDDEN, value))
    if isinstance(value, Mapping):
        return {name: HIDDEN if _SECRET_NAME.search(str(name)) else _clean(one) for name, one in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_clean(one) for one in value]
    return HIDDEN if isinstance(value, bytes) else value


def _escaped(found: re.Match[str]) -> str:
    sign = found[0]
    return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(sign, f"\\u{ord(sign):04x}")
