"""The file of breached passwords: made of any list of hashes, looked into without reading it."""

from __future__ import annotations

from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.accounts import breaches
from surefoot.accounts.breaches import import_breaches, is_breached
from surefoot.accounts.passwords import check_password
from surefoot.errors import Invalid


def _line(password: str, after: str = ":3\r\n") -> str:
    return sha1(password.encode()).hexdigest().upper() + after


def _list(path: Path, *lines: str) -> Path:
    path.write_text("".join(lines), newline="")
    return path


@pytest.mark.asvs("6.2.12")
def test_a_breached_password_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "data" / breaches.NAME
    count = import_breaches(_list(tmp_path / "in", _line("eleven quiet otters swim"), _line("x", "\n")), made)
    assert count == 2
    with pytest.raises(Invalid, match="breach"):
        check_password("eleven quiet otters swim", (), made)
    check_password("twelve quiet otters swim", (), made)


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 9))
def test_every_hash_is_found_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, listed: list[int], chunk: int
) -> None:
    folder = tmp_path_factory.mktemp("breaches")
    made = folder / "out"
    known = {str(number) for number in listed}
    assert import_breaches(_list(folder / "in", *(_line(str(one)) for one in listed)), made, chunk=chunk) == len(known)
    assert made.stat().st_size == 20 * len(known)
    assert {str(number) for number in range(42) if is_breached(str(number), made)} == known


@pytest.mark.parametrize("line", ["password\n", "\n", "AB:1\n", "Z" * 40 + ":1\n"])
def test_a_list_of_something_else_is_refused_and_leaves_what_was(tmp_path: Path, line: str) -> None:
    made = tmp_path / "out"
    import_breaches(_list(tmp_path / "in", _line("a")), made)
    with pytest.raises(Invalid, match="Line 2") as refused:
        import_breaches(_list(tmp_path / "in", _line("b"), line), made)
    assert line.strip() == "" or line.strip() not in str(refused.value.to_dict())
    assert is_breached("a", made)


def test_without_a_file_nothing_is_breached(tmp_path: Path) -> None:
    assert not is_breached("a", tmp_path / "nowhere")
