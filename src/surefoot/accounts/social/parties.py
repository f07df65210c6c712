"""Surefoot as each of the configured providers sees it: made once for a process."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from fastapi import Request

from surefoot.accounts.social.github import GitHub
from surefoot.accounts.social.model import Kind, Provider
from surefoot.accounts.social.oidc import RelyingParty
from surefoot.accounts.social.outbound import Transport
from surefoot.accounts.social.providers import is_allowed, load_providers
from surefoot.errors import NotFound
from surefoot.platform_settings import PlatformSettings


class Parties:
    """The providers, and what talks to each."""

    def __init__(
        self, settings: PlatformSettings, providers: Mapping[str, Provider], transport: Transport = None
    ) -> None:
        """`transport` is what requests to providers go through, where it is not the network."""
        self.providers = providers
        allowed = partial(is_allowed, settings)
        self._parties: dict[str, RelyingParty | GitHub] = {
            name: GitHub(one, transport) if one.kind is Kind.GITHUB else RelyingParty(one, allowed, transport)
            for name, one in providers.items()
        }

    def get(self, name: str) -> tuple[Provider, RelyingParty | GitHub]:
        """A provider and what talks to it. Raises NotFound."""
        if name not in self.providers:
            raise NotFound("There is no such provider here.", hint="GET /api/v1/sign-in/providers lists them.")
        return self.providers[name], self._parties[name]


def open_parties(settings: PlatformSettings, transport: Transport = None) -> Parties:
    """What talks to the providers of the operator's file. Raises ConfigError."""
    return Parties(settings, load_providers(settings), transport)


def parties_of(request: Request) -> Parties:
    """What talks to the providers in this process; `make_app` sets it."""
    found: Parties = request.app.state.parties
    return found
