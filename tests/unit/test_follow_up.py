"""Exits are compared over the same time: from today, after the last denosumab, or to one age."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bonecast.errors import InputError
from bonecast.forecasts.follow_up import AFTER_MONTHS, FollowUp, outcome_within, read_follow_up
from bonecast.forecasts.track import Track
from bonecast.interop import read_patient
from bonecast.outcomes import FractureRisk
from bonecast.regimens import DAYS_IN, history_of, parse_regimen, place_strategy

HER = read_patient("examples/late-dose.toml")
HISTORY = history_of(HER)


def way(text: str):
    return place_strategy("x", parse_regimen(text), HISTORY, 5 * DAYS_IN["years"])


def test_every_exit_has_the_same_time_after_the_effect_of_the_last_denosumab():
    now, later = (
        FollowUp("last dose").window(way(text), HISTORY)
        for text in (
            "alendronate 70 mg weekly for 2 years, then nothing for 3 years",
            "denosumab 60 mg every 6 months x 4, then alendronate 70 mg weekly for 2 years",
        )
    )
    assert [end - begin for begin, end in (now, later)] == [AFTER_MONTHS * DAYS_IN["months"]] * 2
    assert later[0] - now[0] == pytest.approx(24 * DAYS_IN["months"], abs=1)


def test_from_today_to_an_age_it_ends_for_all_on_the_same_day():
    asked = read_follow_up("age 75", HER)
    assert asked.window(way("nothing for 5 years"), HISTORY) == (
        HISTORY.today_d,
        HISTORY.today_d + asked.until_d,
    )
    years = asked.until_d / DAYS_IN["years"] + (HER.record_date - HER.birth_date).days / DAYS_IN["years"]
    assert years == pytest.approx(75)


@pytest.mark.parametrize("text", ["age 72", "age 82", "age", "age x", "for ever", ""])
def test_what_is_no_time_within_one_to_ten_years_is_refused_in_words(text):
    with pytest.raises(InputError, match="follow-up"):
        read_follow_up(text, HER)  # she is 71 and a half


def test_an_outcome_counts_what_lies_in_its_time_and_nothing_before():
    days = np.array([0.0, 365.25, 730.5, 1095.75])
    hazard = {kind: np.array([[0.0, 0.0, 0.01, 0.01]]) for kind in ("vertebral", "hip", "nonvertebral")}
    risk = FractureRisk(days, hazard, np.zeros((1, 4)))
    track = Track(way("nothing for 5 years"), days, {}, {}, np.ones(1, bool), risk=(risk, risk))
    before, after = (
        outcome_within("vertebral", "", track, span)[0][0] for span in ((0.0, 365.25), (730.5, 1095.75))
    )
    assert before == 0.0
    assert after > 0
    assert outcome_within("vertebral", "", track, (730.5, 2000.0)) is None, "beyond the forecast"
    assert outcome_within("vertebral", "", replace(track, risk=None), (0.0, 365.25)) is None
    bmd = {"LS_BMD": {"LS_BMD_pct_change": ("%", np.array([[0.0, 10.0, 21.0, 21.0]]))}}
    changed, exact = outcome_within("", "LS_BMD", replace(track, columns=bmd), (365.25, 730.5))
    assert changed[0] == exact[0] == pytest.approx(10.0)
