"""Ranges of turnover markers before the menopause, to which a level is compared on a chart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ReferenceRange:
    """The middle 95 % of a healthy population.

    Parameters
    ----------
    endpoint : str
        Its key.
    low, high : float
        In the usual unit of the endpoint.
    unit, population : str
        Unit, and who was measured.
    mark, source : str
        How sure the numbers are, and where they were read.
    """

    endpoint: str
    low: float
    high: float
    unit: str
    population: str
    mark: str
    source: str


_SHIP = "SHIP, women aged 30 to 54 before the menopause, IDS-iSYS; PMID 24076251"
REFERENCE_RANGES = {
    r.endpoint: r
    for r in (
        ReferenceRange("CTX", 0.05, 0.67, "ng/mL", "women before the menopause", "published", _SHIP),
        ReferenceRange("P1NP", 19.3, 76.3, "ug/L", "women before the menopause", "published", _SHIP),
        ReferenceRange("BSAP", 6.0, 22.7, "ug/L", "women before the menopause", "published", _SHIP),
    )
}
