"""Signing up, in and out, and resetting a password: what nobody needs to be signed in for."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request, Response, status

from surefoot.accounts.model import Begun
from surefoot.accounts.service_password import ask_reset, complete_reset
from surefoot.accounts.service_sign_in import sign_in
from surefoot.accounts.service_sign_up import ask_to_sign_up, complete_sign_up
from surefoot.accounts.sessions import clear_cookie, end_session, set_cookie
from surefoot.accounts.shapes import (
    AddressGiven,
    Done,
    Mailed,
    ResetGiven,
    SignedIn,
    SignInGiven,
    SignUpGiven,
    signed_in,
)
from surefoot.errors import NotFound
from surefoot.web import access
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems

router = APIRouter(tags=["Signing in"])


@router.post(
    "/sign-up",
    operation_id="ask_to_sign_up",
    summary="Ask for an account",
    description="Mails a link to the address that makes an account, good for 24 hours. An address that has an account "
    "gets a mail that says so. The answer is the same for every address.",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Mailed,
    responses=problems(422, 429, 503),
    **access.anyone(),
)
async def ask_for_account(given: AddressGiven, request: Request) -> Mailed:
    """Ask for an account."""
    await ask_to_sign_up(platform_of(request), call_of(request), given.email)
    return Mailed()


@router.post(
    "/sign-up/resend",
    operation_id="resend_sign_up",
    summary="Ask for the link once more",
    description="As POST /sign-up, once in three minutes and five times a day for each address. Others are void.",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Mailed,
    responses=problems(422, 429, 503),
    **access.anyone(),
)
async def resend(given: AddressGiven, request: Request) -> Mailed:
    """Ask for the link once more."""
    await ask_to_sign_up(platform_of(request), call_of(request), given.email, again=True)
    return Mailed()


@router.post(
    "/sign-up/complete",
    operation_id="complete_sign_up",
    summary="Make the account",
    description="The token proves the mailbox; it stays good until the name and the password are. You are signed in.",
    response_model=SignedIn,
    response_model_exclude_none=True,
    responses=problems(404, 409, 422, 429, 503),
    **access.anyone(),
)
async def complete_account(given: SignUpGiven, request: Request, response: Response) -> SignedIn:
    """Make the account."""
    platform = platform_of(request)
    begun = await complete_sign_up(platform, call_of(request), given.token, given.name, given.password)
    set_cookie(response, platform.settings, begun.secret)
    return signed_in(begun)


@router.post(
    "/sign-in",
    operation_id="sign_in",
    summary="Sign in with a password",
    description="Begins a session, whose secret is in the cookie, or says that a second factor is needed. An address "
    "that nobody has is answered as a wrong password is.",
    response_model=SignedIn,
    response_model_exclude_none=True,
    responses=problems(401, 422, 429, 503),
    **access.anyone(),
)
async def sign_in_with_password(given: SignInGiven, request: Request, response: Response) -> SignedIn:
    """Sign in with a password."""
    platform = platform_of(request)
    done = await sign_in(platform, call_of(request), given.email, given.password)
    if isinstance(done, Begun):
        set_cookie(response, platform.settings, done.secret)
    return signed_in(done)


@router.post(
    "/sign-out",
    operation_id="sign_out",
    summary="Sign out",
    description="Ends the session, has the browser forget the cookie and clear what it stored. A session that is over "
    "already is no error.",
    response_model=Done,
    responses=problems(503),
    **access.anyone(),
)
async def sign_out(request: Request, response: Response) -> Done:
    """Sign out."""
    platform, call = platform_of(request), call_of(request)
    if call.actor.session and call.actor.id:
        with suppress(NotFound):
            async with platform.database.transaction() as connection:
                await end_session(connection, call, call.actor.id, call.actor.session)
    clear_cookie(response, platform.settings)
    # Not "cookies": that would sign people out of every other program below the same registered domain.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return Done()


@router.post(
    "/password/reset",
    operation_id="ask_password_reset",
    summary="Ask for a new password",
    description="Mails a link that sets a new password, good for 30 minutes. An address without an account gets a mail "
    "that says so. The answer is the same for every address.",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Mailed,
    responses=problems(422, 429, 503),
    **access.anyone(),
)
async def ask_for_password(given: AddressGiven, request: Request) -> Mailed:
    """Ask for a new password."""
    await ask_reset(platform_of(request), call_of(request), given.email)
    return Mailed()


@router.post(
    "/password/reset/complete",
    operation_id="complete_password_reset",
    summary="Set a new password by a mailed link",
    description="Ends every session and makes changes of the address that wait void. Nobody is signed in by it; second "
    "factors and API tokens stay: see GET /account/tokens whether you want to revoke some.",
    response_model=Done,
    responses=problems(404, 422, 429, 503),
    **access.anyone(),
)
async def complete_password(given: ResetGiven, request: Request) -> Done:
    """Set a new password by a mailed link."""
    await complete_reset(platform_of(request), call_of(request), given.token, given.password)
    return Done()
