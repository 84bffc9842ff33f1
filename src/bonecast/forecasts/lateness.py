"""How late is an injection, which options are there, and what does this person's forecast say of each?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bonecast.care import Lateness, lateness
from bonecast.core import Progress
from bonecast.forecasts.late_numbers import MONTHS, with_numbers
from bonecast.forecasts.prepared import Prepared, prepare
from bonecast.models import DEFAULT_MODEL
from bonecast.records import Patient

LATE_DRAWS = 200


def late_forecast(
    patient: Patient,
    on: dt.date | None = None,
    jurisdiction: str | None = None,
    draws: int = LATE_DRAWS,
    seed: int = 1,
    model: str = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> Lateness | None:
    """Forecast what each option does when the next injection is late.

    Nothing is given until `on`; the options begin on it, or on the day on which the injection is due where that is
    later. Numbers are medians with the 5th and 95th percentile over two years.

    Parameters
    ----------
    patient : Patient
        The record.
    on : date, optional
        The day; that of the record by default.
    jurisdiction : str, optional
        Whose care rules decide.
    draws : int
        Draws behind each number.
    seed : int
        The same seed gives the same numbers.
    model : str
        Library name of the model.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Lateness or None
        How late, and the options; None where no denosumab was ever given.

    Raises
    ------
    InputError
        For a day before the record.
    UnknownName
        For an unknown jurisdiction.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> found = late_forecast(read_patient("examples/late-dose.toml"), dt.date(2026, 12, 1), "UK", draws=20)
    >>> now, nothing = found.options[0].forecast, found.untreated
    >>> found.days_late, now.vertebral_per_1000.median < nothing.vertebral_per_1000.median
    (77, True)
    >>> found.options[-1].outcome, found.options[-1].forecast
    ('blocked', None)
    """
    prepared = prepare_late(patient, on, jurisdiction, draws, seed, model, progress)
    return prepared[0] if prepared else None


def prepare_late(
    patient: Patient,
    on: dt.date | None = None,
    jurisdiction: str | None = None,
    draws: int = LATE_DRAWS,
    seed: int = 1,
    model: str = DEFAULT_MODEL,
    progress: Progress | None = None,
) -> tuple[Lateness, Prepared] | None:
    """Prepare what `late_forecast` compares, with the people behind it.

    Parameters
    ----------
    patient : Patient
        The record.
    on : date, optional
        The day; that of the record by default.
    jurisdiction : str, optional
        Whose care rules decide.
    draws : int
        Draws behind each number.
    seed : int
        The same seed gives the same numbers.
    model : str
        Library name of the model.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    tuple of (Lateness, Prepared) or None
        How late and the options, and the people ready for them; None where no denosumab was ever given.
    """
    found = lateness(patient, jurisdiction, on)
    if found is None:
        return None
    ready = prepare(
        replace(patient, record_date=found.now.case.on),
        horizon=f"{MONTHS} months",
        draws=draws,
        seed=seed,
        model=model,
        jurisdiction=jurisdiction,
        progress=progress,
    )
    return with_numbers(found, ready.summary_under), ready
