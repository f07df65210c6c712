"""Who asks: by the session cookie, or by an API token; never by both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fastapi import Request

from surefoot.accounts.sessions import authenticate_session, cookie_of
from surefoot.calls import ANYONE, Actor
from surefoot.db.pool import Connection
from surefoot.platform_settings import PlatformSettings
from surefoot.workspaces.access import authenticate_token


@dataclass(frozen=True, slots=True)
class Credential:
    """What a request brings to prove who asks: the secret of a session, or an API token."""

    secret: str
    is_token: bool


def credential_of(request: Request, settings: PlatformSettings) -> Credential | None:
    """What the request brings; where it has an Authorization header, cookies are not looked at."""
    given = request.headers.get("authorization")
    if given is not None:
        scheme, _, bearer = given.partition(" ")
        return Credential(bearer.strip() if scheme.lower() == "bearer" else "", is_token=True)
    secret = request.cookies.get(cookie_of(settings))
    return Credential(secret, is_token=False) if secret else None


async def who_asks(connection: Connection, credential: Credential, at: datetime) -> Actor | None:
    """The actor; ANYONE for a session that is over, None for a token that is none."""
    if credential.is_token:
        return await authenticate_token(connection, credential.secret, at)
    return await authenticate_session(connection, credential.secret, at) or ANYONE
