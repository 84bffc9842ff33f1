"""The error of this room: a sentence with the place in it, and a caret that points there."""

from __future__ import annotations

from collections.abc import Sequence

from bonecast.errors import InputError


class RegimenError(InputError):
    """A regimen or time span that cannot be read.

    `position` is the character (from 1) at which reading stopped, `pointer` the text with a caret under that character.

    Parameters
    ----------
    label : str
        What the text is, for the error ("plan").
    text : str
        The text.
    offset : int
        Character at which reading stopped, from 0.
    cause : str
        What is wrong there.
    hint : str
        What to write instead.
    nearest : sequence of str
        Known words or names that are closest to what stands there.

    Examples
    --------
    >>> print(RegimenError("plan", "denosumb 60 mg once", 0, "there is no such drug").pointer)
    denosumb 60 mg once
    ^
    """

    def __init__(
        self, label: str, text: str, offset: int, cause: str, hint: str = "", nearest: Sequence[str] = ()
    ) -> None:
        self.text, self.position, self.nearest = text, offset + 1, list(nearest)
        self.pointer = _pointer(text, offset)
        super().__init__(f"{label}, character {offset + 1}", cause, hint)


def _pointer(text: str, offset: int, before: int = 60, after: int = 30) -> str:
    """The text around the place, in one line of at most about 90 characters, and a caret under it."""
    first, last = max(0, offset - before), offset + after
    left, right = "…" if first > 0 else "", "…" if last < len(text) else ""
    # One character for one, so that the caret stays where it belongs.
    line = "".join(c if c.isprintable() else " " for c in text[first:last])
    return f"{left}{line}{right}\n{' ' * (len(left) + offset - first)}^"
