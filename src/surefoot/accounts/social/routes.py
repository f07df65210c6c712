"""Signing in with a provider, and the providers that are linked to one's account, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from surefoot.accounts.model import Begun
from surefoot.accounts.service_profile import own_id
from surefoot.accounts.sessions import set_cookie
from surefoot.accounts.shapes import Given, SignedIn, signed_in
from surefoot.accounts.social import service, store
from surefoot.accounts.social.cookie import attempt_of, clear_attempt, set_attempt
from surefoot.accounts.social.model import Identity, Purpose
from surefoot.accounts.social.parties import parties_of
from surefoot.web import access
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems

router = APIRouter()
SIGNING_IN, ACCOUNT = "Signing in", "Account"

_NAME = r"^[a-z][a-z0-9-]{0,31}$"
ProviderName = Annotated[
    str, Path(pattern=_NAME, description="A provider's name, as the list has it.", examples=["google"])
]


class ProviderOut(BaseModel):
    """A provider that people may sign in with."""

    name: str = Field(description="Its name in paths.", examples=["google"])
    title: str = Field(description="Its name for people.", examples=["Google"])


class ProvidersOut(BaseModel):
    """The providers of this installation."""

    items: list[ProviderOut] = Field(description="In the order of the operator's file; empty where there are none.")


class Elsewhere(BaseModel):
    """Where to send the browser."""

    location: str = Field(
        description="An address of the provider. The person comes back to `/signed-in-with/` and its name.",
        examples=["https://accounts.google.com/o/oauth2/v2/auth?response_type=code"],
    )


class ReturnedIn(Given):
    """What the provider sent the browser back with."""

    code: str = Field(min_length=1, max_length=4096, description="The `code` of the address.", examples=["4/0AbCd"])
    state: str = Field(
        min_length=1, max_length=512, description="The `state` of the address.", examples=["sign-in.Zm9vYmFy"]
    )
    iss: str | None = Field(
        None,
        min_length=1,
        max_length=1024,
        description="The `iss` of the address, where there is one.",
        examples=["https://accounts.google.com"],
    )

    def answer(self) -> service.Answer:
        """The same, for the service."""
        return service.Answer(self.code, self.state, self.iss)


class LinkReturnedIn(ReturnedIn):
    """The same, for an identity that is to be linked."""

    provider: str = Field(pattern=_NAME, description="The provider's name.", examples=["google"])


class LinkIn(Given):
    """What is to be linked."""

    provider: str = Field(pattern=_NAME, description="The provider's name, as the list has it.", examples=["google"])


class IdentityOut(BaseModel):
    """Who somebody is at a provider, linked to the account."""

    id: UUID = Field(description="Its id.")
    provider: str = Field(description="The provider's name.", examples=["google"])
    title: str = Field(description="The provider's name for people.", examples=["Google"])
    email: str | None = Field(
        description="The verified address that the provider told last; nothing is decided by it.",
        examples=["ada@example.org"],
    )
    linked_at: datetime = Field(description="When it was linked.")
    used_at: datetime | None = Field(description="When somebody last signed in with it.")


class IdentitiesOut(BaseModel):
    """The identities of an account."""

    items: list[IdentityOut] = Field(description="The first linked first.")


@router.get(
    "/sign-in/providers",
    operation_id="list_providers",
    summary="List the providers to sign in with",
    description="Those that the operator of this installation has configured.",
    response_model=ProvidersOut,
    responses=problems(429, 503),
    tags=[SIGNING_IN],
    **access.anyone(),
)
async def list_providers(request: Request) -> ProvidersOut:
    """List the providers to sign in with."""
    found = parties_of(request).providers.values()
    return ProvidersOut(items=[ProviderOut(name=one.name, title=one.title) for one in found])


@router.post(
    "/sign-in/providers/{provider}",
    operation_id="begin_provider_sign_in",
    summary="Begin to sign in with a provider",
    description="Says where to send the browser, and sets a cookie that the way back is tied to. The attempt lives for "
    "ten minutes and ends with the first answer.",
    response_model=Elsewhere,
    responses=problems(401, 404, 422, 429, 503),
    tags=[SIGNING_IN],
    **access.anyone(),
)
async def begin_provider_sign_in(request: Request, response: Response, provider: ProviderName) -> Elsewhere:
    """Begin to sign in with a provider."""
    return await _depart(request, response, provider, Purpose.SIGN_IN)


async def _depart(request: Request, response: Response, provider: str, purpose: Purpose) -> Elsewhere:
    platform = platform_of(request)
    departure = await service.depart(platform, call_of(request), parties_of(request), provider, purpose)
    set_attempt(response, platform.settings, departure.secret)
    return Elsewhere(location=departure.location)


@router.post(
    "/sign-in/providers/{provider}/complete",
    operation_id="complete_provider_sign_in",
    summary="Sign in with what a provider answered",
    description="For the browser that began the attempt. Somebody who is new, with an address that the provider has "
    "verified, gets an account. An address that has an account here is never linked by itself: its owner signs in as "
    "before, and links the provider.",
    response_model=SignedIn,
    response_model_exclude_none=True,
    responses=problems(401, 403, 404, 409, 422, 429, 503),
    tags=[SIGNING_IN],
    **access.anyone(),
)
async def complete_provider_sign_in(
    request: Request, response: Response, provider: ProviderName, body: ReturnedIn
) -> SignedIn:
    """Sign in with what a provider answered."""
    platform, call, parties = platform_of(request), call_of(request), parties_of(request)
    secret = attempt_of(request, platform.settings)
    done = await service.sign_in(platform, call, parties, provider, secret, body.answer())
    clear_attempt(response, platform.settings)
    if isinstance(done, Begun):
        set_cookie(response, platform.settings, done.secret)
    return signed_in(done)


@router.get(
    "/account/identities",
    operation_id="list_identities",
    summary="List the providers linked to your account",
    description="Who you are at each of them, as far as they told.",
    response_model=IdentitiesOut,
    responses=problems(401, 403, 503),
    tags=[ACCOUNT],
    **access.account(),
)
async def list_identities(request: Request) -> IdentitiesOut:
    """List the providers linked to your account."""
    async with platform_of(request).database.connection() as connection:
        found = await store.list_identities(connection, own_id(call_of(request)))
    return IdentitiesOut(items=[_shown(request, one) for one in found])


@router.post(
    "/account/identities",
    operation_id="begin_link",
    summary="Begin to link a provider to your account",
    description="Says where to send the browser, as for signing in. Whoever comes back may sign in to your account "
    "from then on.",
    response_model=Elsewhere,
    responses=problems(401, 403, 404, 422, 429, 503),
    tags=[ACCOUNT],
    **access.account(step_up=True),
)
async def begin_link(request: Request, response: Response, body: LinkIn) -> Elsewhere:
    """Begin to link a provider to your account."""
    return await _depart(request, response, body.provider, Purpose.LINK)


@router.post(
    "/account/identities/complete",
    operation_id="complete_link",
    summary="Link a provider with what it answered",
    description="For the browser and the account that began the attempt. A mail tells you of it.",
    status_code=201,
    response_model=IdentityOut,
    responses=problems(401, 403, 404, 409, 422, 429, 503),
    tags=[ACCOUNT],
    **access.account(),
)
async def complete_link(request: Request, response: Response, body: LinkReturnedIn) -> IdentityOut:
    """Link a provider with what it answered."""
    platform, call, parties = platform_of(request), call_of(request), parties_of(request)
    secret = attempt_of(request, platform.settings)
    identity = await service.link(platform, call, parties, body.provider, secret, body.answer())
    clear_attempt(response, platform.settings)
    return _shown(request, identity)


@router.delete(
    "/account/identities/{identity}",
    operation_id="unlink_identity",
    summary="Unlink a provider from your account",
    description="It signs in no more. The last way to sign in (password, passkeys, providers) stays. A mail tells you "
    "of it.",
    status_code=204,
    response_model=None,
    responses=problems(401, 403, 404, 409, 422, 503),
    tags=[ACCOUNT],
    **access.account(step_up=True),
)
async def unlink_identity(
    request: Request, identity: Annotated[UUID, Path(description="The identity's id, as the list has it.")]
) -> None:
    """Unlink a provider from your account."""
    platform = platform_of(request)
    async with platform.database.transaction() as connection:
        await service.unlink(connection, platform, call_of(request), parties_of(request), identity)


def _shown(request: Request, identity: Identity) -> IdentityOut:
    provider = parties_of(request).providers.get(identity.provider)
    return IdentityOut(
        id=identity.id,
        provider=identity.provider,
        title=provider.title if provider else identity.provider,
        email=identity.email,
        linked_at=identity.linked_at,
        used_at=identity.used_at,
    )
