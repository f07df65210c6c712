"""The cookie that ties the way back from a provider to the browser that set out."""

from __future__ import annotations

from fastapi import Request, Response

from surefoot.accounts.social.store import LIVES
from surefoot.errors import SignInFailed
from surefoot.platform_settings import PlatformSettings

COOKIE = "__Host-surefoot-attempt"
# Over plain HTTP no browser takes a cookie that is Secure.
PLAIN_COOKIE = "surefoot-attempt-plain-http"


def attempt_of(request: Request, settings: PlatformSettings) -> str:
    """The secret of the attempt that the browser began. Raises SignInFailed without one."""
    secret = request.cookies.get(_name(settings))
    if not secret:
        raise SignInFailed(
            "This browser has begun no attempt in the last ten minutes.", hint="Start again.", reason="attempt"
        )
    return secret


def set_attempt(response: Response, settings: PlatformSettings, secret: str) -> None:
    """Have the browser keep the secret for ten minutes. Only our own pages send it: the return page posts it."""
    response.set_cookie(
        _name(settings),
        secret,
        max_age=int(LIVES.total_seconds()),
        path="/",
        secure=settings.is_https,
        httponly=True,
        samesite="strict",
    )


def clear_attempt(response: Response, settings: PlatformSettings) -> None:
    """Have the browser forget it."""
    response.delete_cookie(_name(settings), path="/", secure=settings.is_https, httponly=True, samesite="strict")


def _name(settings: PlatformSettings) -> str:
    return COOKIE if settings.is_https else PLAIN_COOKIE
