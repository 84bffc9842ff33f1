"""How late is an injection, which options are there, and what does this person's forecast say of each?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bonecast.care import Lateness, lateness
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.job import Progress
from bonecast.forecasts.late_numbers import MONTHS, with_numbers
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
    """How late is the next injection on this day, and what would each option do to people like this one in two years?

    Nothing is given until `on` (the day of the record by default); the options begin on it, or on the day on which the
    injection is due where that is later. Numbers are median with the 5th and 95th percentile. None where no denosumab
    was ever given. Raises InputError for a day before the record and UnknownName for a jurisdiction.

    >>> from bonecast.interop import read_patient
    >>> found = late_forecast(read_patient("examples/late-dose.toml"), dt.date(2026, 12, 1), "UK", draws=20)
    >>> now, nothing = (found.options[k].forecast.vertebral_per_1000.median for k in (0, -1))
    >>> found.days_late, found.options[-1].outcome, now < nothing
    (77, 'blocked', True)
    """
    found = lateness(patient, jurisdiction, on)
    if found is None:
        return None
    moved = replace(patient, record_date=found.now.case.on)
    plans = {option.plan: option.plan for option in found.options}
    made = forecast(
        moved, plans, f"{MONTHS} months", draws, seed, model, progress=progress, jurisdiction=jurisdiction
    )
    summaries = {one.strategy: one for one in made.summaries}
    return with_numbers(found, summaries.__getitem__)
