"""How much of a password is left when what everybody tries first is taken out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files
from itertools import pairwise

_LEAST_WORD = 4
_ALWAYS = ("surefoot",)
# Signs that stand for letters; two of them for either of two.
_LEET = tuple(str.maketrans("03457@$1!|", "oeastas" + 3 * letter) for letter in "il")
_REPEAT = re.compile(r"(.{1,64}?)\1+", re.DOTALL)
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "qsdfghjklm",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
)
_NEIGHBOURS = {pair for row in _ROWS for way in (row, row[::-1]) for pair in pairwise(way)}
Span = tuple[int, int]


def characters_left(password: str, context: Iterable[str]) -> int:
    """How many characters are left of the password, where each common word, repeat or sequence counts as one.

    `context` are words of the person and the place, whole (`Ada Lovelace`, `ada@example.org`): their parts are words.
    """
    folded = password.casefold()
    spans = [*_words(folded, context), *_repeats(folded), *_sequences(folded)]
    covered, pieces = _merged(spans)
    return len(folded) - covered + pieces


def _words(folded: str, context: Iterable[str]) -> Iterator[Span]:
    own = {word for text in (*_ALWAYS, *context) for word in _parts(text.casefold())}
    patterns = [_common(), *([_either(own)] if own else [])]
    for pattern in patterns:
        for text in {folded, *(folded.translate(table) for table in _LEET)}:
            yield from (found.span() for found in pattern.finditer(text))


def _parts(text: str) -> Iterator[str]:
    """A name or address whole, run together, each side of its @, and word by word."""
    words = re.split(r"[\W_]+", text)
    yield from (part for part in (text, "".join(words), *text.split("@"), *words) if len(part) >= _LEAST_WORD)


@cache
def _common() -> re.Pattern[str]:
    lines = files("surefoot.accounts").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return _either({line for line in lines if not line.startswith("#")})


def _either(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


def _repeats(folded: str) -> Iterator[Span]:
    """What only says again what stands right before it."""
    yield from ((found.end(1), found.end()) for found in _REPEAT.finditer(folded))


def _sequences(folded: str) -> Iterator[Span]:
    """Four characters and more that lie side by side: in the alphabet, in numbers, on a keyboard."""
    begin = 0
    for end in range(1, len(folded) + 1):
        if end == len(folded) or (folded[end - 1], folded[end]) not in _NEIGHBOURS:
            if end - begin >= 4:
                yield begin, end
            begin = end


def _merged(spans: Iterable[Span]) -> tuple[int, int]:
    """How many characters the spans cover together, and how many pieces without a gap they are."""
    covered = pieces = reached = 0
    for begin, end in sorted(spans):
        pieces += begin >= reached
        covered += max(0, end - max(begin, reached))
        reached = max(reached, end)
    return covered, pieces
