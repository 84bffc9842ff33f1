"""The search for an exit: when denosumab ends and what follows, over a grid of plans that the care rules allow."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bonecast.care import check_strategy
from bonecast.core import gettext
from bonecast.decisions import Ranking
from bonecast.forecasts.choice import Search
from bonecast.forecasts.follow_up import TODAY, FollowUp
from bonecast.forecasts.oncology import STRENGTH_MG, indication_120
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, History, PlannedStrategy, Regimen, parse_regimen, place_strategy

FURTHER_MONTHS = (0, 6, 12, 24, 36)
LEAST_AFTER_MONTHS = 24  # of the horizon after an exit: a later exit would look good for want of time
ZOLEDRONATE_MONTHS = (6, 7, 9)  # after the last dose of denosumab
ALENDRONATE_MONTHS = (12, 24)
THROUGHOUT = "denosumab throughout"
# Names of exits: `leaves` says how.
NOW, FURTHER = "{leaves}, now", "{leaves}, {months} more months of denosumab"


@dataclass(frozen=True)
class SearchGrid:
    """The plans of a search: those that may be followed, laid out, and what the care rules say of all."""

    ways: tuple[PlannedStrategy, ...]
    warned: dict[str, str]
    forbidden: dict[str, str]


def exit_plans(history: History, horizon_d: float) -> dict[str, str]:
    """Name to plan: going on, and every exit at every time that leaves two years of the forecast after it.

    Empty for denosumab 120 mg, whose end no model is calibrated for.

    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> her = history_of(read_patient("examples/late-dose.toml"))
    >>> plans = exit_plans(her, 3 * 365.25)
    >>> plans["alendronate for 12 months, 6 more months of denosumab"].partition(", then ")[2]
    'alendronate 70 mg weekly for 12 months, then nothing for 36 months'
    """
    if not history.doses or history.doses[-1].drug != "denosumab" or history.doses[-1].amount >= STRENGTH_MG:
        return {}
    months = round(horizon_d / DAYS_IN["months"])
    rest = f"nothing for {months} months"
    exits = {
        gettext("zoledronate {months} months after the last dose", months=m): (
            f"{m} months after the last dose zoledronate 5 mg once, then {rest}"
        )
        for m in ZOLEDRONATE_MONTHS
    }
    exits[gettext("zoledronate twice, 6 months apart")] = (
        f"6 months after the last dose zoledronate 5 mg every 6 months x 2, then {rest}"
    )
    exits |= {
        gettext(
            "alendronate for {months} months", months=m
        ): f"alendronate 70 mg weekly for {m} months, then {rest}"
        for m in ALENDRONATE_MONTHS
    }
    plans = {gettext(THROUGHOUT): f"denosumab 60 mg every 6 months x {months // 6 + 1}"}
    for further in FURTHER_MONTHS:
        if further + LEAST_AFTER_MONTHS > months:
            continue
        for name, plan in exits.items():
            if further:
                before = f"denosumab 60 mg every 6 months x {further // 6}, then "
                plans[gettext(FURTHER, leaves=name, months=further)] = before + plan
            else:
                plans[gettext(NOW, leaves=name)] = plan
    plans[gettext("stop")] = rest
    return plans


def grid_of(
    patient: Patient,
    history: History,
    horizon_d: float,
    jurisdiction: str | None = None,
    without: Collection[str] = (),
    own: Mapping[str, str] | None = None,
) -> SearchGrid:
    """Which plans may be followed? Those that the care rules block are kept with the reason; twins are one plan.

    without : drugs that are not wanted after denosumab. own : further plans by name.
    """
    ways: dict[tuple, PlannedStrategy] = {}
    warned: dict[str, str] = {}
    forbidden: dict[str, str] = {}
    plans = {} if indication_120(patient, history) else exit_plans(history, horizon_d)
    if plans:
        plans = plans | dict(own or {})
    for name, text in plans.items():
        plan: Regimen = parse_regimen(text, place=f"plan {name}")
        if {one.drug for one in plan.doses} & set(without):
            continue
        judged = check_strategy(name, plan, patient, jurisdiction)
        if judged.outcome == "blocked":
            forbidden[name] = judged.why
            continue
        way = place_strategy(name, plan, history, horizon_d)
        # a wait that is already over makes two plans the same
        if ways.setdefault(way.doses, way) is way and judged.outcome == "warned":
            warned[name] = judged.why
    return SearchGrid(tuple(ways.values()), warned, forbidden)


def search_of(grid: SearchGrid, ranking: Ranking, follow_up: FollowUp | None = None) -> Search:
    """The plans that were followed, ranked, with what the rules say."""
    plans: Mapping[str, str] = {way.name: str(way.plan) for way in grid.ways}
    since = follow_up.since if follow_up else TODAY
    return Search(ranking, dict(plans), grid.warned, grid.forbidden, since)


def exit_cell(name: str) -> tuple[str, int] | None:
    """Take the name of a plan of the grid apart.

    Parameters
    ----------
    name : str
        Name of a plan.

    Returns
    -------
    tuple of (str, int) or None
        The exit and the further months of denosumab; None for any other plan.

    Examples
    --------
    >>> exit_cell("alendronate for 12 months, 6 more months of denosumab"), exit_cell("stop")
    (('alendronate for 12 months', 6), None)
    """
    later = re.fullmatch(gettext(FURTHER, leaves="(?P<leaves>.+)", months=r"(?P<months>\d+)"), name)
    if later:
        return later["leaves"], int(later["months"])
    now = re.fullmatch(gettext(NOW, leaves="(?P<leaves>.+)"), name)
    return (now["leaves"], 0) if now else None
