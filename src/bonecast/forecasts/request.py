"""What a forecast is asked for: its numbers checked, its strategies read, and what the care rules say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bonecast.care import StrategyCheck, check_strategy
from bonecast.errors import InputError
from bonecast.forecasts.case import Case
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_plans
from bonecast.forecasts.late import LOSS_PCT
from bonecast.models import Model, models_supporting
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN, PlannedStrategy, Regimen, parse_regimen, place_strategy

MOST_DRAWS, LONGEST_D = 10_000, 100 * DAYS_IN["years"]
MOST_LOSS_PCT = 30.0


@dataclass(frozen=True)
class Strategies:
    """The strategies of a forecast, laid behind the history.

    Attributes
    ----------
    ways : tuple of PlannedStrategy
        Those that are followed.
    excluded : frozenset of str
        Those of them that the care rules block: compared, and never the best.
    left_out : tuple of StrategyCheck
        Usual strategies that are not followed, because the care rules block them.
    all_blocked : bool
        Do the care rules block every usual strategy?
    """

    ways: tuple[PlannedStrategy, ...]
    excluded: frozenset[str]
    left_out: tuple[StrategyCheck, ...] = ()
    all_blocked: bool = False


def named_strategies(case: Case, plans: Mapping[str, str | Regimen]) -> Strategies:
    """Read these plans (name to text). Raises InputError for one that cannot be read or has no evidence behind it."""
    read = _read(plans)
    return Strategies(_laid_out(case, read), frozenset(_blocked(read, case.patient)))


def usual_strategies(case: Case, every: bool = False, with_blocked: bool = False) -> Strategies:
    """Take the usual strategies, or `every` one that fits what was given last.

    Those that the care rules block are left out, unless `with_blocked`, or where they block every one.
    """
    plans = _read(default_strategies(case.history, case.horizon_d, every))
    blocked = _blocked(plans, case.patient)
    all_blocked = len(blocked) == len(plans)
    left_out = {} if with_blocked or all_blocked else blocked
    followed = {name: plan for name, plan in plans.items() if name not in left_out}
    return Strategies(
        _laid_out(case, followed), frozenset(blocked), tuple(left_out.values()), all_blocked=all_blocked
    )


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
    return {name: parse_regimen(text, place=f"strategy {name}") for name, text in plans.items()}


def _blocked(plans: Mapping[str, Regimen], patient: Patient) -> dict[str, StrategyCheck]:
    """Which of these strategies do the care rules block for this person?"""
    checks = {name: check_strategy(name, plan, patient) for name, plan in plans.items()}
    return {name: check for name, check in checks.items() if check.outcome == "blocked"}


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
