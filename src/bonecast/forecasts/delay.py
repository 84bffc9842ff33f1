"""What does a delay of the next injection cost one person, by months of delay?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from bonecast.forecasts.injections import Injection, plan_on
from bonecast.forecasts.prepared import prepare
from bonecast.models import DEFAULT_MODEL
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, history_of, parse_regimen, place_strategy

DELAY_DRAWS = 60
MONTHS_LATE = (0, 1, 2, 3, 4, 5, 6)
OUTLOOK_MONTHS = 24
_KIND = ("vertebral", OUTLOOK_MONTHS)


@dataclass(frozen=True)
class DelayCost:
    """What a delay of the next injection costs one person, before anything measured is learned from.

    Each number is a chance, of 1,000, of at least one new vertebral fracture within 24 months from today.

    Parameters
    ----------
    per_1000 : tuple of float
        Mean over similar patients, for each of `MONTHS_LATE`.
    more : tuple of float
        Mean of what that is more than without a delay, the same patients compared.
    low : tuple of float
        5th percentile of it.
    high : tuple of float
        95th percentile of it.
    """

    per_1000: tuple[float, ...]
    more: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def delay_cost(
    patient: Patient,
    on: dt.date | None = None,
    jurisdiction: str | None = None,
    draws: int = DELAY_DRAWS,
    seed: int = 1,
    model: str = DEFAULT_MODEL,
) -> DelayCost | None:
    """Forecast new vertebral fractures by how many months the next injection of 60 mg comes late.

    The delay is counted from the day on which it can be given: `on`, or the due day where that is later. After it
    come injections every 6 months.

    Parameters
    ----------
    patient : Patient
        The record.
    on : date, optional
        The day from which fractures are counted; that of the record by default.
    jurisdiction : str, optional
        Whose rules the record is read under.
    draws : int
        Similar patients behind each number.
    seed : int
        The same seed gives the same numbers.
    model : str
        Library name of the model.

    Returns
    -------
    DelayCost or None
        None where there is nothing to delay (no 60 mg was given, or another bone drug after it), where the care
        rules block the injection, and where the forecast of fractures is withheld.

    Raises
    ------
    InputError
        For a person whom no forecast is made for.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> cost = delay_cost(read_patient("examples/late-dose.toml"), draws=20)
    >>> cost.more[0], cost.more[1] < cost.more[3] < cost.more[6]
    (0.0, True)
    """
    patient = replace(patient, record_date=max(on or patient.record_date, patient.record_date))
    history = history_of(patient)
    last = history.doses[-1] if history.doses else None
    if last is None or (last.drug, last.amount) != ("denosumab", 60.0):
        return None
    ready = prepare(
        patient, f"{OUTLOOK_MONTHS} months", draws, seed, model, learn=False, jurisdiction=jurisdiction
    )
    if not ready.case.may_inject:
        return None
    first = max(patient.record_date, history.date(history.cover_end_d))
    chances, people = [], np.ones(ready.draws, dtype=bool)
    for months in MONTHS_LATE:
        days = [first + dt.timedelta(round((months + 6 * place) * DAYS_IN["months"])) for place in range(5)]
        plan = plan_on(history, [Injection(day) for day in days])
        way = place_strategy(plan, parse_regimen(plan), history, ready.case.horizon_d)
        track = ready.follow_one(way).track
        if _KIND not in track.fractures:
            return None
        chances.append(1000 * track.fractures[_KIND])
        people &= track.succeeded
    if not people.any():
        return None
    values = np.array(chances)[:, people]
    more = values - values[0]
    low, high = np.quantile(more, (0.05, 0.95), axis=1)
    return DelayCost(*(_rounded(of) for of in (values.mean(axis=1), more.mean(axis=1), low, high)))


def _rounded(values: np.ndarray) -> tuple[float, ...]:
    """Six decimals, as everywhere."""
    return tuple(round(float(value), 6) for value in values)
