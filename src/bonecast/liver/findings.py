"""What a clinician should be told of a case, in the style of the care rules: action, severity, source, mark."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import EVIDENCE_GRADES
from bonecast.liver.case import LiverCase
from bonecast.liver.rucam import Rucam
from bonecast.liver.threshold import limit


@dataclass(frozen=True)
class Finding:
    """One finding. `condition` says when it stands, in the grammar of the care rules."""

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
class Seen:
    """What the findings look at. `alp_of_liver` is None where it is unknown; `days_since_dose` where no dose is."""

    case: LiverCase
    measured: Mapping[str, Any]
    rucam: Rucam | None
    alp_of_liver: bool | None
    alp_first_last: tuple[float, float] | None
    days_since_dose: int | None

    @property
    def denosumab(self) -> bool:
        """Is denosumab the drug in question?"""
        return self.case.suspect == "denosumab"

    def at_least(self, column: str, bound: float) -> bool:
        """Is a measured peak at or above this? False where it was not measured."""
        value = self.measured[column]
        return value is not None and value >= bound


@cache
def known_findings() -> tuple[Finding, ...]:
    """Every finding on file; ValueError (our fault) for one without source or mark.

    >>> known_findings()[0].id
    'LI-01'
    """
    text = (files("bonecast.liver") / "findings.csv").read_text("utf-8")
    found = tuple(Finding(**row) for row in csv.DictReader(text.splitlines()))
    if any(one.mark not in EVIDENCE_GRADES or not one.source for one in found):
        raise ValueError("findings.csv: source and mark must all be given")
    return found


def findings(seen: Seen) -> tuple[Finding, ...]:
    """Which findings stand for this case, in the order of the file?"""
    return tuple(one for one in known_findings() if CONDITIONS[one.id](seen))


def _immune(seen: Seen) -> bool:
    high = any(seen.at_least(f"{one}_peak_x", limit("case_alt")) for one in ("alt", "ast"))
    soon = seen.days_since_dose is not None and seen.days_since_dose <= limit("cover_d")
    return seen.denosumab and high and soon


def _despite_other_cause(seen: Seen) -> bool:
    rucam = seen.rucam
    if rucam is None or rucam.total is None or rucam.band in ("excluded", "unlikely"):
        return False
    return any(answer.choice.code == "X5_PROB" for answer in rucam.answers)


def _high_alp(seen: Seen) -> bool:
    return seen.at_least("alp_peak_x", limit("case_alp"))


CONDITIONS: dict[str, Callable[[Seen], bool]] = {
    "LI-01": lambda s: _high_alp(s) and s.alp_of_liver is False,
    "LI-02": lambda s: _high_alp(s) and s.alp_of_liver is None,
    "LI-03": lambda s: (
        s.denosumab and s.alp_first_last is not None and s.alp_first_last[1] < s.alp_first_last[0]
    ),
    "LI-04": lambda s: (
        s.denosumab
        and s.measured["alp_initial_x"] is not None
        and s.measured["alp_initial_x"] > limit("raised")
        and s.alp_of_liver is not True
    ),
    "LI-05": _immune,
    "LI-06": lambda s: s.measured["hy_biochem"] is True,
    "LI-07": lambda s: s.measured["upper_right"] is True and s.measured["hy_biochem"] is None,
    "LI-08": lambda s: s.measured["stop"] is True,
    "LI-09": lambda s: s.denosumab and s.rucam is not None and s.case.stated.reexposure is None,
    "LI-10": _despite_other_cause,
}
