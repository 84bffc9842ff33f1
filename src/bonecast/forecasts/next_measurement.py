"""The next best measurement: which test, and on which day, makes a wrong choice of strategy less likely."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from bonecast.decisions import Aim, PlannedReading, value_of_information
from bonecast.forecasts.choice import NextTest
from bonecast.outcomes import Columns, Endpoint, at_day, endpoint, level_output
from bonecast.records import Measurement, assay_limit, observation_sd
from bonecast.regimens import History, PlannedStrategy

TESTS = ("CTX", "P1NP", "LS_BMD", "TH_BMD", "FN_BMD", "calcium")
_EVERY_D, _MOST_DATES = 91, 3


def decision_day(history: History, ways: Iterable[PlannedStrategy], horizon_d: float) -> int:
    """The day of the first dose that any strategy brings: until then all of them are one.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> her = history_of(read_patient("examples/late-dose.toml"))
    >>> decision_day(her, [], 365.25) - her.today_d
    365
    """
    doses = [d.time_d for way in ways for d in way.doses if d.drug != "placebo"]
    return max(history.today_d, math.floor(min(doses, default=history.today_d + horizon_d)))


def next_tests(
    history: History,
    decision: int,
    days: np.ndarray,
    untreated: Mapping[str, Columns],
    values: Mapping[str, np.ndarray],
    people: np.ndarray,
    aim: Aim,
    seed: int,
) -> tuple[NextTest, ...]:
    """Which measurement, from today to the day of the decision, narrows it most? The most useful first.

    untreated : columns over `days` without a further dose, which all strategies share until the decision. values :
    strategy to value[person] by the aim. people : who counts. Empty with fewer than two strategies.
    """
    if len(values) < 2:
        return ()
    kept = {name: of[people] for name, of in values.items()}
    found = []
    for day in _days(history.today_d, decision):
        for key in TESTS:
            reading = reading_of(endpoint(key), untreated, days, day, people)
            if reading is not None:
                name = f"{key} {day - history.today_d}"
                found.append(
                    NextTest(
                        key,
                        endpoint(key).title,
                        history.date(day),
                        value_of_information(kept, aim, reading, seed, name),
                    )
                )
    return tuple(sorted(found, key=lambda t: (-t.worth.fall, t.date, TESTS.index(t.key))))


def reading_of(
    of: Endpoint, columns: Mapping[str, Columns], days: np.ndarray, day: float, people: np.ndarray
) -> PlannedReading | None:
    """What this test would show of each person on this day, with its error; None where its level is not known."""
    name = level_output(of)
    if name not in columns.get(of.key, {}):
        return None
    values = at_day(columns[of.key][name][1], days, day)[people]
    typical = float(np.median(values))
    error = observation_sd(Measurement(of.test, of.site, typical, of.unit, False, dt.date.min, ""))
    if error is None:
        return None
    if error.scale == "absolute":
        return PlannedReading(values, error.sd)
    limit = assay_limit(of.test)
    return PlannedReading(
        np.log(np.maximum(values, 1e-6)), error.sd, math.log(limit.value) if limit else -np.inf
    )


def _days(today: int, decision: int) -> Iterator[int]:
    """Today, the day of the decision, and one or two between where there is time.

    >>> list(_days(0, 0)), list(_days(0, 180)), list(_days(0, 400))
    ([0], [0, 180], [0, 200, 400])
    """
    count = min(_MOST_DATES, 1 + math.ceil((decision - today) / _EVERY_D / 2)) if decision > today else 1
    yield from sorted({round(d) for d in np.linspace(today, decision, count)})
