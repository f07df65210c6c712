"""Requests that another site makes a browser send (CSRF): told apart before anything is done. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from surefoot.errors import NotAllowed

HEADER = "x-surefoot"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def check_forgery(method: str, headers: Mapping[str, str], origin: str) -> None:
    """Raises NotAllowed for what may come from another site's page. `headers` have names in small letters.

    A request with a token is nobody's forgery: no browser adds it by itself, and cookies are not looked at then. Every
    other change has a header that a page of another site cannot set, and comes from our own origin as far as the
    browser says where it comes from; with a cookie it has to say so.
    """
    if method not in UNSAFE or "authorization" in headers:
        return
    if headers.get(HEADER) != "1":
        raise NotAllowed("The header X-Surefoot is missing.", hint="Send `X-Surefoot: 1` with what changes something.")
    if not _is_ours(headers, origin):
        raise NotAllowed(
            "This does not come from a page of the platform.",
            hint=f"Send it from {origin}; a program sends `Origin: {origin}`, or an API token instead of a cookie.",
        )


def _is_ours(headers: Mapping[str, str], origin: str) -> bool:
    site, given = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site == "same-origin"
    if given is not None:
        return given == origin
    return "cookie" not in headers
