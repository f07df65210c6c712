"""Sessions: how each sign-in ends, and how a request finds out who asks.

What a browser holds is 256 random bits; here is only their SHA-256. A session is looked up with each request, so that
ending one holds from the next request on, on each process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from starlette.responses import Response

from surefoot.accounts import rules
from surefoot.accounts.model import Begun, Session
from surefoot.audit.record import record
from surefoot.calls import Actor, ActorKind, Call
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import NotFound, NotSignedIn
from surefoot.platform_settings import PlatformSettings
from surefoot.vault.tokens import digest, new_secret
from surefoot.web.address import network_of

_COLUMNS = "id, account_id, methods, began_at, seen_at, proven_at, address, agent, device"
# Over plain HTTP no browser takes a cookie that is Secure; only a platform on this machine is reached so.
PLAIN_COOKIE = "surefoot-plain-http"
COOKIE = "__Host-surefoot"

_INSERT = """
    INSERT INTO sessions (id, digest, account_id, methods, began_at, seen_at, proven_at, address, agent, device)
    SELECT %(id)s, %(digest)s, id, %(methods)s, %(at)s, %(at)s, %(proven)s, %(address)s, %(agent)s, %(device)s
    FROM accounts WHERE id = %(account)s AND disabled_at IS NULL
    RETURNING (SELECT email FROM accounts WHERE id = %(account)s) AS email
"""
_REMEMBER = """
    WITH known AS (SELECT count(*) AS places FROM sign_in_places WHERE account_id = %(account)s)
    INSERT INTO sign_in_places (account_id, place, seen_at) VALUES (%(account)s, %(place)s, %(at)s)
    ON CONFLICT (account_id, place) DO UPDATE SET seen_at = excluded.seen_at
    RETURNING xmax = 0 AND (SELECT places FROM known) > 0 AS is_new
"""
_FIND = f"""
    SELECT {", ".join(f"sessions.{name.strip()}" for name in _COLUMNS.split(","))}, accounts.email
    FROM sessions JOIN accounts ON accounts.id = sessions.account_id
    WHERE sessions.digest = %s AND accounts.disabled_at IS NULL
"""
_RENEW = """
    UPDATE sessions SET digest = %(digest)s, methods = %(methods)s, proven_at = %(proven)s, seen_at = %(at)s
    WHERE id = %(id)s AND account_id = %(account)s RETURNING id
"""
_LIST = f"""
    SELECT {_COLUMNS} FROM sessions
    WHERE account_id = %(account)s AND seen_at > %(idle)s AND began_at > %(absolute)s
        AND (%(before)s::uuid IS NULL OR id < %(before)s)
    ORDER BY id DESC LIMIT %(size)s
"""


async def begin_session(
    connection: Connection, call: Call, account_id: UUID, methods: Sequence[str], *, strongest: bool = True
) -> Begun:
    """Sign a person in: each way to sign in ends here, once all that the account asks for is proven.

    A new secret each time; the session that the caller held is over. Where it was not the `strongest` factor that was
    given, what is dangerous needs a step-up first. Writes the audit event. Raises NotSignedIn for an account that is
    disabled.
    """
    await _end_own(connection, call)
    secret, session = new_secret(), new_id()
    proven_at = call.at if strongest else None
    values = {**_values(call, session, secret, account_id, methods), "proven": proven_at}
    row = await (await connection.execute(_INSERT, values)).fetchone()
    if row is None:
        raise NotSignedIn("This account is disabled.", hint="Ask the operator of this installation.")
    actor = Actor(
        ActorKind.PERSON, account_id, row["email"], session=session, methods=tuple(methods), proven_at=proven_at
    )
    is_new = await _remember_place(connection, call, account_id, values["device"])
    await record(connection, replace(call, actor=actor), "session.begin", about=f"account/{account_id}")
    return Begun(actor, secret, is_new)


async def _end_own(connection: Connection, call: Call) -> None:
    if call.actor.session and await _delete(connection, "id = %s", call.actor.session):
        await record(connection, call, "session.end", about=f"session/{call.actor.session}", reason="signed in anew")


def _values(call: Call, session: UUID, secret: str, account_id: UUID, methods: Sequence[str]) -> dict[str, Any]:
    return {
        "id": session,
        "digest": digest(secret),
        "account": account_id,
        "methods": list(methods),
        "at": call.at,
        "address": call.address,
        "agent": call.agent,
        "device": rules.device_of(call.agent),
    }


async def _remember_place(connection: Connection, call: Call, account_id: UUID, device: str) -> bool:
    place = sha256(f"{device}|{network_of(call.address)}".encode()).digest()
    cursor = await connection.execute(_REMEMBER, {"account": account_id, "place": place, "at": call.at})
    row = await cursor.fetchone()
    return bool(row and row["is_new"])


async def renew_session(connection: Connection, call: Call, method: str, *, strongest: bool = True) -> Begun:
    """Take a new proof into the caller's session: a new secret, and the old one is void. Its end stays where it was.

    Where it was not by the `strongest` factor, what is dangerous is allowed for no longer than before. Writes the audit
    event. Raises NotSignedIn where the session is over, or the caller has none.
    """
    secret, actor = new_secret(), call.actor
    methods = tuple(dict.fromkeys((*actor.methods, method)))
    proven_at = call.at if strongest else actor.proven_at
    values = {
        "digest": digest(secret),
        "methods": list(methods),
        "proven": proven_at,
        "at": call.at,
        "id": actor.session,
        "account": actor.id,
    }
    if await (await connection.execute(_RENEW, values)).fetchone() is None:
        raise NotSignedIn("This session is over.", hint="Sign in again.")
    await record(connection, call, "session.renew", about=f"session/{actor.session}", after={"method": method})
    return Begun(replace(actor, methods=methods, proven_at=proven_at), secret)


async def authenticate_session(connection: Connection, secret: str, at: datetime) -> Actor | None:
    """Who the cookie's secret belongs to; None where it is unknown, ended, or too old, or the account is disabled.

    Writes the session's last use down, once a minute at most.
    """
    row = await (await connection.execute(_FIND, (digest(secret),))).fetchone()
    session = _session(row) if row else None
    if row is None or session is None or not rules.is_live(session, at):
        return None
    if at - session.seen_at >= rules.SEEN:
        await connection.execute("UPDATE sessions SET seen_at = %s WHERE id = %s", (at, session.id))
    return Actor(
        ActorKind.PERSON,
        session.account_id,
        row["email"],
        session=session.id,
        methods=session.methods,
        proven_at=session.proven_at,
    )


async def list_sessions(
    connection: Connection, account_id: UUID, at: datetime, size: int = 100, before: UUID | None = None
) -> list[Session]:
    """The account's sessions that may still be used, the latest begun first; those begun `before` another, if given."""
    values = {"account": account_id, "idle": at - rules.IDLE, "absolute": at - rules.ABSOLUTE, "before": before}
    found = await connection.execute(_LIST.encode(), {**values, "size": size})
    return [_session(row) async for row in found]


async def end_session(connection: Connection, call: Call, account_id: UUID, session_id: UUID) -> None:
    """End one session of the account. Writes the audit event. Raises NotFound."""
    if not await _delete(connection, "id = %s AND account_id = %s", session_id, account_id):
        raise NotFound(f"You have no session {session_id}.", hint="`GET /account/sessions` lists those you have.")
    await record(connection, call, "session.end", about=f"session/{session_id}")


async def end_sessions(connection: Connection, call: Call, account_id: UUID, *, but: UUID | None = None) -> int:
    """End the account's sessions, all `but` one; how many. Writes the audit event. What waits for a factor ends too."""
    await connection.execute("DELETE FROM challenges WHERE account_id = %s", (account_id,))
    ended = await _delete(connection, "account_id = %s AND id IS DISTINCT FROM %s", account_id, but)
    await record(connection, call, "session.end-all", about=f"account/{account_id}", after={"ended": ended})
    return ended


async def _delete(connection: Connection, where: str, *values: object) -> int:
    return (await connection.execute(f"DELETE FROM sessions WHERE {where}".encode(), values)).rowcount


def _session(row: dict[str, Any]) -> Session:
    values = {name.strip(): row[name.strip()] for name in _COLUMNS.split(",")}
    return Session(**{**values, "methods": tuple(row["methods"])})


def cookie_of(settings: PlatformSettings) -> str:
    """The name of the session's cookie: `__Host-surefoot` over TLS, `surefoot-plain-http` over plain HTTP."""
    return COOKIE if settings.is_https else PLAIN_COOKIE


def set_cookie(response: Response, settings: PlatformSettings, secret: str) -> None:
    """Hand the session's secret to the browser, for as long as it runs; its end is decided here, not there."""
    response.set_cookie(cookie_of(settings), secret, path="/", secure=settings.is_https, httponly=True, samesite="lax")


def clear_cookie(response: Response, settings: PlatformSettings) -> None:
    """Have the browser forget the session's secret."""
    response.delete_cookie(cookie_of(settings), path="/", secure=settings.is_https, httponly=True, samesite="lax")
