"""What a simulated trial says of each strategy: its fractures, injections and treatment, by period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bonecast.core import Progress
from bonecast.economics.course import DrawnInputs, Hazards
from bonecast.economics.design import ValueDesign
from bonecast.errors import InputError
from bonecast.regimens import DAYS_IN
from bonecast.trials import BoneDesign, StrategyEvents, strategy_events

MONTH_D = DAYS_IN["months"]


@dataclass(frozen=True)
class SimulatedStrategies:
    """The people of a trial under each strategy.

    base : with the values of the model. drawn : with each draw of its posterior; empty without draws.
    """

    base: tuple[StrategyEvents, ...]
    drawn: tuple[tuple[StrategyEvents, ...], ...]

    @property
    def age(self) -> float:
        """Mean age on day 0."""
        return self.base[0].age


def without(trial: BoneDesign, left_out: Sequence[str]) -> BoneDesign:
    """The trial with rebound, lateness or exits left out.

    >>> from bonecast.trials import preset
    >>> from dataclasses import replace
    >>> freedom = preset("freedom")
    >>> usual = replace(freedom, taking=replace(freedom.taking, process="published", first_year=0.91, later=0.86))
    >>> without(usual, ("lateness",)).taking.process, without(usual, ("lateness", "exits")).taking.process
    ('on-time', 'perfect')
    """
    taking = trial.taking
    if "exits" in left_out:
        taking = replace(taking, first_year=1.0, later=1.0)
        if taking.process == "on-time":
            taking = replace(taking, process="perfect")
    if "lateness" in left_out and taking.process == "published":
        taking = replace(taking, process="perfect" if "exits" in left_out else "on-time")
    return replace(trial, taking=taking, rebound=trial.rebound and "rebound" not in left_out)


def simulate_strategies(design: ValueDesign, progress: Progress | None = None) -> SimulatedStrategies:
    """Follow the people under every strategy, with the model's values and with each draw of its posterior."""
    assert design.trial is not None
    trial, cycle_d = without(design.trial, design.without), design.cycle_months * MONTH_D
    factors: Mapping[str, np.ndarray] = {}
    if design.model_draws:
        posterior = trial.model.posterior
        if posterior is None:
            cause = f"{trial.model_name} has no posterior of its parameters"
            raise InputError("simulation, model_draws", cause, "write model_draws = 0")
        factors = posterior.draw(design.model_draws, design.seed)
    base = strategy_events(trial, design.people, cycle_d, progress)
    drawn = []
    for k in range(design.model_draws):
        own = replace(trial, factors=tuple((name, float(values[k])) for name, values in factors.items()))
        drawn.append(strategy_events(own, design.people, cycle_d, progress))
    return SimulatedStrategies(base, tuple(drawn))


def simulated_hazards(
    design: ValueDesign,
    drawn: DrawnInputs,
    followed: SimulatedStrategies,
    place: int,
    who: np.ndarray | None = None,
) -> Hazards:
    """What the simulation says of the strategy at a place, [period, draw].

    who[draw, person] : how often a person counts in each draw (people resampled); else draws of the model, if there
    are any, are taken in turn.
    """
    sets = (followed.base,) if not drawn.vary or not followed.drawn else followed.drawn
    turn = np.arange(drawn.count) % len(sets)
    dt = design.cycle_months / 12

    def mean(values: Sequence[np.ndarray]) -> np.ndarray:
        """[period, draw] of something counted for each person, a year."""
        if who is not None:
            found = (who @ values[0][:, : design.cycles].astype(np.float64)).T / who.sum(axis=1)
        else:
            found = np.stack([one[:, : design.cycles].mean(axis=0) for one in values], axis=1)[:, turn]
        return found / dt

    kinds = {kind: mean([s[place].fractures[kind] for s in sets]) for kind in design.fractures}
    first = followed.base[place]
    costs = {}
    for item in ("drug_cost", "administration_cost"):
        total = np.zeros((design.cycles, drawn.count))
        for drug in sorted({*first.doses, *first.course_years}):
            for row in design.inputs.of(item, drug):
                price = drawn.values([row])[0]
                if row.unit.endswith("per dose"):
                    if drug not in first.doses:
                        cause = "it is taken day by day and has no doses"
                        raise InputError(f"inputs, {item}, {drug}", cause, "give the price per year")
                    total += price * mean([s[place].doses[drug] for s in sets])
                elif drug in first.course_years:
                    total += price * first.course_years[drug][: design.cycles, None] / dt
                else:
                    cause = "it is given by injection and is paid by the dose"
                    raise InputError(f"inputs, {item}, {drug}", cause, "give the price per dose")
        costs[item] = total
    treated = mean([s[place].treated for s in sets]) * dt
    monitoring = treated * drawn.one("monitoring_cost", first.strategy)
    return Hazards(kinds, costs["drug_cost"], costs["administration_cost"], monitoring)
