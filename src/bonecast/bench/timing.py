"""One line of the benchmark table."""

from __future__ import annotations

from dataclasses import asdict, dataclass


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
