"""What the platform's processes run with: one frozen object, read once from `SUREFOOT_*` variables."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl, SecretStr, ValidationError

from surefoot.errors import ConfigError


def _split(given: object) -> object:
    return [part.strip() for part in given.split(",") if part.strip()] if isinstance(given, str) else given


def _bare(given: HttpUrl) -> HttpUrl:
    # Cookies, links and the origin of a request all know a host, and no folder on it.
    if (given.path or "/") != "/" or given.query or given.fragment or given.username:
        raise ValueError("it is scheme, host and port alone, such as https://surefoot.example.org")
    return given


Origin = Annotated[HttpUrl, AfterValidator(_bare)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], BeforeValidator(_split)]


class PlatformSettings(BaseModel):
    """Everything that can be configured of `surefoot serve`, `api` and `worker`.

    Each field is the variable `SUREFOOT_` and its name in capitals. Durations are seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    database_url: SecretStr | None = Field(None, description="The platform's own PostgreSQL; embedded without it.")
    database_role: str | None = Field(
        None, description="The role that the processes take on; it may not change the audit trail."
    )
    data_dir: Path = Field(Path("surefoot-data"), description="Keys, outbox, checkpoints, the embedded PostgreSQL.")
    base_url: Origin = Field(HttpUrl("http://localhost:8000"), description="Where people reach the platform.")
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="The port to listen on; 0 for a free one.")
    mode: Literal["production", "development"] = Field(
        "production", description="`development` shows the API's own pages."
    )
    sign_up: Literal["open", "invited"] = Field("open", description="Who may sign up: anyone, or invited people.")
    pool_size: int = Field(10, ge=2, le=200, description="Connections to the database of one process, at most.")
    trusted_proxies: Networks = Field(
        (), description="Networks of proxies whose X-Forwarded-For is believed, with commas between them."
    )
    master_key: SecretStr | None = Field(
        None, description="32 bytes in base64; several with commas, the newest first. Files in data_dir without."
    )
    smtp_url: SecretStr | None = Field(
        None, description="smtp://user:password@host:587 (STARTTLS), smtps://...:465; an outbox in data_dir without."
    )
    mail_from: str = Field("Surefoot <surefoot@localhost>", description="The sender of mails.")
    read_log_days: int = Field(
        90, ge=30, description="Days for which it is kept who read what; changes are kept longer."
    )
    hash_workers: int = Field(2, ge=1, le=64, description="Passwords that one process hashes at a time.")
    hash_queue: int = Field(20, ge=0, description="Sign-ins that may wait for that; more are told to come back.")
    providers: Path | None = Field(None, description="A TOML file of the providers that people may sign in with.")
    log_format: Literal["json", "text", "auto"] = Field("auto", description="The form of log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="The least level that is told.")

    @property
    def is_https(self) -> bool:
        """Whether people reach the platform over TLS."""
        return self.base_url.scheme == "https"

    @property
    def origin(self) -> str:
        """The origin of the base URL, as browsers send it."""
        return str(self.base_url).rstrip("/")


def load_platform_settings(environ: Mapping[str, str], **given: Any) -> PlatformSettings:
    """Settings from the environment; what is `given` wins. Raises ConfigError, without a value in its text."""
    known = {
        name: environ[f"SUREFOOT_{name.upper()}"]
        for name in PlatformSettings.model_fields
        if environ.get(f"SUREFOOT_{name.upper()}")
    }
    try:
        return PlatformSettings(**{**known, **given})
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = f"SUREFOOT_{str(first['loc'][0]).upper()}"
        raise ConfigError(
            f"{name} cannot be used: {first['msg']}.",
            hint="docs/reference/platform-configuration.md lists them.",
            variable=name,
        ) from error
