"""Errors as the API tells them: problem details (RFC 9457), the same form for every refusal."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from itertools import islice
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from surefoot import errors
from surefoot.errors import SurefootError

MEDIA_TYPE = "application/problem+json"
TYPES = "/docs/reference/errors.md#"

# The first class that fits decides, so a narrower one stands before a wider one. What is not here is a mistake of ours.
STATUSES: tuple[tuple[type[SurefootError], int], ...] = (
    (errors.NotSignedIn, 401),
    (errors.SignInFailed, 401),
    (errors.Denied, 403),
    (errors.NotFound, 404),
    (errors.NoDeviceToken, 400),
    (errors.Stale, 412),
    (errors.Conflict, 409),
    (errors.Invalid, 422),
    (errors.UsageError, 422),
    (errors.Refused, 409),
    (errors.Busy, 409),
    (errors.TooMany, 429),
    (errors.Overloaded, 503),
    (errors.Unavailable, 503),
)
# What is wrong with the request itself, before any operation is asked for something: status, code and next step.
PROTOCOL: dict[int, tuple[str, str]] = {
    400: ("malformed-request", "Send what the reference of the API describes."),
    404: ("not-found", "The reference of the API lists the paths."),
    405: ("method-not-allowed", "The header Allow lists the methods of this path."),
    413: ("too-large", "Send less at a time."),
    415: ("unsupported-media-type", "Send JSON, and `Content-Type: application/json`."),
}
# What does not answer now may do so then. Seconds.
_LATER = 5
# A request of one megabyte can be wrong in very many places, whose names its sender chose.
_SHOWN, _LONGEST_POINTER = 20, 200
_OURS = "Something went wrong in the platform. It is in its log, under this request's id."


class FieldProblem(BaseModel):
    """What is wrong with one value of a request."""

    pointer: str = Field(description="Where it stands: `#/body/name`, `#/query/limit`.", examples=["#/body/name"])
    detail: str = Field(description="What is wrong with it.", examples=["Field required"])


class Problem(BaseModel):
    """What went wrong, to which object, and what to do next (RFC 9457). Some errors carry more facts of their own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="The error's place in the reference.", examples=[f"{TYPES}not-found"])
    title: str = Field(description="What this code means, always in the same words.")
    status: int = Field(description="The HTTP status.", examples=[404])
    code: str = Field(description="The error's stable name, for programs.", examples=["not-found"])
    detail: str = Field(description="What happened, to which object.")
    hint: str = Field("", description="What to do next.")
    request_id: str = Field("", description="The request's id, as the platform's log has it.")
    errors: Annotated[list[FieldProblem] | None, Field(description="Each value that cannot be used.")] = None


MEANINGS = {
    400: "The request is malformed.",
    401: "Nobody is signed in, or the credential is not valid.",
    403: "The caller may not do this, or has to prove again who they are.",
    404: "There is no such object, as far as the caller may know.",
    405: "The path has no such method.",
    409: "The state of the object is against it.",
    412: "Somebody changed the object since it was read.",
    413: "The request is too large.",
    415: "The request is not JSON.",
    422: "A value is not one that can be used.",
    429: "A limit is reached; the header Retry-After says when to come back.",
    503: "Something that the platform needs does not answer, or too much is asked at once.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route that can end so. What the guard refuses is added to each operation by itself."""
    return {status: {"description": MEANINGS[status], "model": Problem} for status in statuses}


def status_of(error: SurefootError) -> int:
    """The HTTP status of an error; 500 for one that no request should meet."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def problem_of(error: SurefootError, request_id: str) -> Problem:
    """The error for the caller. What is a mistake of ours says no more than that."""
    status = status_of(error)
    if status == 500:
        return mistake(request_id)
    facts = {name: value for name, value in error.details.items() if name not in Problem.model_fields}
    return Problem(
        type=TYPES + error.code,
        title=title_of(type(error)),
        status=status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        request_id=request_id,
        **facts,
    )


def title_of(kind: type[SurefootError]) -> str:
    """The first sentence of what a class of errors means."""
    return inspect.cleandoc(kind.__doc__ or kind.code).partition(".")[0]


def protocol_problem(status: int, request_id: str, detail: str = "") -> Problem:
    """What is wrong with a request before any operation sees it."""
    code, hint = PROTOCOL.get(status, PROTOCOL[400])
    title = HTTPStatus(status).phrase
    return Problem(
        type=TYPES + code,
        title=title,
        status=status,
        code=code,
        detail=detail or f"{title}.",
        hint=hint,
        request_id=request_id,
    )


def invalid_problem(found: Iterable[Mapping[str, Any]], request_id: str) -> Problem:
    """Values that the operation's description does not allow, the first twenty of them.

    What was sent is not repeated, for it may be a password; but for the names of fields, which are cut.
    """
    fields = [_field(one) for one in islice(found, _SHOWN)]
    shown = "; ".join(f"{one.pointer}: {one.detail}" for one in fields[:3])
    return Problem(
        type=TYPES + errors.Invalid.code,
        title=title_of(errors.Invalid),
        status=422,
        code=errors.Invalid.code,
        detail=f"The request cannot be used: {shown}.",
        hint="Mend what `errors` lists.",
        request_id=request_id,
        errors=fields,
    )


def _field(found: Mapping[str, Any]) -> FieldProblem:
    detail = str(found["msg"])
    if found["type"] == "union_tag_invalid":
        # The validator's own words repeat what was sent.
        detail = f"Input should be one of: {found['ctx']['expected_tags']}"
    return FieldProblem(pointer=pointer(found["loc"])[:_LONGEST_POINTER], detail=detail)


def pointer(location: Sequence[str | int]) -> str:
    """A place in a request, as a JSON pointer (RFC 6901) in a URI fragment."""
    return "#/" + "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in location)


def mistake(request_id: str) -> Problem:
    """An error that nobody expected: the log has it, the caller its id."""
    return Problem(
        type=f"{TYPES}internal",
        title="Internal error",
        status=500,
        code="internal",
        detail=_OURS,
        hint="Try again; if it stays, tell whoever runs the platform.",
        request_id=request_id,
    )


def answer(problem: Problem) -> Response:
    """The problem as a response, with the headers that belong to its code."""
    headers = {}
    after = (problem.model_extra or {}).get("retry_after", _LATER if problem.status == 503 else None)
    if after is not None:
        headers["Retry-After"] = str(after)
    if problem.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="surefoot"'
    return JSONResponse(
        problem.model_dump(mode="json", exclude_none=True), problem.status, headers=headers, media_type=MEDIA_TYPE
    )


def request_id_of(request: Request) -> str:
    """The id that this request has in the log, in the audit trail and in the answer."""
    return str(getattr(request.state, "request_id", ""))
