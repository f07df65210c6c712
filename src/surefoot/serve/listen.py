"""The API's process: a socket, and uvicorn on it until it is told to stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn

from surefoot.api.app import make_app
from surefoot.errors import UsageError
from surefoot.web.platform import Platform

# Requests that are being answered get so long to end. Seconds.
DRAIN = 15
_BACKLOG = 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is a free one. Raises UsageError where that is not possible."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise UsageError(
            f"Nothing can listen on {host}, port {port}: {error.strerror}.",
            hint="Stop what listens there, or choose another port: --port, or SUREFOOT_PORT.",
            host=host,
            port=port,
        ) from error


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's own: it has more than this server to end."""
        yield


async def serve_api(platform: Platform, listening: socket.socket, stop: asyncio.Event) -> None:
    """Answer requests until `stop` is set; then those that are under way, and no more."""
    app = make_app(platform)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=DRAIN,
    )
    server = _Server(config)
    stopping, reads = asyncio.create_task(_stop(server, stop)), asyncio.create_task(app.state.reads.keep())
    try:
        await server.serve(sockets=[listening])
    finally:
        stopping.cancel()
        reads.cancel()
        with suppress(asyncio.CancelledError):
            await reads


async def _stop(server: uvicorn.Server, stop: asyncio.Event) -> None:
    await stop.wait()
    server.should_exit = True
