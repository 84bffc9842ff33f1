"""The outcomes of one strategy: changes of BMD from today, chances of loss, marker levels, the calcium nadir."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bonecast.outcomes.anchoring import at_day, change_since
from bonecast.outcomes.endpoints import endpoint
from bonecast.outcomes.fracture_forecast import Fractures
from bonecast.outcomes.levels import Columns, level_output
from bonecast.outcomes.ranges import QuantileRange, range_of
from bonecast.outcomes.threshold import TimeToThreshold
from bonecast.outcomes.treatment_gap import TreatmentGap, find_treatment_gap
from bonecast.outcomes.turnover import TURNOVER, time_above_reference
from bonecast.records import least_significant_change
from bonecast.regimens import DAYS_IN, Dose, History

BMD_MONTHS, MARKER_MONTHS, LOSS_MONTHS = (12, 24, 60), (6, 12, 24), 24
NADIR_WINDOW_D = 90  # with poor kidneys calcium falls for two months and more
# mmol/L: grade 2 of CTCAE 4.03, and the emergency threshold of the Society for Endocrinology (10.1530/EC-16-0056)
LOW_CALCIUM = (2.0, 1.9)


@dataclass(frozen=True)
class CalciumTest:
    """A day on which calcium is tested.

    Parameters
    ----------
    date : date
        The day.
    why : str
        In words.
    rules : tuple of str
        Care rules that ask for it; empty where the forecast itself does.
    """

    date: dt.date
    why: str
    rules: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """The outcomes of one strategy: a row of the strategy table.

    Parameters
    ----------
    strategy : str
        Its name.
    change : dict
        (endpoint key, months from now) to change of BMD from now, % ("LS_BMD", 24).
    loss_chance : dict
        Endpoint key to the chance (0 to 1) of losing more than the least significant change in 24 months.
    marker : dict
        ("CTX" or "P1NP", months from now) to its mean level over the six months before, in the usual unit.
    calcium_nadir : QuantileRange or None
        Lowest calcium in the 90 days after the next dose, mmol/L; None without a dose.
    calcium_nadir_day : int or None
        Day after that dose at which the median is lowest.
    fractures : dict
        (kind, months from now) to similar people with such a fracture by then, per 1,000; the range is of the risk
        between them. Empty where the model cannot say.
    t_score : dict
        (endpoint key, months from now) to the T-score; empty without a first scan on a known scanner.
    calcium_below : dict
        mmol/L to the chance (0 to 1) that the lowest calcium lies below it.
    calcium_tests : tuple of CalciumTest
        The days on which calcium is tested around the next dose.
    turnover_threshold : dict
        "CTX", "P1NP" to when it leaves the premenopausal reference range.
    treatment_gap : TreatmentGap or None
        The first time without denosumab from today on, longer than a month.
    beside : dict
        Id of a published rate to the forecast's own figure, counted as the rate was and in its unit.
    """

    strategy: str
    change: dict[tuple[str, int], QuantileRange]
    loss_chance: dict[str, float]
    marker: dict[tuple[str, int], QuantileRange]
    calcium_nadir: QuantileRange | None
    calcium_nadir_day: int | None
    fractures: dict[tuple[str, int], QuantileRange] = field(default_factory=dict)
    t_score: dict[tuple[str, int], QuantileRange] = field(default_factory=dict)
    calcium_below: dict[float, float] = field(default_factory=dict)
    calcium_tests: tuple[CalciumTest, ...] = ()
    turnover_threshold: dict[str, TimeToThreshold] = field(default_factory=dict)
    treatment_gap: TreatmentGap | None = None
    beside: dict[str, QuantileRange] = field(default_factory=dict)


def next_denosumab_d(doses: Sequence[Dose]) -> float | None:
    """Find the day of the next injection of denosumab under a strategy; None without one.

    Parameters
    ----------
    doses : sequence of Dose
        Planned by the strategy.

    Returns
    -------
    float or None
    """
    return next((d.time_d for d in doses if d.drug == "denosumab"), None)


def summarise(
    strategy: str,
    doses: Sequence[Dose],
    days: np.ndarray,
    columns: Mapping[str, Columns],
    fractures: Fractures,
    people: np.ndarray,
    history: History,
    horizon_d: float,
    beside: Mapping[str, np.ndarray] | None = None,
    scanners: Mapping[str, str | None] | None = None,
) -> Summary:
    """Summarise one strategy, from the curves of the people under it.

    Parameters
    ----------
    strategy : str
        Its name.
    doses : sequence of Dose
        Planned by it, on the axis of the history.
    days : ndarray
        Past and future, on the axis of the history.
    columns : mapping of str to Columns
        Endpoint key to its columns over `days`.
    fractures : dict
        (kind, months from now) to probability [person].
    people : ndarray of bool
        Who counts.
    history : History
        Doses given, and today.
    horizon_d : float
        Days from today to the end of the forecast.
    beside : mapping of str to ndarray, optional
        Id of a published rate to the forecast's own figure [person].
    scanners : mapping of str to str, optional
        Endpoint key to the maker of the scanner, for the least significant change of the clinic.

    Returns
    -------
    Summary
        Without the days on which calcium is tested: they follow the care rules.
    """
    change, t_score, loss = _density(columns, days, people, history.today_d, horizon_d, scanners or {})
    nadir, nadir_day, below = _calcium(next_denosumab_d(doses), columns, days, people)
    passed = {
        key: time_above_reference(key, columns, days, float(history.today_d), people, history)
        for key in TURNOVER
    }
    return Summary(
        strategy=strategy,
        change=change,
        loss_chance=loss,
        marker=_markers(columns, days, people, history.today_d, horizon_d),
        calcium_nadir=nadir,
        calcium_nadir_day=nadir_day,
        fractures={key: range_of(1000 * chance[people]) for key, chance in fractures.items()},
        t_score=t_score,
        calcium_below=below,
        turnover_threshold={key: time for key, time in passed.items() if time is not None},
        treatment_gap=find_treatment_gap(doses, days, columns, people, history, horizon_d),
        beside={id: range_of(values[people]) for id, values in (beside or {}).items()},
    )


def _density(
    columns: Mapping[str, Columns],
    days: np.ndarray,
    people: np.ndarray,
    today_d: float,
    horizon_d: float,
    scanners: Mapping[str, str | None],
) -> tuple[dict[tuple[str, int], QuantileRange], dict[tuple[str, int], QuantileRange], dict[str, float]]:
    """Change of BMD from now, T-scores, and the chance of a loss that a scan can tell."""
    change: dict[tuple[str, int], QuantileRange] = {}
    t_score: dict[tuple[str, int], QuantileRange] = {}
    loss: dict[str, float] = {}

    def ahead(values: np.ndarray, months: int) -> np.ndarray:
        return at_day(values, days, today_d + months * DAYS_IN["months"])[people]

    for key in (key for key in columns if key.endswith("_BMD")):
        values = columns[key][f"{key}_pct_change"][1]
        from_now = change_since(values, at_day(values, days, today_d))
        months_ahead = [m for m in BMD_MONTHS if _within(m, horizon_d)]
        change.update({(key, m): range_of(ahead(from_now, m)) for m in months_ahead})
        if f"{key}_T_score" in columns[key]:
            score = columns[key][f"{key}_T_score"][1]
            t_score.update({(key, m): range_of(ahead(score, m)) for m in months_ahead})
        least = least_significant_change("BMD", endpoint(key).site, scanner=scanners.get(key))
        if least is not None and _within(LOSS_MONTHS, horizon_d):
            loss[key] = float(np.mean(ahead(from_now, LOSS_MONTHS) < -least.value))
    return change, t_score, loss


def _markers(
    columns: Mapping[str, Columns], days: np.ndarray, people: np.ndarray, today_d: float, horizon_d: float
) -> dict[tuple[str, int], QuantileRange]:
    """Mean level of each marker over the six months before: one day would depend on the days since the last dose."""
    marker: dict[tuple[str, int], QuantileRange] = {}
    for key in (key for key in columns if key in TURNOVER):
        name = level_output(endpoint(key))
        if name not in columns[key]:
            continue
        for months in (m for m in MARKER_MONTHS if _within(m, horizon_d)):
            last = today_d + months * DAYS_IN["months"]
            axis = np.arange(last - 6 * DAYS_IN["months"], last + 1, 7.0)
            mean = np.mean([at_day(columns[key][name][1], days, d) for d in axis], axis=0)
            marker[key, months] = range_of(mean[people])
    return marker


def _calcium(
    dose_d: float | None, columns: Mapping[str, Columns], days: np.ndarray, people: np.ndarray
) -> tuple[QuantileRange | None, int | None, dict[float, float]]:
    """Lowest calcium after the next dose, its day, and the chances that it lies below each limit."""
    if dose_d is None or "calcium" not in columns:
        return None, None, {}
    window = (days >= dose_d) & (days <= dose_d + NADIR_WINDOW_D)
    if window.sum() <= 7:
        return None, None, {}
    calcium = columns["calcium"][level_output(endpoint("calcium"))][1][people][:, window]
    lowest = calcium.min(axis=1)
    day = round(float(days[window][np.median(calcium, axis=0).argmin()] - dose_d))
    return range_of(lowest), day, {limit: float(np.mean(lowest < limit)) for limit in LOW_CALCIUM}


def _within(months: int, horizon_d: float) -> bool:
    return months * DAYS_IN["months"] <= horizon_d + 1
