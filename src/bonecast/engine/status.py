"""What became of each person's run, as a code in the kernel and as a sentence for people."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Status(IntEnum):
    """How the integration of one person ended: `FINE`, or why not, with a sentence for people.

    Examples
    --------
    >>> Status.FINE.sentence
    'the run reached its end'
    """

    FINE = 0
    TOO_MANY_STEPS = 1
    STEP_TOO_SMALL = 2
    NOT_FINITE = 3
    SMALL_PIVOT = 4

    @property
    def sentence(self) -> str:
        """What happened, and what to try."""
        return _SENTENCES[self]


_SENTENCES = {
    Status.FINE: "the run reached its end",
    Status.TOO_MANY_STEPS: "the run took more steps than allowed; raise max_steps, or rtol if it is very small",
    Status.STEP_TOO_SMALL: "the step size fell to nothing, so the equations change faster than they can be "
    "followed; look for a parameter far outside its range",
    Status.NOT_FINITE: "a value became infinite or undefined (a logarithm or power of a number that is not "
    "positive, most often); look for a parameter far outside its range",
    Status.SMALL_PIVOT: "the step equations became singular; look for a parameter that is zero or far outside "
    "its range",
}


def failures(status: np.ndarray) -> list[str]:
    """One sentence for each way in which some persons failed; an empty list if all runs reached their end."""
    total = len(status)
    return [
        f"{count} of {total} runs: {kind.sentence}"
        for kind in Status
        if kind and (count := int(np.count_nonzero(status == kind)))
    ]
