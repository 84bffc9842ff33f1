"""How many threads a run takes where nobody says."""

from __future__ import annotations

import os

from bonecast.errors import InputError

VARIABLE = "BONECAST_THREADS"


def usual_threads() -> int:
    """Return how many threads a run takes.

    Programs that run in parallel, a worker on each core, set BONECAST_THREADS to 1.

    Returns
    -------
    int
        BONECAST_THREADS, or the number of cores.
    """
    said = os.environ.get(VARIABLE, "")
    if not said:
        return os.cpu_count() or 1
    if not said.isdecimal() or int(said) < 1:
        raise InputError(
            VARIABLE, f"'{said[:20]}' is not a number of threads", "set it to 1 or more, or unset it"
        )
    return int(said)
