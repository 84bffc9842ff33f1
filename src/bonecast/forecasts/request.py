"""What a forecast is asked for: its numbers checked, its strategies read, and what the care rules say of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace

from bonecast.care import StrategyCheck, check_strategy
from bonecast.core import ENGLISH, check_text
from bonecast.errors import InputError
from bonecast.forecasts.case import Case
from bonecast.forecasts.course import no_further_dose
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_plans
from bonecast.forecasts.late import LOSS_PCT
from bonecast.inference import Method
from bonecast.models import Model, models_supporting
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, PlannedStrategy, Regimen, parse_regimen, place_strategy

MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
MOST_LOSS_PCT = 30.0


@dataclass(frozen=True)
class ForecastRequest:
    """What a forecast was asked for: all that must be given again to get the same numbers.

    Parameters
    ----------
    record : str
        Hash of the record, without the name of the person (`record_hash`).
    strategies : tuple of (str, str), optional
        Names and plans; None for the usual ones.
    horizon : str
        How far it looks ahead.
    draws, seed : int
        Of the ensemble.
    model : str
        Library name.
    rtol : float
        Relative tolerance of the solver.
    model_uncertainty : bool
        With uncertain parameters and the error of the model.
    best_by : str
        The aim of the ranking.
    every_way, optimise : bool
        All strategies that fit; with a search of exits.
    loss_pct : float
        Loss of spine BMD that sets the latest date.
    jurisdiction : str, optional
        Whose rules were asked for; None for the record's own.
    late : bool
        With the options of a late injection.
    method : {"fast", "exact"}
        How the measurements were learned from; "exact" in a manifest that does not say.
    language : str
        Of the names of the usual strategies.
    """

    record: str
    strategies: tuple[tuple[str, str], ...] | None
    horizon: str
    draws: int
    seed: int
    model: str
    rtol: float
    model_uncertainty: bool
    best_by: str
    every_way: bool
    optimise: bool
    loss_pct: float
    jurisdiction: str | None
    late: bool
    method: Method = "exact"
    language: str = ENGLISH


def record_hash(patient: Patient) -> str:
    """Return a hash of what a record says; name, address, phone and language are no part of it.

    Parameters
    ----------
    patient : Patient
        The record.

    Returns
    -------
    str
        64 characters that change with any entry.
    """
    said = replace(patient, name=None, skipped=(), address=None, phone=None, language=None)
    return hashlib.sha256(repr(astuple(said)).encode()).hexdigest()


@dataclass(frozen=True)
class Strategies:
    """The strategies of a forecast, laid behind the history.

    Attributes
    ----------
    ways : tuple of PlannedStrategy
        Those that are followed: none that the care rules block.
    checks : tuple of StrategyCheck
        What the care rules say of each of them.
    blocked : tuple of StrategyCheck
        Strategies that the care rules block. They are named with the reason and are not followed.
    risk_only : bool
        The care rules block every strategy. What is followed is the course without any further dose: a risk, no offer.
    """

    ways: tuple[PlannedStrategy, ...]
    checks: tuple[StrategyCheck, ...]
    blocked: tuple[StrategyCheck, ...] = ()
    risk_only: bool = False


def named_strategies(case: Case, plans: Mapping[str, str | Regimen]) -> Strategies:
    """Read these plans (name to text). Raises InputError for one that cannot be read or has no evidence behind it."""
    return _judged(case, _read(plans))


def everything(case: Case, plans: Mapping[str, str | Regimen]) -> Strategies:
    """Take these plans, also those that the care rules block, and the course without a further dose as the last one.

    Raises InputError, as `named_strategies` does.
    """
    read = _read(plans)
    course = no_further_dose(case.history, case.horizon_d, read)
    ways = (*_laid_out(case, read), course)
    checks = tuple(check_strategy(way.name, way.plan, case.patient) for way in ways)
    blocked = tuple(one for one in checks[:-1] if one.outcome == "blocked")
    return Strategies(ways, checks, blocked, risk_only=len(blocked) == len(read))


def usual_strategies(case: Case, every: bool = False) -> Strategies:
    """Take the usual strategies, or `every` one that fits the indication and what was given last."""
    return _judged(case, _read(default_strategies(case.history, case.horizon_d, every, case.indication_120)))


def check_request(draws: int, horizon_d: float, seed: int, loss_pct: float = LOSS_PCT) -> None:
    """Refuse numbers that no forecast can be made with; InputError names the one."""
    if not 1 <= draws <= MOST_DRAWS:
        raise InputError("draws", f"{draws} is outside 1 to {MOST_DRAWS}", "500 is the default")
    if not 1 <= horizon_d <= LONGEST_D:
        raise InputError(
            "horizon", f"{horizon_d:g} days is outside 1 day to 100 years", "5 years is the default"
        )
    if seed < 0:
        raise InputError("seed", "it is negative", "give zero or a positive whole number")
    if not 0 < loss_pct <= MOST_LOSS_PCT:
        raise InputError(
            "loss", f"{loss_pct:g} % is outside 0 to {MOST_LOSS_PCT:g} %", f"{LOSS_PCT:g} is the default"
        )


def _read(plans: Mapping[str, str | Regimen]) -> dict[str, Regimen]:
    for name in plans:
        check_text(name, "the name of a strategy")
    return {name: parse_regimen(text, place=f"strategy {name}") for name, text in plans.items()}


def _judged(case: Case, plans: Mapping[str, Regimen]) -> Strategies:
    """Ask the care rules about every strategy, and follow only those that they do not block."""
    checks = {name: check_strategy(name, plan, case.patient) for name, plan in plans.items()}
    blocked = tuple(one for one in checks.values() if one.outcome == "blocked")
    ways = _laid_out(case, plans)
    followed = tuple(way for way in ways if checks[way.name].outcome != "blocked")
    if followed:
        return Strategies(followed, tuple(checks[way.name] for way in followed), blocked)
    course = no_further_dose(case.history, case.horizon_d, plans)
    return Strategies(
        (course,), (check_strategy(course.name, course.plan, case.patient),), blocked, risk_only=True
    )


def _laid_out(case: Case, plans: Mapping[str, Regimen]) -> tuple[PlannedStrategy, ...]:
    ways = tuple(place_strategy(name, plan, case.history, case.horizon_d) for name, plan in plans.items())
    _check_drugs(case.model, ways)
    check_plans(case.patient, case.history, plans)
    return ways


def _check_drugs(model: Model, ways: Sequence[PlannedStrategy]) -> None:
    """A drug that no model carries is refused now, not after the work; one that another carries leaves a gap."""
    for way in ways:
        for drug in sorted(way.drugs - set(model.drugs)):
            if not models_supporting(drug):
                raise InputError(
                    f"strategy {way.name}", f"no model in the library carries {drug} yet", "use another drug"
                )
