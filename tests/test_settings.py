"""Settings: where each value comes from, and what is said where one cannot be used."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.errors import ConfigError
from surefoot.settings import KEYS, Settings, load_settings, parse_duration, read_variables

CONFIG = """\
url = "sqlite:///common.db"
project = "shop"
lock_timeout = "1s"
preamble = ["SET a = 1", "SET b = 2"]

[variables]
tier = 3

[env.staging]
url = "sqlite:///staging.db"
lock_timeout = 4

[env.review]
lock_wait = "1m"
"""


def load(
    cwd: Path, text: str = "", environ: Mapping[str, str] | None = None, dotenv: str = "", **flags: Any
) -> Settings:
    if text:
        (cwd / "surefoot.toml").write_text(text)
    if dotenv:
        (cwd / ".env").write_text(dotenv)
    return load_settings(flags, read_variables(flags, environ or {}, cwd), cwd)


@contextmanager
def closed(path: Path) -> Iterator[None]:
    """The path may not be entered or read, by a user that is not root either."""
    mode, me = path.stat().st_mode, os.geteuid()
    path.chmod(0)
    try:
        if me == 0:
            os.seteuid(65534)
        yield
    finally:
        os.seteuid(me)
        path.chmod(mode)


def test_without_anything_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_the_file_is_above_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, CONFIG)
    assert settings.url == "sqlite:///common.db"
    assert settings.preamble == ("SET a = 1", "SET b = 2")
    assert settings.variables == {"tier": "3"}
    assert settings.lock_timeout == 1.0
    assert settings.dir == str(tmp_path / "migrations")


def test_a_chosen_environment_is_above_the_rest_of_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, CONFIG, env="staging")
    assert (settings.url, settings.lock_timeout, settings.project) == ("sqlite:///staging.db", 4.0, "shop")


def test_a_variable_is_above_the_file_and_its_environment(tmp_path: Path) -> None:
    settings = load(
        tmp_path, CONFIG, {"SUREFOOT_LOCK_TIMEOUT": "7s", "SUREFOOT_ALLOW": "missing, out-of-order"}, env="staging"
    )
    assert settings.lock_timeout == 7.0
    assert settings.allow == ("missing", "out-of-order")


def test_a_flag_is_above_everything(tmp_path: Path) -> None:
    environ = {"SUREFOOT_LOCK_TIMEOUT": "7s", "DATABASE_URL": "sqlite:///variable.db"}
    settings = load(tmp_path, CONFIG, environ, env="staging", lock_timeout="9s", url="sqlite:///flag.db")
    assert (settings.lock_timeout, settings.url) == (9.0, "sqlite:///flag.db")


@pytest.mark.parametrize(
    ("environ", "url"),
    [
        ({"DATABASE_URL": "sqlite:///variable.db"}, "sqlite:///variable.db"),
        ({"DATABASE_URL": "sqlite:///variable.db", "SUREFOOT_URL": "sqlite:///own.db"}, "sqlite:///own.db"),
        ({"DATABASE_URL": ""}, "sqlite:///common.db"),
        ({"DATABASE_URL": "sqlite:///variable.db", "SUREFOOT_ENV": "staging"}, "sqlite:///staging.db"),
        ({"DATABASE_URL": "sqlite:///variable.db", "SUREFOOT_ENV": "review"}, "sqlite:///variable.db"),
        ({"SUREFOOT_URL": "sqlite:///own.db", "SUREFOOT_ENV": "staging"}, "sqlite:///own.db"),
    ],
)
def test_which_url_counts(environ: dict[str, str], url: str, tmp_path: Path) -> None:
    assert load(tmp_path, CONFIG, environ).url == url


@pytest.mark.parametrize("key", [key for key in KEYS if KEYS[key].metadata["kind"] in ("text", "path")])
def test_every_text_can_be_set_by_a_variable(key: str, tmp_path: Path) -> None:
    value = {"identity": "name", "shadow": "target", "dialect": "sqlite"}.get(key, "value")
    assert getattr(load(tmp_path, "", {f"SUREFOOT_{key.upper()}": value}), key) == value


@pytest.mark.parametrize("key", [key for key in KEYS if KEYS[key].metadata["kind"] == "duration"])
def test_every_duration_can_be_set_by_a_variable(key: str, tmp_path: Path) -> None:
    assert getattr(load(tmp_path, "", {f"SUREFOOT_{key.upper()}": "1500ms"}), key) == 1.5


@pytest.mark.parametrize("key", KEYS)
def test_every_key_says_what_it_means(key: str) -> None:
    assert KEYS[key].metadata["meaning"].endswith(".")


@pytest.mark.parametrize(
    ("word", "value"), [("true", True), ("1", True), ("YES", True), ("false", False), ("0", False)]
)
def test_a_flag_is_a_word(word: str, value: bool, tmp_path: Path) -> None:
    assert load(tmp_path, "", {"SUREFOOT_CONFIRM": word}).confirm is value


def test_dotenv_is_below_the_environment(tmp_path: Path) -> None:
    dotenv = "# ours\nDATABASE_URL='sqlite:///dotenv.db'\nSUREFOOT_PROJECT=dotenv\n"
    assert load(tmp_path, "", {}, dotenv).url == "sqlite:///dotenv.db"
    settings = load(tmp_path, "", {"DATABASE_URL": "sqlite:///shell.db"}, dotenv)
    assert (settings.url, settings.project) == ("sqlite:///shell.db", "dotenv")


def test_dotenv_stands_beside_the_configuration_file_and_the_nearer_one_counts(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "surefoot.toml").write_text('url = "${WHERE}"\nproject = "${WHAT}"\n')
    (tmp_path / ".env").write_text("WHERE=sqlite:///far.db\nWHAT=far\n")
    (tmp_path / "part/.env").write_text("WHAT=near\n")
    settings = load(tmp_path / "part")
    assert (settings.url, settings.project) == ("sqlite:///far.db", "near")


def test_a_value_is_filled_in_everywhere_in_the_file(tmp_path: Path) -> None:
    config = 'url = "sqlite:///${A}-${B}.db"\npreamble = ["SET x = \'${A}\'"]\n[variables]\nv = "${B}"\n'
    settings = load(tmp_path, config, {"A": "one", "B": "two"})
    assert settings.url == "sqlite:///one-two.db"
    assert settings.preamble == ("SET x = 'one'",)
    assert settings.variables == {"v": "two"}


def test_a_value_that_is_set_to_nothing_is_filled_in_as_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, 'project = "a${EMPTY}b"', {"EMPTY": ""}).project == "ab"


def test_a_missing_variable_matters_only_where_it_is_used(tmp_path: Path) -> None:
    config = 'url = "sqlite:///here.db"\n[env.production]\nurl = "${PRODUCTION_URL}"\n'
    assert load(tmp_path, config).url == "sqlite:///here.db"
    with pytest.raises(ConfigError, match="PRODUCTION_URL, which is not set") as caught:
        load(tmp_path, config, env="production")
    assert caught.value.details == {"key": "url", "variable": "PRODUCTION_URL"}


def test_paths_are_relative_to_what_names_them(tmp_path: Path) -> None:
    (tmp_path / "part").mkdir()
    (tmp_path / "surefoot.toml").write_text('dir = "db"\ndump = "schema.sql"\n')
    settings = load(tmp_path / "part")
    assert (settings.dir, settings.dump) == (str(tmp_path / "db"), str(tmp_path / "schema.sql"))
    assert load(tmp_path / "part", "", {"SUREFOOT_DUMP": "here.sql"}, dir="sql").dump == "here.sql"


def test_a_configuration_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('project = "other"')
    assert load(tmp_path, CONFIG, config="other.toml").project == "other"
    assert load(tmp_path, CONFIG, {"SUREFOOT_CONFIG": "other.toml"}).project == "other"


@pytest.mark.parametrize(
    ("config", "said", "hint"),
    [
        ("project = ", "not TOML", "Correct"),
        ("dirr = 'x'", "a key dirr", "Did you mean dir?"),
        ("zzz = 'x'", "a key zzz", "The keys are: url, dir"),
        ("[env.staging]\nlocktimeout = 1", "a key locktimeout", "lock_timeout"),
        ("project = 5", "project has to be a text", 'project = "..."'),
        ("url = ['x']", "url has to be a text", 'url = "..."'),
        ("lock_wait = 'soon'", "lock_wait is not a duration: soon", "500ms"),
        ("lock_wait = true", "lock_wait is not a duration", "500ms"),
        ("lock_wait = '600h'", "lock_wait is longer than a database can wait: 600h", "24h"),
        ("lock_wait = -1", "lock_wait is not a duration", "500ms"),
        ("lock_timeout = 0", "without a bound", "2s"),
        ("confirm = 'perhaps'", "confirm is true or false", "confirm = true"),
        ("preamble = 5", "preamble has to be a list", 'preamble = ["..."]'),
        ("preamble = [5]", "preamble has to be a list", 'preamble = ["..."]'),
        ("variables = 'x'", "variables has to be a table", "[variables]"),
        ("variables = {a = [1]}", "variables has to be a table", "[variables]"),
        ("allow = ['everything']", "allow does not know everything", "out-of-order"),
        ("identity = 'path'", "identity is version or name", "version"),
        ("env = 'staging'", "env holds environments", "[env.staging]"),
        ("env.staging = 'x'", "env holds environments", "[env.staging]"),
        ("[env.staging.env]", "a key env", "."),
    ],
)
def test_a_configuration_that_cannot_be_used_says_what_to_write(
    config: str, said: str, hint: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, config)
    assert said in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"SUREFOOT_ENV": "nowhere"}, "There is no environment nowhere"),
        ({"SUREFOOT_CONFIG": "nowhere.toml"}, "There is no configuration file nowhere.toml"),
        ({"SUREFOOT_VARIABLES": "a=1"}, "variables has to be a table"),
        ({"SUREFOOT_STATEMENT_TIMEOUT": "1 day"}, "statement_timeout is not a duration"),
    ],
)
def test_a_variable_that_cannot_be_used_is_refused(environ: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=said):
        load(tmp_path, CONFIG, environ)


@pytest.mark.parametrize("name", ["surefoot.toml", ".env"])
def test_a_file_that_is_not_text_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["surefoot.toml", ".env"])
def test_a_file_that_may_not_be_read_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("")
    open_up(tmp_path)
    with closed(tmp_path / name), pytest.raises(ConfigError, match="Permission denied"):
        load(tmp_path)


def test_a_closed_directory_above_has_no_configuration_for_us(tmp_path: Path) -> None:
    below = tmp_path / "above/below"
    below.mkdir(parents=True)
    with closed(tmp_path / "above"):
        assert load(below).project == "default"


def open_up(path: Path) -> None:
    """Let other users pass through the temporary directories of the test."""
    for directory in (path, *path.parents):
        if directory == Path(tempfile.gettempdir()):
            break
        directory.chmod(0o755)


def test_a_mark_of_the_byte_order_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "surefoot.toml").write_bytes(b"\xef\xbb\xbfproject = 'marked'\n")
    assert load(tmp_path).project == "marked"


def test_settings_show_no_secrets(tmp_path: Path) -> None:
    config = "url = 'postgresql://u:canary@h/d'\npreamble = [\"SET x.secret = 'canary'\"]\nvariables = {v = 'canary'}"
    settings = load(tmp_path, config)
    assert "canary" not in repr(settings)
    assert "canary" not in f"{settings}"


@given(st.integers(0, 500), st.sampled_from([("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("", 1.0)]))
def test_a_duration_is_a_number_and_a_unit(number: int, unit: tuple[str, float]) -> None:
    assert parse_duration(f"{number}{unit[0]}", "key") == pytest.approx(number * unit[1])
    assert parse_duration(f" {number} {unit[0]} ", "key") == pytest.approx(number * unit[1])


@given(st.one_of(st.text(), st.booleans(), st.lists(st.integers()), st.floats(max_value=-1), st.just(float("nan"))))
def test_anything_else_is_no_duration(value: object) -> None:
    try:
        seconds = parse_duration(value, "key")
    except ConfigError:
        return
    assert seconds >= 0
