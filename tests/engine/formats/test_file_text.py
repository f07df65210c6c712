"""Bytes to text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surefoot.engine.formats.text import decode, line_at, read_text
from surefoot.errors import FolderError, MalformedFile

SQL = "SELECT 'é';\n-- two\nSELECT 2;\n"


@pytest.mark.parametrize(
    "data",
    [
        SQL.encode(),
        b"\xef\xbb\xbf" + SQL.encode(),
        SQL.replace("\n", "\r\n").encode(),
        SQL.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + SQL.replace("\n", "\r\n").encode(),
    ],
)
def test_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "1_x.up.sql"
    path.write_bytes(data)
    assert read_text(path.parent, path.name) == SQL


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_wide_encodings_are_refused_by_name(codec: str) -> None:
    with pytest.raises(MalformedFile, match=codec[:6].upper()) as caught:
        decode("CREATE TABLE t (name text);\n".encode(codec), "1_x.up.sql")
    assert caught.value.details["file"] == "1_x.up.sql"
    assert "iconv" in caught.value.hint


def test_a_lone_nul_is_refused_with_its_place() -> None:
    with pytest.raises(MalformedFile, match="NUL") as caught:
        decode(b"SELECT 1;\r\nSELECT '\0';\n", "x.sql")
    assert (caught.value.details["line"], caught.value.details["byte"]) == (2, 19)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_bytes_that_are_not_utf8_are_refused_with_line_and_offset(mark: bytes, end: bytes) -> None:
    head = mark + b"SELECT 1;" + end + b"SELECT '"
    with pytest.raises(MalformedFile, match="0xe9") as caught:
        decode(head + b"\xe9';", "x.sql")
    assert (caught.value.details["line"], caught.value.details["byte"]) == (2, len(head))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"gone\.sql") as caught:
        read_text(tmp_path, "gone.sql")
    assert caught.value.hint


@given(st.text(st.characters(exclude_characters="\r\0\ufeff", exclude_categories=["Cs"])))
def test_utf8_text_comes_back_as_it_was(text: str) -> None:
    assert decode(text.encode(), "x.sql") == text


@given(st.binary(max_size=200))
def test_any_bytes_become_text_or_a_clear_error(data: bytes) -> None:
    try:
        text = decode(data, "x.sql")
    except MalformedFile as error:
        text = error.message
    assert "\r" not in text
    assert "x.sql" in text or text.encode() in data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def test_lines_are_counted_from_one() -> None:
    assert [line_at("a\nb\n", position) for position in (0, 1, 2, 4)] == [1, 1, 2, 3]
