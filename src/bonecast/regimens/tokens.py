"""A text cut into numbers, words and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Letters of any script make words, so that a wrong name is quoted whole; digits are ASCII, because Python
# would read others as numbers too. A sign belongs to its number, so that "-60" is refused as an amount below
# zero.
TOKEN = re.compile(
    r"""(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))
    |   (?P<word>[^\W\d_]+(?:[-'’][^\W\d_]+)*)
    |   (?P<comma>,)
    |   (?P<sign>\S)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Token:
    """A piece of the text: its kind (number, word, comma, sign, end), the text, and where it starts."""

    kind: str
    text: str
    start: int

    @property
    def word(self) -> str:
        """The piece as the grammar compares it: in lower case, and the sign × as the letter x."""
        return "x" if self.text == "×" else self.text.casefold()


def cut(text: str) -> list[Token]:
    """All pieces of the text; the last is always of the kind `end`, after the last letter.

    >>> [token.text for token in cut("zoledronate 5mg once")]
    ['zoledronate', '5', 'mg', 'once', '']
    """
    tokens = [Token(m.lastgroup or "sign", m.group(), m.start()) for m in TOKEN.finditer(text)]
    return [*tokens, Token("end", "", len(text.rstrip()))]
