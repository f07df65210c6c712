"""What a provider's answers amount to: pure decisions, shared by the protocols."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from surefoot.accounts.social.model import Person, Provider, untrusted
from surefoot.errors import Conflict, SignInFailed

SENDS_ISSUER = "authorization_response_iss_parameter_supported"
# Microsoft says `xms_edov` instead: whether the owner of the address's domain is known to it.
VERIFIED = ("email_verified", "xms_edov")
_LONGEST_NAME, _LONGEST_ADDRESS = 100, 254
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


def has_address(claims: Mapping[str, Any]) -> bool:
    """Whether the claims name an address and say whether it is verified; else userinfo may."""
    return "email" in claims and any(name in claims for name in VERIFIED)


def person(provider: Provider, claims: Mapping[str, Any]) -> Person:
    """Who the verified claims are about. The address counts only where somebody vouches for it."""
    verified = claims.get("email_verified") is True or claims.get("xms_edov") in (True, "1", "true")
    email, name = claims.get("email"), claims.get("name")
    usable = isinstance(email, str) and email.isprintable() and 0 < len(email) <= _LONGEST_ADDRESS
    return Person(
        issuer=provider.issuer,
        subject=claims["sub"],
        email=email if usable and (verified or provider.vouches) else None,
        name=name if isinstance(name, str) else "",
    )


def name_of(person: Person, email: str) -> str:
    """A name for a new account: what the provider says, or else the address's first part. Its owner may change it."""
    told = "".join(sign if sign.isprintable() else " " for sign in person.name)
    return " ".join(told.split())[:_LONGEST_NAME] or email.partition("@")[0]


def no_address(provider: Provider) -> Conflict:
    """The error for a new person whose address nobody vouches for."""
    return Conflict(
        f"{provider.title} does not say that your e-mail address is verified.",
        hint=f"Sign up with your address, and link {provider.title} in the settings of your account.",
        reason="email-not-verified",
    )


def has_account(provider: Provider, email: str) -> Conflict:
    """The error for a new person whose address has an account: only its owner, signed in, may link the two."""
    return Conflict(
        f"{email} has an account here, which {provider.title} is not linked to.",
        hint=f"Sign in as you did before, and link {provider.title} in the settings of your account.",
        reason="account-exists",
    )
