"""The operator's file of providers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from surefoot.accounts.social.model import Kind, Provider
from surefoot.accounts.social.providers import is_allowed, load_providers
from surefoot.errors import ConfigError
from surefoot.platform_settings import PlatformSettings

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "social-login.md"
CLIENT = 'client_id = "id"\nclient_secret = "plain"\n'
TENANT = "0f8fad5b-d9cb-469f-a165-70867728950e"


def load(path: Path, text: str, **given: Any) -> list[Provider]:
    file = path / "providers.toml"
    file.write_text(text, encoding="utf-8")
    return list(load_providers(PlatformSettings(providers=file, **given)).values())


def test_without_a_file_there_are_none() -> None:
    assert load_providers(PlatformSettings()) == {}


@pytest.mark.parametrize(
    ("given", "kind", "issuer", "title"),
    [
        ('kind = "google"', Kind.OIDC, "https://accounts.google.com", "Google"),
        (
            f'kind = "microsoft"\ntenant = "{TENANT.upper()}"',
            Kind.OIDC,
            f"https://login.microsoftonline.com/{TENANT}/v2.0",
            "Microsoft",
        ),
        ('kind = "gitlab"', Kind.OIDC, "https://gitlab.com", "GitLab"),
        ('kind = "gitlab"\nissuer = "https://git.example.org"', Kind.OIDC, "https://git.example.org", "GitLab"),
        ('kind = "github"', Kind.GITHUB, "https://github.com", "GitHub"),
        ('kind = "oidc"\nissuer = "https://id.example.org/a"', Kind.OIDC, "https://id.example.org/a", "p"),
        ('kind = "oidc"\nissuer = "https://id.example.org"\ntitle = "Us"', Kind.OIDC, "https://id.example.org", "Us"),
    ],
)
def test_a_preset_knows_its_issuer(tmp_path: Path, given: str, kind: Kind, issuer: str, title: str) -> None:
    (found,) = load(tmp_path, f"[p]\n{given}\n{CLIENT}")
    assert (found.name, found.kind, found.issuer, found.title) == ("p", kind, issuer, title)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (f'kind = "oidc"\n{CLIENT}', "issuer"),
        (f'kind = "oidc"\nissuer = "http://id.example.org"\n{CLIENT}', "issuer"),
        (f'kind = "oidc"\nissuer = "http://127.0.0.1:9000"\n{CLIENT}', "issuer"),
        (f'kind = "oidc"\nissuer = "https://id.example.org?a=b"\n{CLIENT}', "issuer"),
        (f'kind = "oidc"\nissuer = "https://me:pw@id.example.org"\n{CLIENT}', "issuer"),
        (f'kind = "google"\nissuer = "https://id.example.org"\n{CLIENT}', "issuer"),
        (f'kind = "microsoft"\n{CLIENT}', "tenant"),
        (f'kind = "microsoft"\ntenant = "common"\n{CLIENT}', "tenant"),
        (f'kind = "google"\nscopes = ["email"]\n{CLIENT}', "scopes"),
        (f'kind = "facebook"\n{CLIENT}', "kind"),
        (f'kind = "google"\nclient_secret_file = "x"\n{CLIENT}', "client_secret_file"),
        ('kind = "google"\nclient_id = "id"', "client_secret"),
        ('kind = "google"\nclient_id = "id"\nclient_secret = "env:NOT_THERE_AT_ALL"', "client_secret"),
        ('kind = "google"\nclient_id = "id"\nclient_secret = "file:/not/there"', "client_secret"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, given: str, field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"[p]\n{given}")
    assert caught.value.details == {"provider": "p", "field": field}


@pytest.mark.parametrize("name", ["Google", "a b", "1st", "x" * 33, '"../up"'])
def test_a_name_has_to_stand_in_a_path(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="its name"):
        load(tmp_path, f'["{name}"]\nkind = "google"\n{CLIENT}' if '"' not in name else f"[{name}]\n{CLIENT}")


@pytest.mark.parametrize("text", ["kind = 'google'", "[p", "[[p]]"])
def test_what_is_no_table_of_providers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml"):
        load_providers(PlatformSettings(providers=tmp_path / "nowhere.toml"))


def test_a_secret_may_stand_in_a_variable_or_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLIENT_SECRET_OF_TEST", "from the variable")
    (tmp_path / "secret").write_text("from the file\n", encoding="utf-8")
    entry = '[{}]\nkind = "google"\nclient_id = "id"\nclient_secret = "{}"\n'
    text = entry.format("a", "env:CLIENT_SECRET_OF_TEST") + entry.format("b", f"file:{tmp_path}/secret")
    assert [one.client_secret for one in load(tmp_path, text)] == ["from the variable", "from the file"]


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    (found,) = load(tmp_path, f'[p]\nkind = "google"\n{CLIENT}')
    assert "plain" not in repr(found)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, '[p]\nkind = "google"\nclient_id = ""\nclient_secret = "canary-1"')
    assert "canary-1" not in f"{caught.value}{caught.value.__cause__}"


def test_the_file_of_the_documentation_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PAGE.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    for name in re.findall(r"env:(\w+)", text):
        monkeypatch.setenv(name, "a-secret")
    assert [one.name for one in load(tmp_path, text)] == ["google", "microsoft", "gitlab", "github", "company"]


@pytest.mark.parametrize(
    ("url", "production", "development"),
    [
        ("https://id.example.org/token", True, True),
        ("http://localhost:9000/token", False, True),
        ("http://127.0.0.1/token", False, True),
        ("http://[::1]:9000/token", False, True),
        ("http://id.example.org/token", False, False),
        ("http://10.0.0.1/token", False, False),
        ("ftp://localhost/token", False, False),
        ("https:///token", False, False),
        ("https://id.example.org:port/token", False, False),
        ("/token", False, False),
    ],
)
def test_plain_http_is_for_this_machine_in_development(url: str, production: bool, development: bool) -> None:
    assert is_allowed(PlatformSettings(), url) is production
    assert is_allowed(PlatformSettings(mode="development"), url) is development
