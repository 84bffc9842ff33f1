"""The FREEDOM-like preset, played as it stands, against what the trial found (PMC3415619 and the US label)."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl
import pytest

from bonecast.evidence import calibration_rows, is_hit
from bonecast.trials import play, preset

ROWS = {row.id: row for row in calibration_rows()}
ARMS = {"pbo": "placebo", "den": "denosumab"}


@cache
def outcomes() -> pl.DataFrame:
    """One trial of 7,800 women."""
    return play(preset("freedom"), 0, 1)


def arm(name: str) -> pl.DataFrame:
    """The women of one arm."""
    return outcomes().filter(pl.col("arm") == name)


def gain(name: str, site: str, visit: str) -> float:
    """Mean change of BMD in % of baseline."""
    women = arm(name)
    return float(np.nanmean((100 * (women[f"{site}_BMD_{visit}"] / women[f"{site}_BMD_m0"] - 1)).to_numpy()))


def filmed(name: str, kind: str) -> float:
    """Women with a new fracture, % of those who had a film (vertebral) or entered."""
    women = arm(name)
    if kind == "vertebral":
        women = women.filter(pl.any_horizontal(pl.col("day_m12", "day_m24", "day_m36").is_not_null()))
    return 100 * float(women[f"{kind}_d"].is_not_null().mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("arm_name", ["pbo", "den"])
@pytest.mark.parametrize("month", [12, 24, 36])
def test_hip_BMD_is_that_of_freedom_PMC3415619(arm_name: str, month: int):
    row = ROWS[f"FREEDOM-{arm_name}-TH-{month}"]
    assert is_hit(row, gain(ARMS[arm_name], "TH", f"m{month}"))


@pytest.mark.parametrize("arm_name", ["pbo", "den"])
def test_vertebral_fractures_at_three_years_are_those_of_freedom_PMC3415619(arm_name: str):
    row = ROWS[f"FREEDOM-{arm_name}-VFx-36"]
    assert is_hit(row, filmed(ARMS[arm_name], "vertebral"))


def test_the_ratio_of_vertebral_fractures_at_three_years_is_that_of_freedom_PMC3415619():
    ratio = filmed("denosumab", "vertebral") / filmed("placebo", "vertebral")
    assert is_hit(ROWS["FREEDOM-den_v_pbo-VFx-36"], ratio)


@pytest.mark.parametrize("arm_name", ["pbo", "den"])
def test_nonvertebral_fractures_at_three_years_are_those_of_freedom_PMC3415619(arm_name: str):
    assert is_hit(ROWS[f"FREEDOM-{arm_name}-NVFx-36"], filmed(ARMS[arm_name], "nonvertebral"))


def test_the_women_are_like_those_of_the_trial():
    answer = preset("freedom").group.target  # type: ignore[union-attr]
    for aim in answer:
        values = outcomes()[aim.column].cast(pl.Float64)
        assert values.mean() == pytest.approx(aim.mean, abs=4 * float(values.std()) / 7800**0.5 + 0.02)  # type: ignore[arg-type]
    assert outcomes()["age"].min() >= 60  # type: ignore[operator]


def test_five_women_of_six_complete_three_years():
    assert 0.79 < float((outcomes()["left"] == "").mean()) < 0.86  # type: ignore[arg-type]
