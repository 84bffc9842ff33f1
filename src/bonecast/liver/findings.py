"""Findings for the clinician in a case, in the style of the care rules: action, severity, source, mark."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import polars as pl

from bonecast.core import rows
from bonecast.liver.case import LiverCase
from bonecast.liver.rucam import Rucam
from bonecast.liver.thresholds import limit


@dataclass(frozen=True)
class LiverFinding:
    """One finding.

    Parameters
    ----------
    id : str
        Short name, "LI-01" and so on.
    topic : str
        What it is about.
    condition : str
        When it holds, in the grammar of the care rules.
    action : str
        What to do.
    severity : str
        Inform, warn, stop or block.
    strength : str
        What kind of statement it rests on.
    source, doi_or_label, mark, source_jurisdiction : str
        Provenance.
    """

    id: str
    topic: str
    condition: str
    action: str
    severity: str
    strength: str
    source: str
    doi_or_label: str
    mark: str
    source_jurisdiction: str


@dataclass(frozen=True)
class Features:
    """What the conditions read: a case with its values (`check_values`), measures and score."""

    case: LiverCase
    values: pl.DataFrame
    measured: Mapping[str, Any]
    rucam: Rucam | None

    @property
    def denosumab(self) -> bool:
        """Whether denosumab is the suspect drug."""
        return self.case.suspect == "denosumab"

    @property
    def alp_of_liver(self) -> bool | None:
        """Whether the ALP is the liver's, over all days; None where it is unknown."""
        if self.case.facts.alp_origin is not None:
            return self.case.facts.alp_origin == "liver"
        if self.measured["ggt_peak_x"] is not None:
            return self.measured["ggt_peak_x"] > limit("ggt_raised")
        return None if self.measured["bone_alp"] else True

    @property
    def alp_has_fallen(self) -> bool:
        """Whether the last ALP is below the last one before the first dose (without one, below the first)."""
        if self.case.start is None:
            return False
        alp = self.values.filter(pl.col("test") == "ALP").sort("at")
        before = alp.filter(pl.col("at") <= dt.datetime.combine(self.case.start, dt.time()))
        first = before["x"][-1] if before.height else alp["x"][0] if alp.height else None
        return first is not None and alp["x"][-1] < first

    @property
    def days_since_dose(self) -> int | None:
        """Days from the last dose of the suspect drug to the onset."""
        onset = self.case.facts.onset or (self.measured["onset"] and self.measured["onset"].date())
        if onset is None:
            return None
        return min(
            ((onset - use.start).days for use in self.case.suspect_uses if use.start <= onset), default=None
        )

    def at_least(self, column: str, bound: str) -> bool:
        """Whether a measured peak reaches this limit; false where it was not measured."""
        value = self.measured[column]
        return value is not None and value >= limit(bound)


@cache
def known_findings() -> tuple[LiverFinding, ...]:
    """List every finding on file.

    Returns
    -------
    The findings in order of their id.

    Raises
    ------
    ValueError
        A finding without source or mark (a fault of the table).

    Examples
    --------
    >>> known_findings()[0].id
    'LI-01'
    """
    return tuple(LiverFinding(**row) for row in rows(files("bonecast.liver") / "findings.csv", dict))


def findings(features: Features) -> tuple[LiverFinding, ...]:
    """The findings that hold for this case, in the order of the file."""
    return tuple(finding for finding in known_findings() if CONDITIONS[finding.id](features))


def _alp_partly_of_bone(f: Features) -> bool:
    alp = f.measured["alp_initial_x"]
    return f.denosumab and alp is not None and alp > limit("raised") and f.alp_of_liver is not True


def _immune_hepatitis(f: Features) -> bool:
    high = f.at_least("alt_peak_x", "case_alt") or f.at_least("ast_peak_x", "case_alt")
    soon = f.days_since_dose is not None and f.days_since_dose <= limit("effect_d")
    return f.denosumab and high and soon


def _despite_competing_cause(f: Features) -> bool:
    if f.rucam is None or f.rucam.total is None or f.rucam.band in ("excluded", "unlikely"):
        return False
    return any(answer.choice.code == "X5_PROB" for answer in f.rucam.answers)


CONDITIONS: dict[str, Callable[[Features], bool]] = {
    "LI-01": lambda f: f.at_least("alp_peak_x", "case_alp") and f.alp_of_liver is False,
    "LI-02": lambda f: f.at_least("alp_peak_x", "case_alp") and f.alp_of_liver is None,
    "LI-03": lambda f: f.denosumab and f.alp_has_fallen,
    "LI-04": _alp_partly_of_bone,
    "LI-05": _immune_hepatitis,
    "LI-06": lambda f: f.measured["hy_biochem"] is True,
    "LI-07": lambda f: f.measured["upper_right"] is True and f.measured["hy_biochem"] is None,
    "LI-08": lambda f: f.measured["stop"] is True,
    "LI-09": lambda f: f.denosumab and f.rucam is not None and f.case.rechallenge is None,
    "LI-10": _despite_competing_cause,
}
