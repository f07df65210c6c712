"""Links that are mailed: made, looked at, and used up once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from surefoot.accounts import rules
from surefoot.accounts.model import Link, Purpose
from surefoot.db.pool import Connection
from surefoot.errors import NotFound
from surefoot.platform_settings import PlatformSettings
from surefoot.vault.tokens import digest, new_secret

_PATHS = {
    Purpose.SETUP: "setup",
    Purpose.VERIFY: "verify",
    Purpose.RESET: "reset",
    Purpose.EMAIL_CHANGE: "email",
}
_UPSERT = """
    INSERT INTO link_tokens (digest, purpose, subject, email, account_id, expires_at)
    VALUES (%(digest)s, %(purpose)s, %(subject)s, %(email)s, %(account)s, %(expires)s)
    ON CONFLICT (purpose, subject) DO UPDATE SET digest = excluded.digest, email = excluded.email,
        account_id = excluded.account_id, expires_at = excluded.expires_at
"""
_LIVE = "digest = %(digest)s AND purpose = %(purpose)s AND expires_at > %(at)s"
_FIND = f"SELECT purpose, email, account_id FROM link_tokens WHERE {_LIVE}"
_PENDING = "SELECT email FROM link_tokens WHERE purpose = %(purpose)s AND subject = %(subject)s AND expires_at > %(at)s"
_TAKE = f"DELETE FROM link_tokens WHERE {_LIVE} RETURNING purpose, email, account_id"


async def make_link(
    connection: Connection,
    purpose: Purpose,
    at: datetime,
    *,
    subject: str = "",
    email: str = "",
    account_id: UUID | None = None,
) -> str:
    """A new token for a link, told only here; an earlier one for the same purpose and subject is void."""
    secret = new_secret()
    values = {
        "digest": digest(secret),
        "purpose": purpose,
        "subject": subject,
        "email": email,
        "account": account_id,
        "expires": at + rules.LINKS[purpose],
    }
    await connection.execute(_UPSERT, values)
    return secret


def url_of(settings: PlatformSettings, purpose: Purpose, token: str) -> str:
    """The link as it is mailed. The token stands behind the `#`: no server and no log gets to see it."""
    return f"{settings.origin}/{_PATHS[purpose]}#token={token}"


async def get_link(connection: Connection, purpose: Purpose, token: str, at: datetime) -> Link:
    """What the link is for, unused. Raises NotFound where it is unknown, used, replaced or too old."""
    return await _one(connection, _FIND, purpose, token, at)


async def take_link(connection: Connection, purpose: Purpose, token: str, at: datetime) -> Link:
    """Use the link up, in the transaction of what it allows. Of two callers one raises NotFound."""
    return await _one(connection, _TAKE, purpose, token, at)


async def find_pending(connection: Connection, purpose: Purpose, subject: str, at: datetime) -> str | None:
    """The address that a live link was mailed to, if there is one for that subject."""
    cursor = await connection.execute(_PENDING, {"purpose": purpose, "subject": subject, "at": at})
    row = await cursor.fetchone()
    return row["email"] if row else None


async def void_links(connection: Connection, account_id: UUID) -> None:
    """Make every link of the account void: resets and changes of the address that wait."""
    await connection.execute("DELETE FROM link_tokens WHERE account_id = %s", (account_id,))


async def _one(connection: Connection, query: str, purpose: Purpose, token: str, at: datetime) -> Link:
    values = {"digest": digest(token), "purpose": purpose, "at": at}
    row = await (await connection.execute(query.encode(), values)).fetchone()
    if row is None:
        raise NotFound(
            "This link was used already, was replaced by a newer one, or is too old.", hint="Ask for another."
        )
    return Link(Purpose(row["purpose"]), row["email"], row["account_id"])
