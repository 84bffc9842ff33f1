"""One published figure: of one arm, or of one contrast between two arms."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.evidence.endpoint import EndpointClass, endpoint_class
from bonecast.regimens import Regimen

DIFFERENCES = ("mean_diff", "median_diff")
RATIOS = ("RR", "HR", "OR", "GMR")


@dataclass(frozen=True)
class Row:
    """What was published, of whom, under which plan. None where the table is blank.

    id : stable name. study, arm : trial and arm, in words. n : persons. population, region : who and where.
    age_years, female_fraction, baseline_*_t, prevalent_vfx_fraction : averages at the baseline of the study.
    plan, comparator_plan : what was given; the second only where the figure is a contrast.
    endpoint : what was measured, with its unit in the name.
    month : months from the start of the plan. change_from_month : the month from which the change is counted, or
        at which the window of counting opens.
    value, statistic : the figure, and what it is (mean, median_diff, rate, RR, ...).
    ci_low, ci_high, ci_type : an interval of the kind named; only 95CI and 90CI are confidence intervals.
    seen : "verbatim", or "memory" where it is to be verified. unread : why a plan of the row cannot be read, where
        one stands there and cannot; the plan is then None. line : in the file, for errors.
    """

    id: str
    endpoint: str
    study: str = ""
    arm: str = ""
    n: float | None = None
    population: str = ""
    region: str = ""
    age_years: float | None = None
    female_fraction: float | None = None
    baseline_ls_t: float | None = None
    baseline_th_t: float | None = None
    baseline_fn_t: float | None = None
    prevalent_vfx_fraction: float | None = None
    covariates_seen: str = ""
    plan: Regimen | None = None
    comparator_plan: Regimen | None = None
    month: float | None = None
    change_from_month: float | None = None
    value: float | None = None
    statistic: str = "mean"
    ci_low: float | None = None
    ci_high: float | None = None
    ci_type: str = ""
    seen: str = ""
    citation: str = ""
    doi: str = ""
    note: str = ""
    unread: str = ""
    line: int = 0

    @property
    def endpoint_class(self) -> EndpointClass:
        """BMD, marker, exposure, fracture or other."""
        return endpoint_class(self.endpoint)

    @property
    def is_difference(self) -> bool:
        """Is the figure plan minus comparator?"""
        return self.statistic in DIFFERENCES

    @property
    def is_ratio(self) -> bool:
        """Is the figure plan over comparator?"""
        return self.statistic in RATIOS

    @property
    def is_contrast(self) -> bool:
        """Does the figure need two arms?"""
        return self.is_difference or self.is_ratio
