"""A sign-in between its first proof and its second factor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from surefoot.accounts import rules
from surefoot.accounts.model import Challenge
from surefoot.calls import Call
from surefoot.db.pool import Connection
from surefoot.errors import SignInFailed
from surefoot.vault.tokens import digest, new_secret

_INSERT = "INSERT INTO challenges (digest, account_id, methods, expires_at) VALUES (%s, %s, %s, %s)"
_LIVE = """
    digest = %(digest)s AND expires_at > %(at)s AND attempts < %(bound)s
    AND EXISTS (SELECT FROM accounts WHERE accounts.id = challenges.account_id AND disabled_at IS NULL)
"""
_FIND = f"SELECT account_id, methods FROM challenges WHERE {_LIVE}"
_ATTEMPT = f"UPDATE challenges SET attempts = attempts + 1 WHERE {_LIVE} RETURNING account_id, methods"
_TAKE = "DELETE FROM challenges WHERE digest = %(digest)s AND expires_at > %(at)s RETURNING account_id, methods"


async def begin_challenge(connection: Connection, call: Call, account_id: UUID, methods: Sequence[str]) -> str:
    """Have the sign-in wait for a second factor, ten minutes at most; the secret is told only here."""
    secret = new_secret()
    await connection.execute(_INSERT, (digest(secret), account_id, list(methods), call.at + rules.CHALLENGE))
    return secret


async def get_challenge(connection: Connection, secret: str, at: datetime) -> Challenge:
    """The challenge, unchanged. Raises SignInFailed where it is unknown, over, used, or guessed at too often."""
    return await _one(connection, _FIND, secret, at)


async def attempt_challenge(connection: Connection, secret: str, at: datetime) -> Challenge:
    """Count an attempt, before anything is verified: the transaction is to commit. Raises as `get_challenge`."""
    return await _one(connection, _ATTEMPT, secret, at)


async def take_challenge(connection: Connection, secret: str, at: datetime) -> Challenge:
    """Use the challenge up, in the transaction that begins the session. One of two callers raises SignInFailed."""
    return await _one(connection, _TAKE, secret, at)


async def _one(connection: Connection, query: str, secret: str, at: datetime) -> Challenge:
    values: dict[str, Any] = {"digest": digest(secret), "at": at, "bound": rules.CHALLENGE_ATTEMPTS}
    row = await (await connection.execute(query.encode(), values)).fetchone()
    if row is None:
        raise SignInFailed("This sign-in is over, or was tried too often.", hint="Begin again with your password.")
    return Challenge(row["account_id"], tuple(row["methods"]))
