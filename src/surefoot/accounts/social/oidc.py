"""A strict OpenID Connect relying party: discovery, code with PKCE, ID token, userinfo; nothing optional beyond."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode

from surefoot.accounts.social import id_token, rules
from surefoot.accounts.social.model import Person, Provider, untrusted
from surefoot.accounts.social.outbound import Transport, ask
from surefoot.accounts.social.secrets import AttemptSecrets

# For how long what a provider publishes of itself is believed, and how often an unknown key may make us ask again.
KEPT = timedelta(hours=1)
ASKED_AGAIN = timedelta(seconds=30)
Keys = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Returned:
    """What the provider sent the browser back with, and the address that it was sent back to."""

    code: str
    issuer: str | None
    address: str


@dataclass(frozen=True, slots=True)
class _Published:
    """What a provider publishes of itself, when it was read, and when the keys were asked for once more."""

    metadata: Mapping[str, Any]
    keys: Keys
    read_at: datetime
    again_at: datetime | None = None


class RelyingParty:
    """Surefoot as one provider sees it. Keeps what the provider publishes for an hour."""

    def __init__(self, provider: Provider, allowed: Callable[[str], bool], transport: Transport = None) -> None:
        """`allowed` says which addresses may be talked to."""
        self._provider = provider
        self._allowed = allowed
        self._transport = transport
        self._published: _Published | None = None

    async def location(self, secrets: AttemptSecrets, address: str, at: datetime) -> str:
        """Where to send the browser; it comes back to `address`. Raises Unavailable, SignInFailed."""
        metadata = (await self._known(at)).metadata
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": address,
            "scope": " ".join(self._provider.scopes),
            "state": secrets.state,
            "nonce": secrets.nonce,
            "code_challenge": secrets.challenge,
            "code_challenge_method": "S256",
        }
        endpoint: str = metadata["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    async def person(self, secrets: AttemptSecrets, returned: Returned, at: datetime) -> Person:
        """Who came back. Raises SignInFailed with the reason, Unavailable."""
        metadata = (await self._known(at)).metadata
        rules.check_issuer(self._provider, returned.issuer, advertised=bool(metadata.get(rules.SENDS_ISSUER)))
        tokens = await self._exchange(metadata, secrets, returned)
        expected = id_token.Expected(self._provider, secrets.nonce, tokens["access_token"], at)
        claims = await self._claims(tokens["id_token"], expected)
        if not rules.has_address(claims) and isinstance(metadata.get("userinfo_endpoint"), str):
            claims |= await self._userinfo(metadata["userinfo_endpoint"], tokens, claims["sub"])
        return rules.person(self._provider, claims)

    async def _known(self, at: datetime) -> _Published:
        if self._published is None or at - self._published.read_at > KEPT:
            metadata = await self._metadata()
            self._published = _Published(metadata, await self._keys(metadata), at)
        return self._published

    async def _metadata(self) -> Mapping[str, Any]:
        """Discovery (OpenID Connect Discovery 1.0, section 4): the issuer is the very one that was configured."""
        found = await self._ask(f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self._provider.issuer:
            raise untrusted(self._provider, "issuer", "it says that it is somebody else")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"):
            url = found.get(name)
            if (url is not None or name != "userinfo_endpoint") and not self._is_allowed(url):
                raise untrusted(self._provider, name, f"its {name} is missing or not https")
        return found

    def _is_allowed(self, url: object) -> bool:
        return isinstance(url, str) and self._allowed(url)

    async def _keys(self, metadata: Mapping[str, Any]) -> Keys:
        found = (await self._ask(metadata["jwks_uri"])).get("keys")
        if not isinstance(found, list):
            raise untrusted(self._provider, "jwks", "its keys cannot be read")
        return [key for key in found if isinstance(key, dict)]

    async def _claims(self, token: str, expected: id_token.Expected) -> dict[str, Any]:
        """The token's claims. For an unknown key, the keys are read once more, and at most every 30 seconds."""
        known = await self._known(expected.at)
        try:
            return id_token.verify(token, known.keys, expected)
        except id_token.UnknownKey as error:
            if known.again_at is not None and expected.at - known.again_at < ASKED_AGAIN:
                raise self._unknown_key() from error
        keys = await self._keys(known.metadata)
        self._published = _Published(known.metadata, keys, known.read_at, expected.at)
        try:
            return id_token.verify(token, keys, expected)
        except id_token.UnknownKey as error:
            raise self._unknown_key() from error

    def _unknown_key(self) -> Exception:
        return untrusted(self._provider, "kid", "its token is signed with a key that it does not publish")

    async def _exchange(
        self, metadata: Mapping[str, Any], secrets: AttemptSecrets, returned: Returned
    ) -> Mapping[str, str]:
        """The tokens for the code (RFC 6749, section 4.1.3)."""
        form, headers = self._proof(metadata)
        form |= {
            "grant_type": "authorization_code",
            "code": returned.code,
            "redirect_uri": returned.address,
            "code_verifier": secrets.verifier,
        }
        status, found = await ask(
            self._transport, self._provider, metadata["token_endpoint"], form=form, headers=headers
        )
        if status != 200:
            raise rules.refused(self._provider, found)
        return rules.tokens(self._provider, found)

    def _proof(self, metadata: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
        """How we prove who we are: the secret in the header, unless the provider takes it in the form alone."""
        identity, secret = self._provider.client_id, self._provider.client_secret
        methods = metadata.get("token_endpoint_auth_methods_supported")
        if isinstance(methods, list) and "client_secret_basic" not in methods and "client_secret_post" in methods:
            return {"client_id": identity, "client_secret": secret}, {}
        basic = b64encode(f"{quote_plus(identity)}:{quote_plus(secret)}".encode()).decode()
        return {}, {"Authorization": f"Basic {basic}"}

    async def _userinfo(self, url: str, tokens: Mapping[str, str], subject: str) -> dict[str, Any]:
        """What userinfo says; it has to be about the same person as the ID token (section 5.3.2)."""
        found = await self._ask(url, {"Authorization": f"Bearer {tokens['access_token']}"})
        if found.get("sub") != subject:
            raise untrusted(self._provider, "userinfo", "its two answers are about two people")
        # All of it or nothing, so that no word about one address is taken for a word about another.
        told = ("name", "email", *rules.VERIFIED)
        return {name: found.get(name) for name in told} if "email" in found else {}

    async def _ask(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        status, found = await ask(self._transport, self._provider, url, headers=headers)
        if status != 200 or not isinstance(found, dict):
            raise untrusted(self._provider, "answer", f"status {status}, or not a JSON object")
        return found
