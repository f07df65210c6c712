"""Signing in and stepping up with a factor, over HTTP."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from surefoot.accounts.factors import sign_in
from surefoot.accounts.factors.shapes import (
    AnyProof,
    AnySecondFactor,
    ChallengeIn,
    PasskeyOptions,
    PasskeySignIn,
)
from surefoot.accounts.sessions import set_cookie
from surefoot.accounts.shapes import SignedIn, SteppedUp, signed_in
from surefoot.web import access
from surefoot.web.platform import call_of, platform_of
from surefoot.web.problems import problems

router = APIRouter(tags=["Signing in"])


@router.post(
    "/sign-in/second-factor",
    operation_id="finish_sign_in",
    summary="Give the second factor of a sign-in",
    description="Ends a sign-in that waits for a second factor: sets the session's cookie. A challenge takes five "
    "attempts, and an account ten codes of an authenticator app in an hour; each code is good once.",
    response_model=SignedIn,
    response_model_exclude_none=True,
    responses=problems(401, 422, 429, 503),
    **access.anyone(),
)
async def finish_sign_in(request: Request, response: Response, body: AnySecondFactor) -> SignedIn:
    """Give the second factor of a sign-in."""
    platform = platform_of(request)
    begun = await sign_in.finish_sign_in(platform, call_of(request), body.challenge, body.proof())
    set_cookie(response, platform.settings, begun.secret)
    return signed_in(begun)


@router.post(
    "/sign-in/second-factor/passkey/options",
    operation_id="ask_second_factor_passkey",
    summary="Ask for a passkey as second factor",
    description="Options for the browser, for a sign-in that waits for a second factor. Each answer to them counts "
    "once.",
    response_model=PasskeyOptions,
    responses=problems(401, 409, 422, 429, 503),
    **access.anyone(),
)
async def ask_second_factor(request: Request, body: ChallengeIn) -> PasskeyOptions:
    """Ask for a passkey as second factor."""
    options = await sign_in.ask_second_factor(platform_of(request), call_of(request), body.challenge)
    return PasskeyOptions(public_key=options)


@router.post(
    "/sign-in/passkey/options",
    operation_id="ask_passkey",
    summary="Ask for a passkey to sign in with",
    description="Options for the browser. They name no account: the person chooses one of the passkeys that the "
    "device holds for this site.",
    response_model=PasskeyOptions,
    responses=problems(429, 503),
    **access.anyone(),
)
async def ask_passkey(request: Request) -> PasskeyOptions:
    """Ask for a passkey to sign in with."""
    return PasskeyOptions(public_key=await sign_in.ask_passkey(platform_of(request), call_of(request)))


@router.post(
    "/sign-in/passkey",
    operation_id="sign_in_with_passkey",
    summary="Sign in with a passkey",
    description="Sets the session's cookie. The device verified its person, by PIN, finger or face: no second factor "
    "is asked for.",
    response_model=SignedIn,
    response_model_exclude_none=True,
    responses=problems(401, 422, 429, 503),
    **access.anyone(),
)
async def sign_in_with_passkey(request: Request, response: Response, body: PasskeySignIn) -> SignedIn:
    """Sign in with a passkey."""
    platform = platform_of(request)
    begun = await sign_in.sign_in_with_passkey(platform, call_of(request), body.assertion.to_json())
    set_cookie(response, platform.settings, begun.secret)
    return signed_in(begun)


@router.post(
    "/account/step-up/passkey/options",
    operation_id="ask_step_up_passkey",
    summary="Ask for a passkey to step up with",
    description="Options for the browser, with which you prove again who you are.",
    response_model=PasskeyOptions,
    responses=problems(401, 403, 409, 429, 503),
    **access.account(),
)
async def ask_step_up(request: Request) -> PasskeyOptions:
    """Ask for a passkey to step up with."""
    return PasskeyOptions(public_key=await sign_in.ask_step_up(platform_of(request), call_of(request)))


@router.post(
    "/account/step-up/factor",
    operation_id="step_up_with_factor",
    summary="Prove again who you are, with a factor",
    description="With your strongest factor (a passkey, else an authenticator app) or a recovery code in its place. "
    "For five minutes you may do what is dangerous. The session's cookie is a new one; the old one is void.",
    response_model=SteppedUp,
    response_model_exclude_none=True,
    responses=problems(401, 403, 409, 422, 429, 503),
    **access.account(),
)
async def step_up(request: Request, response: Response, body: AnyProof) -> SteppedUp:
    """Prove again who you are, with a factor."""
    platform = platform_of(request)
    begun = await sign_in.step_up(platform, call_of(request), body.proof())
    set_cookie(response, platform.settings, begun.secret)
    return SteppedUp(status="proven")
