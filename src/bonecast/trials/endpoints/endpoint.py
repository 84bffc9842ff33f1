"""An endpoint as checked, and a result: what an analysis says of one arm against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Estimand = Literal["treatment-policy", "while-on-treatment"]
Statistic = Literal["change", "reading", "auec", "peak"]
SUMMARIES = ("auec", "peak")  # figures of a true curve, not readings


@dataclass(frozen=True)
class Endpoint:
    """What is compared between arms, how, and when.

    quantity : a reading ("LS_BMD"), an event ("vertebral") or "calcium". visit, day : when it is assessed; an event is
    counted up to that day. baseline : the visit before the first dose at which the quantity was read, "" without one.
    visits : those of the quantity after baseline up to `visit`. statistic : "change" in % of baseline, the "reading"
    itself, or a figure of the true curve up to the visit: the area under the effect ("auec"), or its "peak". margin :
    the limits of equivalence on the scale of the estimate. threshold : the change in % that makes a responder (below
    zero: a fall), or the lower limit of normal calcium. alpha : two-sided; of each of the two one-sided tests in
    equivalence.
    """

    name: str
    kind: str
    quantity: str
    visit: str
    day: int
    method: str
    statistic: Statistic
    baseline: str
    visits: tuple[str, ...]
    margin: tuple[float, float] | None
    threshold: float | None
    missing: str
    covariance: str
    estimand: Estimand
    alpha: float
    primary: bool
    subgroups: tuple[str, ...]

    def column(self, visit: str) -> str:
        """The column of the outcomes that holds this endpoint's statistic of a visit."""
        if self.statistic in SUMMARIES:
            return f"{self.quantity}_{self.statistic}_{visit}"
        return f"{self.quantity}_{visit}"

    @property
    def curve_columns(self) -> tuple[str, ...]:
        """Columns of true curves, not of readings, that a run has to write for this endpoint."""
        return (self.column(self.visit),) if self.statistic in SUMMARIES else ()

    @property
    def needs_calcium_min(self) -> bool:
        """Whether the lowest true calcium of each person is asked for."""
        return self.kind == "calcium-grade" and self.method == "lowest"


@dataclass(frozen=True)
class Row:
    """One comparison of an arm with the reference: estimate, its interval, p, and what each arm showed.

    measure : what the estimate is ("difference, points", "ratio of geometric means", "hazard ratio"). null : its value
    where the arms do not differ. z : (estimate - null) / standard error on the scale of the test; in equivalence the
    smaller of both one-sided ones. n, n_reference : people analysed. value, value_reference : means, geometric means,
    shares in % or events. decisive : the row by which the endpoint is judged; `success` is set on it.
    """

    endpoint: str
    measure: str
    at: str
    arm: str
    reference: str
    estimate: float
    low: float
    high: float
    level: float
    p: float
    z: float
    null: float
    n: int
    n_reference: int
    value: float
    value_reference: float
    shows: str
    method: str
    group: str = ""
    decisive: bool = False
    success: bool | None = None
