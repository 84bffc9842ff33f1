"""One published figure: of one arm, or of one contrast between two arms."""

from __future__ import annotations

from dataclasses import dataclass

from bonecast.evidence.endpoint import EndpointClass, endpoint_class
from bonecast.regimens import Regimen

DIFFERENCES = ("mean_diff", "median_diff")
RATIOS = ("RR", "HR", "OR", "GMR")


@dataclass(frozen=True)
class Row:
    """One published figure: of whom, under which regimen. None where the table is blank.

    Parameters
    ----------
    id : str
        Stable name.
    endpoint : str
        What was measured, with its unit in the name.
    study : str
        Trial, in words.
    arm : str
        Arm, in words.
    n : float, optional
        Persons.
    population : str
        Who they were.
    region : str
        Where they lived.
    age_years : float, optional
        Mean age at baseline.
    female_fraction : float, optional
        Share of women.
    egfr : float, optional
        Mean eGFR at baseline, mL/min.
    facts : tuple of (str, tuple of float)
        Further covariates of the people, by the columns of a population: a mean, or values of equal shares.
    comparator_facts : tuple of (str, tuple of float)
        Those of the comparator, where they are others.
    tested : tuple of float
        Days, from the start of the window, on which calcium was tested, where that is known.
    baseline_ls_t : float, optional
        Mean T-score of the lumbar spine at baseline.
    baseline_th_t : float, optional
        Mean T-score of the total hip at baseline.
    baseline_fn_t : float, optional
        Mean T-score of the femoral neck at baseline.
    prevalent_vfx_fraction : float, optional
        Share with a vertebral fracture at baseline.
    covariates_seen : str
        How the covariates were read.
    plan : Regimen, optional
        What was given.
    comparator_plan : Regimen, optional
        What the comparator was given, where the figure is a contrast.
    month : float, optional
        Months from the start of the regimen.
    change_from_month : float, optional
        Month from which the change is counted, or at which the window of counting opens.
    value : float, optional
        The figure.
    statistic : str
        What it is (mean, median_diff, rate, RR and so on).
    ci_low : float, optional
        Lower end of the interval.
    ci_high : float, optional
        Upper end of the interval.
    ci_type : str
        Kind of interval; only 95CI and 90CI are confidence intervals.
    seen : str
        "verbatim", or "memory" where it is to be verified.
    citation : str
        Reference.
    doi : str
        DOI or other locator.
    where : str
        Where in its source the figure stands (table, figure, section, or the sentence in our own words).
    set : str
        Set of rows that it came with ("calibration", "set_2").
    note : str
        What to know of the figure.
    unread : str
        Why a regimen of the row cannot be read; `plan` is then None.
    line : int
        Line in the file, for errors.
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
    egfr: float | None = None
    facts: tuple[tuple[str, tuple[float, ...]], ...] = ()
    comparator_facts: tuple[tuple[str, tuple[float, ...]], ...] = ()
    tested: tuple[float, ...] = ()
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
    where: str = ""
    set: str = ""
    note: str = ""
    unread: str = ""
    line: int = 0

    @property
    def endpoint_class(self) -> EndpointClass:
        """BMD, marker, calcium, strength, exposure, fracture or other."""
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
