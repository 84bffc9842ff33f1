"""Walking through the pieces of a text: looking at one, taking it, and saying what was expected instead."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NoReturn

from bonecast.errors import close_matches, printable
from bonecast.regimens.errors import RegimenError
from bonecast.regimens.span import DAYS_IN, Span
from bonecast.regimens.tokens import Token, cut

MAX_CHARACTERS = 10_000
MAX_YEARS = 100
MAX_DAYS = MAX_YEARS * DAYS_IN["years"]
UNITS_OF_TIME = {word: unit for unit in DAYS_IN for word in (unit, unit[:-1])}


class Reader:
    """A place in a text, and the readings that every production needs: words, numbers, spans.

    `label` names the text in errors ("plan", "strategy 'stop'").
    """

    def __init__(self, text: str, label: str) -> None:
        self.text, self.label, self.at = text, label, 0
        if not text.strip():
            raise RegimenError(label, text, 0, "the text is empty", "write one, such as " + _example(label))
        if len(text) > MAX_CHARACTERS:
            cause, hint = f"the text has {len(text):,} characters", f"{MAX_CHARACTERS:,} are the limit"
            raise RegimenError(label, text, MAX_CHARACTERS, cause, hint)
        self.tokens = cut(text)

    @property
    def here(self) -> Token:
        """The piece that is to be read next."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """The next piece, and one step on; the end is never passed."""
        token = self.here
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def take_if(self, *words: str) -> Token | None:
        """The next piece, if it is one of these words; else None, and nothing is taken."""
        return self.take() if self.here.word in words else None

    def need(self, word: str, expected: str = "") -> Token:
        """The next piece, which must be this word."""
        return self.take_if(word) or self.refuse(expected or f"'{word}'", (word,))

    def number(self, what: str, example: str) -> float:
        """A finite decimal number above zero."""
        token = self.here
        if token.kind != "number":
            self.refuse(f"{what}, a number such as {example}")
        self.take()
        value = float(token.text)
        if not 0 < value < math.inf:
            cause = f"{what} must be finite and above zero, not {printable(token.text)}"
            self.fail(token, cause, f"write a number such as {example}")
        comma, after = self.here, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if comma.kind == "comma" and after.kind == "number" and after.start == comma.start + 1:
            hint = "write 2.5 for two and a half and 1000 for a thousand"
            self.fail(comma, "a comma stands inside a number", hint)
        return value

    def span(self, what: str) -> Span:
        """A number and days, weeks, months or years; at most 100 years."""
        first = self.here
        number = self.number(what, "6 in '6 months'")
        unit = UNITS_OF_TIME.get(self.here.word)
        if unit is None:
            self.refuse("'days', 'weeks', 'months' or 'years'", tuple(UNITS_OF_TIME))
        self.take()
        span = Span(number, unit)
        if not 0 < span.days <= MAX_DAYS:
            self.fail(first, f"{what} is {printable(span)}", f"{MAX_YEARS} years are the limit")
        return span

    def refuse(self, expected: str, words: Sequence[str] = ()) -> NoReturn:
        """What stands here is not what was expected; the nearest of `words` is offered."""
        token = self.here
        near = close_matches(token.text, words, 1) if token.kind == "word" else []
        found = f"'{printable(token.text)}'" if token.kind != "end" else "the end of the text"
        hint = f"did you mean '{near[0]}'" if near else ""
        self.fail(token, f"expected {expected}, found {found}", hint, near)

    def fail(self, token: Token, cause: str, hint: str = "", near: Sequence[str] = ()) -> NoReturn:
        """Raise the error that points at this piece."""
        raise RegimenError(self.label, self.text, token.start, cause, hint, near)


def _example(label: str) -> str:
    return "'10 years'" if label == "span" else "'denosumab 60 mg every 6 months x 4'"
