"""Secrets that the platform makes up and hands out: links, sessions, API tokens. Stored as their digest alone."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from enum import StrEnum

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BODY, _CHECKSUM = 43, 6
_TOKEN = re.compile(r"(sft_(?:pat|svc)_[0-9A-Za-z]{43})([0-9A-Za-z]{6})")


class TokenKind(StrEnum):
    """Whose an API token is: a person's, or a workspace's own."""

    PERSONAL = "pat"
    SERVICE = "svc"


def new_secret() -> str:
    """256 random bits as 43 characters that a URL's fragment and a cookie can hold."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """SHA-256, which is what is stored. For random secrets only: a password needs a slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def fits(stored: bytes, secret: str) -> bool:
    """Whether the digest is the secret's, in a time that tells nothing."""
    return hmac.compare_digest(stored, digest(secret))


def new_token(kind: TokenKind) -> str:
    """A new API token: `sft_pat_` or `sft_svc_`, 43 characters of base62 (256 bits), and a checksum of 6.

    The prefix and the checksum let programs that look for leaked secrets recognise one with no doubt.
    """
    body = "".join(secrets.choice(_BASE62) for _ in range(_BODY))
    text = f"sft_{kind}_{body}"
    return text + _checksum(text)


def is_token(text: str) -> bool:
    """Whether a text has a token's form and checksum; what has not needs no look into the database."""
    match = _TOKEN.fullmatch(text)
    return match is not None and _checksum(match[1]) == match[2]


def _checksum(text: str) -> str:
    """The CRC-32 of a text in base62, six digits."""
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(_CHECKSUM):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits
