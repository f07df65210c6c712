"""Waiting devices in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from surefoot.db.pool import Connection, Row
from surefoot.workspaces.devices.model import DeviceRequest, State
from surefoot.workspaces.devices.rules import PAUSE, SLOWER, new_user_code

_COLUMNS = """
    user_code, client, scopes, address, state, account_id, pause, polled_at, created_at, expires_at, decided_at
"""
_INSERT = f"""
    INSERT INTO device_requests (digest, user_code, client, scopes, address, pause, created_at, expires_at)
    VALUES (%(digest)s, %(code)s, %(client)s, %(scopes)s, %(address)s, {PAUSE}, %(at)s, %(until)s)
    ON CONFLICT ON CONSTRAINT device_requests_user_code DO NOTHING RETURNING {_COLUMNS}
"""
_BY_DIGEST = f"SELECT {_COLUMNS} FROM device_requests WHERE digest = %s AND expires_at > %s FOR UPDATE"
_WAITING = f"""
    SELECT {_COLUMNS} FROM device_requests
    WHERE user_code = %s AND expires_at > %s AND state = 'pending' FOR UPDATE
"""
_POLLED = f"""
    UPDATE device_requests SET polled_at = %(at)s, pause = pause + CASE WHEN %(too_fast)s THEN {SLOWER} ELSE 0 END
    WHERE user_code = %(code)s
"""
_DECIDE = """
    UPDATE device_requests SET state = %(state)s, account_id = %(account)s, decided_at = %(at)s
    WHERE user_code = %(code)s
"""
_DELETE = "DELETE FROM device_requests WHERE user_code = %s"
_SWEEP = "DELETE FROM device_requests WHERE expires_at <= %s"


async def insert_request(
    connection: Connection,
    *,
    digest: bytes,
    client: str,
    scopes: Sequence[str],
    address: str,
    at: datetime,
    until: datetime,
) -> DeviceRequest:
    """A new request, with a code that no other one has."""
    given = {
        "digest": digest,
        "client": client,
        "scopes": list(scopes),
        "address": address,
        "at": at,
        "until": until,
    }
    while True:
        row = await (await connection.execute(_INSERT, {**given, "code": new_user_code()})).fetchone()
        if row is not None:
            return _request(row)


async def find_request(connection: Connection, digest: bytes, at: datetime) -> DeviceRequest | None:
    """The request of a device code, unless it has expired; it stays as it is until the transaction ends."""
    row = await (await connection.execute(_BY_DIGEST, (digest, at))).fetchone()
    return _request(row) if row else None


async def find_waiting(connection: Connection, user_code: str, at: datetime) -> DeviceRequest | None:
    """The request of a user code that nobody has decided yet; it stays as it is until the transaction ends."""
    row = await (await connection.execute(_WAITING, (user_code, at))).fetchone()
    return _request(row) if row else None


async def update_polled(connection: Connection, user_code: str, at: datetime, *, too_fast: bool) -> None:
    """The program has asked; too fast, and it has to wait five seconds longer from now on."""
    await connection.execute(_POLLED, {"code": user_code, "at": at, "too_fast": too_fast})


async def update_decided(connection: Connection, user_code: str, state: State, account_id: UUID, at: datetime) -> None:
    """Somebody has approved or denied it."""
    await connection.execute(_DECIDE, {"code": user_code, "state": state, "account": account_id, "at": at})


async def delete_request(connection: Connection, user_code: str) -> None:
    """The program has got its answer."""
    await connection.execute(_DELETE, (user_code,))


async def delete_decided(connection: Connection, account_id: UUID) -> None:
    """What an account has decided, and no program has fetched yet, is void."""
    await connection.execute("DELETE FROM device_requests WHERE account_id = %s", (account_id,))


async def delete_expired(connection: Connection, at: datetime) -> None:
    """Forget the requests whose time is over."""
    await connection.execute(_SWEEP, (at,))


def _request(row: Row) -> DeviceRequest:
    return DeviceRequest(
        row["user_code"],
        row["client"],
        tuple(row["scopes"]),
        row["address"],
        State(row["state"]),
        row["account_id"],
        row["pause"],
        row["polled_at"],
        row["created_at"],
        row["expires_at"],
        row["decided_at"],
    )
