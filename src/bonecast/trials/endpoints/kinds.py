"""The kinds of endpoint that a design may ask for: which quantities and methods each takes, and what analyses it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from bonecast.trials.endpoints import clustered, doses, events, measured, shares
from bonecast.trials.endpoints.endpoint import FIGURES, EffectRow, Statistic, TrialEndpoint
from bonecast.trials.endpoints.frame import TrialDesign

Analysis = Callable[[TrialEndpoint, pl.DataFrame, Any, bool], list[EffectRow]]
SITES = ("LS_BMD", "TH_BMD", "FN_BMD")
FRACTURES = ("vertebral", "clinical_vertebral", "hip", "nonvertebral")


@dataclass(frozen=True)
class Kind:
    """One kind. quantities : those it takes; empty for any that the design reads and that is no BMD.

    methods, statistics : the first is taken where the endpoint names none. read : whether it needs readings.
    """

    title: str
    quantities: tuple[str, ...]
    methods: tuple[str, ...]
    statistics: tuple[Statistic, ...]
    read: bool
    analysis: Analysis


READ = ("ancova", "mmrm")
READ_OR_CENTRES = (*READ, clustered.CLUSTER)
KINDS: Mapping[str, Kind] = {
    "bmd-change": Kind("change of BMD in %", SITES, READ_OR_CENTRES, ("change",), True, measured.compare),
    "marker-gmr": Kind("ratio of geometric means", (), READ_OR_CENTRES, ("reading",), True, measured.compare),
    "auec": Kind("area under the curve", (), ("ancova",), FIGURES, False, measured.compare),
    "equivalence": Kind(
        "equivalence by two one-sided tests", (), READ, ("change", "reading", *FIGURES), False,
        measured.compare,
    ),
    "responders": Kind("responders", (), ("difference", "ratio"), ("reading",), True, shares.responders),
    "calcium-grade": Kind(
        "hypocalcaemia by grade", ("calcium",), ("readings",), ("reading",), True, shares.calcium_grades
    ),
    "doses": Kind(
        "injections as they were taken", doses.DOSES, ("difference", clustered.CLUSTER), ("reading",), False,
        doses.compare_doses,
    ),
    "fracture": Kind("fractures", FRACTURES, events.METHODS, ("reading",), False, events.compare),
    "skeletal-event": Kind("skeletal events", ("skeletal_event",), events.METHODS, ("reading",), False, events.compare),
}  # fmt: skip
EVENT_KINDS = ("fracture", "skeletal-event")


def analyse(
    endpoint: TrialEndpoint, frame: pl.DataFrame, design: TrialDesign, brief: bool = False
) -> list[EffectRow]:
    """What does this trial find for this endpoint? `frame` holds the people of one trial.

    brief : only the row by which it is judged, for each arm, and no other method. The estimate compares an arm with the
    reference; `success` says whether p is below alpha, in equivalence whether both one-sided ones are.
    """
    return KINDS[endpoint.kind].analysis(endpoint, frame, design, brief)
