"""The mean person of each arm of the calibration trials, measured just as similar patients would be on average.

    python tests/evidence/agreeing.py

A measurement that says what was expected must leave the forecast where it was. Each arm of the project's table (people,
and what they were given in the first year) becomes one person whose first scans have the arm's T-scores; she is
forecast a year beyond that, without a further dose: once with these scans alone, once with CTX and P1NP before the
first dose, CTX, P1NP and scans at 6 and 12 months, all on the median of the first forecast.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from bonecast.cohorts import ArmMeans, margins
from bonecast.evidence import calibration_rows, means_of
from bonecast.forecasts import Band, Forecast, forecast
from bonecast.models import DEFAULT_MODEL, load_model
from bonecast.outcomes import LEVELS, young_normal
from bonecast.records import Course, GivenDose, Measurement, Patient
from bonecast.regimens import Dose

TODAY = dt.date(2026, 9, 15)
YEAR_D, HALF_D = 365, 182
DRAWS = 500
OFTEN_D = 31
SCANNER, WAY = "Hologic", "no further dose"
SITES = {"LS": "lumbar spine", "TH": "total hip", "FN": "femoral neck"}
MARKERS = {"CTX": "CTX_ng_mL", "P1NP": "P1NP_ug_L"}
COMPARED = ("LS_BMD_pct_change", "TH_BMD_pct_change", "FN_BMD_pct_change", "CTX_ng_mL")


@dataclass(frozen=True)
class Arm:
    """Who, and what was given in the first year; `name` is the id of the first row which says so."""

    name: str
    means: ArmMeans
    doses: tuple[Dose, ...]


@dataclass(frozen=True)
class Moved:
    """How far the median of an output moved, today, half a year and a year on, in its unit.

    error : standard error of the difference of two such medians, from the number of draws. wider : width of the 90 %
    range with the measurements over that without.
    """

    change: np.ndarray
    error: np.ndarray
    wider: np.ndarray


def arms() -> list[Arm]:
    """Each different arm that our model can follow."""
    able, found = set(load_model(DEFAULT_MODEL).drugs), {}
    for row in calibration_rows():
        if row.plan is None or set(row.plan.drugs) - able - {"placebo"}:
            continue
        doses = tuple(d for d in row.plan.doses if d.time_d < YEAR_D and d.drug != "placebo")
        found.setdefault((means_of(row), doses), Arm(row.id, means_of(row), doses))
    return list(found.values())


def mean_person(arm: Arm) -> Patient:
    """The arm's mean person a year after time zero, with the scans of time zero."""
    zero = TODAY - dt.timedelta(days=YEAR_D)
    woman = arm.means.female >= 0.5
    scans = tuple(_scan(site, _bmd(site, t), zero, t) for site, t in arm.means.t_scores.items())
    return Patient(
        "mean",
        "female" if woman else "male",
        zero - dt.timedelta(days=round(arm.means.age * 365.25)),
        TODAY,
        margins()["weight_women" if woman else "weight_men"].typical,
        doses=tuple(GivenDose(d.drug, d.amount, d.unit, _day(zero, d)) for d in arm.doses if not _often(d)),
        courses=_courses(arm, zero),
        measurements=scans,
    )


def _courses(arm: Arm, zero: dt.date) -> tuple[Course, ...]:
    """Drugs taken at least monthly, each as one course."""
    often: dict[tuple, list[Dose]] = {}
    for d in arm.doses:
        if _often(d):
            often.setdefault((d.drug, d.amount, d.unit, d.cover_d), []).append(d)
    return tuple(Course(*kind, _day(zero, of[0]), _day(zero, of[-1])) for kind, of in often.items())


def _often(d: Dose) -> bool:
    return 0 < d.cover_d <= OFTEN_D


def _day(zero: dt.date, d: Dose) -> dt.date:
    return zero + dt.timedelta(days=round(d.time_d))


def agreeing(person: Patient, made: Forecast) -> tuple[Measurement, ...]:
    """What would be measured of somebody who follows the medians of this forecast."""
    found = list(person.measurements)
    for day in (0, HALF_D, YEAR_D):
        date = TODAY - dt.timedelta(days=YEAR_D - day)
        for test, output in MARKERS.items():
            number, unit = (
                _at(band := made.band(WAY, output), band.median, date),
                "ng/mL" if test == "CTX" else "ug/L",
            )
            found.append(Measurement(test, None, number, unit, False, date, f"{number:.4g} {unit}"))
        if day:
            for site, t in arm_scores(person).items():
                change = _at(band := made.band(WAY, f"{site}_BMD_pct_change"), band.median, date)
                found.append(_scan(site, _bmd(site, t) * (1 + change / 100), date))
    return tuple(found)


def moved(arm: Arm, draws: int, seed: int) -> dict[str, Moved]:
    """By how much do measurements that agree move the forecast of this arm's mean person? By output."""
    person = mean_person(arm)
    without = _forecast(person, draws, seed)
    within = _forecast(replace(person, measurements=agreeing(person, without)), draws, seed)
    return {o: _moved(without.band(WAY, o), within.band(WAY, o), draws) for o in COMPARED}


def arm_scores(person: Patient) -> dict[str, float]:
    """T-scores of the first scans, by site."""
    return {site: person.measured("BMD", name)[0].t_score or 0.0 for site, name in SITES.items()}


def _forecast(person: Patient, draws: int, seed: int) -> Forecast:
    return forecast(person, {WAY: "nothing for 1 year"}, horizon="1 year", draws=draws, seed=seed)


def _moved(before: Band, after: Band, draws: int) -> Moved:
    low, lower, middle, upper, high = range(len(LEVELS))
    when = [TODAY + dt.timedelta(days=d) for d in (0, HALF_D, YEAR_D)]
    a, b = (
        np.array([[_at(of, row, date) for date in when] for row in of.quantiles]) for of in (before, after)
    )
    # of a median: 1.2533 SD / root of n, with the SD that the quartiles give
    errors = [1.2533 * (q[upper] - q[lower]) / 1.349 / np.sqrt(draws) for q in (a, b)]
    return Moved(b[middle] - a[middle], np.hypot(*errors), (b[high] - b[low]) / (a[high] - a[low]))


def _at(band: Band, row: np.ndarray, date: dt.date) -> float:
    days = [d.toordinal() for d in band.dates]
    return float(np.interp(date.toordinal(), days, row))


def _bmd(site: str, t: float) -> float:
    normal = young_normal(f"{site}_BMD", SCANNER)
    return normal.mean + t * normal.sd


def _scan(site: str, bmd: float, date: dt.date, t: float | None = None) -> Measurement:
    given = f"{bmd:.4f} g/cm2"
    return Measurement("BMD", SITES[site], bmd, "g/cm2", False, date, given, scanner=SCANNER, t_score=t)


def main() -> None:
    """All arms at the default number of draws, as a table in Markdown."""
    every = arms()
    found = [moved(arm, DRAWS, seed=1 + i) for i, arm in enumerate(every)]
    print(f"{len(every)} mean persons, {DRAWS} draws\n")
    print("| output | when | moved by, mean (SD) | noise | SD of moved / noise | farthest | width |")
    print("|---|---|---|---|---|---|---|")
    for output in COMPARED:
        change, error, wider = (
            np.array([getattr(one[output], field) for one in found]) for field in ("change", "error", "wider")
        )
        for i, when in enumerate(("today", "half a year on", "a year on")):
            z = change[:, i] / error[:, i]
            print(
                f"| {output} | {when} | {change[:, i].mean():+.3f} ({change[:, i].std():.3f}) |"
                f" {error[:, i].mean():.3f} | {np.sqrt(np.mean(z**2)):.2f} | {np.abs(z).max():.1f} |"
                f" {wider[:, i].mean():.2f} (at most {wider[:, i].max():.2f}) |"
            )


if __name__ == "__main__":
    main()
