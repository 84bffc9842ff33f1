"""Forecasts for a screen: the numbers of the whole job, what is kept on disk, and plans from dates."""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unjudged import unjudged

from bonecast.care import check_strategy
from bonecast.errors import InputError
from bonecast.forecasts import Injection, Prepared, forecast, plan_on, prepare
from bonecast.interop import read_patient
from bonecast.records import Patient
from bonecast.regimens import history_of, parse_regimen, place_strategy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _every_strategy_is_followed() -> Iterator[None]:
    with unjudged():
        yield


HORIZON, DRAWS = "2 years", 40
PLANS = {"on time": "denosumab 60 mg every 6 months x 4", "stop": "nothing for 2 years"}


@pytest.fixture(scope="module")
def her() -> Patient:
    return read_patient("examples/late-dose.toml")


@pytest.fixture(scope="module")
def ready(her) -> Prepared:
    return prepare(her, HORIZON, DRAWS)


@pytest.fixture(scope="module")
def whole(her):
    return forecast(her, PLANS, HORIZON, DRAWS)


def test_a_live_forecast_has_the_very_numbers_of_the_whole_job(ready, whole):
    live = ready.follow(PLANS)
    for name, of in whole.bands.items():
        for output, band in of.items():
            assert np.array_equal(live.band(name, output).quantiles, band.quantiles), output
    assert live.summaries == whole.summaries
    assert live.ranking == whole.ranking
    assert live.latest == whole.latest
    assert live.history == whole.history
    assert live.strategies == whole.strategies


def test_the_population_is_the_range_before_the_measurements(her, whole):
    before = prepare(her, HORIZON, DRAWS, learn=False).follow(PLANS)
    assert set(whole.prior_bands) <= set(before.bands["on time"])
    for output, band in whole.prior_bands.items():
        assert np.array_equal(before.band("on time", output).quantiles, band.quantiles), output
    assert any("No measurement could be learned from" in note for note in before.notes)


def test_what_was_learned_is_found_again_in_its_file(her, ready, tmp_path, monkeypatch):
    first = prepare(her, HORIZON, DRAWS, folder=tmp_path)
    monkeypatch.setattr("bonecast.forecasts.prepared.condition", _never)
    again = prepare(her, HORIZON, DRAWS, folder=tmp_path)
    assert again.known.diagnostics == first.known.diagnostics == ready.known.diagnostics
    assert again.known.notes == first.known.notes
    one, two = (x.follow(PLANS).band("stop", "CTX_ng_mL").quantiles for x in (ready, again))
    assert np.array_equal(one, two)
    made = forecast(her, PLANS, HORIZON, DRAWS, known=again.known)
    assert np.array_equal(made.band("stop", "CTX_ng_mL").quantiles, one)


def _never(*_, **__):
    raise AssertionError("it was learned again")


@pytest.fixture(scope="module")
def kept(her, tmp_path_factory) -> Path:
    """The file of what was learned for ten draws."""
    folder = tmp_path_factory.mktemp("kept")
    prepare(her, HORIZON, 10, folder=folder)
    (path,) = folder.glob("*.npz")
    return path


class LearnedAgain(Exception):
    """The people are learned again."""


@pytest.mark.parametrize("change", ["nothing", "measurement", "draws", "seed", "torn", "pickled", "short"])
def test_what_does_not_fit_is_learned_again_and_never_trusted(her, kept, tmp_path, monkeypatch, change):
    path = Path(shutil.copy(kept, tmp_path))
    draws, seed = 10, 1
    if change == "measurement":
        her = replace(her, measurements=her.measurements[:-1])
    elif change == "draws":
        draws = 11
    elif change == "seed":
        seed = 2
    elif change == "torn":
        path.write_bytes(path.read_bytes()[:-200])
    elif change == "pickled":
        np.savez(path, answer=np.array([{"a": 1}], dtype=object))
    elif change == "short":
        found = dict(np.load(path))
        name = next(k for k in found if k.startswith("people "))
        np.savez(path, **{**found, name: found[name][:-1]})

    def learn(*_, **__):
        raise LearnedAgain

    with monkeypatch.context() as patch:
        patch.setattr("bonecast.forecasts.prepared.condition", learn)
        if change == "nothing":
            assert prepare(her, HORIZON, draws, seed, folder=tmp_path).known.diagnostics.count > 0
            return
        with pytest.raises(LearnedAgain):
            prepare(her, HORIZON, draws, seed, folder=tmp_path)
    if change == "torn":  # and what is learned takes the place of the file that could not be read
        learned = prepare(her, HORIZON, draws, seed, folder=tmp_path)
        assert path.stat().st_size == pytest.approx(kept.stat().st_size, rel=0.01)
        assert learned.known.diagnostics.count > 0


def test_a_name_is_no_part_of_what_is_kept(her, tmp_path):
    prepare(her, HORIZON, 10, folder=tmp_path)
    prepare(replace(her, name="Somebody Else"), HORIZON, 10, folder=tmp_path)
    files = list(tmp_path.iterdir())
    assert len(files) == 1
    assert b"E. M." not in files[0].read_bytes()


def test_a_changed_history_is_replayed_with_the_same_people_and_says_so(her, ready):
    late = replace(her, doses=(*her.doses[:-1], replace(her.doses[-1], date=dt.date(2026, 6, 16))))
    moved = ready.with_doses(late)
    assert moved.known is ready.known
    made = moved.follow({"stop": "nothing for 2 years"})
    assert any("not learned again" in note for note in made.notes)
    before = ready.follow({"stop": "nothing for 2 years"})
    assert not any("not learned again" in note for note in before.notes)
    now = [
        f.band("stop", "CTX_ng_mL").median[f.band("stop", "CTX_ng_mL").dates.index(f.now)]
        for f in (made, before)
    ]
    assert now[0] != now[1]
    back = moved.with_doses(her).follow(PLANS)
    assert not any("not learned again" in note for note in back.notes)
    assert np.array_equal(
        back.band("stop", "CTX_ng_mL").quantiles, before.band("stop", "CTX_ng_mL").quantiles
    )


def test_a_plan_that_has_no_evidence_is_refused_as_in_the_whole_job(her):
    ill = replace(her, facts=(*her.facts, ("metastatic", True)))
    with pytest.raises(InputError, match="metastatic"):
        prepare(ill, HORIZON, 5, learn=False).follow(PLANS)


gaps = st.lists(st.integers(1, 400), min_size=1, max_size=12)


@given(gaps, st.booleans(), st.sampled_from(["denosumab", "zoledronate"]))
@settings(max_examples=60, deadline=None)
def test_a_plan_from_dates_gives_its_doses_on_those_days(days, treated, last):
    person = read_patient("examples/late-dose.toml")
    if not treated:
        person = replace(person, doses=())
    history = history_of(person)
    amounts = {"denosumab": 60.0, "zoledronate": 5.0}
    dates = [person.record_date + dt.timedelta(days=d) for d in itertools.accumulate(days)]
    wanted = [Injection(d) for d in dates[:-1]] + [Injection(dates[-1], last, amounts[last])]
    text = plan_on(history, wanted)
    way = place_strategy("x", parse_regimen(text), history, 40 * 365.25)
    assert [(history.date(d.time_d), d.drug, d.amount) for d in way.doses] == [
        (i.date, i.drug, i.amount) for i in wanted
    ]
    assert all(d.cover_d > 100 for d in way.doses)


def test_an_early_injection_counts_from_the_last_dose_and_a_late_one_is_a_delay_that_the_rules_see(her):
    early = replace(her, record_date=dt.date(2026, 8, 1))
    text = plan_on(history_of(early), [Injection(dt.date(2026, 8, 20))])
    assert text == "157 days after the last dose denosumab 60 mg every 6 months x 1"
    late = plan_on(history_of(her), [Injection(dt.date(2026, 12, 20))])
    assert late == "nothing for 96 days, then denosumab 60 mg every 6 months x 1"
    assert "DD-12" in check_strategy("late", parse_regimen(late), her).rules


def test_injections_on_time_are_one_course(her):
    history = history_of(her)
    way = place_strategy("x", parse_regimen(PLANS["on time"]), history, 3000)
    text = plan_on(history, [Injection(history.date(d.time_d)) for d in way.doses])
    assert text == PLANS["on time"]


@pytest.mark.parametrize(
    ("days", "said"),
    [([], "none"), ([-1], "before"), ([5, 5], "one day")],
)
def test_dates_that_make_no_plan_are_refused(her, days, said):
    wanted = [Injection(her.record_date + dt.timedelta(days=d)) for d in days]
    with pytest.raises(InputError, match=said):
        plan_on(history_of(her), wanted)
