"""Serves the pages: a document for each, scripts and a style for all; nothing in them depends on the request."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from surefoot.api.edge import CSP
from surefoot.errors import NotFound

router = APIRouter(include_in_schema=False)

HERE = Path(__file__).parent
# Where each page is, the name by which the script knows it, and its title.
PAGES: Mapping[str, tuple[str, str]] = {
    "/": ("sign-in", "Sign in"),
    "/sign-in": ("sign-in", "Sign in"),
    "/sign-up": ("sign-up", "Sign up"),
    "/verify": ("verify", "Make your account"),
    "/reset": ("reset", "Reset your password"),
    "/email": ("email", "Confirm your new address"),
    "/invitation": ("invitation", "Your invitation"),
    "/setup": ("setup", "Set Surefoot up"),
    "/device": ("device", "Approve a device"),
    "/signed-in-with/{provider}": ("signed-in-with", "One moment"),
}
# What comes later may name what comes before.
_TYPES = {
    "page.css": "text/css; charset=utf-8",
    "parts.js": "text/javascript; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
# The script makes elements, and never markup of texts: the browser is told to allow nothing else.
_CSP = f"{CSP}; require-trusted-types-for 'script'; trusted-types 'none'"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent: its name changes with its content."""

    name: str
    kind: str
    content: bytes


@cache
def assets() -> Mapping[str, Asset]:
    """The scripts and the style, by the names that pages and scripts have for them."""
    made: dict[str, Asset] = {}
    for file, kind in _TYPES.items():
        content = _named((HERE / file).read_text(encoding="utf-8"), made).encode()
        made[file] = Asset(file.replace(".", f"-{_short(content)}."), kind, content)
    return made


def _named(text: str, made: Mapping[str, Asset]) -> str:
    """The text with the names of its files as they are asked for."""
    for file, one in made.items():
        text = text.replace(f'./{file}"', f'/pages/{one.name}"')
    return text


def _short(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


@cache
def document(path: str) -> str:
    """The page at a path of PAGES."""
    name, title = PAGES[path]
    text = (HERE / "page.html").read_text(encoding="utf-8").replace("{title}", title).replace("{name}", name)
    return _named(text, assets())


async def show(request: Request, if_none_match: Annotated[str | None, Header()] = None) -> Response:
    """A page. Browsers ask each time whether it has changed; one whose address holds an answer is not kept."""
    path: str = request.scope["route"].path
    text = document(path)
    tag = f'"{_short(text.encode())}"'
    headers = {"Cache-Control": "no-cache", "ETag": tag, "Content-Security-Policy": _CSP}
    if path.startswith("/signed-in-with/"):
        headers["Cache-Control"] = "no-store"
    elif if_none_match == tag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/html", headers=headers)


for _path in PAGES:
    router.add_api_route(_path, show)


@router.get("/pages/{name}")
async def send_asset(name: str) -> Response:
    """A script or the style, to be kept for a year. Raises NotFound for a name of another version."""
    found = next((one for one in assets().values() if one.name == name), None)
    if found is None:
        raise NotFound("There is no such file.", hint="Load the page again.")
    return Response(
        found.content, media_type=found.kind, headers={"Cache-Control": "public, max-age=31536000, immutable"}
    )
