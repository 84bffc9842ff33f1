"""The evaluation itself: base case, probabilistic sensitivity, acceptability, budget, and what is lost by what."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from bonecast.charts import chart
from bonecast.core import Progress, TableResult
from bonecast.economics.course import DrawnInputs, StrategyOutcome, live, table_hazards
from bonecast.economics.design import LEFT_OUT, ValueDesign, read_value_design
from bonecast.economics.simulated import SimulatedStrategies, simulate_strategies, simulated_hazards

RESAMPLED = 200  # times that the people of a simulation are resampled, for its error
CURVE = 41  # points of the acceptability curve


@dataclass(frozen=True)
class Valuation(TableResult):
    """An economic evaluation.

    Parameters
    ----------
    design : ValueDesign
        The design.
    base : tuple of StrategyOutcome
        With the numbers themselves.
    drawn : tuple of StrategyOutcome
        With draws of the numbers.
    resampled : tuple of StrategyOutcome
        With the people of the simulation resampled; empty without one.
    left_out : dict of str to tuple of StrategyOutcome
        The base case with rebound, lateness or exits left out.
    age : float
        Age on day 0.
    """

    design: ValueDesign
    base: tuple[StrategyOutcome, ...]
    drawn: tuple[StrategyOutcome, ...]
    resampled: tuple[StrategyOutcome, ...]
    left_out: dict[str, tuple[StrategyOutcome, ...]]
    age: float

    def __repr__(self) -> str:
        return f"<Valuation of {self.design.name}: {len(self.base)} strategies, {self.design.draws} draws>"

    def _repr_html_(self) -> str:
        from bonecast.economics.notebook import valuation_html

        return valuation_html(self)

    def table(self) -> pl.DataFrame:
        """Return one row for each strategy: costs, quality-adjusted years, and the comparison with the reference.

        Returns
        -------
        polars.DataFrame
            Means of the base case, 95 % ranges of the draws; `icer` is the cost of a quality-adjusted year gained over
            the reference, empty where there is none, and `verdict` says why.
        """
        rows = []
        reference = self.place(self.design.reference)
        for i, one in enumerate(self.base):
            cost, gain = (float(x[0]) for x in self._beside(self.base, i, reference))
            costs, gains = self._beside(self.drawn, i, reference)
            errors = self._errors(i, reference)
            rows.append(
                {
                    "strategy": one.strategy,
                    "cost": float(one.cost[0]),
                    **{f"cost_{part}": float(value[0]) for part, value in one.costs.items()},
                    "qalys": float(one.qalys[0]),
                    "life_years": float(one.life_years[0]),
                    **{f"{kind}_fractures_per_1000": 1000 * float(v[0]) for kind, v in one.fractures.items()},
                    "cost_difference": cost,
                    "cost_difference_low": float(np.quantile(costs, 0.025)),
                    "cost_difference_high": float(np.quantile(costs, 0.975)),
                    "qaly_difference": gain,
                    "qaly_difference_low": float(np.quantile(gains, 0.025)),
                    "qaly_difference_high": float(np.quantile(gains, 0.975)),
                    "icer": cost / gain if gain > 0 and cost > 0 else None,
                    "verdict": _verdict(cost, gain, i == reference),
                    "cost_error": errors[0],
                    "qaly_error": errors[1],
                }
            )
        return pl.DataFrame(rows, infer_schema_length=None)

    def frontier(self) -> pl.DataFrame:
        """Return the strategies by cost, each compared with the next cheaper one that is neither dominated.

        Returns
        -------
        polars.DataFrame
            strategy, cost, qalys, icer and status ("first", "on the frontier", "dominated", "extendedly dominated").
        """
        order = sorted(self.base, key=lambda one: (float(one.cost[0]), -float(one.qalys[0])))
        points = [(one.strategy, float(one.cost[0]), float(one.qalys[0])) for one in order]
        status: dict[str, str] = {}
        kept: list[tuple[str, float, float]] = []
        for point in points:
            if kept and point[2] <= kept[-1][2]:
                status[point[0]] = "dominated"
                continue
            while len(kept) > 1 and _ratio(kept[-1], point) <= _ratio(kept[-2], kept[-1]):
                status[kept.pop()[0]] = "extendedly dominated"
            kept.append(point)
        ratio = {b[0]: _ratio(a, b) for a, b in itertools.pairwise(kept)}
        rows = [
            {
                "strategy": name,
                "cost": cost,
                "qalys": gain,
                "icer": ratio.get(name),
                "status": status.get(name, "on the frontier" if name in ratio else "first"),
            }
            for name, cost, gain in points
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def acceptability(self) -> pl.DataFrame:
        """Return how often each strategy is the best, by what a quality-adjusted year may cost.

        Returns
        -------
        polars.DataFrame
            threshold, strategy, share of draws, and the expected value of perfect information for one person.
        """
        top = 2 * self.design.thresholds[-1]
        points = sorted({*np.linspace(0, top, CURVE).tolist(), *self.design.thresholds})
        rows = []
        for paid in points:
            worth = np.stack([paid * one.qalys - one.cost for one in self.drawn])
            best = worth.argmax(axis=0)
            perfect = float(worth.max(axis=0).mean() - worth.mean(axis=1).max())
            rows += [
                {
                    "threshold": paid,
                    "strategy": one.strategy,
                    "share": float(np.mean(best == i)),
                    "evpi": perfect,
                }
                for i, one in enumerate(self.drawn)
            ]
        return pl.DataFrame(rows)

    def draws(self) -> pl.DataFrame:
        """Return every draw of the probabilistic sensitivity analysis.

        Returns
        -------
        polars.DataFrame
            draw, strategy, cost, qalys.
        """
        return pl.concat(
            pl.DataFrame(
                {"draw": np.arange(1, len(one.qalys) + 1), "cost": one.cost, "qalys": one.qalys}
            ).select("draw", pl.lit(one.strategy).alias("strategy"), "cost", "qalys")
            for one in self.drawn
        )

    def losses(self) -> pl.DataFrame:
        """Return what rebound, lateness and exits cost: the base case against one in which each is left out.

        Returns
        -------
        polars.DataFrame
            For each strategy that is touched: strategy, of what, and for 1,000 people costs, quality-adjusted years
            and fractures.
        """
        rows = [
            {
                "strategy": one.strategy,
                "of": name,
                "cost_per_1000": 1000 * float(one.cost[0] - other.cost[0]),
                "qalys_lost_per_1000": 1000 * float(other.qalys[0] - one.qalys[0]),
                **{
                    f"{kind}_fractures_per_1000": 1000 * float(v[0] - other.fractures[kind][0])
                    for kind, v in one.fractures.items()
                },
            }
            for name, outcomes in self.left_out.items()
            for one, other in zip(self.base, outcomes, strict=True)
            if one.cost[0] != other.cost[0] or one.qalys[0] != other.qalys[0]
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def budget(self) -> pl.DataFrame:
        """Return the budget impact by calendar year, not discounted.

        Returns
        -------
        polars.DataFrame
            year, cost as things are, as they would be, and the difference; without rows where none was asked for.
        """
        plan = self.design.budget
        if plan is None:
            return pl.DataFrame(schema=dict.fromkeys(("year", "now", "then", "difference"), pl.Float64))
        yearly = {one.strategy: one.by_year[:, 0] for one in self.base}
        rows = []
        for year in range(plan.years):
            paid = [
                plan.people * sum(share * yearly[name][: year + 1].sum() for name, share in shares.items())
                for shares in (plan.now, plan.then)
            ]
            rows.append({"year": year + 1, "now": paid[0], "then": paid[1], "difference": paid[1] - paid[0]})
        return pl.DataFrame(rows)

    def plot(self) -> Any:
        """Draw the acceptability curves.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        from bonecast.economics.pictures import acceptability_curves

        return chart(acceptability_curves(self))

    def place(self, strategy: str) -> int:
        """Find the position of a strategy.

        Parameters
        ----------
        strategy : str
            Its name.

        Returns
        -------
        int
            Position among the strategies.
        """
        return self.design.strategies.index(strategy)

    def _errors(self, i: int, reference: int) -> tuple[float, float]:
        """Standard errors of the simulation in the difference of costs and of quality-adjusted years."""
        if not self.resampled:
            return 0.0, 0.0
        cost, gain = self._beside(self.resampled, i, reference)
        return float(cost.std(ddof=1)), float(gain.std(ddof=1))

    @staticmethod
    def _beside(
        outcomes: tuple[StrategyOutcome, ...], i: int, reference: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Costs and quality-adjusted years over the reference, by draw."""
        one, other = outcomes[i], outcomes[reference]
        return one.cost - other.cost, one.qalys - other.qalys


def evaluate(
    design: str | os.PathLike[str] | ValueDesign, losses: bool = True, progress: Progress | None = None
) -> Valuation:
    """Evaluate strategies: costs, quality-adjusted years, their uncertainty, and what rebound, lateness and exits cost.

    Parameters
    ----------
    design : str, path or ValueDesign
        Design file, or a design.
    losses : bool
        Also evaluate the base case with rebound, lateness and exits each left out.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    Valuation
        Its `table()` has one row for each strategy.

    Raises
    ------
    RecordError
        If the design or its inputs cannot be used, with all faults.
    InputError
        If a price does not fit what is given.

    Examples
    --------
    >>> found = evaluate("examples/value/rates.toml")
    >>> found.table()["strategy"].to_list()
    ['no drug', 'tablets', 'injections']
    """
    known = design if isinstance(design, ValueDesign) else read_value_design(design)
    followed = None if known.trial is None else simulate_strategies(known, progress)
    base = _outcomes(known, DrawnInputs(known), followed)
    drawn = _outcomes(known, DrawnInputs(known, known.draws, vary=True), followed)
    resampled: tuple[StrategyOutcome, ...] = ()
    if followed is not None:
        rng = np.random.default_rng([known.seed, known.people])
        who = rng.multinomial(known.people, np.full(known.people, 1 / known.people), RESAMPLED)
        resampled = _outcomes(known, DrawnInputs(known, RESAMPLED), followed, who.astype(np.float64))
    left_out = {}
    for name in LEFT_OUT if losses else ():
        if name not in known.without and _matters(known, name):
            other = replace(known, without=(*known.without, name), model_draws=0)
            again = None if known.trial is None else simulate_strategies(other, progress)
            left_out[name] = _outcomes(other, DrawnInputs(other), again)
    age = followed.age if followed is not None else known.start_age
    assert age is not None
    return Valuation(known, base, drawn, resampled, left_out, age)


def _outcomes(
    design: ValueDesign,
    drawn: DrawnInputs,
    followed: SimulatedStrategies | None,
    who: np.ndarray | None = None,
) -> tuple[StrategyOutcome, ...]:
    """Every strategy with these numbers."""
    found = []
    for i, name in enumerate(design.strategies):
        if followed is None:
            assert design.start_age is not None
            does, age = table_hazards(design, drawn, name), design.start_age
        else:
            does, age = simulated_hazards(design, drawn, followed, i, who), followed.age
        found.append(live(design, drawn, name, does, age))
    return tuple(found)


def _matters(design: ValueDesign, name: str) -> bool:
    """Is there anything to leave out?"""
    if design.trial is not None:
        process = design.trial.taking.process
        return {
            "rebound": design.trial.rebound,
            "lateness": process == "published",
            "exits": process != "perfect",
        }[name]
    item = {"rebound": "rebound", "lateness": "uncovered", "exits": "persistence"}[name]
    return any(row.item == item for row in design.inputs.rows)


def _ratio(one: tuple[str, float, float], other: tuple[str, float, float]) -> float:
    return (other[1] - one[1]) / (other[2] - one[2])


def _verdict(cost: float, gain: float, reference: bool) -> str:
    if reference:
        return "reference"
    if gain > 0:
        return "gains at a cost" if cost > 0 else "gains and saves"
    return "loses at a cost" if cost >= 0 else "saves at a loss"
