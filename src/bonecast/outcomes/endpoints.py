"""Endpoints: what a clinician measures, and the model output that stands for it.

All models name their outputs alike, so an endpoint has one output; a model that has no such output leaves a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Endpoint:
    """What is measured.

    Parameters
    ----------
    key : str
        Short name ("LS_BMD").
    title : str
        Name for people.
    unit : str
        The usual unit of a measured value.
    scale : {"change", "share", "level"}
        How the model's output relates to it: % change of a measured value, % of the value before treatment, or the
        value itself.
    test, site : str
        How the record names its measurements.
    output : str
        How models name it.
    """

    key: str
    title: str
    unit: str
    scale: Literal["change", "share", "level"]
    test: str
    site: str | None
    output: str


def _bmd(key: str, site: str) -> Endpoint:
    return Endpoint(key, f"{site.capitalize()} BMD", "g/cm2", "change", "BMD", site, f"{key}_pct_change")


def _marker(key: str, title: str, unit: str) -> Endpoint:
    return Endpoint(key, title, unit, "share", key, None, f"{key}_pct_of_baseline")


ENDPOINTS: tuple[Endpoint, ...] = (
    _bmd("LS_BMD", "lumbar spine"),
    _bmd("TH_BMD", "total hip"),
    _bmd("FN_BMD", "femoral neck"),
    _bmd("R13_BMD", "one-third radius"),
    _marker("CTX", "CTX", "ng/mL"),
    _marker("P1NP", "P1NP", "ug/L"),
    _marker("BSAP", "Bone-specific alkaline phosphatase", "ug/L"),
    Endpoint(
        "calcium", "Calcium, albumin-corrected", "mmol/L", "level", "calcium", None, "calcium_mmol_L"
    ),
    Endpoint("PTH", "PTH", "pg/mL", "level", "PTH", None, "PTH_pg_mL"),
    Endpoint("denosumab", "Denosumab in serum", "ng/mL", "level", "denosumab", None, "denosumab_ng_mL"),
)  # fmt: skip


def endpoint(key: str) -> Endpoint:
    """Find an endpoint.

    Parameters
    ----------
    key : str
        Its short name ("LS_BMD").

    Returns
    -------
    Endpoint
    """
    return next(e for e in ENDPOINTS if e.key == key)
