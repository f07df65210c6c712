"""A text that matches a regular expression of a check, for the plain ones that checks are made of.

Classes, groups, alternatives and repeats are understood; anchors, flags and looks around are passed over. What comes
out is a candidate: the database decides.
"""

from __future__ import annotations

import re
import string

from surefoot.engine.dialects.generate.draw import Draw

_CLASSES = {
    "d": string.digits,
    "w": string.ascii_lowercase + string.digits,
    "s": " ",
    "D": string.ascii_lowercase,
    "W": "-",
    "S": string.ascii_lowercase,
}
_POSIX = {
    "alpha": string.ascii_lowercase,
    "digit": string.digits,
    "alnum": string.ascii_lowercase + string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "space": " ",
    "punct": "-._",
    "xdigit": string.digits + "abcdef",
    "word": string.ascii_lowercase + string.digits,
}
_SIGNS = string.ascii_lowercase + string.digits + string.ascii_uppercase + " -_.,:;/@#+"
_ANCHORS = frozenset("yYmMAZbB<>z")
_REPEAT = re.compile(r"(?:(?P<sign>[+*?])|\{(?P<low>\d*)(?P<comma>,)?(?P<high>\d*)\})[+?]?")
_SET = re.compile(r"\[(?P<no>\^?)(?P<items>\]?(?:\[:\w+:\]|\\.|[^\]\\])*)\]")
_ITEM = re.compile(r"\[:(?P<posix>\w+):\]|\\(?P<escape>.)|(?P<first>.)(?:-(?P<last>[^\]\\]))?", re.DOTALL)
_LONGEST = 200


def matching(pattern: str, draw: Draw) -> str:
    """A text that should match the regular expression."""
    return _Sampler(pattern, draw).alternatives()[:_LONGEST]


def like(pattern: str, draw: Draw, escape: str = "\\") -> str:
    """A text that matches a pattern of LIKE."""
    text, signs = "", iter(pattern)
    for index, sign in enumerate(signs):
        if sign == escape:
            text += next(signs, "")
        elif sign == "%":
            text += f"{draw.serial}"
        else:
            text += draw.choose(string.ascii_lowercase, f"{index}") if sign == "_" else sign
    return text


class _Sampler:
    """Reads a pattern from left to right and writes a text that matches it."""

    def __init__(self, pattern: str, draw: Draw) -> None:
        self._pattern = pattern
        self._draw = draw
        self._at = 0
        self._drawn = 0

    def alternatives(self) -> str:
        texts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            texts.append(self._sequence())
        return texts[self._below(len(texts))]

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _below(self, end: int) -> int:
        self._drawn += 1
        return self._draw.below(end, f"{self._drawn}")

    def _sequence(self) -> str:
        text = ""
        while self._peek() not in {"", "|", ")"} and len(text) < _LONGEST:
            text += self._repeated()
        return text

    def _repeated(self) -> str:
        start = self._at
        text = self._atom()
        end = self._at
        found = _REPEAT.match(self._pattern, self._at)
        if found is None:
            return text
        times = self._times(found)
        for _ in range(times - 1):
            self._at = start
            text += self._atom()
        self._at = max(found.end(), end)
        return text if times else ""

    def _times(self, found: re.Match[str]) -> int:
        bounds = {"*": (0, 4), "+": (1, 5), "?": (0, 1)}
        low, high = bounds.get(found["sign"], (int(found["low"] or 0), 0))
        if not found["sign"]:
            high = int(found["high"]) if found["high"] else low + 4 if found["comma"] else low
        high = min(high, low + 8)
        return min(low + self._below(max(1, high - low + 1)), _LONGEST)

    def _atom(self) -> str:
        sign = self._peek()
        self._at += 1
        if sign == "(":
            return self._group()
        if sign == "[":
            return self._set()
        if sign == "\\":
            return self._escape()
        if sign == ".":
            return self._one(_CLASSES["w"])
        return "" if sign in {"^", "$"} else sign

    def _one(self, signs: str) -> str:
        return signs[self._below(len(signs))] if signs else ""

    def _group(self) -> str:
        looks = re.compile(r"\?(?:(?P<look><?[=!])|[a-zA-Z]*:|P?<\w+>|[a-zA-Z]+(?=\)))").match(self._pattern, self._at)
        self._at = looks.end() if looks else self._at
        text = self.alternatives()
        self._at += 1
        return "" if looks and looks["look"] else text

    def _set(self) -> str:
        found = _SET.match(self._pattern, self._at - 1)
        if found is None:
            return "["
        self._at = found.end()
        signs = "".join(_signs(item) for item in _ITEM.finditer(found["items"]))
        return self._one("".join(sign for sign in _SIGNS if sign not in signs) if found["no"] else signs)

    def _escape(self) -> str:
        sign = self._peek()
        self._at += 1
        if sign in _CLASSES:
            return self._one(_CLASSES[sign])
        return "" if sign in _ANCHORS else sign


def _signs(item: re.Match[str]) -> str:
    if item["posix"]:
        return _POSIX.get(item["posix"], "a")
    if item["escape"]:
        return _CLASSES.get(item["escape"], item["escape"])
    first, last = ord(item["first"]), ord(item["last"] or item["first"])
    return "".join(chr(code) for code in range(first, min(last, first + 200) + 1))
