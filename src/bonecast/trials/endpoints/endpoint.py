"""An endpoint as checked, and a result: what an analysis says of one arm against the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Estimand = Literal["treatment-policy", "hypothetical", "composite", "while-on-treatment"]
Objective = Literal["superiority", "non-inferiority", "equivalence"]
Statistic = Literal["change", "reading", "auec", "auc", "peak"]
FIGURES = ("auec", "auc", "peak")  # of the course of readings
LEVELS = ("denosumab", "calcium", "PTH")  # what has no effect in % of a first reading


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
        "change" in % of baseline, the "reading" itself, or a figure of the readings up to the visit: the area under
        the effect ("auec") or the level ("auc"), or the "peak".
    baseline : str
        Visit before the first dose at which the quantity was read; empty without one.
    visits : tuple of str
        Visits of the quantity after baseline, up to `visit`.
    samples : tuple of str
        Visits whose readings make a figure, the first reading included.
    objective : Objective
        "superiority", "non-inferiority" or "equivalence".
    margin : tuple of (float, float) or None
        Limits on the scale of the estimate; one of them is infinite (a ratio: 0 or infinite) for non-inferiority.
    expected : float or None
        Difference (or ratio) that the treated arm is taken to have when power and size are planned, added to what the
        simulation gives.
    threshold : float or None
        Change in % that makes a responder (below zero: a fall), or the lower limit of normal calcium.
    missing : str
        How missing values are handled.
    imputations : int
        Imputed data sets.
    imputation : str
        "at-random", or "jump-to-reference" for the treated.
    delta : float
        Added to imputed values of the treated, in points of % (or to the logarithm).
    covariance : str
        Covariance structure of repeated measures.
    estimand : Estimand
        Which estimand.
    alpha : float
        Two-sided level of superiority; of the one-sided tests of non-inferiority and equivalence.
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
    samples: tuple[str, ...]
    objective: Objective
    margin: tuple[float, float] | None
    expected: float | None
    threshold: float | None
    missing: str
    imputations: int
    imputation: str
    delta: float
    covariance: str
    estimand: Estimand
    alpha: float
    primary: bool
    subgroups: tuple[str, ...]

    def column(self, visit: str) -> str:
        """The column of the outcomes that holds this endpoint's statistic of a visit."""
        if self.of_course:
            return f"{self.quantity}_{self.statistic}_{visit}"
        return f"{self.quantity}_{visit}"

    @property
    def of_course(self) -> bool:
        """Whether it is a figure of the course of readings, not one reading."""
        return self.statistic in FIGURES

    @property
    def effect(self) -> bool:
        """Whether the figure is of the effect in % of the first reading, not of the level."""
        return self.of_course and self.statistic != "auc" and self.quantity not in LEVELS

    @property
    def ratio(self) -> bool:
        """Whether arms are compared by a ratio, not by a difference."""
        return (
            self.kind != "doses"
            and self.statistic != "change"
            and self.method not in ("difference", "readings")
        )


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
