"""What splitting has in common on every database: the walk over a script, and what comes of it.

A dialect describes its lexical rules as a `Lexicon` and takes one statement after the other; here are the
walk over fragments, the tokens, the leading words and the way from an offset to a line. All of it takes time
in proportion to the text, once over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from surefoot.engine.model import Note, Script, Statement
from surefoot.errors import CommandRefused, MalformedFile

BLANK = " \t\n\r\f\v"
# Patterns have neither possessive repeats nor atomic groups: with them CPython 3.11.2 (Debian 12's) matches the wrong
# text. In their place, what a pattern repeats can be read in one way only, so that nothing is tried twice.
NO_BLANK = r"(?![ \t\n\r\f\v])"
BLANKS = rf"[ \t\n\r\f\v]+{NO_BLANK}"
REST_OF_LINE = r"[^\n]*(?![^\n])"
# How often a pattern repeats a group: each time takes memory until the match ends. What goes on is for a loop, or for
# `Lexicon.beyond`.
SOME = "{0,500}"
BLOCK_COMMENT = rf"/\*[^*]*\*+(?:[^*/][^*]*\*+){SOME}/"
MOST_WORDS = 16
# What a name begins with and goes on with; every character beyond ASCII is a letter. Said as what is left out, because
# re takes milliseconds to compile a range that goes up to the last character.
LETTER = r"[^\x00-@\[-\^`{-\x7f]"
PART = r"[^\x00-#%-/:-@\[-\^`{-\x7f]"


@dataclass(frozen=True, slots=True)
class Split:
    """A script's statements in order, and what their author should know of the reading."""

    statements: tuple[Statement, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Outside:
    """Why a statement cannot share the transaction of its script.

    `transactional` statements want a transaction to themselves; any other runs outside of a transaction.
    """

    reason: str
    transactional: bool = False


class Unterminated(Exception):
    """A quote or a comment (`what`) that begins at the offset `at` has no end."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.what = what
        self.at = at


class Token(NamedTuple):
    """A place where a splitter has to decide, and the end of the last text before it that is no comment.

    `kind` is the name of a group of `Lexicon.scan`, or `eof`. `last` is -1 where only blanks and comments
    precede.
    """

    kind: str
    start: int
    end: int
    last: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The lexical rules of one SQL dialect.

    `gap` matches blanks and comments. `scan` matches a gap, then a group `solid` of text that decides
    nothing, then perhaps one named group that does (`end` is the terminator). `word` matches what is no word,
    then perhaps a group `word`. A pattern may stop after any thing, and is then matched again from there: no part
    of it matches what an earlier part would. Where it matches nothing, `beyond` says where the thing there ends
    and whether it is more than a comment, or raises `Unterminated`.
    """

    gap: re.Pattern[str]
    scan: re.Pattern[str]
    word: re.Pattern[str]
    beyond: Callable[[str, int], tuple[int, bool]]


@dataclass(slots=True)
class Source:
    """A fragment that is being split: its text, and the statements and notes that were made of it so far."""

    path: str
    text: str
    line: int
    lexicon: Lexicon
    statements: list[Statement] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    _counted: int = 0
    _known: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    def line_at(self, offset: int) -> int:
        """The file's line at an offset; cheap as long as offsets do not go back."""
        if offset < self._counted:
            return self.line - self.text.count("\n", offset, self._counted)
        self.line += self.text.count("\n", self._counted, offset)
        self._counted = offset
        return self.line

    def add(self, start: int, end: int, copy_data: str | None = None) -> None:
        """Make a statement of the text between two offsets, blanks at its end left out."""
        sql = self.text[start:end].rstrip(BLANK)
        words = leading_words(self.lexicon, sql)
        words = self._known.setdefault(words, words)
        self.statements.append(Statement(sql, self.path, self.line_at(start), words, copy_data))

    def note(self, offset: int, text: str) -> None:
        """Tell the author something about the line at an offset."""
        self.notes.append(Note(self.path, self.line_at(offset), text))

    def malformed(self, offset: int, message: str, hint: str) -> MalformedFile:
        """The error that the file breaks the rules at an offset."""
        line = self.line_at(offset)
        return MalformedFile(f"{self.path}, line {line}: {message}", hint=hint, file=self.path, line=line)

    def refused(self, offset: int, command: str, hint: str) -> CommandRefused:
        """The error that a client's command stands at an offset."""
        line = self.line_at(offset)
        message = f"{self.path}, line {line}: {command} is a command of the database's own client"
        return CommandRefused(message, hint=hint, file=self.path, line=line, command=command)


def split_script(script: Script, lexicon: Lexicon, step: Callable[[Source, int], int]) -> Split:
    """Split every fragment of a script.

    `step` takes what begins at an offset (never a blank or a comment) out of a source, and returns the offset
    at which to go on. Raises MalformedFile for NUL characters and for quotes and comments without an end.
    """
    statements: list[Statement] = []
    notes: list[Note] = []
    for fragment in script.fragments:
        source = Source(script.path, fragment.text, fragment.line, lexicon, statements, notes)
        try:
            _walk(source, _whole if fragment.whole else step)
        except Unterminated as error:
            raise source.malformed(
                error.at, f"the {error.what} that begins here has no end", f"Close the {error.what}."
            ) from None
    return Split(tuple(statements), tuple(notes))


def _walk(source: Source, step: Callable[[Source, int], int]) -> None:
    if (nul := source.text.find("\0")) >= 0:
        raise source.malformed(nul, "a NUL character is no part of SQL", "Save the file as plain UTF-8 text.")
    position = 0
    while (start := skip_gap(source.lexicon, source.text, position)) < len(source.text):
        position = step(source, start)


def _whole(source: Source, start: int) -> int:
    last = position = start
    while position < len(source.text):
        token = next_token(source.lexicon, source.text, position)
        last = max(last, token.last)
        position = token.end
        if token.kind not in {"end", "eof"}:
            last = position
    if last > start:
        source.add(start, last)
    return position


def skip_gap(lexicon: Lexicon, text: str, position: int) -> int:
    """The first offset from `position` on that is neither blank nor comment."""
    while True:
        position = end_of_all(lexicon.gap, text, position)
        if not text.startswith("/*", position):
            return position
        end, solid = lexicon.beyond(text, position)
        if solid:
            return position
        position = end


def next_token(lexicon: Lexicon, text: str, position: int) -> Token:
    """The next place from `position` on that a splitter has to decide about."""
    last = -1
    while True:
        found = lexicon.scan.match(text, position)
        assert found is not None, "every part of the pattern is optional"
        solid, end = found.end("solid"), found.end()
        if solid > found.start("solid"):
            last = solid
        if end > solid:
            return Token(str(found.lastgroup), solid, end, last)
        if end == len(text):
            return Token("eof", end, end, last)
        if end == position:
            end, more = lexicon.beyond(text, position)
            last = end if more else last
        position = end


def each_word(lexicon: Lexicon, text: str, position: int = 0) -> Iterator[str]:
    """The bare words of a text in upper case, from an offset on: no comments, no quoted text, no numbers."""
    while position < len(text):
        found = lexicon.word.match(text, position)
        assert found is not None, "every part of the pattern is optional"
        if found["word"]:
            yield found["word"].upper()
        if found.end() > position:
            position = found.end()
        else:
            position, _ = lexicon.beyond(text, position)


def leading_words(lexicon: Lexicon, text: str, position: int = 0) -> tuple[str, ...]:
    """The first bare words from an offset on, as `Statement.words` holds them."""
    return tuple(islice(each_word(lexicon, text, position), MOST_WORDS))


def word_set(text: str) -> frozenset[str]:
    """The words of a text, to look others up in."""
    return frozenset(text.split())


def comment_end(text: str, start: int) -> int:
    """The end of the comment at `start`, in which no other can be; raises Unterminated where it has none."""
    end = text.find("*/", start + 2)
    if end < 0:
        raise Unterminated("comment", start)
    return end + 2


def end_of_all(pattern: re.Pattern[str], text: str, position: int) -> int:
    """The end of all matches of a pattern that follow one another from `position` on."""
    while (found := pattern.match(text, position)) is not None and found.end() > position:
        position = found.end()
    return position
