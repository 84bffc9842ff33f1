"""The power of all endpoints of a design together, with the level shared among them as its multiplicity says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.core import Progress, TableResult
from bonecast.errors import InputError
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import EffectRow, Multiplicity, TrialEndpoint, adjusted
from bonecast.trials.power import as_planned, checked
from bonecast.trials.power_looks import decisive
from bonecast.trials.power_pool import Pool, draw


@dataclass(frozen=True)
class JointPower(TableResult):
    """How often each endpoint of a design succeeds, alone and under the shared level.

    Parameters
    ----------
    endpoints : tuple of str
        Names.
    alone : tuple of float
        Share of trials in which each succeeds by itself.
    adjusted : tuple of float
        Share in which it is rejected under the shared level.
    any_of_them : float
        Share in which at least one is rejected under the shared level.
    all_of_them : float
        Share in which all are.
    trials : int
        Trials that were drawn.
    people : int
        People of one trial.
    null : bool
        Whether arms were alike.
    """

    endpoints: tuple[str, ...]
    alone: tuple[float, ...]
    adjusted: tuple[float, ...]
    any_of_them: float
    all_of_them: float
    trials: int
    people: int
    null: bool

    def __repr__(self) -> str:
        names = len(self.endpoints)
        return f"<JointPower of {names} endpoints: any {self.any_of_them:.3f}, all {self.all_of_them:.3f}>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import joint_html

        return joint_html(self)

    def table(self) -> pl.DataFrame:
        """Return one row for each endpoint.

        Returns
        -------
        polars.DataFrame
            Endpoint, share of trials alone, and under the shared level.
        """
        return pl.DataFrame(
            {"endpoint": self.endpoints, "alone": self.alone, "adjusted": self.adjusted}, strict=False
        )


def shared_p(
    plan: Multiplicity, rows: dict[str, EffectRow], endpoints: tuple[TrialEndpoint, ...]
) -> dict[str, float]:
    """Adjusted p of the endpoints of a plan. A p counts in units of its own level, so that a one-sided test at 2.5 %
    and a two-sided one at 5 % weigh the same; without an estimate it is 1."""
    level = {one.name: one.alpha for one in endpoints}
    p = {
        name: min(1.0, rows[name].p / level[name] * plan.alpha) if np.isfinite(rows[name].p) else 1.0
        for family in plan.families
        for name in family
    }
    return adjusted(plan, p)


def joint_power(
    design: BoneDesign,
    pool: Pool,
    trials: int = 1000,
    people: int | None = None,
    progress: Progress | None = None,
) -> JointPower:
    """The power of endpoints that share the level of a design; the pool has their columns. See `design_joint_power`."""
    plan, people = design.multiplicity, checked(design, trials, people)
    if plan is None:
        raise InputError("design", "its endpoints share no level", "add [multiplicity] with a method")
    report, rows = progress or (lambda share, what: None), pool.rows
    names = tuple(name for family in plan.families for name in family)
    asked = tuple(next(one for one in design.endpoints if one.name == name) for name in names)
    alone, held = np.zeros((trials, len(names)), bool), np.zeros((trials, len(names)), bool)
    for i in range(trials):
        if i % 20 == 0:
            report(i / trials, f"trial {i:,} of {trials:,}")
        one = draw(pool, rows, people, design.seed, i)
        found = {e.name: decisive(design, e, as_planned(e, one, design, null=False)) for e in asked}
        shared = shared_p(plan, found, asked)
        alone[i] = [bool(found[name].success) for name in names]
        held[i] = [shared[name] <= plan.alpha for name in names]
    return JointPower(
        names,
        tuple(float(x) for x in alone.mean(0)),
        tuple(float(x) for x in held.mean(0)),
        float(held.any(1).mean()),
        float(held.all(1).mean()),
        trials,
        people,
        pool.null,
    )
