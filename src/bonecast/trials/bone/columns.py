"""The columns of a bone trial's outcomes: what an analysis can count on, known before anything is played."""

from __future__ import annotations

from bonecast.cohorts import columns as covariates
from bonecast.trials.bone.design import FILM, BoneDesign

WHO = ("trial", "person", "id", "centre", "arm", "weight")
COURSE = (
    "followed_d",
    "left",
    "stopped_d",
    "doses",
    "late_doses",
    "missed_doses",
    "rescued_d",
    "crossed_d",
    "failed",
)
BROKEN = ("vertebral", "clinical_vertebral", "hip", "nonvertebral")
FRACTURES = (
    "vertebral_d",
    "vertebral_count",
    *(f"{kind}_d" for kind in BROKEN[1:]),
    *(f"{kind}_days" for kind in BROKEN),
)
WHOLE = frozenset({"centre", *COURSE, *FRACTURES[:5], "skeletal_event_d"} - {"left", "failed"})


def is_whole(name: str) -> bool:
    """Is this a column of days or counts, whole numbers or null?"""
    return name in WHOLE or name.startswith("day_")


def is_list(name: str) -> bool:
    """Is this a column of lists of days?"""
    return name.endswith("_days")


def outcome_columns(design: BoneDesign) -> tuple[str, ...]:
    """The columns of a design's outcomes, in order.

    >>> from bonecast.trials import preset
    >>> [name for name in outcome_columns(preset("freedom")) if name.startswith("LS_BMD_m")][:2]
    ['LS_BMD_m0', 'LS_BMD_m12']
    """
    return (
        *WHO,
        *covariates(),
        *COURSE,
        *(f"day_{visit.name}" for visit in design.visits),
        *(f"{r.quantity}_{v}" for r in design.readings if r.quantity != FILM for v in r.visits),
        *(FRACTURES if "fractures" in design.events else ()),
        *(("skeletal_event_d", "skeletal_event_days") if "skeletal events" in design.events else ()),
        "calcium_min",
    )
