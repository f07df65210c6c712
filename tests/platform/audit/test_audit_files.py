"""The files of the audit trail, on a disk that fills up."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from surefoot.audit.files import append_lines, lines_of
from surefoot.errors import ConfigError
from surefoot.vault.keyring import key_files, make_first


@contextmanager
def room_for(octets: int) -> Iterator[None]:
    """No file of this process grows beyond this: a write takes what still fits, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_checkpoint_of_which_the_disk_took_a_part_is_an_error_and_no_line(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    append_lines(path, ["first"])
    with room_for(10), pytest.raises(OSError, match="too large"):
        append_lines(path, ["a second one"])
    append_lines(path, ["third"])
    assert list(lines_of(path) or ()) == ["first", "third"]


def test_a_key_of_which_the_disk_took_a_part_is_no_key(tmp_path: Path) -> None:
    with room_for(20), pytest.raises(ConfigError, match="No key can be made"):
        make_first(tmp_path / "keys")
    assert key_files(tmp_path / "keys") == []
