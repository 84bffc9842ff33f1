"""A cohort that lives through a strategy period by period: who fractures, who dies, what is paid, what is gained.

The state of a person is, for each kind of fracture, never, in one of the periods of the first year after it, or later.
All draws of the inputs go through the periods together, so an array is [state, draw].
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bonecast.economics.design import ValueDesign
from bonecast.economics.inputs import InputRow

MONTHS = 12


@dataclass(frozen=True)
class Hazards:
    """What a strategy does: fractures per person-year by kind, and what it costs a person alive, [period, draw]."""

    per_year: dict[str, np.ndarray]
    drug: np.ndarray
    administration: np.ndarray
    monitoring: np.ndarray


@dataclass(frozen=True)
class StrategyOutcome:
    """What a strategy comes to for one person, by draw.

    Parameters
    ----------
    strategy : str
        Name.
    costs : dict of str to ndarray
        Discounted costs by part: drug, administration, monitoring, fractures.
    qalys : ndarray
        Discounted quality-adjusted life years.
    life_years : ndarray
        Life years, not discounted.
    fractures : dict of str to ndarray
        Expected fractures by kind.
    by_year : ndarray, shape (year, draw)
        Costs of each year, not discounted.
    """

    strategy: str
    costs: dict[str, np.ndarray]
    qalys: np.ndarray
    life_years: np.ndarray
    fractures: dict[str, np.ndarray]
    by_year: np.ndarray

    @property
    def cost(self) -> np.ndarray:
        """All costs, discounted."""
        return np.sum(list(self.costs.values()), axis=0)


class DrawnInputs:
    """The numbers of the table, `count` times: drawn from their laws where they vary, else as they stand."""

    def __init__(self, design: ValueDesign, count: int = 1, vary: bool = False) -> None:
        self.design, self.count, self.vary = design, count, vary

    def values(self, rows: Sequence[InputRow]) -> np.ndarray:
        """[row, draw]."""
        if self.vary:
            return np.stack([row.draw(self.design.seed, self.count) for row in rows])
        return np.repeat(np.array([[row.value] for row in rows]), self.count, axis=1)

    def one(self, item: str, of: str = "", fracture: str = "", usual: float = 0.0) -> np.ndarray:
        """[draw] of a number that has one row, or what holds where there is none."""
        rows = self.design.inputs.of(item, of, fracture)
        return self.values(rows)[0] if rows else np.full(self.count, usual)

    def at(
        self, item: str, at: np.ndarray, fracture: str = "", of: str = "", log: bool = False
    ) -> np.ndarray:
        """[point, draw] at these ages or years: straight between rows (of the logarithm), level beyond the last."""
        rows = self.design.inputs.of(item, of, fracture)
        values, known = self.values(rows), np.array([row.at for row in rows])
        if log:
            values = np.log(np.maximum(values, 1e-12))
        right = np.clip(np.searchsorted(known, at), 1, max(len(known) - 1, 1))
        if len(known) == 1:
            found = np.repeat(values, len(at), axis=0)
        else:
            share = np.clip((at - known[right - 1]) / (known[right] - known[right - 1]), 0.0, 1.0)[:, None]
            found = values[right - 1] * (1 - share) + values[right] * share
        return np.exp(found) if log else found


def table_hazards(design: ValueDesign, drawn: DrawnInputs, strategy: str) -> Hazards:
    """What the table says of a strategy.

    With p(t) the share on treatment, w the share of its time without cover, r the relative risk on treatment, b the
    risk of the rebound and s(u) the density of stopping, the hazard is that of the untreated times 1 - e(t), where

        e(t) = p (1 - w) (1 - r) + p w (1 - b) + integral of s(u) a(t - u) du

    and a is 1 - b during the rebound, else (1 - r) (1 - (t - u) / offset), not below 0.
    """
    assert design.start_age is not None
    dt, count = design.cycle_months / MONTHS, design.cycles
    edges = np.arange(count + 1) * dt
    middle = edges[:-1] + dt / 2
    on, ends = persistence(design, drawn, strategy, edges), drawn.one("treatment", strategy, usual=np.inf)
    during = middle[:, None] < ends
    treated = (on[:-1] + on[1:]) / 2 * during
    works = any(row.item == "relative_risk" and row.of == strategy for row in design.inputs.rows)
    offset = np.maximum(drawn.one("offset", strategy), 1e-9)
    uncovered = drawn.one("uncovered", strategy) * ("lateness" not in design.without)
    length = drawn.one("rebound", strategy) * ("rebound" not in design.without)
    stopped = [(middle[k], (on[k] - on[k + 1]) * during[k]) for k in range(count)]
    last = np.array([np.interp(end, edges, on[:, j]) for j, end in enumerate(np.minimum(ends, edges[-1]))])
    stopped.append((ends, last))
    found = {}
    for kind in design.fractures:
        risk = drawn.one("relative_risk", strategy, kind, usual=1.0)
        again = drawn.one("rebound_risk", strategy, kind, usual=1.0)
        bare = (1 - again) * ("rebound" not in design.without)
        effect = treated * ((1 - uncovered) * (1 - risk) + uncovered * bare)
        for when, share in stopped if works else ():
            gone = middle[:, None] - when
            left = np.maximum(0.0, 1 - gone / offset) * (1 - risk)
            after = np.where(
                gone > 0, 1.0, np.where(gone == 0, 0.5, 0.0)
            )  # half of a period in the one of stopping
            effect += after * share * np.where(gone < length, bare, left)
        untreated = drawn.at("incidence", design.start_age + middle, fracture=kind, log=True) / 1000
        found[kind] = untreated * np.maximum(0.0, 1 - effect)
    parts = {
        item: treated * drawn.one(item, strategy)
        for item in ("drug_cost", "administration_cost", "monitoring_cost")
    }
    return Hazards(found, parts["drug_cost"], parts["administration_cost"], parts["monitoring_cost"])


def persistence(design: ValueDesign, drawn: DrawnInputs, strategy: str, edges: np.ndarray) -> np.ndarray:
    """The share that has not stopped of itself at each edge of a period, [edge, draw]."""
    on = np.ones((len(edges), drawn.count))
    if design.inputs.of("persistence", strategy) and "exits" not in design.without:
        rows = design.inputs.of("persistence", strategy)
        known = np.array([0.0, *(row.at for row in rows if row.at > 0)])
        values = np.concatenate(
            [np.ones((1, drawn.count)), drawn.values([row for row in rows if row.at > 0])]
        )
        for j in range(drawn.count):
            on[:, j] = np.interp(edges, known, values[:, j])
        on = np.minimum.accumulate(on, axis=0)
    return on


def live(
    design: ValueDesign, drawn: DrawnInputs, strategy: str, does: Hazards, age: float
) -> StrategyOutcome:
    """The cohort through all periods: fractures first, then deaths; life, quality and costs at the middle of each."""
    kinds, count, dt = design.fractures, drawn.count, design.cycle_months / MONTHS
    states = _States(design, drawn)
    middle = (np.arange(design.cycles) + 0.5) * dt
    deaths = drawn.at("mortality", age + middle, log=True)
    utility = np.clip(drawn.at("utility", age + middle), 0.0, 1.0)
    costs = {part: np.zeros(count) for part in ("drug", "administration", "monitoring", "fractures")}
    qalys, years, by_year = np.zeros(count), np.zeros(count), np.zeros((int(np.ceil(design.years)), count))
    fractured = {kind: np.zeros(count) for kind in kinds}
    price = {kind: drawn.one("fracture_cost", fracture=kind) for kind in kinds}
    again = {kind: drawn.one("refracture", fracture=kind, usual=1.0) for kind in kinds}
    people = np.zeros((states.count, count))
    people[0] = 1.0
    for t in range(design.cycles):
        hazard = np.stack(
            [does.per_year[kind][t] * np.where(states.before, again[kind], 1.0) for kind in kinds]
        )
        total = hazard.sum(axis=0)
        breaks = people * -np.expm1(-total * dt)
        after = np.zeros_like(people)
        np.add.at(after, states.aged, people - breaks)
        share = np.divide(hazard, total, out=np.zeros_like(hazard), where=total > 0)
        for i in range(len(kinds)):
            np.add.at(after, states.broken[i], breaks * share[i])
        after *= np.exp(-deaths[t] * states.mortality * dt)
        lived = (people + after) / 2 * dt
        alive = lived.sum(axis=0)
        events = {kind: (lived * hazard[i]).sum(axis=0) for i, kind in enumerate(kinds)}
        paid = {
            "drug": alive * does.drug[t],
            "administration": alive * does.administration[t],
            "monitoring": alive * does.monitoring[t],
            "fractures": (lived * states.cost).sum(axis=0)
            + sum(events[kind] * price[kind] for kind in kinds),
        }
        discounted = (1 + design.discount_costs) ** -middle[t]
        for part, value in paid.items():
            costs[part] += value * discounted
        by_year[int(middle[t])] += sum(paid.values())
        qalys += utility[t] * (lived * states.quality).sum(axis=0) * (1 + design.discount_qalys) ** -middle[t]
        years += alive
        for kind in kinds:
            fractured[kind] += events[kind]
        people = after
    return StrategyOutcome(strategy, costs, qalys, years, fractured, by_year)


class _States:
    """All states: where each goes, and what holds in it.

    aged[state], broken[kind][state] : the next state, without and with a fracture of that kind. before[state, 1] : has
    anything broken yet? quality, mortality, cost : [state, draw], factors on utility and mortality, cost per year.
    """

    def __init__(self, design: ValueDesign, drawn: DrawnInputs) -> None:
        kinds, first = design.fractures, MONTHS // design.cycle_months
        later = first + 1
        all_states = list(itertools.product(range(later + 1), repeat=len(kinds)))
        number = {state: i for i, state in enumerate(all_states)}
        self.count = len(all_states)
        grown = [tuple(level and min(level + 1, later) for level in state) for state in all_states]
        self.aged = np.array([number[state] for state in grown])
        self.broken = [
            np.array([number[(*state[:i], 1, *state[i + 1 :])] for state in grown]) for i in range(len(kinds))
        ]
        levels = np.array(all_states)
        self.before = np.any(levels > 0, axis=1).reshape(-1, 1)
        self.quality, self.mortality = np.ones((2, self.count, drawn.count))
        self.cost = np.zeros((self.count, drawn.count))
        for i, kind in enumerate(kinds):
            fresh, old = (
                ((levels[:, i] > 0) & (levels[:, i] < later))[:, None],
                (levels[:, i] == later)[:, None],
            )

            def of(
                item: str, fresh: np.ndarray = fresh, old: np.ndarray = old, kind: str = kind
            ) -> np.ndarray:
                """A factor in the first year and later."""
                one, two = (
                    drawn.one(f"{item}_{when}", fracture=kind, usual=1.0) for when in ("first_year", "later")
                )
                return np.where(fresh, one, np.where(old, two, 1.0))

            self.quality = self.quality * of("utility")
            self.mortality = np.maximum(self.mortality, of("mortality"))
            self.cost = self.cost + np.where(old, drawn.one("fracture_cost_later", fracture=kind), 0.0)
