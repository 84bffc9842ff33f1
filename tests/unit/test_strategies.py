"""The choice in a forecast: ranking, latest dates, the next test, calcium dates, the search for an exit."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from unjudged import unjudged

from bonecast.care import check_strategy
from bonecast.care.schedule import injection_tests
from bonecast.core import gettext, speaking
from bonecast.decisions import find_aim
from bonecast.engine.threads import usual_threads
from bonecast.errors import InputError, UnknownName
from bonecast.forecasts import THROUGHOUT, default_strategies, exit_cell, forecast
from bonecast.forecasts.calcium import calcium_tests
from bonecast.forecasts.late import latest_dates
from bonecast.forecasts.next_measurement import decision_day, next_tests
from bonecast.forecasts.person_outcome import outcome_per_person
from bonecast.forecasts.search import exit_plans, grid_of
from bonecast.interop import read_patient
from bonecast.records import Patient
from bonecast.regimens import history_of, parse_regimen, place_strategy
from bonecast.reports import measurement_sentence, search_sentence

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _every_strategy_is_followed() -> Iterator[None]:
    with unjudged():
        yield


YEAR_D = 365.25


@pytest.fixture(scope="module")
def her() -> Patient:
    """Without measurements, so that the forecast is that of the population, and quick."""
    record = read_patient("examples/late-dose.toml")
    scans = tuple(m for m in record.measured("BMD") if m.date == record.measured("BMD")[0].date)
    markers = tuple(
        m for m in record.measured("CTX") + record.measured("P1NP") if m.date < record.doses[0].date
    )
    return replace(record, measurements=scans + markers)


@pytest.fixture(scope="module")
def report() -> list[tuple[float, str]]:
    """What the forecast below said of how far it was."""
    return []


@pytest.fixture(scope="module")
def made(her, report):
    return forecast(
        her,
        horizon="2 years",
        draws=60,
        optimise=True,
        progress=lambda share, what: report.append((share, what)),
    )


# Ranking


def test_going_on_is_the_best_and_stopping_the_last_and_they_are_distinguished(made):
    ranking = made.ranking
    assert ranking.first.option == "on time"
    assert ranking.ranks[-1].option == "stop"
    assert ranking.ranks[-1].mean == max(r.mean for r in ranking.ranks)
    assert "stop" not in ranking.tied
    assert ranking.months == 24
    assert sum(r.best for r in ranking.ranks) == pytest.approx(1)


def test_the_expected_number_is_that_of_the_fracture_table(made):
    by_name = {s.strategy: s.fractures["vertebral", 24] for s in made.summaries}
    for found in made.ranking.ranks:
        assert by_name[found.option].low <= found.mean <= by_name[found.option].high


def test_another_aim_ranks_by_its_own_number(her):
    made = forecast(her, horizon="2 years", draws=30, best_by="spine-bmd")
    middles = {s.strategy: s.change["LS_BMD", 24].median for s in made.summaries}
    assert made.ranking.first.option == max(middles, key=middles.get)
    assert made.ranking.first.mean == pytest.approx(middles[made.ranking.first.option], abs=1.0)


def test_a_short_forecast_or_a_single_strategy_is_not_ranked(her):
    short = forecast(her, horizon="6 months", draws=10)
    alone = forecast(her, {"stop": "nothing for 2 years"}, horizon="2 years", draws=10)
    assert short.ranking is None
    assert short.next_tests == ()
    assert alone.ranking is None


def test_a_model_without_fractures_ranks_nothing_by_them(her):
    asked = {"horizon": "2 years", "draws": 10, "model": "peterson-riggs-2010"}
    assert forecast(her, **asked).ranking is None
    by_density = forecast(her, **asked, best_by="spine-bmd").ranking
    assert {r.option for r in by_density.ranks} == {"on time", "3 months late", "stop"}


def test_an_aim_or_a_loss_that_is_none_is_refused_before_anything_runs(her):
    with pytest.raises(UnknownName, match="hip-bmd"):
        forecast(her, best_by="hipbmd")
    with pytest.raises(InputError, match="loss"):
        forecast(her, loss_pct=0)


def test_outcomes_of_density_are_changes_from_today():
    days = np.array([0.0, 100.0, 100.0 + 24 * 30.4375])
    curves = np.array([[0.0, 10.0, 21.0]])
    columns = {"LS_BMD": {"LS_BMD_pct_change": ("%", curves)}}
    found = outcome_per_person(find_aim("spine-bmd"), 24, columns, {}, days, 100.0)
    assert found.tolist() == pytest.approx([10.0])
    assert outcome_per_person(find_aim("vertebral"), 24, columns, {}, days, 100.0) is None


# Summaries


def test_every_site_has_a_change_and_measured_sites_a_t_score_with_both_ranges(made):
    for summary in made.summaries:
        assert {key for key, _ in summary.change} == {"LS_BMD", "TH_BMD", "FN_BMD", "R13_BMD"}
        assert {key for key, _ in summary.t_score} == {"LS_BMD", "TH_BMD", "FN_BMD"}
        for found in (*summary.change.values(), *summary.t_score.values(), *summary.fractures.values()):
            assert found.low <= found.inner[0] <= found.median <= found.inner[1] <= found.high


def test_turnover_passes_the_range_when_denosumab_stops_and_not_while_it_goes_on(made):
    stop, on = (next(s for s in made.summaries if s.strategy == n) for n in ("stop", "on time"))
    for key in ("CTX", "P1NP"):
        assert stop.turnover_threshold[key].share > 0.2 > 0.05 > on.turnover_threshold[key].share
        assert made.now < stop.turnover_threshold[key].early < made.now + dt.timedelta(days=365)


def test_calcium_is_below_the_lower_limit_less_often(made):
    on = next(s for s in made.summaries if s.strategy == "on time")
    assert 0 <= on.calcium_below[1.9] <= on.calcium_below[2.0] <= 1
    assert next(s for s in made.summaries if s.strategy == "stop").calcium_below == {}


# Calcium dates


def test_calcium_dates_are_those_of_the_rules_with_the_lowest_day_of_the_forecast(her):
    plan, dose = injection_tests(her, "UK"), dt.date(2026, 9, 15)
    found = calcium_tests(plan, dose, 10, her.record_date)
    assert found[0].rules
    assert found[0].why == "before the injection"
    assert found[-1].date == dose + dt.timedelta(days=10)
    assert not found[-1].rules
    moved = calcium_tests(plan, dose + dt.timedelta(days=90), 10, her.record_date)
    assert moved[-1].date == found[-1].date + dt.timedelta(days=90)
    assert all(t.date >= her.record_date for t in (*found, *moved))


def test_a_test_of_the_rules_near_the_lowest_day_serves_for_it(her):
    ill = replace(her, facts=tuple(sorted([*her.facts, ("on_dialysis", True)])))
    found = calcium_tests(injection_tests(ill, "UK"), her.record_date, 13, her.record_date)
    near = [t for t in found if "lowest calcium" in t.why]
    assert len(near) == 1
    assert near[0].rules
    assert near[0].date == her.record_date + dt.timedelta(days=14)
    assert len(found) > 5


# The latest date


def test_a_smaller_loss_is_reached_earlier_and_every_date_lies_after_the_due_date(made, her):
    small = forecast(her, horizon="2 years", draws=60, loss_pct=1.0)
    one, three = (next(d for d in f.latest if d.key == "LS_BMD").time for f in (small, made))
    assert (one.limit, three.limit) == (1.0, 3.0)
    assert made.due <= one.early <= three.early
    assert one.median < three.median
    assert [d.key for d in made.latest] == ["LS_BMD", "LS_BMD", "CTX", "P1NP"]


def test_the_loss_of_a_delay_is_the_loss_on_the_day_of_the_next_dose(made):
    """So one forecast without a dose answers for every delay."""
    late, stop = (made.band(n, "LS_BMD_pct_change") for n in ("3 months late", "stop"))
    dose = next(s for s in made.strategies if s.name == "3 months late").doses[0].date
    at_dose = np.interp(dose.toordinal(), [d.toordinal() for d in stop.dates], stop.median)
    after = [v for d, v in zip(late.dates, late.median, strict=True) if d >= made.now]
    assert min(after) == pytest.approx(at_dose, abs=0.1)


def test_someone_who_never_had_denosumab_has_no_latest_date(her):
    naive = replace(her, doses=())
    assert latest_dates(history_of(naive), np.zeros(1), {}, np.ones(1, bool)) == ()


# The next test


def test_tests_are_offered_until_the_strategies_part(her):
    history = history_of(her)
    early = replace(her, record_date=her.record_date - dt.timedelta(days=120))
    before = history_of(early)
    ways = [
        place_strategy("on", parse_regimen("denosumab 60 mg every 6 months x 2"), h, YEAR_D)
        for h in (history, before)
    ]
    assert decision_day(history, ways[:1], YEAR_D) == history.today_d
    assert decision_day(before, ways[1:], YEAR_D) - before.today_d in (119, 120, 121)


def test_a_marker_tells_who_gains_from_which_of_two_plans():
    """Two made-up plans, each the better one for half of the people, whom CTX can tell apart."""
    history = history_of(read_patient("examples/late-dose.toml"))
    ctx = np.exp(np.random.default_rng(1).normal(-1.0, 0.5, 300))
    days = np.array([0.0, float(history.today_d)])
    columns = {
        "CTX": {"CTX_ng_mL": ("ng/mL", np.column_stack([ctx, ctx]))},
        "LS_BMD": {"LS_BMD_g_cm2": ("g/cm2", np.full((300, 2), 0.75))},
    }
    values = {"a": 20 + 30 * np.log(ctx), "b": np.full(300, -10.0)}
    aim = find_aim("vertebral")
    found = next_tests(history, history.today_d, days, columns, values, np.ones(300, bool), aim, 1)
    assert [t.key for t in found] == ["CTX", "LS_BMD"]
    assert found[0].worth.tells
    assert not found[1].worth.tells
    assert "most useful test before the decision is CTX" in measurement_sentence(found, aim)


# The search


def test_the_search_follows_what_the_rules_allow_and_says_what_they_forbid(made, her):
    found = made.search
    assert "DC-01" in found.forbidden["stop"]
    assert "stop" not in found.plans
    for name, plan in found.plans.items():
        assert check_strategy(name, parse_regimen(plan), her).outcome != "blocked"
    assert {r.option for r in found.ranking.ranks} == set(found.plans)
    said = search_sentence(found)
    assert found.ranking.first.option in said
    assert found.ranking.ranks[1].option in said
    assert f"Not possible by the care rules, {len(found.forbidden)}: " in said


def test_every_exit_leaves_two_years_of_the_forecast(her):
    history = history_of(her)
    assert not any("36 more" in name for name in exit_plans(history, 4.5 * YEAR_D))
    assert any("36 more" in name for name in exit_plans(history, 5 * YEAR_D))
    assert exit_plans(history_of(replace(her, doses=())), 5 * YEAR_D) == {}


def test_waits_that_are_over_make_one_plan(her):
    later = replace(her, record_date=her.record_date + dt.timedelta(days=120))
    names = {way.name for way in grid_of(later, history_of(later), 2 * YEAR_D).ways}
    exits = {n for n in names if n.startswith("zoledronate") and "twice" not in n}
    assert exits == {"zoledronate 6 months after the last dose, now"}


def test_poor_kidneys_forbid_zoledronate_in_the_search(her):
    record = read_patient("examples/late-dose.toml")
    ill = replace(
        her,
        measurements=tuple(
            replace(m, value=180.0, given="180 umol/L") for m in record.measured("creatinine")
        ),
    )
    grid = grid_of(ill, history_of(ill), 2 * YEAR_D)
    assert all("FZ-0" in why for name, why in grid.forbidden.items() if name.startswith("zoledronate"))
    assert not any(way.name.startswith("zoledronate") for way in grid.ways)


# Threads


def test_the_number_of_threads_can_be_set_and_nonsense_is_refused(monkeypatch):
    monkeypatch.setenv("BONECAST_THREADS", "3")
    assert usual_threads() == 3
    monkeypatch.setenv("BONECAST_THREADS", "many")
    with pytest.raises(InputError, match="BONECAST_THREADS"):
        usual_threads()
    monkeypatch.delenv("BONECAST_THREADS")
    assert usual_threads() >= 1


def test_the_search_tells_of_each_plan_how_far_it_is(made, report):
    shares = [share for share, _ in report]
    assert shares == sorted(shares)
    exits = [(share, what) for share, what in report if what.startswith("exit ")]
    assert len(exits) == len(made.search.plans)
    assert exits[0][1].startswith(f"exit 1 of {len(exits)}, ")
    steps = [later - earlier for (earlier, _), (later, _) in itertools.pairwise(exits)]
    assert min(steps) == pytest.approx(max(steps))
    assert len(exits) * steps[0] > 0.5  # most of the work


@pytest.mark.parametrize("code", ["en", "es", "de"])
def test_the_names_of_exits_are_taken_apart_in_each_language(code):
    history = history_of(read_patient("examples/late-dose.toml"))
    with speaking(code):
        plans = exit_plans(history, 5 * YEAR_D)
        cells = {name: cell for name in plans if (cell := exit_cell(name))}
        assert len(cells) == len(plans) - 2, "all but going on and stopping"
        assert {months for _, months in cells.values()} == {0, 6, 12, 24, 36}
        assert len({leaves for leaves, _ in cells.values()}) == 6
        assert (gettext(THROUGHOUT) in plans, gettext("stop") in plans) == (True, True)
        english = set(default_strategies(history, YEAR_D)) & {
            "on time",
            "3 months late",
            "switch to alendronate",
        }
        assert len(english) == (3 if code == "en" else 0)
