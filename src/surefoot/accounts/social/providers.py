"""The operator's file of providers: one table for each, named as it stands in paths.

[google]
kind = "google"
client_id = "1234.apps.googleusercontent.com"
client_secret = "env:GOOGLE_CLIENT_SECRET"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from surefoot.accounts.social.model import Kind, Provider
from surefoot.errors import ConfigError, SurefootError
from surefoot.platform_settings import PlatformSettings
from surefoot.vault.references import resolve

HINT = "docs/how-to/social-login.md shows a file."
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_PRESETS = {
    "oidc": ("", ""),
    "google": ("Google", "https://accounts.google.com"),
    "microsoft": ("Microsoft", "https://login.microsoftonline.com/{tenant}/v2.0"),
    "gitlab": ("GitLab", "https://gitlab.com"),
    "github": ("GitHub", "https://github.com"),
}
_OIDC_SCOPES = ("openid", "email", "profile")
_GITHUB_SCOPES = ("read:user", "user:email")


class _Entry(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["oidc", "google", "microsoft", "gitlab", "github"]
    client_id: str = Field(min_length=1)
    client_secret: SecretStr = Field(min_length=1)
    title: str | None = None
    issuer: str | None = None
    tenant: str | None = Field(None, pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")
    scopes: tuple[str, ...] | None = None
    emails_are_verified: bool = False


def load_providers(settings: PlatformSettings) -> Mapping[str, Provider]:
    """The providers of `SUREFOOT_PROVIDERS`, by name; none without it. Raises ConfigError."""
    if settings.providers is None:
        return {}
    return {name: _provider(settings, name, given) for name, given in _read(settings.providers).items()}


def is_allowed(settings: PlatformSettings, url: str) -> bool:
    """Whether a provider may be talked to there: https; in development also http on this machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or parts.fragment:
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and settings.mode == "development" and _is_this_machine(host)
    )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _read(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(
            f"SUREFOOT_PROVIDERS names {path}, which cannot be read: {error.strerror}.", hint=HINT
        ) from error
    except ValueError as error:
        raise ConfigError(f"{path} is no TOML file: {error}.", hint=HINT) from error


def _provider(settings: PlatformSettings, name: str, given: object) -> Provider:
    entry = _entry(settings, name, given)
    title, issuer = _PRESETS[entry.kind]
    kind = Kind.GITHUB if entry.kind == "github" else Kind.OIDC
    scopes = entry.scopes or (_GITHUB_SCOPES if kind is Kind.GITHUB else _OIDC_SCOPES)
    if kind is Kind.OIDC and "openid" not in scopes:
        raise _wrong(settings, name, "scopes", "`openid` is not among them")
    return Provider(
        name=name,
        title=entry.title or title or name,
        kind=kind,
        issuer=_issuer(settings, name, entry, issuer),
        client_id=entry.client_id,
        client_secret=_secret(settings, name, entry.client_secret.get_secret_value()),
        scopes=scopes,
        vouches=entry.emails_are_verified,
    )


def _entry(settings: PlatformSettings, name: str, given: object) -> _Entry:
    if not _NAME.fullmatch(name):
        raise _wrong(settings, name, "its name", "lower-case letters, digits and hyphens, at most 32, a letter first")
    try:
        return _Entry.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "the table"
        raise _wrong(settings, name, field, first["msg"]) from error


def _issuer(settings: PlatformSettings, name: str, entry: _Entry, preset: str) -> str:
    if entry.kind == "microsoft" and not entry.tenant:
        raise _wrong(settings, name, "tenant", "Microsoft's issuer names a directory; give its id")
    if entry.issuer and entry.kind in ("google", "microsoft"):
        raise _wrong(settings, name, "issuer", 'a preset has its own; `kind = "oidc"` takes any')
    issuer = entry.issuer or preset.format(tenant=(entry.tenant or "").lower())
    if not issuer:
        raise _wrong(settings, name, "issuer", "it is missing")
    if not is_allowed(settings, issuer) or urlsplit(issuer).query:
        raise _wrong(settings, name, "issuer", "it has to be an https URL without a query or fragment")
    return issuer


def _secret(settings: PlatformSettings, name: str, text: str) -> str:
    if not text.startswith(("env:", "file:")):
        return text
    try:
        return resolve(text).decode().strip()
    except (SurefootError, UnicodeDecodeError) as error:
        why = error.message.rstrip(".") if isinstance(error, SurefootError) else "it is no text"
        raise _wrong(settings, name, "client_secret", why) from error


def _wrong(settings: PlatformSettings, name: str, field: str, why: str) -> ConfigError:
    return ConfigError(f"{settings.providers}: [{name}], {field}: {why}.", hint=HINT, provider=name, field=field)
