"""Accounts as rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.errors import UniqueViolation

from surefoot.accounts.model import Account, Address
from surefoot.accounts.rules import FAILURES_UNTIL_OFF
from surefoot.db.ids import new_id
from surefoot.db.pool import Connection
from surefoot.errors import Conflict, NotFound, Stale

_COLUMNS = """id, email, email_key, name, password_hash, password_changed_at, verified_at, failures,
    password_off_since, created_at, disabled_at, version"""
_INSERT = f"""
    INSERT INTO accounts (id, email, email_key, name, password_hash, password_changed_at, verified_at, created_at)
    VALUES (%(id)s, %(email)s, %(key)s, %(name)s, %(hash)s, %(changed)s, %(at)s, %(at)s)
    ON CONFLICT (email_key) DO NOTHING RETURNING {_COLUMNS}
"""
_COUNT_FAILURE = f"""
    UPDATE accounts SET failures = failures + 1, password_off_since = CASE
        WHEN failures + 1 >= {FAILURES_UNTIL_OFF} THEN coalesce(password_off_since, %(at)s) END
    WHERE email_key = %(key)s RETURNING {_COLUMNS}
"""
_UPDATE_HASH = """
    UPDATE accounts SET password_hash = %(hash)s, password_changed_at = %(at)s, failures = 0, password_off_since = NULL
    WHERE id = %(id)s
"""
_UPDATE_PROVEN = """
    UPDATE accounts SET failures = CASE WHEN password_off_since IS NULL THEN 0 ELSE failures END
    WHERE id = %(id)s AND password_hash = %(hash)s AND disabled_at IS NULL
        AND NOT (%(signs_in)s AND password_off_since IS NOT NULL)
"""
_SET_EMAIL = """
    UPDATE accounts SET email = %(email)s, email_key = %(key)s, verified_at = %(at)s, version = version + 1
    WHERE id = %(id)s
"""
_SET_NAME = f"""
    UPDATE accounts SET name = %(name)s, version = version + 1
    WHERE id = %(id)s AND version = %(version)s RETURNING {_COLUMNS}
"""
_ALL = f"SELECT {_COLUMNS} FROM accounts ORDER BY id"


async def insert_account(
    connection: Connection, address: Address, name: str, password_hash: str | None, at: datetime
) -> Account:
    """Make an account whose mailbox was proven at that time. Raises Conflict where the address has one."""
    values = {
        "id": new_id(),
        "email": address.email,
        "key": address.key,
        "name": name,
        "hash": password_hash,
        "changed": at if password_hash else None,
        "at": at,
    }
    found = await _find(connection, _INSERT, values)
    if found is None:
        raise Conflict(f"{address.email} has an account already.", hint="Sign in, or reset its password.")
    return found


async def find_account(connection: Connection, email_key: str) -> Account | None:
    """The account of a normalised address."""
    return await _find(connection, f"SELECT {_COLUMNS} FROM accounts WHERE email_key = %(key)s", {"key": email_key})


async def get_account(connection: Connection, account_id: UUID) -> Account:
    """The account. Raises NotFound."""
    found = await _find(connection, f"SELECT {_COLUMNS} FROM accounts WHERE id = %(id)s", {"id": account_id})
    if found is None:
        raise NotFound(f"There is no account {account_id}.", hint="Sign in again.")
    return found


async def has_account(connection: Connection) -> bool:
    """Whether anybody has an account here."""
    row = await (await connection.execute("SELECT EXISTS (SELECT FROM accounts) AS found")).fetchone()
    return bool(row and row["found"])


async def list_accounts(connection: Connection) -> list[Account]:
    """Every account, the oldest first."""
    return [Account(**row) async for row in await connection.execute(_ALL.encode())]


async def update_failures(connection: Connection, email_key: str, at: datetime) -> Account | None:
    """Count a wrong password; the account as it is then. It locks the row until the transaction ends."""
    return await _find(connection, _COUNT_FAILURE, {"key": email_key, "at": at})


async def update_proven(connection: Connection, account: Account, *, signs_in: bool) -> bool:
    """Forget wrong passwords: the right one was given. It locks the row until the transaction ends.

    False where the password was changed, turned off or disabled since the account was read: then it proves nothing.
    To one who `signs_in` a password that is off is of no use.
    """
    values = {"id": account.id, "hash": account.password_hash, "signs_in": signs_in}
    return (await connection.execute(_UPDATE_PROVEN, values)).rowcount == 1


async def update_disabled(connection: Connection, account_id: UUID, since: datetime | None) -> None:
    """Disable an account since a time, or let it in again with None."""
    await connection.execute("UPDATE accounts SET disabled_at = %s WHERE id = %s", (since, account_id))


async def update_password_on(connection: Connection, account_id: UUID) -> None:
    """Let the password sign in again."""
    await connection.execute("UPDATE accounts SET failures = 0, password_off_since = NULL WHERE id = %s", (account_id,))


async def update_password(connection: Connection, account_id: UUID, password_hash: str, at: datetime) -> None:
    """Set the password; wrong ones of the past are forgotten, and it is on."""
    await connection.execute(_UPDATE_HASH, {"id": account_id, "hash": password_hash, "at": at})


async def update_hash(connection: Connection, account_id: UUID, password_hash: str) -> None:
    """Keep the same password under a newer hash."""
    await connection.execute("UPDATE accounts SET password_hash = %s WHERE id = %s", (password_hash, account_id))


async def update_email(connection: Connection, account_id: UUID, address: Address, at: datetime) -> None:
    """Set the address, proven at that time. Raises Conflict where another account has it."""
    values = {"id": account_id, "email": address.email, "key": address.key, "at": at}
    try:
        await connection.execute(_SET_EMAIL, values)
    except UniqueViolation as error:
        raise Conflict(f"{address.email} belongs to another account.", hint="Choose another address.") from error


async def update_name(connection: Connection, account_id: UUID, name: str, version: int) -> Account:
    """Set the name, where the account still has that version. Raises Stale."""
    found = await _find(connection, _SET_NAME, {"id": account_id, "name": name, "version": version})
    if found is None:
        raise Stale("Your account was changed meanwhile.", hint="Read it again, and repeat what is still wanted.")
    return found


async def _find(connection: Connection, query: str, values: dict[str, Any]) -> Account | None:
    row = await (await connection.execute(query.encode(), values)).fetchone()
    return Account(**row) if row else None
