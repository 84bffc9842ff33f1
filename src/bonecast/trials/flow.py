"""The flow of people, as a CONSORT diagram has it: randomised, given, not evaluable, analysed, over all trials."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from bonecast.trials.design import Design


@dataclass(frozen=True)
class Branch:
    """One arm: its plan, and people randomised, lost and analysed as mean (5 to 95 % of trials), and in the first."""

    arm: str
    plan: str
    randomised: str
    lost: str
    analysed: str


def flow(design: Design, outcomes: pl.DataFrame) -> tuple[Branch, ...]:
    """How many go where; the truth makes no difference to it."""
    one = outcomes.filter(pl.col("truth") == design.truths[0].name)
    counts = one.group_by("trial", "arm").agg(
        randomised=pl.len(), analysed=pl.col("evaluable").sum(), lost=(~pl.col("evaluable")).sum()
    )
    return tuple(
        Branch(
            arm.name, arm.plan, *(_range_text(counts.filter(pl.col("arm") == arm.name)[key]) for key in KEYS)
        )
        for arm in design.arms
    )


KEYS = ("randomised", "lost", "analysed")


def _range_text(values: pl.Series) -> str:
    low, high = (values.quantile(q, "nearest") for q in (0.05, 0.95))
    if low is None or high is None:
        return "none"
    return f"{values.mean():.1f} ({low:.0f} to {high:.0f})"
