"""Asking a provider: bounded in time and size, to the address that was named and no other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import httpx

from surefoot.accounts.social.model import Provider
from surefoot.errors import Unavailable

SECONDS = 10.0
BYTES = 512 * 1024
Transport = httpx.AsyncBaseTransport | None


async def ask(
    transport: Transport,
    provider: Provider,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """The status and the JSON of an answer; a POST where there is a form. No redirect is followed.

    `transport` is what the requests go through, where it is not the network. Raises Unavailable where nothing of use
    comes back: no answer in 10 seconds, more than 512 KiB, no JSON, something compressed, a redirect, a server
    error.
    """
    # Nothing compressed: a few bytes could become very many before they are counted.
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Surefoot", **(headers or {})}
    try:
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(transport=transport, follow_redirects=False, timeout=SECONDS) as client,
            client.stream("POST" if form is not None else "GET", url, data=form, headers=sent) as response,
        ):
            if response.status_code >= 500 or response.is_redirect:
                raise _useless(provider, f"status {response.status_code}")
            if response.headers.get("Content-Encoding", "identity") != "identity":
                raise _useless(provider, "compressed, unasked")
            return response.status_code, json.loads(await _body(provider, response))
    except TimeoutError as error:
        raise _useless(provider, "no answer in time") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _useless(provider, type(error).__name__) from error
    except (ValueError, RecursionError) as error:
        raise _useless(provider, "no JSON") from error


async def _body(provider: Provider, response: httpx.Response) -> bytes:
    found = bytearray()
    async for part in response.aiter_bytes():
        found += part
        if len(found) > BYTES:
            raise _useless(provider, f"more than {BYTES} bytes")
    return bytes(found)


def _useless(provider: Provider, why: str) -> Unavailable:
    return Unavailable(
        f"{provider.title} does not answer as it should: {why}.",
        hint="Try again in a moment, or sign in another way.",
        provider=provider.name,
    )
