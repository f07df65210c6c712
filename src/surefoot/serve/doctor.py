"""`surefoot doctor --server`: whether a platform can do its work, as far as one of its machines can tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from surefoot.db.migrate import PREAMBLE, project
from surefoot.db.pool import Connection
from surefoot.engine.api import connect, read_state
from surefoot.engine.dialects.target import Check
from surefoot.errors import SurefootError
from surefoot.notifications.smtp import mail_server
from surefoot.platform_settings import PlatformSettings
from surefoot.web.platform import Platform

_SKEW = 5.0
_LATE = timedelta(minutes=10)
_OWN = ("localhost", "127.0.0.1", "[::1]")


async def examine(platform: Platform) -> list[Check]:
    """Every check, in the order in which a person mends things. Raises nothing of what it finds."""
    return [
        *configuration(platform.settings),
        await _mail(platform),
        *[check async for check in _database(platform)],
    ]


def configuration(settings: PlatformSettings) -> list[Check]:
    """What the settings give away by themselves."""
    reached = f"reached at {settings.origin}, {settings.mode} mode"
    checks = [Check("settings", "ok", reached)]
    if not settings.is_https and settings.base_url.host not in _OWN:
        hint = "Put a proxy with TLS before it, and its address into SUREFOOT_BASE_URL."
        checks.append(Check("settings", "problem", "people reach it over plain http, from other machines", hint))
    if settings.is_https and not settings.trusted_proxies:
        hint = "Name the proxy's network in SUREFOOT_TRUSTED_PROXIES."
        checks.append(Check("settings", "warning", "no proxy is trusted: to the limits, all are one client", hint))
    if settings.mode == "development":
        hint = "Leave SUREFOOT_MODE out where others work."
        checks.append(Check("settings", "warning", "the API's own pages are shown", hint))
    return checks


async def _keys(platform: Platform) -> Check:
    missing = await platform.vault.list_missing(platform.database)
    if missing:
        hint = f"Put them back into {platform.settings.data_dir / 'keys'} from a backup."
        return Check("keys", "problem", f"secrets are sealed with keys that are not there: {', '.join(missing)}", hint)
    return Check("keys", "ok", "every secret's key is there")


async def _mail(platform: Platform) -> Check:
    settings = platform.settings
    if settings.smtp_url is None:
        return Check("mail", "info", f"mails are files in {settings.data_dir / 'outbox'}", "Set SUREFOOT_SMTP_URL.")
    try:
        await mail_server(settings.smtp_url.get_secret_value()).try_out()
    except SurefootError as error:
        return Check("mail", "problem", error.message, error.hint)
    return Check("mail", "ok", "the mail server lets us in")


async def _database(platform: Platform) -> AsyncIterator[Check]:
    try:
        async with platform.database.connection() as connection:
            yield await _server(connection)
            yield await _clock(connection)
            yield await _trail(connection, platform.settings)
            yield await _checkpoint(connection)
        yield await _keys(platform)
        yield await asyncio.to_thread(_schema, platform.database.url)
    except SurefootError as error:
        yield Check("database", "problem", error.message, error.hint)


async def _server(connection: Connection) -> Check:
    [row] = await (await connection.execute("SHOW server_version")).fetchall()
    return Check("database", "ok", f"PostgreSQL {row['server_version'].split()[0]} answers")


async def _clock(connection: Connection) -> Check:
    [row] = await (await connection.execute("SELECT clock_timestamp() AS at")).fetchall()
    return clock(abs((row["at"] - datetime.now(UTC)).total_seconds()))


def clock(skew: float) -> Check:
    """What a difference of the clocks means, in seconds."""
    finding = f"the database's differs by {skew:.1f} s from this machine's"
    if skew > _SKEW:
        return Check("clock", "problem", finding, "Sessions, codes and limits go by both: set NTP up on both machines.")
    return Check("clock", "ok", finding)


async def _trail(connection: Connection, settings: PlatformSettings) -> Check:
    query = "SELECT has_table_privilege(current_user, 'audit_events', 'DELETE') AS can"
    [row] = await (await connection.execute(query)).fetchall()
    if row["can"]:
        hint = "Make a role without a login, and name it in SUREFOOT_DATABASE_ROLE."
        return Check("audit", "warning", "the processes' role may change the audit trail", hint)
    return Check("audit", "ok", f"{settings.database_role} may not change the audit trail")


async def _checkpoint(connection: Connection) -> Check:
    [row] = await (await connection.execute("SELECT max(at) AS at FROM audit_checkpoints")).fetchall()
    [event] = await (await connection.execute("SELECT max(at) AS at FROM audit_events")).fetchall()
    return checkpoints(row["at"], event["at"], datetime.now(UTC))


def checkpoints(signed: datetime | None, happened: datetime | None, now: datetime) -> Check:
    """Whether what happened has been signed by now."""
    if happened is not None and (signed is None or signed < happened) and now - happened > _LATE:
        hint = "Have a worker run: `surefoot serve`, or `surefoot worker`."
        return Check("checkpoint", "problem", "what happened last in the audit trail has not been signed", hint)
    return Check("checkpoint", "ok", "the audit trail is signed" if signed else "nothing has happened yet")


def _schema(url: str) -> Check:
    with connect(url, preamble=PREAMBLE) as target:
        pending = read_state(target, project()).compared.pending
    if pending:
        hint = "Start a process of this version: it migrates by itself."
        return Check("schema", "warning", f"{len(pending)} of the platform's migrations are pending", hint)
    return Check("schema", "ok", "every migration of the platform is applied")
