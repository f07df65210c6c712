"""GitHub, which speaks OAuth 2 without OpenID: somebody is their numeric id, and the primary verified mail the address.

A server of one's own (`issuer = "https://github.example.com"`) has its API below `/api/v3`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from surefoot.accounts.social import rules
from surefoot.accounts.social.model import Person, Provider, untrusted
from surefoot.accounts.social.oidc import Returned
from surefoot.accounts.social.outbound import Transport, ask
from surefoot.accounts.social.secrets import AttemptSecrets

_PUBLIC = "https://github.com"


class GitHub:
    """Surefoot as GitHub sees it."""

    def __init__(self, provider: Provider, transport: Transport = None) -> None:
        self._provider = provider
        self._transport = transport
        self._api = "https://api.github.com" if provider.issuer == _PUBLIC else f"{provider.issuer}/api/v3"

    async def location(self, secrets: AttemptSecrets, address: str, _at: datetime) -> str:
        """Where to send the browser; it comes back to `address`."""
        asked = {
            "client_id": self._provider.client_id,
            "redirect_uri": address,
            "scope": " ".join(self._provider.scopes),
            "state": secrets.state,
            "code_challenge": secrets.challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._provider.issuer}/login/oauth/authorize?{urlencode(asked)}"

    async def person(self, secrets: AttemptSecrets, returned: Returned, _at: datetime) -> Person:
        """Who came back. Raises SignInFailed with the reason, Unavailable."""
        rules.check_issuer(self._provider, returned.issuer, advertised=False)
        token = await self._exchange(secrets, returned)
        user = await self._ask("/user", token)
        found = user.get("id") if isinstance(user, dict) else None
        if not isinstance(found, int) or isinstance(found, bool):
            raise untrusted(self._provider, "id", "it does not say who came back")
        name = user.get("name") or user.get("login") or ""
        claims = {"sub": str(found), "name": name, "email": _primary(await self._ask("/user/emails", token))}
        return rules.person(self._provider, {**claims, "email_verified": True})

    async def _exchange(self, secrets: AttemptSecrets, returned: Returned) -> str:
        form = {
            "client_id": self._provider.client_id,
            "client_secret": self._provider.client_secret,
            "code": returned.code,
            "redirect_uri": returned.address,
            "code_verifier": secrets.verifier,
        }
        url = f"{self._provider.issuer}/login/oauth/access_token"
        status, found = await ask(self._transport, self._provider, url, form=form)
        token = found.get("access_token") if isinstance(found, Mapping) else None
        # It answers 200 for a code that it refuses, with an `error` inside.
        if status != 200 or not isinstance(token, str):
            raise rules.refused(self._provider, found)
        return token

    async def _ask(self, path: str, token: str) -> Any:
        headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}
        status, found = await ask(self._transport, self._provider, f"{self._api}{path}", headers=headers)
        if status != 200:
            raise untrusted(self._provider, "answer", f"status {status}")
        return found


def _primary(found: object) -> str | None:
    """The address that is both primary and verified: any other may belong to somebody else by now."""
    for one in found if isinstance(found, list) else []:
        if isinstance(one, dict) and one.get("primary") is True and one.get("verified") is True:
            return str(one.get("email") or "") or None
    return None
