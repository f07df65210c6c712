"""Whether an ID token may be believed (OpenID Connect Core 1.0, section 3.1.3.7; RFC 8725): pure decisions."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey
from joserfc.registry import Header

from surefoot.accounts.social.model import Provider, untrusted

# By how much the provider's clock and ours may differ, and how long ago a token may have been made. Seconds.
SKEW = 30
OLDEST = 600
SHORTEST_RSA = 2048
# 255 ASCII characters at most (section 2 of the same).
_SUBJECT = re.compile(r"[\x20-\x7e]{1,255}")
# What a public key is made of; the rest of a JWK is description.
_PUBLIC = ("kty", "crv", "x", "y", "n", "e")


@dataclass(frozen=True, slots=True)
class _Algorithm:
    """What key an algorithm needs, and the hash that its `at_hash` is made with."""

    key_type: str
    curve: str | None
    hash: str


# Ours, and not the token's or the provider's to choose: nothing with a shared secret, and never `none`.
ALGORITHMS = {
    "RS256": _Algorithm("RSA", None, "sha256"),
    "PS256": _Algorithm("RSA", None, "sha256"),
    "ES256": _Algorithm("EC", "P-256", "sha256"),
    "EdDSA": _Algorithm("OKP", "Ed25519", "sha512"),
    "Ed25519": _Algorithm("OKP", "Ed25519", "sha512"),
}
_REGISTRY = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class UnknownKey(Exception):
    """The token names a key that is not in the set: the provider may have a new one."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What this one token has to hold."""

    provider: Provider
    nonce: str
    access_token: str
    at: datetime


def verify(token: str, keys: Sequence[Mapping[str, Any]], expected: Expected) -> dict[str, Any]:
    """The claims of a token that holds everything it has to. Raises SignInFailed with the reason, UnknownKey."""
    header, claims = _signed(token, keys, expected.provider)
    _check_issuer_and_audience(claims, expected.provider)
    _check_times(claims, expected)
    _check_bindings(header, claims, expected)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not _SUBJECT.fullmatch(subject):
        raise untrusted(expected.provider, "sub", "its token does not say who it is about")
    return claims


def _signed(token: str, keys: Sequence[Mapping[str, Any]], provider: Provider) -> tuple[Header, dict[str, Any]]:
    try:
        found = jws.extract_compact(token.encode())
        header = found.headers()
        key = _key(header, keys, provider)
        # joserfc warns of the name EdDSA, which providers still use; its curve is held to Ed25519 in `_fits`.
        with warnings.catch_warnings(action="ignore"):
            holds = jws.validate_compact(found, key, registry=_REGISTRY)
        claims = json.loads(found.payload)
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise untrusted(provider, "malformed", "its token cannot be read") from error
    if not holds:
        raise untrusted(provider, "signature", "its token is not signed by it")
    if not isinstance(claims, dict):
        raise untrusted(provider, "malformed", "its token cannot be read")
    return header, claims


def _key(header: Header, keys: Sequence[Mapping[str, Any]], provider: Provider) -> Key:
    """The one key that the header means, of those that fit its algorithm. A key in the header itself is never one."""
    algorithm = ALGORITHMS.get(str(header.get("alg")))
    if algorithm is None:
        raise untrusted(provider, "alg", "its token is signed in a way that is not accepted")
    if str(header.get("typ", "JWT")).upper() != "JWT" or "crit" in header:
        raise untrusted(provider, "typ", "its token is of another kind")
    fitting = list(_fitting(algorithm, str(header["alg"]), keys))
    named = [key for key in fitting if key.get("kid") == header["kid"]] if "kid" in header else fitting
    if len(named) != 1:
        raise UnknownKey
    # The type is in `_fits` already; what else the provider says of its key is not ours to check.
    key = JWKRegistry.import_key({name: value for name, value in named[0].items() if name in _PUBLIC})
    if isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA:
        raise untrusted(provider, "key", "its key is too short")
    return key


def _fitting(algorithm: _Algorithm, name: str, keys: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for key in keys:
        fits = key.get("kty") == algorithm.key_type and key.get("crv") == algorithm.curve
        if fits and key.get("use", "sig") == "sig" and key.get("alg", name) == name:
            yield key


def _check_issuer_and_audience(claims: Mapping[str, Any], provider: Provider) -> None:
    if claims.get("iss") != provider.issuer:
        raise untrusted(provider, "iss", "its token was issued by somebody else")
    # A further audience would be one that we do not know, and therefore not one to trust.
    if claims.get("aud") not in (provider.client_id, [provider.client_id]):
        raise untrusted(provider, "aud", "its token is meant for somebody else")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise untrusted(provider, "azp", "its token was given to somebody else")


def _check_times(claims: Mapping[str, Any], expected: Expected) -> None:
    now = expected.at.timestamp()
    if not _number(claims.get("exp"), above=now - SKEW):
        raise untrusted(expected.provider, "exp", "its token has expired")
    if not _number(claims.get("iat"), above=now - OLDEST - SKEW, up_to=now + SKEW):
        raise untrusted(expected.provider, "iat", "its token was not made just now")
    if not _number(claims.get("nbf", 0), up_to=now + SKEW):
        raise untrusted(expected.provider, "nbf", "its token is not valid yet")


def _number(value: object, *, above: float = -1.0, up_to: float = 1e12) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and above < value <= up_to


def _check_bindings(header: Header, claims: Mapping[str, Any], expected: Expected) -> None:
    if not _equal(claims.get("nonce"), expected.nonce):
        raise untrusted(expected.provider, "nonce", "its token was made for another attempt")
    if "at_hash" in claims and not _equal(claims["at_hash"], _at_hash(str(header["alg"]), expected.access_token)):
        raise untrusted(expected.provider, "at_hash", "its two tokens do not belong together")


def _at_hash(algorithm: str, access_token: str) -> str:
    digest = hashlib.new(ALGORITHMS[algorithm].hash, access_token.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _equal(given: object, wanted: str) -> bool:
    return isinstance(given, str) and compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())
