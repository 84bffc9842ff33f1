"""How long enrolment takes: centres that open one after the other, each with a rate of its own, and who is screened.

Rates of centres follow a gamma law and people come to each at random (Anisimov and Fedorov 2007).
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass

import numpy as np
import polars as pl

from bonecast.core import TableResult
from bonecast.errors import InputError
from bonecast.regimens import DAYS_IN
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.roster import roster

MONTH_D = DAYS_IN["months"]
LONGEST = 360  # months
LEVELS = (0.05, 0.5, 0.95)


@dataclass(frozen=True)
class EnrolmentForecast(TableResult):
    """Enrolment of a trial over time.

    Parameters
    ----------
    design : BoneDesign
        The design.
    screened : float
        People screened for each who is enrolled.
    months : tuple of (float, float, float)
        Months until the last person is in: 5 %, median, 95 % of runs.
    end_months : tuple of (float, float, float)
        Months until the last person has ended the trial.
    enrolled : ndarray, shape (month, 3)
        People enrolled by the end of each month: 5 %, median, 95 %.
    centres_without : float
        Mean number of centres that enrol nobody.
    """

    design: BoneDesign
    screened: float
    months: tuple[float, float, float]
    end_months: tuple[float, float, float]
    enrolled: np.ndarray
    centres_without: float

    def __repr__(self) -> str:
        many = f"{self.months[1]:.1f} months, {self.screened:.1f} screened for each"
        return f"<EnrolmentForecast of {self.design.name}: {many}>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import enrolment_html

        return enrolment_html(self)

    def table(self) -> pl.DataFrame:
        """Return enrolment by month.

        Returns
        -------
        polars.DataFrame
            month, people enrolled (p05, p50, p95), and people screened (p50).
        """
        return pl.DataFrame(
            {
                "month": np.arange(1, len(self.enrolled) + 1),
                **{f"enrolled_p{round(100 * q):02d}": self.enrolled[:, i] for i, q in enumerate(LEVELS)},
                "screened_p50": self.enrolled[:, 1] * self.screened,
            }
        )


def design_enrolment(design: str | os.PathLike[str] | BoneDesign, *, runs: int = 1000) -> EnrolmentForecast:
    """Forecast the enrolment of a bone trial: how long it takes, how many are screened.

    Parameters
    ----------
    design : str, path or BoneDesign
        A design file, the name of a design that comes with the package ("biosimilar"), or a design; it needs
        [enrolment].
    runs : int
        How often enrolment is simulated, 100 to 100,000.

    Returns
    -------
    EnrolmentForecast
        Its `table()` has one row for each month.

    Raises
    ------
    InputError
        If the design is no bone trial or has no rates, or enrolment does not end within 30 years.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from bonecast.trials import CentreRates, preset
    >>> found = design_enrolment(replace(preset("biosimilar"), people=100, enrolment=CentreRates(1.0, 0.5, 6.0)))
    >>> found.months[0] < found.months[1] < found.months[2]
    True
    """
    from bonecast.trials.sizing import bone_design

    known = bone_design(design)
    plan = known.enrolment
    if plan is None:
        raise InputError(
            "design", "it says nothing of rates of enrolment", "add [enrolment] with per_centre_month"
        )
    if not 100 <= runs <= 100_000:
        raise InputError("runs", f"{runs} is outside 100 to 100,000", "1000 is usual")
    rng = np.random.default_rng([known.seed, known.centres, runs])
    size = 1 / plan.spread**2 if plan.spread else math.inf
    rates = (
        rng.gamma(size, plan.per_centre_month / size, (runs, known.centres))
        if plan.spread
        else np.full((runs, known.centres), plan.per_centre_month)
    )
    opens = rng.uniform(0, plan.opening_months, rates.shape) if plan.opening_months else np.zeros_like(rates)
    total, counts, done = np.zeros(runs, np.int64), [], np.full(runs, np.nan)
    by_centre = np.zeros(rates.shape, np.int64)
    for month in range(LONGEST):
        open_for = np.clip(month + 1 - opens, 0.0, 1.0)
        came = rng.poisson(rates * open_for)
        before, total = total, total + came.sum(axis=1)
        going = np.isnan(done)
        by_centre += came * going[:, None]
        ends = going & (total >= known.people)
        share = (known.people - before[ends]) / np.maximum(total[ends] - before[ends], 1)
        done[ends] = month + share
        counts.append(np.quantile(np.minimum(total, known.people), LEVELS))
        if not np.isnan(done).any():
            break
    else:
        cause = f"in {LONGEST // 12} years not all of {known.people:,} people are enrolled"
        raise InputError("enrolment", cause, "plan for more centres or people of each")
    months = tuple(float(q) for q in np.quantile(done, LEVELS))
    ends = tuple(q + known.end_d / MONTH_D for q in months)
    screened = roster(known, 0).screened / known.people
    empty = float((by_centre == 0).sum(axis=1).mean())
    return EnrolmentForecast(known, screened, months, ends, np.array(counts), empty)  # type: ignore[arg-type]
