"""The flow of people through a bone trial, as a CONSORT diagram counts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.bone.roster import APART
from bonecast.trials.endpoints import TrialEndpoint, arm_names
from bonecast.trials.report_source import RunOutcomes

COUNTS = (
    ("randomised", "randomised"),
    ("given", "got a first dose"),
    ("late", "had a dose late"),
    ("missed", "skipped a dose"),
    ("stopped", "stopped the drug for good"),
    ("rescued", "were put on rescue"),
    ("crossed", "crossed over"),
    ("dropout", "left the trial"),
    ("death", "died"),
    ("completed", "completed"),
    ("failed", "could not be followed by the equations"),
    ("analysed", "analysed"),
)
LAST = ("completed", "analysed")


@dataclass(frozen=True)
class FlowBranch:
    """One arm: its plan, and (words, people, % of the randomised) for each count that the run has."""

    arm: str
    plan: str
    randomised: int
    counts: tuple[tuple[str, str, int, float], ...]


def flow(
    design: BoneDesign, source: RunOutcomes, first: TrialEndpoint | None, analysed: dict[str, int]
) -> tuple[FlowBranch, ...]:
    """Every arm in the order of the file; over all trials of the run together.

    analysed : people in the analysis of the first endpoint, by arm.
    """
    names = (
        "arm",
        "doses",
        "late_doses",
        "missed_doses",
        "stopped_d",
        "rescued_d",
        "crossed_d",
        "left",
        "failed",
    )
    frame = source.take(names)
    known = set(frame.columns)
    asked = {
        "randomised": (pl.len(), True),
        "given": ((pl.col("doses") > 0).sum(), "doses" in known),
        "late": ((pl.col("late_doses") > 0).sum(), "late_doses" in known),
        "missed": ((pl.col("missed_doses") > 0).sum(), "missed_doses" in known),
        "stopped": (pl.col("stopped_d").is_not_null().sum(), "stopped_d" in known),
        "rescued": (pl.col("rescued_d").is_not_null().sum(), "rescued_d" in known),
        "crossed": (pl.col("crossed_d").is_not_null().sum(), "crossed_d" in known),
        "dropout": ((pl.col("left") == "dropout").sum(), True),
        "death": ((pl.col("left") == "death").sum(), True),
        "completed": ((pl.col("left") == "").sum(), True),
        "failed": (pl.col("failed").sum(), "failed" in known),
    }
    counted = frame.group_by("arm").agg(**{key: one for key, (one, there) in asked.items() if there})
    rows = {row["arm"]: row for row in counted.to_dicts()}
    always = ("randomised", "dropout", "completed")
    some = {k for k in asked if any(row.get(k) for row in rows.values())} | set(always)
    return tuple(_branch(arm, rows.get(arm.name, {}), some, first, analysed) for arm in design.arms)


def _branch(
    arm: Any, row: dict[str, Any], some: set[str], first: TrialEndpoint | None, analysed: dict[str, int]
) -> FlowBranch:
    whole = int(row.get("randomised", 0))
    found = {key: int(row.get(key) or 0) for key in some}
    if first is not None and arm.name in analysed:
        found["analysed"] = analysed[arm.name]
    title = first.name if first is not None else ""
    counts = tuple(
        (key, f"analysed for {title}" if key == "analysed" else words, found[key], _share(found[key], whole))
        for key, words in COUNTS
        if key in found and key != "randomised"
    )
    return FlowBranch(arm.name, arm.plan, whole, counts)


def _share(count: int, whole: int) -> float:
    return 100 * count / whole if whole else 0.0


def screened(design: BoneDesign, source: RunOutcomes) -> int | None:
    """How many candidates were asked in all trials together; None for outcomes that do not know it.

    Candidates are asked in order of their number, so that of the last enrolled says how many came before.
    """
    last = source.person(design.people - 1, ("id",))
    if "id" not in last.columns:
        return None
    numbers = last["id"].str.extract(r"-(\d+)$").cast(pl.Int64)
    return None if numbers.null_count() else int((numbers % APART + 1).sum())


def flow_data(branches: tuple[FlowBranch, ...], asked: int | None = None) -> pl.DataFrame:
    """The flow as a table: arm, step, people, % of the randomised; those screened are of no arm."""
    rows = [] if asked is None else [("", "screened", "asked", asked, None)]
    rows += [
        (b.arm, key, words, n, share)
        for b in branches
        for key, words, n, share in (("randomised", "randomised", b.randomised, 100.0), *b.counts)
    ]
    return pl.DataFrame(rows, schema=["arm", "step", "words", "people", "share_pct"], orient="row")


def compared(design: BoneDesign) -> tuple[str, ...]:
    """The arms in the order in which they are shown: compared ones first, the reference last."""
    others, reference = arm_names(design)
    return (*others, reference)
