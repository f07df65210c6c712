"""API tokens in the database: only digests of their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from surefoot.db.ids import new_id
from surefoot.db.pool import Connection, Row
from surefoot.errors import NotFound
from surefoot.workspaces.tokens.model import Belongs, Current, Owner, Token

_COLUMNS = "id, name, scopes, prefix, created_by, created_at, expires_at, rotated_at, earlier_until, used_at"
_INSERT = f"""
    INSERT INTO api_tokens
      (id, account_id, workspace_id, name, scopes, prefix, digest, created_by, created_at, expires_at)
    VALUES (%(id)s, %(account)s, %(workspace)s, %(name)s, %(scopes)s, %(prefix)s, %(digest)s, %(by)s, %(at)s, %(until)s)
    RETURNING {_COLUMNS}
"""
_LIST = f"""
    SELECT {_COLUMNS} FROM api_tokens
    WHERE {{owner}} = %(owner)s AND (%(after)s::uuid IS NULL OR id > %(after)s) ORDER BY id LIMIT %(limit)s
"""
_GET = f"SELECT {_COLUMNS} FROM api_tokens WHERE {{owner}} = %(owner)s AND id = %(id)s FOR NO KEY UPDATE"
_OWNER = """
    SELECT t.account_id, t.workspace_id, coalesce(a.email, w.name) AS name
    FROM api_tokens t LEFT JOIN accounts a ON a.id = t.account_id LEFT JOIN workspaces w ON w.id = t.workspace_id
    WHERE t.id = %s
"""
_ROTATE = f"""
    UPDATE api_tokens SET
      earlier_digest = CASE WHEN %(earlier_until)s::timestamptz IS NOT NULL THEN digest END,
      earlier_until = %(earlier_until)s, digest = %(digest)s, prefix = %(prefix)s,
      rotated_at = %(at)s, expires_at = %(until)s
    WHERE id = %(id)s RETURNING {_COLUMNS}
"""
_DELETE = "DELETE FROM api_tokens WHERE id = %s"
_DELETE_ALL = "DELETE FROM api_tokens WHERE {owner} = %s RETURNING id"


async def insert_token(
    connection: Connection,
    owner: Owner,
    *,
    name: str,
    scopes: Sequence[str],
    prefix: str,
    digest: bytes,
    by: str,
    at: datetime,
    until: datetime,
) -> Token:
    """A new token; `by` is who makes it, for people."""
    given = {
        "id": new_id(),
        "account": owner.id if owner.kind is Belongs.ACCOUNT else None,
        "workspace": owner.id if owner.kind is Belongs.WORKSPACE else None,
        "name": name,
        "scopes": list(scopes),
        "prefix": prefix,
        "digest": digest,
        "by": by,
        "at": at,
        "until": until,
    }
    return _token(await (await connection.execute(_INSERT, given)).fetchone())


async def list_tokens(connection: Connection, owner: Owner, after: UUID | None, limit: int) -> tuple[Token, ...]:
    """An owner's tokens, the oldest first; those that have expired among them."""
    given = {"owner": owner.id, "after": after, "limit": limit}
    cursor = await connection.execute(_LIST.format(owner=owner.kind).encode(), given)
    return tuple([_token(row) async for row in cursor])


async def get_token(connection: Connection, owner: Owner, token_id: UUID) -> Token:
    """The owner's token, which nobody else changes until the transaction ends. Raises NotFound."""
    cursor = await connection.execute(_GET.format(owner=owner.kind).encode(), {"owner": owner.id, "id": token_id})
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("There is no such token.", hint="List them: it may have been revoked.")
    return _token(row)


async def get_current(connection: Connection, token_id: UUID) -> Current:
    """A token with its owner. Raises NotFound where it was revoked meanwhile."""
    row = await (await connection.execute(_OWNER, (token_id,))).fetchone()
    if row is None:
        raise NotFound("There is no such token.", hint="It was just revoked.")
    kind = Belongs.ACCOUNT if row["account_id"] else Belongs.WORKSPACE
    owner = Owner(kind, row[kind])
    return Current(await get_token(connection, owner, token_id), owner, row["name"])


async def update_secret(
    connection: Connection,
    token_id: UUID,
    *,
    prefix: str,
    digest: bytes,
    at: datetime,
    until: datetime,
    earlier_until: datetime | None,
) -> Token:
    """Give a token another secret; the one before it is good until `earlier_until`, or no longer."""
    given = {
        "id": token_id,
        "prefix": prefix,
        "digest": digest,
        "at": at,
        "until": until,
        "earlier_until": earlier_until,
    }
    return _token(await (await connection.execute(_ROTATE, given)).fetchone())


async def delete_token(connection: Connection, token_id: UUID) -> None:
    """Revoke a token: it counts from the next request on."""
    await connection.execute(_DELETE, (token_id,))


async def delete_tokens(connection: Connection, owner: Owner) -> tuple[UUID, ...]:
    """Revoke all tokens of an owner; returns which."""
    cursor = await connection.execute(_DELETE_ALL.format(owner=owner.kind).encode(), (owner.id,))
    return tuple([row["id"] async for row in cursor])


def _token(row: Row | None) -> Token:
    assert row is not None, "it was just written"
    return Token(**{**row, "scopes": tuple(row["scopes"])})
