"""Many faults of one file, reported together: the first in full, the others counted and kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bonecast.errors import InputError, InputErrors

# A file that is wrong from end to end is not searched for names a million times over.
FAULTS_KEPT = 100


class RecordError(InputErrors):
    """A record that cannot be used, with every fault in order of the file.

    Parameters
    ----------
    faults : sequence of InputError
        The faults, at most 100.
    found : int, optional
        How many there are, if more than were kept.
    """

    what = "record"


class Faults:
    """Collect what is wrong with an input, while reading goes on."""

    def __init__(self) -> None:
        self.kept: list[InputError] = []
        self.found = 0

    @property
    def full(self) -> bool:
        """Are there so many that a further search helps nobody?"""
        return self.found >= FAULTS_KEPT

    def note(self, fault: InputError) -> None:
        """Keep this fault."""
        self.found += 1
        if len(self.kept) < FAULTS_KEPT:
            self.kept.append(fault)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Run a block; an InputError raised in it is noted and ends the block only."""
        try:
            yield
        except InputError as fault:
            self.note(fault)

    def raise_any(self) -> None:
        """Raise RecordError if anything was noted."""
        if self.kept:
            raise RecordError(self.kept, self.found)
