"""Every error of the API becomes a problem here; what was refused of a change is told to the audit trail first."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import RouteContext
from starlette.exceptions import HTTPException

from surefoot.audit.record import Outcome, record
from surefoot.calls import ActorKind, Call
from surefoot.errors import DevicePending, DeviceTooFast, SurefootError, TooMany
from surefoot.limits.limiter import Limit
from surefoot.web.address import network_of
from surefoot.web.platform import platform_of
from surefoot.web.problems import Problem, answer, invalid_problem, problem_of, protocol_problem, request_id_of

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# Nobody can fill the audit trail: of the refusals of one network, and of those of an account or a service token, so
# many are written, and the rest is in the log.
NOBODYS = Limit("refusals", 60, 60)
SOMEBODYS = Limit("refusals-known", 120, 60)
# A program that waits for its approval asks every few seconds: nothing was refused yet.
WAITS = frozenset({DevicePending.code, DeviceTooFast.code})


def handle_errors(app: FastAPI) -> None:
    """Have the application answer every error with a problem."""
    app.add_exception_handler(SurefootError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _protocol)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, SurefootError)
    problem = problem_of(error, request_id_of(request))
    return await _told(request, problem)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _told(request, invalid_problem(error.errors(), request_id_of(request)))


async def _protocol(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = answer(protocol_problem(error.status_code, request_id_of(request)))
    response.headers.update(error.headers or {})
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(_methods(request)) or response.headers["Allow"]
    return response


def _methods(request: Request) -> list[str]:
    """The methods of a path of the API: each operation is a route of its own, and knows only its own."""
    operations: dict[str, RouteContext] = request.app.state.operations
    found = (route.methods for route in operations.values() if route.path_regex.match(request.url.path))
    return sorted(method for methods in found for method in methods or ())


async def _told(request: Request, problem: Problem) -> Response:
    """The answer, once the audit trail has what was refused; where that is not possible, that is the answer."""
    call = getattr(request.state, "call", None)
    refused = problem.status < 500 and problem.code not in WAITS
    if call is not None and request.method not in SAFE and refused:
        try:
            await _record(request, call, problem.code)
        except SurefootError as error:
            problem = problem_of(error, request_id_of(request))
    request.state.code = problem.code
    return answer(problem)


async def _record(request: Request, call: Call, code: str) -> None:
    platform = platform_of(request)
    is_known = call.actor.kind is not ActorKind.ANYONE
    whose = (SOMEBODYS, str(call.actor.id)) if is_known else (NOBODYS, network_of(call.address))
    try:
        await platform.limiter.take(whose)
    except TooMany:
        return
    async with platform.database.transaction() as connection:
        about = f"operation/{call.operation}"
        await record(connection, call, "request.refuse", about=about, outcome=Outcome.REFUSED, reason=code)
