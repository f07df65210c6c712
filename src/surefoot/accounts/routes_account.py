"""One's own account: name, password, address, sessions, and proving again who one is."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response, status

from surefoot.accounts.model import Begun
from surefoot.accounts.service_password import change_password
from surefoot.accounts.service_profile import (
    ask_email_change,
    confirm_email,
    get_profile,
    own_id,
    rename,
)
from surefoot.accounts.service_sign_in import step_up
from surefoot.accounts.sessions import end_session, end_sessions, list_sessions, set_cookie
from surefoot.accounts.shapes import (
    AccountShown,
    AddressGiven,
    Done,
    Ended,
    Mailed,
    NameGiven,
    PasswordGiven,
    SessionShown,
    SteppedUp,
    StepUpGiven,
    TokenGiven,
    account_shown,
    session_shown,
)
from surefoot.web import access
from surefoot.web.etags import IfMatch, etag_of, expected_version
from surefoot.web.pages import Cursor, Page, Size, key_of, page_of
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems

router = APIRouter(tags=["Account"])
SessionId = Annotated[UUID, Path(description="The session, as the list has it.")]


@router.get(
    "/account",
    operation_id="get_account",
    summary="Your account",
    description="Who you are here. The header ETag is what a change is sent with.",
    response_model=AccountShown,
    responses=problems(503),
    **access.account(),
)
async def show(request: Request, response: Response) -> AccountShown:
    """Your account."""
    async with platform_of(request).database.connection() as connection:
        shown = account_shown(await get_profile(connection, call_of(request)))
    response.headers["ETag"] = etag_of(shown.version)
    return shown


@router.patch(
    "/account",
    operation_id="update_account",
    summary="Change your name",
    description="If-Match holds the ETag of the account as you have read it.",
    response_model=AccountShown,
    responses=problems(412, 422, 503),
    **access.account(),
)
async def edit(given: NameGiven, request: Request, response: Response, if_match: IfMatch = None) -> AccountShown:
    """Change your name."""
    call, version = call_of(request), expected_version(if_match)
    async with platform_of(request).database.transaction() as connection:
        await rename(connection, call, given.name, version)
        shown = account_shown(await get_profile(connection, call))
    response.headers["ETag"] = etag_of(shown.version)
    return shown


@router.put(
    "/account/password",
    operation_id="change_password",
    summary="Change your password",
    description="The current password is the proof. With second factors, or for an account that has no password yet, "
    "step up first. Every other session ends, this one gets a new cookie, and a mail tells you.",
    response_model=Done,
    responses=problems(401, 403, 409, 422, 429, 503),
    **access.account(),
)
async def replace_password(given: PasswordGiven, request: Request, response: Response) -> Done:
    """Change your password."""
    platform = platform_of(request)
    begun = await change_password(platform, call_of(request), given.current, given.new)
    set_cookie(response, platform.settings, begun.secret)
    return Done()


@router.post(
    "/account/email",
    operation_id="ask_email_change",
    summary="Ask for another address",
    description="Mails a link to the new address, good for one hour, and a notice to the present one, which stays "
    "until the link is opened. The answer is the same for an address that another account has.",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=Mailed,
    responses=problems(409, 422, 429, 503),
    **access.account(step_up=True),
)
async def ask_for_address(given: AddressGiven, request: Request) -> Mailed:
    """Ask for another address."""
    await ask_email_change(platform_of(request), call_of(request), given.email)
    return Mailed()


@router.post(
    "/account/email/confirm",
    operation_id="confirm_email_change",
    summary="Take the new address",
    description="With the token of the mailed link, signed in to the account that asked for it.",
    response_model=Done,
    responses=problems(404, 409, 422, 429, 503),
    **access.account(),
)
async def take_address(given: TokenGiven, request: Request) -> Done:
    """Take the new address."""
    await confirm_email(platform_of(request), call_of(request), given.token)
    return Done()


@router.get(
    "/account/sessions",
    operation_id="list_sessions",
    summary="Where you are signed in",
    description="Your sessions, the latest begun first.",
    response_model=Page[SessionShown],
    responses=problems(422, 503),
    **access.account(),
)
async def sessions(request: Request, limit: Size = 50, cursor: Cursor = None) -> Page[SessionShown]:
    """Where you are signed in."""
    call, key = call_of(request), key_of(cursor, UUID)
    async with platform_of(request).database.connection() as connection:
        found = await list_sessions(connection, own_id(call), call.at, limit + 1, key[0] if key else None)
    return page_of(found, limit, lambda one: session_shown(one, call.actor.session), lambda one: (one.id,))


@router.delete(
    "/account/sessions/{session}",
    operation_id="end_session",
    summary="Sign out elsewhere",
    description="Ends one of your sessions, from its next request on.",
    response_model=Done,
    responses=problems(404, 422, 503),
    **access.account(step_up=True),
)
async def end_one(session: SessionId, request: Request) -> Done:
    """Sign out elsewhere."""
    call = call_of(request)
    async with platform_of(request).database.transaction() as connection:
        await end_session(connection, call, own_id(call), session)
    return Done()


@router.delete(
    "/account/sessions",
    operation_id="end_other_sessions",
    summary="Sign out everywhere else",
    description="Ends all of your sessions but this one, from their next request on.",
    response_model=Ended,
    responses=problems(503),
    **access.account(step_up=True),
)
async def end_others(request: Request) -> Ended:
    """Sign out everywhere else."""
    call = call_of(request)
    async with platform_of(request).database.transaction() as connection:
        return Ended(ended=await end_sessions(connection, call, own_id(call), but=call.actor.session))


@router.post(
    "/account/step-up",
    operation_id="step_up",
    summary="Prove again who you are",
    description="With the password, for accounts without second factors: what is dangerous is then allowed for five "
    "minutes, and the cookie is new. With second factors nothing is verified: the answer says which will do.",
    response_model=SteppedUp,
    response_model_exclude_none=True,
    responses=problems(401, 409, 422, 429, 503),
    **access.account(),
)
async def prove(given: StepUpGiven, request: Request, response: Response) -> SteppedUp:
    """Prove again who you are."""
    platform = platform_of(request)
    done = await step_up(platform, call_of(request), given.password)
    if not isinstance(done, Begun):
        return SteppedUp(status="second-factor", factors=list(done))
    set_cookie(response, platform.settings, done.secret)
    return SteppedUp(status="proven")
