"""One process of the platform: the API, the worker, or both, from its start to its clean end."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import uvloop
from pydantic import HttpUrl, SecretStr

from surefoot.accounts.service import begin_setup
from surefoot.audit.checkpoints import keep_checkpoints, prepare
from surefoot.db.migrate import migrate
from surefoot.errors import ConfigError
from surefoot.platform_settings import PlatformSettings
from surefoot.serve.listen import listen, serve_api
from surefoot.serve.postgres import ROLE, grant_role, own_postgres
from surefoot.telemetry.logging import configure_logging, logger
from surefoot.web.platform import Platform, open_platform
from surefoot.worker.run import run_worker

Tell = Callable[[str], None]
Part = Callable[[Platform, asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Roles:
    """What a process does: `surefoot serve` both, `surefoot api` and `surefoot worker` one of them."""

    api: bool = True
    worker: bool = True


def serve(settings: PlatformSettings, tell: Tell, *, programs: Path | None = None) -> None:
    """Run the whole platform until SIGINT or SIGTERM; with an embedded PostgreSQL unless a database is named.

    `tell` gets what a person is to read: where it listens, and the set-up link while there is no account. `programs`
    is a directory with PostgreSQL's programs. Raises UsageError, ConfigError, ToolFailed, and what `migrate` raises.
    """
    if settings.database_url is not None:
        run(settings, Roles(), tell)
        return
    with own_postgres(settings.data_dir, programs) as url:
        named = {"database_url": SecretStr(url), "database_role": ROLE}
        run(settings.model_copy(update=named), Roles(), tell)


def run(settings: PlatformSettings, roles: Roles, tell: Tell) -> None:
    """Migrate the platform's schema where that is due, and run the roles until SIGINT or SIGTERM.

    Several processes may do so at once. Raises as `serve` does; ConfigError where no database is named.
    """
    configure_logging(settings.log_format, settings.log_level)
    if settings.database_url is None:
        raise ConfigError(
            "No database is named.", hint="Set SUREFOOT_DATABASE_URL, or use `surefoot serve`, which brings its own."
        )
    with listen(settings.host, settings.port) if roles.api else nullcontext() as listening:
        applied = migrate(settings.database_url.get_secret_value()).versions
        if applied:
            logger.info("migrated the platform's schema", steps=len(applied))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_run(_reached(settings, listening), listening, roles, tell))


def _reached(settings: PlatformSettings, listening: socket.socket | None) -> PlatformSettings:
    """Where nobody says how people reach the platform, they do so on this machine, at the port that was chosen."""
    if listening is None or "base_url" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"base_url": HttpUrl(f"http://localhost:{listening.getsockname()[1]}")})


async def _run(settings: PlatformSettings, listening: socket.socket | None, roles: Roles, tell: Tell) -> None:
    stop = asyncio.Event()
    _heed_signals(stop)
    await grant_role(settings)
    async with open_platform(settings) as platform:
        await prepare(platform)
        parts: list[Part] = []
        if listening is not None:
            parts.append(lambda platform, stop: serve_api(platform, listening, stop))
            tell(_place(settings, listening))
            await _greet(platform, tell)
        if roles.worker:
            parts += [run_worker, _checkpoints]
        await run_parts(platform, parts, stop)
    logger.info("stopped")


def _heed_signals(stop: asyncio.Event) -> None:
    """The first signal ends the process cleanly; a second one at once."""
    loop, main = asyncio.get_running_loop(), asyncio.current_task()
    assert main is not None
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, lambda: main.cancel() if stop.is_set() else stop.set())


def _place(settings: PlatformSettings, listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    if settings.origin == f"http://localhost:{port}":
        return f"Surefoot listens on {settings.origin}"
    return f"Surefoot listens on {host}, port {port}; people reach it at {settings.origin}"


async def _greet(platform: Platform, tell: Tell) -> None:
    settings = platform.settings
    if settings.smtp_url is None:
        tell(f"No mail server is configured: mails are files in {settings.data_dir / 'outbox'} (`surefoot mail list`).")
    async with platform.database.transaction() as connection:
        secret = await begin_setup(connection)
    if secret is not None:
        tell("There is no account yet. Make the first one with this link; it works once:")
        tell(f"  {settings.origin}/setup#token={secret}")


async def run_parts(platform: Platform, parts: Sequence[Part], stop: asyncio.Event) -> None:
    """Run all parts until `stop` is set. Where one ends before that, or fails, the others end cleanly as well.

    Raises what the first part raised that failed.
    """

    async def until_end(part: Part) -> None:
        try:
            await part(platform, stop)
        finally:
            stop.set()

    ended = await asyncio.gather(*(until_end(part) for part in parts), return_exceptions=True)
    for outcome in ended:
        if isinstance(outcome, BaseException):
            raise outcome


async def _checkpoints(platform: Platform, stop: asyncio.Event) -> None:
    """Checkpoints of the audit trail, the last one when the process ends."""
    keeping = asyncio.create_task(keep_checkpoints(platform))
    await stop.wait()
    keeping.cancel()
    with suppress(asyncio.CancelledError):
        await keeping
