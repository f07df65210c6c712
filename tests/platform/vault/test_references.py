"""A reference names a secret; nothing of the secret shows when it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from surefoot.errors import Invalid, Unavailable
from surefoot.vault.references import check, resolve


def test_a_variable_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "pass word ")
    assert resolve("env:SHOP_PASSWORD") == b"pass word "
    monkeypatch.setenv("SHOP_PASSWORD", "another")
    assert resolve("env:SHOP_PASSWORD") == b"another"


@pytest.mark.parametrize(
    ("content", "secret"),
    [
        (b"secret", b"secret"),
        (b"secret\n", b"secret"),
        (b"secret\r\n", b"secret"),
        (b" a\n\n", b" a\n"),
        (b"\0", b"\0"),
    ],
)
def test_a_file_is_the_secret_without_the_end_of_its_last_line(tmp_path: Path, content: bytes, secret: bytes) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert resolve(f"file:{tmp_path}/secret") == secret


@pytest.mark.parametrize("reference", ["", "env:", "file:", "NAME", "http://x", "file:a\0b", "file:secret", "FILE:/x"])
def test_what_is_no_reference_is_refused(reference: str) -> None:
    with pytest.raises(Invalid):
        check(reference)
    with pytest.raises(Invalid):
        resolve(reference)


def test_a_secret_that_was_given_in_place_of_a_reference_is_not_shown() -> None:
    with pytest.raises(Invalid) as refused:
        resolve("hunter2:canary")
    assert "canary" not in str(refused.value.to_dict())


def test_what_is_not_there_is_told_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="env:SUREFOOT_NOT_SET cannot be read: no such variable"):
        resolve("env:SUREFOOT_NOT_SET")
    with pytest.raises(Unavailable, match=r"/none cannot be read: No such file"):
        resolve(f"file:{tmp_path}/none")


@pytest.mark.parametrize("name", ["SUREFOOT_MASTER_KEY", "SUREFOOT_DATABASE_URL", "SUREFOOT_SMTP_URL"])
def test_the_platforms_own_secrets_cannot_be_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "canary")
    with pytest.raises(Unavailable, match="the platform's own settings") as refused:
        resolve(f"env:{name}")
    assert "canary" not in str(refused.value.to_dict())


@pytest.mark.parametrize("path", ["/proc/self/environ", "/proc/self/cmdline", "link", "/sys/kernel/mm/ksm/run"])
def test_what_the_system_tells_of_the_process_is_no_secret_to_name(tmp_path: Path, path: str) -> None:
    (tmp_path / "link").symlink_to("/proc/self/environ")
    with pytest.raises(Unavailable, match="no ordinary file"):
        resolve(f"file:{tmp_path / path}")


@pytest.mark.parametrize(("size", "reason"), [(0, "empty"), (64 * 1024 + 1, "longer than 65536 bytes")])
def test_a_file_of_no_reasonable_size_is_refused_and_not_shown(tmp_path: Path, size: int, reason: str) -> None:
    (tmp_path / "secret").write_bytes(b"q" * size)
    with pytest.raises(Unavailable, match=reason) as refused:
        resolve(f"file:{tmp_path}/secret")
    assert "qqqq" not in str(refused.value.to_dict())


def test_a_file_of_the_greatest_size_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"q" * 64 * 1024)
    assert len(resolve(f"file:{tmp_path}/secret")) == 64 * 1024


def test_a_pipe_and_a_directory_keep_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Unavailable, match="no ordinary file"):
        resolve(f"file:{tmp_path}/pipe")
    with pytest.raises(Unavailable):
        resolve(f"file:{tmp_path}")
