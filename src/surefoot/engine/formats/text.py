"""Bytes of a file become text: UTF-8, line feeds only, no byte order mark."""

from __future__ import annotations

import codecs
from pathlib import Path

from surefoot.errors import FolderError, MalformedFile

# UTF-32's little-endian mark begins with UTF-16's: the longer ones come first.
_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SAMPLE = 1024


def read_text(root: Path, name: str) -> str:
    """The text of the file `name` of a folder, without a byte order mark and with `\\n` as its only line end.

    Raises MalformedFile for a file in UTF-16 or UTF-32, with a NUL character, or that is not UTF-8.
    """
    try:
        with (root / name).open("rb", buffering=0) as file:
            data = file.readall()
    except OSError as error:
        raise FolderError(
            f"{name} cannot be read: {error.strerror}.", hint="Check the file's permissions.", file=name
        ) from error
    return decode(data, name)


def decode(data: bytes, path: str) -> str:
    """The text that `data` stands for; `path` is what an error calls it."""
    _refuse_foreign(data, path)
    start = len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0
    try:
        text = str(memoryview(data)[start:], "utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(data, start + error.start, path) from error
    # Most files hold no carriage return, and a big one should not be copied for nothing.
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def line_at(text: str, position: int) -> int:
    """The 1-based line on which the character at `position` stands."""
    return text.count("\n", 0, position) + 1


def _refuse_foreign(data: bytes, path: str) -> None:
    nul = data.find(b"\0")
    encoding = next((name for mark, name in _FOREIGN_MARKS if data.startswith(mark)), "")
    if not encoding and nul >= 0:
        encoding = _guess_wide(data[:_SAMPLE])
    if encoding:
        raise MalformedFile(
            f"{path} is {encoding} text; migrations are read as UTF-8.",
            hint=f"Save it as UTF-8, for instance with: iconv -f {encoding} -t UTF-8.",
            file=path,
            line=1,
        )
    if nul >= 0:
        line = _line_of(data, nul)
        raise MalformedFile(
            f"{path} holds a NUL character on line {line} (byte {nul}); no database accepts one.",
            hint="Remove the character, or write the value as an escape.",
            file=path,
            line=line,
            byte=nul,
        )


def _guess_wide(sample: bytes) -> str:
    """UTF-16 or UTF-32 where the NULs fall as in western text in that encoding; else nothing."""
    share = sample.count(0) / len(sample)
    if share >= 0.7:
        return "UTF-32"
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    return "UTF-16" if share >= 0.3 and min(even, odd) * 10 <= max(even, odd) else ""


def _not_utf8(data: bytes, offset: int, path: str) -> MalformedFile:
    line = _line_of(data, offset)
    return MalformedFile(
        f"{path} is not UTF-8: line {line} holds the byte 0x{data[offset]:02x} (byte {offset} of the file).",
        hint="Save the file as UTF-8, for instance with: iconv -f WINDOWS-1252 -t UTF-8.",
        file=path,
        line=line,
        byte=offset,
    )


def _line_of(data: bytes, offset: int) -> int:
    before = data[:offset]
    return before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n") + 1
