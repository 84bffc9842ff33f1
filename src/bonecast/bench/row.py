"""One line of the benchmark table."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """What one engine needed for one problem.

    ms_per_patient_decade : processor time of one core (elapsed time for more than one thread and for whole
        processes). worst_error : the greatest relative error of any output at any time in any person checked, or
        None where it was not measured. peak_mb : memory of a process of its own, where measured.
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
