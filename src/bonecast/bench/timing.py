"""One line of the benchmark table, and the greatest memory of a process."""

from __future__ import annotations

import re
import resource
from dataclasses import asdict, dataclass
from pathlib import Path

STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class BenchTiming:
    """What one engine needed for one problem.

    Parameters
    ----------
    engine : str
        Name of the engine.
    problem : str
        Name of the problem.
    patients : int
        Persons.
    threads : int
        Threads.
    rtol : float
        Relative tolerance.
    ms_per_patient_decade : float
        Processor time of one core; elapsed time for more than one thread and for whole processes.
    worst_error : float, optional
        Greatest relative error of any output at any time in any person checked; None where it was not measured.
    peak_mb : float, optional
        Memory of a process of its own, where measured.
    note : str
        What to know of the number.
    """

    engine: str
    problem: str
    patients: int
    threads: int
    rtol: float
    ms_per_patient_decade: float
    worst_error: float | None = None
    peak_mb: float | None = None
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def peak_memory_mb() -> float:
    """Greatest memory that this program has held, in MB.

    Linux counts in `ru_maxrss` the memory of the process that started this one; its own is read from /proc.

    Returns
    -------
    float
        MB of 2**20 bytes.

    Examples
    --------
    >>> 10 < peak_memory_mb() < 100_000
    True
    """
    if STATUS.exists():
        found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text(encoding="ascii"))
        if found:
            return int(found[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
