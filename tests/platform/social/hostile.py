"""An OpenID provider inside the test: honest as it comes, and as hostile as a test makes it."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from surefoot.accounts.social.model import Kind, Provider
from surefoot.accounts.social.oidc import Returned

ISSUER = "https://op.example"
CLIENT = "surefoot-client"
SECRET = "s3cret & more"
ADDRESS = "https://surefoot.example/signed-in-with/op"
Claims = dict[str, Any]


def provider(issuer: str = ISSUER, **given: Any) -> Provider:
    """The hostile provider as an operator would configure it."""
    values = {"name": "op", "title": "Op", "kind": Kind.OIDC, "client_id": CLIENT, "client_secret": SECRET}
    return Provider(**{"issuer": issuer, "scopes": ("openid", "email", "profile"), **values, **given})


@cache
def rsa_key(name: str = "main", bits: int = 2048) -> RSAKey:
    """An RSA key with its name as `kid`; the same one each time."""
    return RSAKey.generate_key(bits, {"kid": name, "use": "sig"})


@cache
def ec_key() -> ECKey:
    """A P-256 key."""
    return ECKey.generate_key("P-256", {"kid": "ec"})


@cache
def ed_key() -> OKPKey:
    """An Ed25519 key."""
    return OKPKey.generate_key("Ed25519", {"kid": "ed"})


def text(raw: bytes) -> str:
    """base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(claims: Mapping[str, Any], key: Key, algorithm: str = "RS256", **header: Any) -> str:
    """A token that the key has signed."""
    head = {"alg": algorithm, "typ": "JWT", "kid": key.kid, **header}
    return jws.serialize_compact(head, json.dumps(claims), key, algorithms=[algorithm])


def unsigned(claims: Mapping[str, Any]) -> str:
    """A token with the algorithm `none`."""
    return f"{text(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{text(json.dumps(claims).encode())}."


def keyed(claims: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    """A token with HS256: what is public, or shared with the client, taken for a key."""
    head = text(json.dumps({"alg": "HS256", "typ": "JWT", **header}).encode())
    body = f"{head}.{text(json.dumps(claims).encode())}"
    return f"{body}.{text(hmac.digest(secret, body.encode(), 'sha256'))}"


@dataclass
class Op:
    """A provider. Replace what it is to lie about: `metadata`, `claims`, `sign`, `userinfo`, `tokens`, `keys`."""

    at: datetime
    issuer: str = ISSUER
    metadata: Claims = field(default_factory=dict)
    claims: Callable[[Claims], Claims] = lambda claims: claims
    sign: Callable[[Claims], str] = lambda claims: signed(claims, rsa_key())
    tokens: Claims = field(default_factory=dict)
    keys: Callable[[], list[Any]] = lambda: [rsa_key().as_dict(private=False)]
    userinfo: Claims | None = None
    subject: str = "person-1"
    email: str | None = "ada@example.org"
    answer: Callable[[httpx.Request], httpx.Response | None] = lambda _request: None
    asked: list[httpx.Request] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def transport(self) -> httpx.MockTransport:
        """The network's edge: all requests come here."""
        return httpx.MockTransport(self._handle)

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(request.url.path == path for request in self.asked)

    def authorize(self, location: str) -> dict[str, str]:
        """What the browser comes back with, once the person said yes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def come_back(self, location: str, issuer: str | None = None) -> Returned:
        """The same, as the relying party takes it."""
        return Returned(self.authorize(location)["code"], issuer, ADDRESS)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if (answer := self.answer(request)) is not None:
            return answer
        match request.url.path:
            case "/.well-known/openid-configuration":
                return httpx.Response(200, json={**self._published(), **self.metadata})
            case "/jwks":
                return httpx.Response(200, json={"keys": self.keys()})
            case "/token":
                return self._token(request)
            case "/userinfo":
                return httpx.Response(200, json=self.userinfo)
        return httpx.Response(404, json={})

    def _published(self) -> Claims:
        names = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        return {"issuer": self.issuer, **{name: f"{ISSUER}{path}" for name, path in names.items()}}

    def _token(self, request: httpx.Request) -> httpx.Response:
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        begun = self.codes.pop(form["code"], None)
        challenge = text(hashlib.sha256(form["code_verifier"].encode()).digest())
        if begun is None or begun["code_challenge"] != challenge or begun["redirect_uri"] != form["redirect_uri"]:
            return httpx.Response(400, json={"error": "invalid_grant"})
        claims = self.claims(self._honest(begun["nonce"]))
        tokens = {"access_token": "at-1", "token_type": "Bearer", "id_token": self.sign(claims), **self.tokens}
        return httpx.Response(200, json={name: value for name, value in tokens.items() if value is not None})

    def _honest(self, nonce: str) -> Claims:
        now = int(self.at.timestamp())
        email = {"email": self.email, "email_verified": True} if self.email else {}
        known = {"iss": self.issuer, "aud": CLIENT, "sub": self.subject, "nonce": nonce, "name": "Ada Lovelace"}
        return {**known, "iat": now, "exp": now + 300, **email}


def at_hash(access_token: str, name: str = "sha256") -> str:
    """What an ID token says of the access token that comes with it."""
    digest = hashlib.new(name, access_token.encode()).digest()
    return text(digest[: len(digest) // 2])
