"""Endpoints: what a clinician measures, and which model's output stands for it.

For each endpoint the models are named in order of preference. All strategies of one forecast take an endpoint
from the same model, so that a difference between strategies is the plan's and not the models'.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Carrier:
    """A model that gives an endpoint: library name and output."""

    model: str
    output: str


@dataclass(frozen=True)
class Endpoint:
    """What is measured.

    key : short name ("LS_BMD"). title : for people. unit : the usual unit of a measured value.
    scale : how the model's output relates to it: "change" (% change of a measured value), "share" (% of the
        value before treatment), "level" (the value itself).
    test, site : how the record names its measurements.
    """

    key: str
    title: str
    unit: str
    scale: Literal["change", "share", "level"]
    test: str
    site: str | None
    carriers: tuple[Carrier, ...]


PETERSON_RIGGS, JOERG, CHOI = "peterson-riggs-2010", "joerg-2022", "choi-2025"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "LS_BMD", "Lumbar spine BMD", "g/cm2", "change", "BMD", "lumbar spine",
        # choi-2025 has no loss below the gain after stopping, so it is not offered for plans that may stop
        (Carrier(PETERSON_RIGGS, "LS_BMD_pct_change"),),
    ),
    Endpoint(
        "TH_BMD", "Total hip BMD", "g/cm2", "change", "BMD", "total hip", (Carrier(JOERG, "TH_BMD_pct_change"),)
    ),
    Endpoint(
        "FN_BMD", "Femoral neck BMD", "g/cm2", "change", "BMD", "femoral neck",
        (Carrier(PETERSON_RIGGS, "FN_BMD_pct_change"),),
    ),
    Endpoint(
        "CTX", "CTX", "ng/mL", "share", "CTX", None,
        (Carrier(PETERSON_RIGGS, "CTX_pct_of_baseline"), Carrier(JOERG, "CTX_pct_of_baseline")),
    ),
    Endpoint("P1NP", "P1NP", "ug/L", "share", "P1NP", None, (Carrier(JOERG, "P1NP_pct_of_baseline"),)),
    Endpoint(
        "BSAP", "Bone-specific alkaline phosphatase", "ug/L", "share", "BSAP", None,
        (Carrier(JOERG, "BSAP_pct_of_baseline"), Carrier(PETERSON_RIGGS, "BSAP_pct_of_baseline")),
    ),
    Endpoint(
        "calcium", "Calcium, albumin-corrected", "mmol/L", "level", "calcium", None,
        (Carrier(PETERSON_RIGGS, "calcium_mmol_L"),),
    ),
    Endpoint("PTH", "PTH", "pg/mL", "level", "PTH", None, (Carrier(PETERSON_RIGGS, "PTH_pg_mL"),)),
    Endpoint(
        "denosumab", "Denosumab in serum", "ng/mL", "level", "denosumab", None,
        (Carrier(CHOI, "denosumab_ng_mL"), Carrier(PETERSON_RIGGS, "denosumab_ng_mL")),
    ),
)  # fmt: skip


def endpoint(key: str) -> Endpoint:
    """The endpoint of that key."""
    return next(e for e in ENDPOINTS if e.key == key)


def choose(wanted: Endpoint, plans: Iterable[frozenset[str]], carried: dict[str, frozenset[str]]) -> Carrier:
    """Which carrier can follow the most of these plans (sets of drugs)? The earlier one where they tie.

    `carried` holds the drugs that each model carries.
    """
    listed = list(plans)

    def followed(carrier: Carrier) -> int:
        return sum(drugs <= carried[carrier.model] for drugs in listed)

    return max(wanted.carriers, key=followed)
