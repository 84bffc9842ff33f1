"""Fractures that follow one another: the risk rises after one and falls with time; all of them are counted."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from bone_trials import small
from scipy.special import log_ndtr
from trial_outcomes import Design, endpoint, outcomes

from bonecast.engine import normals
from bonecast.outcomes import recency
from bonecast.trials.bone import at_look, play_people
from bonecast.trials.bone.fractures import KINDS, _followed, reaches
from bonecast.trials.endpoints import analyse
from bonecast.trials.endpoints.lwyy import rate_ratio_of_repeats

MANY = 8_000
DAYS = np.arange(0.0, 365.25 * 3, 7.0)


def drawn(again: float, rate: float = 10.0) -> dict[str, np.ndarray]:
    flat = {kind: np.full((MANY, len(DAYS)), rate) for kind in KINDS}
    return _followed(DAYS, flat, 0, lambda name: normals(3, name, 0, MANY), again)


def test_without_any_effect_each_kind_has_the_days_of_its_own_hazard():
    found = drawn(0.0)
    alone = reaches(DAYS, np.full((MANY, len(DAYS)), 10.0), 0, -log_ndtr(normals(3, "hip fracture", 0, MANY)))
    assert np.allclose(found["hip"][:, 0], alone, equal_nan=True)
    counts = np.isfinite(found["vertebral"]).sum(1)
    years = DAYS[-1] / 365.25
    assert counts.mean() == pytest.approx(0.1 * years, rel=0.04)
    assert counts.var() == pytest.approx(counts.mean(), rel=0.06)  # Poisson's


def test_after_a_fracture_the_next_comes_sooner_by_the_published_ratio():
    def next_year(again: float) -> float:
        """Hazard of a second fracture of any kind in the year after the first, per person-year."""
        every = np.sort(np.concatenate(list(drawn(again).values()), axis=1), axis=1)
        first, second = every[:, 0], every[:, 1]
        here = first < DAYS[-1] - 366
        soon = second[here] - first[here] <= 365.25
        return float(-np.log1p(-soon.mean()))

    plain, raised = next_year(0.0), next_year(1.0)
    u = np.linspace(0, 1, 200)
    mean = np.mean([recency(kind, u).mean() for kind in ("vertebral", "hip", "nonvertebral")])
    assert plain == pytest.approx(0.3, rel=0.05)
    assert raised / plain == pytest.approx(mean, rel=0.07)


def test_the_rise_falls_with_time_and_stays():
    seen = recency("vertebral", np.array([0.0, 1.0, 5.0, 10.0, 30.0]))
    assert (np.diff(seen) <= 1e-12).all()
    assert seen[1] == pytest.approx(1 + 1.7 * 0.92)
    assert seen[3] == seen[4] == pytest.approx(1 + 0.4 * 0.92)


def test_all_fractures_of_a_person_are_listed_and_the_first_is_the_day_of_the_event():
    played = play_people(small(("people = 24", "people = 400")), 0, 400)
    for kind in ("vertebral", "hip", "nonvertebral"):
        lists = played[f"{kind}_days"]
        assert lists.list.min().equals(played[f"{kind}_d"].cast(pl.Int64).cast(lists.list.min().dtype))
    some = played.filter(pl.col("nonvertebral_d").is_not_null())
    assert some.height > 0
    cut = at_look(played, small(), "m9")
    assert max(cut["nonvertebral_days"].explode().drop_nulls().to_list()) <= 288


def repeats() -> tuple[pl.DataFrame, Design]:
    design = Design(people=300)
    frame = outcomes(design, seed=3)
    rng = np.random.default_rng(4)
    frailty = rng.gamma(1.0, 1.0, 300)
    followed, treated = frame["followed_d"].to_numpy(), (frame["arm"] == "denosumab").to_numpy()
    days = []
    for i in range(300):
        count = rng.poisson(frailty[i] * (0.5 if treated[i] else 1.0) * followed[i] / 700)
        days.append(sorted(set(rng.integers(1, followed[i] + 1, count).tolist())))
    return frame.with_columns(nonvertebral_days=pl.Series(days, dtype=pl.List(pl.Int64))), design


def test_the_ratio_of_repeats_is_that_of_statsmodels_and_its_error_that_of_leaving_people_out():
    frame, _ = repeats()
    end, treated = frame["followed_d"].to_numpy().astype(float), (frame["arm"] == "denosumab").to_numpy()
    rows = []
    for i, days in enumerate(frame["nonvertebral_days"].to_list()):
        starts = [0.0, *map(float, days)]
        for start, stop, event in zip(starts, [*starts[1:], end[i]], [1] * len(days) + [0], strict=True):
            if stop > start:
                rows.append((start, stop, event, float(treated[i])))
    start, stop, event, x = np.array(rows).T
    # an interval is open on its left: people are at risk just after its start
    fit = sm.PHReg(stop, x[:, None], status=event, entry=start + 0.5, ties="breslow").fit()
    days, none = frame["nonvertebral_days"], np.empty((300, 0))
    ratio, error = rate_ratio_of_repeats(days, end, treated, none)
    assert ratio == pytest.approx(float(fit.params[0]), rel=1e-3)
    kept = ~np.eye(300, dtype=bool)
    without = [rate_ratio_of_repeats(days.filter(pl.Series(k)), end[k], treated[k], none[k])[0] for k in kept]
    assert error == pytest.approx(math.sqrt(299 * np.var(without)), rel=0.05)


def test_repeats_decide_where_they_are_asked_for_and_stand_beside_the_others():
    frame, design = repeats()
    one = endpoint(kind="fracture", quantity="nonvertebral", visit="m36", method="lwyy")
    (row,) = analyse(one, frame, design, True)
    assert row.decisive
    assert 0.3 < row.estimate < 0.8
    assert row.value < row.value_reference
    whole = {r.method for r in analyse(one, frame, design)}
    assert {"cox", "poisson", "lwyy", "aalen-johansen"} <= whole
    assert math.isfinite(row.low)
