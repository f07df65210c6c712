"""Numbers that look random and are the same everywhere: hashes of what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draw:
    """The draw of one value. There is no state: the same draw gives the same numbers.

    `key` says for what it is (seed, table, column), `number` counts the rows of the table, `attempt` the tries for
    this row. `plain`: as simple and short as can be.
    """

    key: str
    number: int
    attempt: int = 0
    plain: bool = False

    def bits(self, salt: str = "") -> int:
        """A whole number of 64 bits; another one for each salt."""
        text = f"{self.key}\0{self.number}\0{self.attempt}\0{salt}"
        return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")

    def below(self, end: int, salt: str = "") -> int:
        """A whole number from 0 up to `end`, which is left out."""
        return self.bits(salt) % end

    def choose(self, options: Sequence[T], salt: str = "") -> T:
        """One of the options."""
        return options[self.below(len(options), salt)]

    def turn(self, options: Sequence[T]) -> T:
        """The options in turn, row by row: as many rows as there are options have them all."""
        start = Draw(self.key, 0).below(len(options), "turn")
        return options[(start + self.number + self.attempt) % len(options)]

    def part(self, name: object) -> Draw:
        """The draw for a part of the value."""
        return replace(self, key=f"{self.key}\0{name}")

    @property
    def serial(self) -> int:
        """A whole number, not negative, that no other row of the column has at the same attempt."""
        number = self.number + self.attempt * (101 + self.below(899, "shift")) if self.attempt else self.number
        return number * 7 + self.below(7, "serial")
