"""Your second factors, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request

from surefoot.accounts.factors import passkeys, recovery, service, totp
from surefoot.accounts.factors.demand import demand_of
from surefoot.accounts.factors.model import Purpose
from surefoot.accounts.factors.shapes import (
    CodeIn,
    FactorsOut,
    PasskeyAdded,
    PasskeyEdit,
    PasskeyNew,
    PasskeyOptions,
    PasskeyOut,
    RecoveryCodes,
    TotpEnrolment,
)
from surefoot.accounts.rules import clean_name
from surefoot.accounts.service_profile import own_id
from surefoot.web import access
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems

router = APIRouter(tags=["Second factors"])
PasskeyId = Annotated[UUID, Path(description="The passkey, as the list has it.")]


def _account(request: Request) -> UUID:
    return own_id(call_of(request))


@router.get(
    "/account/factors",
    operation_id="list_factors",
    summary="List your second factors",
    description="Your authenticator app, your passkeys, and how many recovery codes are left; never a secret.",
    response_model=FactorsOut,
    responses=problems(401, 403, 503),
    **access.account(),
)
async def list_factors(request: Request) -> FactorsOut:
    """List your second factors."""
    async with platform_of(request).database.connection() as connection:
        return FactorsOut.of(await service.list_factors(connection, _account(request)))


@router.post(
    "/account/factors/totp",
    operation_id="begin_totp",
    summary="Set up an authenticator app",
    description="Makes a secret for your app. It counts for nothing until you confirm it with a first code, within ten "
    "minutes; an app that you have already goes on counting until then, and is replaced.",
    response_model=TotpEnrolment,
    responses=problems(401, 403, 503),
    **access.account(step_up=True),
)
async def begin_totp(request: Request) -> TotpEnrolment:
    """Set up an authenticator app."""
    platform = platform_of(request)
    async with platform.database.transaction() as connection:
        return TotpEnrolment.of(await totp.begin_totp(connection, platform, call_of(request), _account(request)))


@router.post(
    "/account/factors/totp/confirm",
    operation_id="confirm_totp",
    summary="Confirm an authenticator app",
    description="With the code that the app shows now. From here on it is asked for when you sign in. With your first "
    "factor you get ten recovery codes, which are shown only here, and your other sessions end.",
    response_model=RecoveryCodes,
    responses=problems(401, 403, 409, 422, 429, 503),
    **access.account(),
)
async def confirm_totp(request: Request, body: CodeIn) -> RecoveryCodes:
    """Confirm an authenticator app."""
    platform, call, account_id = platform_of(request), call_of(request), _account(request)
    await totp.take_confirmation(platform, account_id)
    async with platform.database.transaction() as connection:
        codes = await totp.confirm_totp(connection, platform, call, account_id, body.code)
    return RecoveryCodes(recovery_codes=list(codes))


@router.delete(
    "/account/factors/totp",
    operation_id="remove_totp",
    summary="Remove your authenticator app",
    description="With your last factor go your recovery codes. Refused for the last one where a workspace of yours "
    "demands a second factor.",
    status_code=204,
    response_model=None,
    responses=problems(401, 403, 404, 409, 503),
    **access.account(step_up=True),
)
async def remove_totp(request: Request) -> None:
    """Remove your authenticator app."""
    platform, account_id = platform_of(request), _account(request)
    async with platform.database.transaction() as connection:
        demanded = await demand_of(request)(connection, account_id)
        await totp.remove_totp(connection, platform, call_of(request), account_id, demanded=demanded)


@router.post(
    "/account/factors/recovery-codes",
    operation_id="make_recovery_codes",
    summary="Make new recovery codes",
    description="Ten codes in place of those you have, which are void from now on. They are shown only here.",
    response_model=RecoveryCodes,
    responses=problems(401, 403, 409, 503),
    **access.account(step_up=True),
)
async def make_recovery_codes(request: Request) -> RecoveryCodes:
    """Make new recovery codes."""
    platform = platform_of(request)
    async with platform.database.transaction() as connection:
        codes = await recovery.make_codes(connection, platform, call_of(request), _account(request))
    return RecoveryCodes(recovery_codes=list(codes))


@router.post(
    "/account/factors/passkeys/options",
    operation_id="begin_passkey",
    summary="Ask for a new passkey",
    description="Options for the browser to make a passkey with, on a device that holds none of yours yet.",
    response_model=PasskeyOptions,
    responses=problems(401, 403, 409, 503),
    **access.account(step_up=True),
)
async def begin_passkey(request: Request) -> PasskeyOptions:
    """Ask for a new passkey."""
    platform = platform_of(request)
    async with platform.database.transaction() as connection:
        options = await passkeys.begin_passkey(connection, platform, call_of(request), _account(request))
    return PasskeyOptions(public_key=options)


@router.post(
    "/account/factors/passkeys",
    operation_id="add_passkey",
    summary="Add a passkey",
    description="That the browser made from the options. With your first factor you get ten recovery codes, which are "
    "shown only here, and your other sessions end.",
    status_code=201,
    response_model=PasskeyAdded,
    responses=problems(401, 403, 409, 422, 503),
    **access.account(step_up=True),
)
async def add_passkey(request: Request, body: PasskeyNew) -> PasskeyAdded:
    """Add a passkey."""
    platform, call, account_id = platform_of(request), call_of(request), _account(request)
    name, credential = clean_name(body.name), body.credential.to_json()
    # In autocommit: whatever becomes of this answer, there is no second one to the same options.
    async with platform.database.connection() as connection:
        challenge = await passkeys.take_challenge(connection, call, credential, Purpose.REGISTER, account_id)
    async with platform.database.transaction() as connection:
        passkey, codes = await passkeys.add_passkey(connection, platform, call, account_id, challenge, credential, name)
    return PasskeyAdded(passkey=PasskeyOut.of(passkey), recovery_codes=list(codes))


@router.patch(
    "/account/factors/passkeys/{passkey}",
    operation_id="rename_passkey",
    summary="Rename a passkey",
    description="So that you know which one it is.",
    response_model=PasskeyOut,
    responses=problems(401, 403, 404, 422, 503),
    **access.account(),
)
async def rename_passkey(request: Request, passkey: PasskeyId, body: PasskeyEdit) -> PasskeyOut:
    """Rename a passkey."""
    name = clean_name(body.name)
    async with platform_of(request).database.transaction() as connection:
        renamed = await passkeys.rename_passkey(connection, call_of(request), _account(request), passkey, name)
    return PasskeyOut.of(renamed)


@router.delete(
    "/account/factors/passkeys/{passkey}",
    operation_id="remove_passkey",
    summary="Remove a passkey",
    description="With your last factor go your recovery codes. Refused for the last one where a workspace of yours "
    "demands a second factor.",
    status_code=204,
    response_model=None,
    responses=problems(401, 403, 404, 409, 422, 503),
    **access.account(step_up=True),
)
async def remove_passkey(request: Request, passkey: PasskeyId) -> None:
    """Remove a passkey."""
    platform, account_id = platform_of(request), _account(request)
    async with platform.database.transaction() as connection:
        demanded = await demand_of(request)(connection, account_id)
        await passkeys.remove_passkey(connection, platform, call_of(request), account_id, passkey, demanded=demanded)
