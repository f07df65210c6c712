"""What one attempt is tied with: everything is derived from the secret in its cookie, and nothing of it is stored."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from surefoot.accounts.social.model import Purpose


@dataclass(frozen=True, slots=True)
class AttemptSecrets:
    """State, nonce and PKCE verifier of one attempt. None of them leads back to the cookie or to another of them."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)

    @property
    def challenge(self) -> str:
        """The verifier's S256 challenge (RFC 7636, section 4.2)."""
        return _text(hashlib.sha256(self.verifier.encode()).digest())


def secrets_of(cookie: str, purpose: Purpose) -> AttemptSecrets:
    """The secrets of the attempt with that cookie. The state says its purpose, so that the return page knows it."""
    return AttemptSecrets(
        state=f"{purpose}.{_derived(cookie, f'state {purpose}')}",
        nonce=_derived(cookie, "nonce"),
        verifier=_derived(cookie, "verifier"),
    )


def _derived(cookie: str, what: str) -> str:
    return _text(hmac.digest(cookie.encode(), f"surefoot social {what}".encode(), "sha256"))


def _text(digest: bytes) -> str:
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
