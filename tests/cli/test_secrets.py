"""A password never reaches the output, whatever is asked for and whatever goes wrong."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.cli.secrets import secrets_of, url_secrets
from tests.cli.shell import DIES, USERS, Said, Shell

CANARY = 'cänary/7"x@'
ENCODED = quote(CANARY, safe="")
PIECES = (CANARY, ENCODED, "cänary", "nary/7", 'nary/7\\"x')
COMMANDS = (
    ["status"],
    ["history"],
    ["plan"],
    ["up"],
    ["up", "--json"],
    ["status", "--json"],
    ["plan", "down", "--json"],
    ["down"],
    ["redo", "--yes"],
    ["verify", "--json"],
    ["repair"],
    ["dump", "--json"],
    ["wait", "--timeout", "10ms"],
    ["doctor", "--json"],
    ["baseline", "001"],
    ["up", "--to", "nowhere"],
    ["init"],
    ["new", "x"],
)


def check(said: Said) -> None:
    assert [piece for piece in PIECES if piece in said.out + said.err] == []


def with_password(url: str, password: str) -> str:
    return url.replace("://postgres@", f"://postgres:{password}@")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_shows_a_password_preamble_or_dotenv(command: list[str], shop: Shell) -> None:
    url = with_password(shop.environ.pop("DATABASE_URL"), ENCODED)
    quoted = CANARY.replace('"', '\\"')
    (shop.cwd / ".env").write_text(f"DATABASE_URL='{url}'\nAPI_TOKEN='{quoted}'\nAPP_SECRET='{CANARY}'\n")
    (shop.cwd / "surefoot.toml").write_text("preamble = [\"SET app.secret = '${APP_SECRET}'\"]\n")
    shop.write({"003_bad.up.sql": f"SELECT '{CANARY}' FROM nowhere;"})
    check(shop(*command))


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    "before", [[], ["up"], ["up", "--steps"], ["up", "--to"], ["up", "--urll"], ["baseline"], ["init", "--dir"]]
)
def test_no_url_in_the_wrong_place_shows_its_password(before: list[str], as_json: list[str], shop: Shell) -> None:
    check(shop(*before, f"postgresql://u:{ENCODED}@h/d", *as_json))
    check(shop(*before[:-1], f"{''.join(before[-1:])}=postgresql://u:{ENCODED}@h/d", *as_json))


@pytest.mark.parametrize("as_json", [[], ["--json"]])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:{}@127.0.0.1:1/shop",
        "postgresql://postgres:{}@127.0.0.1:port/shop",
        "postgresql://127.0.0.1:1/shop?user=x&password={}",
        "postgresql://127.0.0.1:1/shop?sslpassword={}&user=x",
        "postgres://u:{}@[::1/shop",
        "mysql://root:{}@127.0.0.1:1/shop",
        "mysql://root:{}@127.0.0.1:port/shop",
        "what://root:{}@127.0.0.1:port/shop",
        "postgresql:///shop?user=x&password={}&nonsense=1",
    ],
)
@pytest.mark.parametrize("password", [ENCODED, CANARY])
def test_no_broken_url_shows_its_password(url: str, password: str, as_json: list[str], bare: Shell) -> None:
    bare.ok("init")
    for argv in (["status", "--url", url.format(password)], ["wait", "--timeout", "1ms"]):
        bare.environ["DATABASE_URL"] = url.format(password)
        said = bare(*argv, *as_json)
        assert said.code in (2, 6)
        check(said)


def test_a_wrong_password_is_not_shown(bare: Shell, mariadb_url: str) -> None:
    bare.ok("init")
    for as_json in ([], ["--json"]):
        said = bare("status", "--url", mariadb_url.replace(":surefoot@", f":{ENCODED}@"), *as_json)
        assert said.code == 6
        check(said)


def test_a_preamble_that_fails_is_named_and_its_secret_is_not(shop: Shell) -> None:
    (shop.cwd / "surefoot.toml").write_text(f'preamble = ["""SET app.token = \'{CANARY}\' oops"""]\n')
    for argv in (["up"], ["up", "--json"], ["doctor"]):
        said = shop(*argv)
        assert said.code == 2
        assert "The preamble fails" in said.out + said.err
        check(said)


def test_a_placeholder_that_sounds_secret_is_not_shown(shell: Shell) -> None:
    shell.write({"V1__role.sql": "SELECT '${app_password}';"})
    (shell.cwd / "surefoot.toml").write_text("[variables]\napp_password = 'canary77'\n")
    assert "SELECT '***';" in shell.ok("plan").out


def test_what_is_shown_is_not_blotted_out_by_a_plain_password(shop: Shell, mariadb_url: str) -> None:
    shop.environ["DATABASE_URL"] = with_password(shop.environ["DATABASE_URL"], "postgres")
    assert "***" not in shop.ok("doctor").out
    shop.environ["DATABASE_URL"] = mariadb_url
    assert "***" not in shop.ok("status").out
    assert "***" not in shop.ok("doctor").out
    shop.environ["PWD"] = str(shop.cwd)
    assert shop.ok("status", "--json").json["folder"] == str(shop.cwd / "migrations")


def test_a_short_password_is_hidden_where_it_stands_alone() -> None:
    assert set(url_secrets("mysql://root:use@h/shop")) == {":use@", "use"}


def test_an_error_document_of_a_run_hides_secrets_in_every_place(shop: Shell) -> None:
    shop.environ["DATABASE_URL"] = with_password(shop.environ["DATABASE_URL"], "canary77")
    shop.write({f"{USERS}.up.sql": "SELECT 'canary77' FROM nowhere;", **DIES})
    said = shop("up", "--json")
    assert "canary77" not in said.out
    assert said.error["statement"] == "SELECT '***' FROM nowhere"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=3, max_size=20))
def test_a_password_is_found_as_it_is_written_and_as_it_is_meant(password: str) -> None:
    written = quote(password, safe="")
    found = set(url_secrets(f"mysql://u:{written}@127.0.0.9/d"))
    assert f":{written}@" in found
    plain = {"root", "test", "pass", "admin", "mysql", "secret", "public", "sqlite", "127", "mariadb", "password"}
    if password.lower() not in plain and password not in "mysql://u@127.0.0.9/d":
        assert {password, written} <= found


@given(st.text())
def test_nothing_breaks_on_what_is_no_url(url: str) -> None:
    list(secrets_of(url, [url], {"TOKEN": url}))
    list(secrets_of(f"x://{url}", [url], {"TOKEN": url}))
