"""The API's description (OpenAPI 3.1): what FastAPI knows of the routes, and what holds for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from surefoot.accounts.sessions import COOKIE, PLAIN_COOKIE
from surefoot.web.access import Access, Who, declared
from surefoot.web.problems import MEANINGS, MEDIA_TYPE, FieldProblem, Problem

_ABOUT = """\
Everything that Surefoot's platform does. The console and the command line use nothing else.

**Who asks.** A person by the session's cookie, or a program by an API token (`Authorization: Bearer sft_...`); with a
token, cookies are not looked at. `x-surefoot-access` says of each operation who may call it, and which permission the
role in the workspace and the scopes of the token must hold. With a cookie, whatever changes something needs the header
`X-Surefoot: 1`, and comes from the platform's own origin.

**What is refused** is told as a problem (RFC 9457) with a stable `code`, the object, and what to do next.

**Lists** come in pages: `next` is the `cursor` of the one that follows, and null at the end. **Creations** take an
`Idempotency-Key`. **Edits** need the ETag of what was read, in `If-Match`. Times are in UTC, ids are UUIDs that sort by
time.
"""
_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"What signing in sets. On plain http (a machine of your own) its name is `{PLAIN_COOKIE}`.",
    },
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, personal or of a workspace."},
}
_METHODS = ("get", "put", "post", "delete", "patch")
# Each of them can meet any operation: a bad token, values that do not fit, too many of one address, a database away.
_EVERYWHERE = (400, 401, 413, 415, 422, 429, 503)


def describe(app: FastAPI) -> dict[str, Any]:
    """The document, made once for each application."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
        _finish(made)
        app.openapi_schema = made
    return app.openapi_schema


def _finish(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    components["securitySchemes"] = _SCHEMES
    components["responses"] = _problems()
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for model in (Problem, FieldProblem):
        made = model.model_json_schema(ref_template="#/components/schemas/{model}")
        made.pop("$defs", None)
        schemas[model.__name__] = made
    components["schemas"] = dict(sorted(schemas.items()))
    for operation in operations(document):
        access = declared(operation)
        assert access is not None, "make_app refuses such a route"
        operation["security"] = _security(access)
        operation["responses"] = _responses(operation.get("responses", {}), access)


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every operation of a description."""
    for path in document["paths"].values():
        yield from (path[method] for method in _METHODS if method in path)


def _security(access: Access) -> list[dict[str, list[str]]]:
    if access.who is Who.ANYONE:
        return []
    names = ("session", "token") if access.tokens else ("session",)
    return [{name: []} for name in names]


def _responses(given: dict[str, Any], access: Access) -> dict[str, Any]:
    """The operation's own answers, and the problems that it can end in, each in the same form."""
    refused = {Who.ANYONE: (403,), Who.ACCOUNT: (403,), Who.MEMBER: (403, 404)}[access.who]
    told = {int(status) for status in given if _is_problem(status)}
    answers = {status: answer for status, answer in given.items() if not _is_problem(status)}
    for status in (*told, *_EVERYWHERE, *refused):
        answers[str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    return dict(sorted(answers.items()))


def _is_problem(status: str) -> bool:
    return status.isdigit() and int(status) >= 400


def _name(status: int) -> str:
    return HTTPStatus(status).phrase.title().replace(" ", "")


def _problems() -> dict[str, Any]:
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    after = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}
    return {
        _name(status): {
            "description": meaning,
            "content": content,
            **({"headers": after} if status in {429, 503} else {}),
        }
        for status, meaning in MEANINGS.items()
    }
