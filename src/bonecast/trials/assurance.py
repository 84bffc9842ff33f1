"""Assurance: the power of a design averaged over what the model does not know."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace

import numpy as np
import polars as pl
from scipy import stats

from bonecast.core import Progress, TableResult
from bonecast.engine import normals
from bonecast.errors import InputError
from bonecast.models import without_table
from bonecast.regimens import DAYS_IN, parse_regimen
from bonecast.trials.bone.design import BoneArm, BoneDesign
from bonecast.trials.endpoints import EffectRow, TrialEndpoint, arm_names
from bonecast.trials.power import as_planned, checked, needed
from bonecast.trials.power_looks import decisive
from bonecast.trials.power_pool import Pool, alike, draw, simulated

MONTH_D = DAYS_IN["months"]
NO_DRUG = ("placebo", "nothing")
READ = ("LS_BMD", "TH_BMD", "FN_BMD", "CTX", "P1NP", "BSAP")
OF_BONE = {name: name for name in READ} | {f: f"{f}_fracture" for f in ("vertebral", "hip", "nonvertebral")}


@dataclass(frozen=True)
class Assurance(TableResult):
    """The power of a design averaged over the posterior of its model and the model's discrepancy.

    Parameters
    ----------
    endpoint : str
        Name of the endpoint.
    assurance : float
        Share of trials that succeed over all draws.
    error : float
        Standard error: of draws and of trials.
    discrepancy : float
        SD of the discrepancy of the difference between the arms, in points or of a logarithm; 0 for arms of one drug.
    draws : int
        Draws of the posterior.
    trials : int
        Trials of each draw.
    people : int
        People of one trial.
    low : float
        Share of trials that succeed in the tenth of draws with the least power.
    high : float
        The same in the tenth with the most.
    """

    endpoint: str
    assurance: float
    error: float
    discrepancy: float
    draws: int
    trials: int
    people: int
    low: float
    high: float

    def __repr__(self) -> str:
        return f"<Assurance of {self.endpoint}: {self.assurance:.3f} ± {self.error:.3f}, {self.draws} draws>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import assurance_html

        return assurance_html(self)

    def table(self) -> pl.DataFrame:
        """Return the result in one row.

        Returns
        -------
        polars.DataFrame
            The fields as columns.
        """
        return pl.DataFrame(asdict(self))


def assurance(
    design: BoneDesign,
    endpoint: TrialEndpoint,
    draws: int = 20,
    trials: int = 50,
    people: int | None = None,
    pool: int = 1000,
    workers: int = 1,
    progress: Progress | None = None,
) -> Assurance:
    """Estimate the assurance of a bone design: for each draw of the posterior a pool is simulated, and trials drawn.

    Every trial also has a discrepancy of its own: what the model may be off by in the difference between the arms, by
    the class of endpoint and drug. It moves the estimate of the trial; its standard error stays.
    Parameters are those of `design_assurance`.
    """
    people = checked(design, trials, people)
    if not 2 <= draws <= 10_000:
        raise InputError("draws", f"{draws} is outside 2 to 10,000", "20 is usual")
    posterior = design.model.posterior
    if posterior is None:
        cause = f"{design.model_name} has no posterior of its parameters"
        raise InputError("assurance", cause, "use a model that was calibrated, such as bonecast-2")
    report, sd = progress or (lambda share, what: None), discrepancy_sd(design, endpoint)
    factors = posterior.draw(draws, design.seed)
    won = np.zeros((draws, trials))
    for k in range(draws):
        report(k / draws, f"draw {k + 1:,} of {draws:,}")
        drawn = tuple((name, float(values[k])) for name, values in factors.items())
        own = replace(design, factors=drawn)
        given = needed(Pool(own, simulated(own, endpoint, pool, workers)), own, endpoint)
        rows, off = given.rows, sd * normals(design.seed, f"discrepancy of draw {k}", 0, trials)
        for i in range(trials):
            one = as_planned(endpoint, draw(given, rows, people, design.seed, i), own, null=False)
            won[k, i] = moved(endpoint, decisive(own, endpoint, one), float(off[i]))
    by_draw = won.mean(1)
    low, high = np.quantile(by_draw, [0.1, 0.9])
    error = float(by_draw.std(ddof=1) / math.sqrt(draws))
    return Assurance(
        endpoint.name, float(won.mean()), error, sd, draws, trials, people, float(low), float(high)
    )


def moved(endpoint: TrialEndpoint, row: EffectRow, by: float) -> bool:
    """Whether a trial succeeds if its estimate lies so much further, in points or on the logarithm of a ratio."""
    if by == 0 or not (math.isfinite(row.low) and math.isfinite(row.high)):
        return bool(row.success)
    log = math.log if row.null == 1.0 else float
    if row.null == 1.0 and row.low <= 0:
        return bool(row.success)
    error = (log(row.high) - log(row.low)) / (2 * float(stats.norm.ppf(0.5 + row.level / 2)))
    value = log(row.estimate) + by
    alpha = endpoint.alpha
    if endpoint.margin is None:
        return bool(2 * stats.norm.sf(abs(value) / error) < alpha)
    low, high = (log(m) if math.isfinite(m) and (m > 0 or row.null == 0.0) else math.copysign(math.inf, m - row.null)
                 for m in endpoint.margin)  # fmt: skip
    return bool(min(value - low, high - value) / error > stats.norm.isf(alpha))


def discrepancy_sd(design: BoneDesign, endpoint: TrialEndpoint) -> float:
    """SD of what the model may be off by in the difference of the arms at the endpoint; 0 where both get one drug.

    The discrepancies of two drugs, or of a drug and none, are taken as independent, which errs on the large side.
    """
    (treated, *_), reference = arm_names(design)
    arms = {arm.name: arm for arm in design.arms}
    one, other = _class(arms[treated]), _class(arms[reference])
    kind = OF_BONE.get(endpoint.quantity)
    if kind is None or one == other or alike(arms[treated], arms[reference]):
        return 0.0
    table, months = design.model.discrepancy or without_table(), endpoint.day / MONTH_D
    phases = [(drug, "untreated" if drug == "none" else "on_treatment") for drug in (one, other)]
    found = [table.find(kind, drug, "PMO", phase) for drug, phase in phases]
    return math.hypot(*(float(row.sd_at(months)) for row in found))


def _class(arm: BoneArm) -> str:
    """The class of drug that an arm begins with."""
    drugs = [dose.drug for dose in parse_regimen(arm.plan).doses if dose.drug not in NO_DRUG]
    return CLASSES.get(drugs[0], "any") if drugs else "none"


CLASSES = {
    "denosumab": "denosumab",
    "alendronate": "bisphosphonate",
    "risedronate": "bisphosphonate",
    "ibandronate": "bisphosphonate",
    "zoledronate": "zoledronate",
    "teriparatide": "anabolic",
    "abaloparatide": "anabolic",
    "romosozumab": "romosozumab",
    "raloxifene": "raloxifene",
}
