"""The API as one application: every feature's routes below `/api/v1`, behind the guard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, RouteContext, iter_route_contexts

from surefoot import __version__
from surefoot.accounts import routes as accounts
from surefoot.accounts.factors import routes as factors
from surefoot.accounts.social import routes as social
from surefoot.accounts.social.parties import open_parties
from surefoot.api import health
from surefoot.api.edge import Edge
from surefoot.api.guard import guard
from surefoot.api.pages import routes as pages
from surefoot.api.reference import describe
from surefoot.api.refusals import handle_errors
from surefoot.audit import routes as audit
from surefoot.audit.read_log import ReadLog
from surefoot.errors import UsageError
from surefoot.web.access import declared
from surefoot.web.platform import Platform
from surefoot.workspaces import routes as workspaces
from surefoot.workspaces.access import demands_second_factor

PREFIX = "/api/v1"
ROUTERS: tuple[APIRouter, ...] = (accounts.router, factors.router, social.router, workspaces.router, audit.router)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def make_app(platform: Platform, *, clock: Callable[[], datetime] = now, more: tuple[APIRouter, ...] = ()) -> FastAPI:
    """The application on the parts of a process. `clock` says what time it is; `more` are routers of tests.

    Raises UsageError where a route does not declare who may call it, or has no `operation_id` of its own; ConfigError
    where the operator's file of providers cannot be used.
    """
    app, operations = _application(more)
    app.state.platform, app.state.clock = platform, clock
    app.state.demands_second_factor = demands_second_factor
    app.state.parties = open_parties(platform.settings)
    app.state.reads = ReadLog(platform)
    app.state.operations, app.state.literal = operations, _literal(operations)
    app.include_router(health.router)
    app.include_router(pages.router)
    if platform.settings.mode == "development":
        app.add_api_route(f"{PREFIX}/openapi.json", partial(describe, app), include_in_schema=False)
    app.add_middleware(Edge, settings=platform.settings)
    handle_errors(app)
    return app


def document() -> dict[str, Any]:
    """The API's description (OpenAPI 3.1), which needs no process."""
    return describe(_application(())[0])


def _application(more: tuple[APIRouter, ...]) -> tuple[FastAPI, dict[str, RouteContext]]:
    """The routes of all features behind the guard, and each operation by its name."""
    # A redirect to a path without its last slash would name the host that the caller made up.
    app = FastAPI(
        title="Surefoot", version=__version__, docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False
    )
    for router in (*ROUTERS, *more):
        # One router around all of them would have each path matched once more.
        app.include_router(router, prefix=PREFIX, dependencies=[Depends(guard)])
    return app, dict(_guarded(app))


def _guarded(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    """Each operation by its name. Raises UsageError for one that nobody guards, or that has no name of its own."""
    seen: set[str] = set()
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute) or declared(route.openapi_extra) is None:
            raise UsageError(f"{context.path} does not declare who may call it.", hint="Use surefoot.web.access.")
        if not route.operation_id or route.operation_id in seen:
            raise UsageError(f"{context.path} has no operation_id of its own.", hint="Name it after what it does.")
        seen.add(route.operation_id)
        yield route.operation_id, context


def _literal(operations: Mapping[str, RouteContext]) -> dict[str, set[str]]:
    """The paths that have no values in them, and their methods."""
    found: dict[str, set[str]] = {}
    for route in operations.values():
        if "{" not in str(route.path):
            found.setdefault(str(route.path), set()).update(route.methods or ())
    return found
