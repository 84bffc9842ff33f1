"""An endpoint as checked, and a result: what an analysis says of one arm against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Estimand = Literal["treatment-policy", "while-on-treatment"]
Statistic = Literal["change", "reading", "auec", "peak"]
SUMMARIES = ("auec", "peak")  # figures of a true curve, not readings


@dataclass(frozen=True)
class TrialEndpoint:
    """What is compared between arms, how, and when.

    Parameters
    ----------
    name : str
        Name.
    kind : str
        Kind of comparison.
    quantity : str
        A reading ("LS_BMD"), an event ("vertebral") or "calcium".
    visit : str
        Visit at which it is assessed.
    day : int
        Day of that visit; an event is counted up to it.
    method : str
        Method of analysis.
    statistic : Statistic
        "change" in % of baseline, the "reading" itself, or a figure of the true curve up to the visit: the area under
        the effect ("auec"), or its "peak".
    baseline : str
        Visit before the first dose at which the quantity was read; empty without one.
    visits : tuple of str
        Visits of the quantity after baseline, up to `visit`.
    margin : tuple of (float, float) or None
        Limits of equivalence on the scale of the estimate.
    threshold : float or None
        Change in % that makes a responder (below zero: a fall), or the lower limit of normal calcium.
    missing : str
        How missing values are handled.
    covariance : str
        Covariance structure of repeated measures.
    estimand : Estimand
        Which estimand.
    alpha : float
        Two-sided level; in equivalence of each one-sided test.
    primary : bool
        Whether it is a primary endpoint.
    subgroups : tuple of str
        Covariates by which it is analysed in groups.
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
class EffectRow:
    """One comparison of an arm with the reference.

    Parameters
    ----------
    endpoint : str
        Name of the endpoint.
    measure : str
        What the estimate is ("difference, points", "ratio of geometric means", "hazard ratio").
    at : str
        When.
    arm : str
        The arm.
    reference : str
        The reference arm.
    estimate : float
        The estimate.
    low : float
        Lower end of its interval.
    high : float
        Upper end of its interval.
    level : float
        Level of the interval, in %.
    p : float
        P value.
    z : float
        (estimate - null) / standard error on the scale of the test; in equivalence the smaller of both one-sided ones.
    null : float
        Value of the estimate where the arms do not differ.
    n : int
        People of the arm who were analysed.
    n_reference : int
        People of the reference who were analysed.
    value : float
        Mean, geometric mean, share in % or events of the arm.
    value_reference : float
        The same of the reference.
    shows : str
        What `value` is.
    method : str
        Method of analysis.
    group : str
        Group of people; empty for all.
    decisive : bool
        Whether the endpoint is judged by this row.
    success : bool, optional
        Whether it succeeds; None where it does not decide.
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
