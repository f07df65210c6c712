"""The outermost layer of the application: what holds for every request and response, whatever answers it."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Mapping, Set
from typing import Any

from fastapi.routing import RouteContext
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from surefoot.api.forgery import UNSAFE, check_forgery
from surefoot.api.guard import address_of
from surefoot.errors import SurefootError
from surefoot.platform_settings import PlatformSettings
from surefoot.telemetry.logging import logger
from surefoot.web.problems import Problem, answer, mistake, problem_of, protocol_problem

BODY_BYTES = 1024 * 1024
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_TLS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


class Edge:
    """Request ids, forged requests, size of bodies, headers of security, unexpected errors, and one line in the log."""

    def __init__(self, app: ASGIApp, settings: PlatformSettings) -> None:
        self._app = app
        self._origin = settings.origin
        self._headers = {**HEADERS, **(_TLS if settings.is_https else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, self._headers)
        try:
            await self._serve(exchange)
        except Exception as error:
            # What has begun to be answered cannot be answered otherwise: the server ends the connection.
            logger.error("request failed", exc_info=error, **exchange.facts())
            if exchange.status:
                raise
            await answer(mistake(exchange.request_id))(scope, receive, exchange.send)
        finally:
            exchange.tell()

    async def _serve(self, exchange: _Exchange) -> None:
        scope, request = exchange.scope, Request(exchange.scope)
        refusal = None
        try:
            _check_method(scope["app"].state.literal, scope["path"], scope["method"])
            _check_body(scope["method"], request.headers)
            check_forgery(scope["method"], request.headers, self._origin)
        except SurefootError as error:
            refusal = exchange.refuse(problem_of(error, exchange.request_id))
        except HTTPException as error:
            refusal = exchange.refuse(protocol_problem(error.status_code, exchange.request_id))
            refusal.headers.update(error.headers or {})
        await (refusal or self._app)(scope, exchange.receive, exchange.send)


def _check_method(literal: Mapping[str, Set[str]], path: str, method: str) -> None:
    """Raises HTTPException where the path is one of ours as it is, and would else be read as another with a value."""
    allowed = literal.get(path)
    if allowed is not None and method not in allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(sorted(allowed))})


def _check_body(method: str, headers: Headers) -> None:
    """Raises HTTPException for a body that is too large, and for one that is no JSON."""
    size = headers.get("content-length", "0")
    if not size.isascii() or not size.isdigit():
        raise HTTPException(400)
    if int(size) > BODY_BYTES:
        raise HTTPException(413)
    has_body = int(size) > 0 or "transfer-encoding" in headers
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and method in UNSAFE and kind != "application/json":
        raise HTTPException(415)


class _Exchange:
    """One request and its answer, on their way through."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str]) -> None:
        self.scope = scope
        self.status = 0
        self._receive, self._send, self._headers = receive, send, headers
        self._size = 0
        self._begun = time.perf_counter()
        given = Headers(scope=scope).get("x-request-id", "")
        self.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def receive(self) -> Message:
        """The next part of the request. Raises HTTPException where the body gets too large."""
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._size > BODY_BYTES:
            raise HTTPException(413)
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer, with the headers that every answer has."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-Id"] = self.request_id
            headers.setdefault("Cache-Control", "no-store")
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)

    def refuse(self, problem: Problem) -> Response:
        """The answer to a request that no operation sees, whose line in the log names the problem."""
        self.scope["state"]["code"] = problem.code
        return answer(problem)

    def facts(self) -> dict[str, Any]:
        """What the log says of the request: never its query, its headers or its body."""
        call = self.scope["state"].get("call")
        operation = getattr(self.scope.get("route"), "operation_id", None)
        operations: dict[str, RouteContext] = self.scope["app"].state.operations
        route = operations.get(str(operation))
        facts: dict[str, Any] = {
            "method": self.scope["method"],
            "route": route.path if route else "-",
            "request_id": self.request_id,
        }
        known = {"address": call.address if call else address_of(Request(self.scope), self.scope["app"].state.platform)}
        if call is not None:
            known |= {"actor": call.actor.id, "workspace": call.workspace}
        return facts | {name: str(value) for name, value in known.items() if value}

    def tell(self) -> None:
        """The request's one line in the log."""
        code = self.scope["state"].get("code")
        milliseconds = round((time.perf_counter() - self._begun) * 1000, 1)
        more = {"code": code} if code else {}
        # Supervisors ask every few seconds; that is worth a line only when the answer is no.
        is_noise = self.scope["path"].startswith("/health/") and self.status < 400
        tell = logger.debug if is_noise else logger.info
        tell("request", status=self.status, ms=milliseconds, **self.facts(), **more)
