"""What a provider's answers amount to: pure decisions, shared by the protocols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from surefoot.accounts.social.model import Person, Provider, untrusted
from surefoot.errors import SignInFailed

SENDS_ISSUER = "authorization_response_iss_parameter_supported"
_LONGEST_NAME = 200
_ERROR = re.compile(r"[a-z_]{1,64}")


def check_issuer(provider: Provider, given: str | None, *, advertised: bool) -> None:
    """Hold the `iss` of the return against the provider (RFC 9207): never another's, and there where it is advertised.

    Raises SignInFailed.
    """
    if given != provider.issuer and (given is not None or advertised):
        raise untrusted(provider, "mix-up", "the answer came from another provider")


def tokens(provider: Provider, found: object) -> Mapping[str, str]:
    """Access token and ID token of a token endpoint's answer. Raises SignInFailed."""
    if not isinstance(found, dict) or not all(isinstance(found.get(one), str) for one in ("access_token", "id_token")):
        raise untrusted(provider, "tokens", "tokens are missing")
    if str(found.get("token_type", "")).lower() != "bearer":
        raise untrusted(provider, "token_type", "its token is of another kind")
    return {"access_token": found["access_token"], "id_token": found["id_token"]}


def refused(provider: Provider, found: object) -> SignInFailed:
    """The error for a provider that does not take the code; its error code is told where it looks like one."""
    given = found.get("error") if isinstance(found, dict) else None
    code = given if isinstance(given, str) and _ERROR.fullmatch(given) else "refused"
    return SignInFailed(
        f"{provider.title} did not confirm the sign-in ({code}).",
        hint="Start again. If it happens again, tell whoever runs this installation.",
        reason=code,
    )


def person(provider: Provider, claims: Mapping[str, Any]) -> Person:
    """Who the verified claims are about. The address counts only where somebody vouches for it."""
    # Microsoft says `xms_edov` instead: whether the domain's owner has been verified.
    verified = claims.get("email_verified") is True or claims.get("xms_edov") in (True, 1, "1", "true")
    email = claims.get("email")
    name = claims.get("name")
    return Person(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=email if isinstance(email, str) and email and (verified or provider.vouches) else None,
        name=name[:_LONGEST_NAME] if isinstance(name, str) else "",
    )
