"""How many threads a run takes where nobody says."""

from __future__ import annotations

import os

from bonecast.errors import InputError

VARIABLE = "BONECAST_THREADS"


def usual_threads() -> int:
    """What the variable BONECAST_THREADS says, or else the cores of the machine.

    Programs that run side by side, a worker on each core, set it to 1.
    """
    said = os.environ.get(VARIABLE, "")
    if not said:
        return os.cpu_count() or 1
    if not said.isdecimal() or int(said) < 1:
        raise InputError(
            VARIABLE, f"'{said[:20]}' is not a number of threads", "set it to 1 or more, or unset it"
        )
    return int(said)
