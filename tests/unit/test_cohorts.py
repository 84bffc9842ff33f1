"""Cohorts: what belongs to a person stays with the person, and one runner follows people under a regimen."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import bonecast as bc
import bonecast.cohorts as room
from bonecast.cohorts import Cohort, Eligibility, Trajectories, draw_cohort, population, simulate
from bonecast.engine import SetParameter
from bonecast.errors import ComputeError, InputError, UnknownName, UnsupportedDrug
from bonecast.models import load_model
from bonecast.regimens import dose_events, parse_regimen

MODEL = load_model("bonecast-1")
SMALL = load_model("choi-2025")
CANDIDATES = population("postmenopausal-women").draw(1, 0, 6000)
EVERYBODY = Cohort.of(MODEL, CANDIDATES)
SELECTIONS = {
    "every second": np.arange(0, 6000, 2),
    "the eligible": Eligibility.of(["age >= 60", "LS_T_score < -1"]).holds(CANDIDATES),
    "a range of T-scores": (CANDIDATES["TH_T_score"] > -2) & (CANDIDATES["TH_T_score"] < -1),
    "those with high CTX": CANDIDATES["CTX_ng_mL"] > 0.5,
    "in another order": np.random.default_rng(1).permutation(6000)[:3000],
}
REGIMEN = "denosumab 60 mg every 6 months x 2"
OUTPUTS = ["LS_BMD_pct_change", "denosumab_ng_mL"]


def turnover_with_ctx(cohort: Cohort) -> float:
    ctx = np.log(cohort.covariates["CTX_ng_mL"])
    return float(np.corrcoef(ctx, cohort.random_effects["turnover"])[0, 1])


def same_people(a: Cohort, b: Cohort) -> bool:
    assert set(a.parameters) == set(b.parameters)
    assert set(a.random_effects) == set(b.random_effects)
    return a.ids == b.ids and all(
        np.array_equal(mine[name], theirs[name])
        for mine, theirs in (
            (a.parameters, b.parameters),
            (a.random_effects, b.random_effects),
            (a.covariates, b.covariates),
        )
        for name in mine
    )


@pytest.mark.parametrize("who", SELECTIONS.values(), ids=SELECTIONS)
def test_people_selected_before_and_after_they_get_parameters_are_the_same_people(who):
    before, after = Cohort.of(MODEL, CANDIDATES.select(who)), EVERYBODY.select(who)
    assert same_people(before, after)
    ctx, eta = CANDIDATES["CTX_ng_mL"][who], EVERYBODY.random_effects["turnover"][who]
    assert turnover_with_ctx(before) == np.corrcoef(np.log(ctx), eta)[0, 1]


def test_turnover_goes_with_ctx_in_all_candidates_and_in_those_selected():
    assert turnover_with_ctx(EVERYBODY) == pytest.approx(0.51, abs=0.01)
    for name in ("every second", "the eligible", "in another order"):
        assert turnover_with_ctx(EVERYBODY.select(SELECTIONS[name])) == pytest.approx(0.5, abs=0.03), name


def test_a_parameter_is_what_the_random_effect_of_the_same_person_makes_of_it():
    selected = Cohort.of(MODEL, CANDIDATES.select(SELECTIONS["the eligible"]))
    eta = selected.random_effects["turnover"]
    assert np.array_equal(selected.parameters["turnover"], MODEL.system.parameters["turnover"] * np.exp(eta))
    assert np.array_equal(selected.parameters["age"], selected.covariates["age"])


def test_a_person_is_the_same_however_many_are_drawn_and_who_else_is_eligible():
    few, many = (population("men").cohort(n, MODEL, seed=3) for n in (50, 3000))
    assert same_people(few, many.select(np.arange(50)))
    old = population("men").cohort(200, MODEL, seed=3, eligible=["age >= 70"])
    assert same_people(old, many.select(many.covariates["age"] >= 70).select(np.arange(200)))


def test_people_asked_for_by_number_are_those_of_the_whole():
    numbers = np.array([5000, 3, 1023, 1024, 3])
    assert np.array_equal(
        draw_cohort(SMALL, numbers, seed=1).parameters["CL"],
        draw_cohort(SMALL, 5001, seed=1).parameters["CL"][numbers],
    )


def test_nobody_is_a_cohort_too():
    nobody = EVERYBODY.select(np.zeros(6000, bool))
    assert nobody.count == 0
    assert Cohort.of(MODEL, CANDIDATES.select(np.array([], int))).count == 0


def test_a_population_of_whom_nobody_is_eligible_is_refused():
    with pytest.raises(InputError, match="0 are eligible"):
        population("men").cohort(1, SMALL, eligible=["age < 41", "age > 89"])


def test_a_cohort_with_a_value_for_other_people_is_refused():
    with pytest.raises(InputError, match="cohort, CL: it is given for 2 people, and there are 3"):
        Cohort(SMALL, np.arange(3), {"CL": np.ones(2)})
    with pytest.raises(InputError, match="covariates: it is given for 6,000 people"):
        Cohort(SMALL, np.arange(3), {}, covariates=CANDIDATES)
    with pytest.raises(InputError, match="there are none"):
        Cohort.of_parameters(SMALL, {})


def test_two_hundred_women_under_two_regimens_take_five_lines():
    women = bc.population("postmenopausal-osteoporosis").cohort(200, "choi-2025")
    treated = women.simulate("denosumab 60 mg every 6 months x 4")
    stopped = women.simulate("denosumab 60 mg every 6 months x 2, then nothing for 1 year")
    gain = treated.at("LS_BMD_pct_change", 728.0) - stopped.at("LS_BMD_pct_change", 728.0)
    assert gain.shape == (200,)
    assert gain.min() > 0
    assert treated.table().columns == ["id", "time_d", *treated.outputs]
    assert treated.table().height == 200 * len(treated.days)


def test_the_trajectories_of_people_selected_are_theirs():
    cohort = population("men").cohort(40, SMALL)
    who = np.array([30, 2, 17, 8, 9])
    everybody = simulate(cohort, REGIMEN, outputs=OUTPUTS)
    some = simulate(cohort.select(who), REGIMEN, outputs=OUTPUTS)
    chosen = everybody.select(who)
    assert chosen.cohort.ids == some.cohort.ids
    for output in OUTPUTS:
        assert np.allclose(some[output], chosen[output], rtol=1e-9)


def test_a_regimen_is_the_same_as_text_read_as_doses_and_as_events():
    cohort, days, plan = draw_cohort(SMALL, 5, seed=1), [0.0, 100.0, 300.0], parse_regimen(REGIMEN)
    runs = [
        simulate(cohort, regimen, days, OUTPUTS)
        for regimen in (REGIMEN, plan, plan.doses, dose_events(SMALL, plan.doses))
    ]
    assert len(runs) == 4
    for run in runs[1:]:
        for name in OUTPUTS:
            assert np.array_equal(run[name], runs[0][name])


def test_each_person_may_have_events_of_their_own():
    cohort = draw_cohort(SMALL, 5, seed=1)
    doses = dose_events(SMALL, parse_regimen(REGIMEN).doses)
    run = simulate(cohort, [doses, [], doses[:1], [], doses], [0.0, 300.0], OUTPUTS)
    level = run.at("denosumab_ng_mL", 300.0)
    assert level[0] > level[2] > level[1] == level[3] == 0.0


def test_a_parameter_may_change_on_the_way():
    cohort, per_day = draw_cohort(SMALL, 5, seed=1), SMALL.system.per_day
    doses = dose_events(SMALL, parse_regimen("denosumab 60 mg once").doses)
    change = SetParameter(50.0 * per_day, "weight", 10 * SMALL.system.parameters["weight"])
    usual, faster = (
        simulate(cohort, events, [0.0, 50.0, 90.0], OUTPUTS) for events in (doses, [*doses, change])
    )
    assert np.allclose(faster.at(OUTPUTS[1], 50.0), usual.at(OUTPUTS[1], 50.0), rtol=1e-3)
    assert (faster.at(OUTPUTS[1], 90.0) < usual.at(OUTPUTS[1], 90.0)).all()


def test_a_run_that_goes_on_from_its_end_is_the_whole_run():
    cohort, doses = draw_cohort(SMALL, 8, seed=1), parse_regimen(REGIMEN).doses
    whole = simulate(cohort, doses, [0.0, 200.0, 365.0], OUTPUTS, rtol=1e-8)
    past = simulate(cohort, doses, [0.0, 200.0], OUTPUTS, rtol=1e-8)
    future = simulate(cohort, doses, [365.0], OUTPUTS, begin=past.end, rtol=1e-8)
    for output in OUTPUTS:
        assert future[output][:, 0] == pytest.approx(whole[output][:, 2], rel=1e-5)


def test_a_run_that_starts_before_day_0_counts_its_days_and_doses_from_there():
    cohort, doses = draw_cohort(SMALL, 5, seed=1), parse_regimen(REGIMEN).doses
    run = simulate(cohort, doses, [-30.0, 0.0, 10.0], OUTPUTS, start_d=30.0)
    usual = simulate(cohort, doses, [0.0, 10.0], OUTPUTS)
    assert run.at("denosumab_ng_mL", 10.0) == pytest.approx(usual.at("denosumab_ng_mL", 10.0), rel=1e-3)
    assert (run.at("denosumab_ng_mL", -30.0) == 0).all()


def test_people_who_do_not_differ_are_as_many_as_they_are():
    run = simulate(Cohort(SMALL, np.arange(3), {}), REGIMEN, [0.0, 300.0], OUTPUTS)
    assert run["LS_BMD_pct_change"].shape == (3, 2)
    assert len(set(run.at("LS_BMD_pct_change", 300.0))) == 1


def test_who_cannot_be_followed_is_named_and_left_out_of_quantiles():
    cohort = draw_cohort(SMALL, 6, seed=1)
    broken = cohort.with_parameters({"Vc": cohort.parameters["Vc"] * np.array([0, 1, 1, 1, 1, 1])})
    run = simulate(broken, REGIMEN, outputs=OUTPUTS)
    assert run.succeeded.tolist() == [False] + [True] * 5
    assert "1 of 6 runs" in run.failures[0]
    assert run.require_success() is run
    assert not run.quantiles("LS_BMD_pct_change").select(pl.all().is_nan().any()).row(0)[1]
    assert run.table()["LS_BMD_pct_change"].null_count() == len(run.days)
    with pytest.raises(ComputeError, match="her: 1 of 1 runs"):
        simulate(broken.select([0]), REGIMEN, outputs=OUTPUTS).require_success("her")


def test_quantiles_are_those_of_the_people_day_by_day():
    values = np.array([[0.0, 1.0], [10.0, 3.0], [20.0, 5.0]])
    run = Trajectories(Cohort(SMALL, np.arange(3), {}), np.array([0.0, 7.0]), {"x": values}, np.ones(3, bool))
    assert run.quantiles("x", (0.025, 0.5)).to_dict(as_series=False) == {
        "time_d": [0.0, 7.0],
        "p2.5": [0.5, 1.1],
        "p50": [10.0, 3.0],
    }
    without = replace(run, succeeded=np.array([True, False, False]))
    assert without.quantiles("x", (0.5,))["p50"].to_list() == [0.0, 1.0]


def test_wrong_requests_say_what_is_wrong():
    cohort = draw_cohort(SMALL, 2, seed=1)
    with pytest.raises(UnsupportedDrug, match="romosozumab"):
        cohort.simulate("romosozumab 210 mg monthly x 2")
    with pytest.raises(InputError, match="this cohort has no history"):
        cohort.simulate("6 months after the last dose denosumab 60 mg once")
    with pytest.raises(InputError, match="give the days"):
        simulate(cohort, parse_regimen(REGIMEN).doses)
    with pytest.raises(UnknownName, match="LS_BMD_pct_change"):
        cohort.simulate(REGIMEN, [0.0])["LS_BMD_pct"]


def test_the_table_of_a_cohort_names_covariates_parameters_and_etas():
    table = population("men").cohort(3, SMALL).table()
    assert table.columns[:2] == ["id", "age"]
    assert {"parameter CL", "eta CL", "CTX_ng_mL"} <= set(table.columns)
    assert table.height == 3


def test_people_are_followed_by_one_runner_and_only_the_benchmark_and_event_tables_call_the_engine_themselves():
    source = Path(bc.__file__).parent
    callers = {
        path.relative_to(source).parts[0]
        for path in source.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bonecast.engine")
        if {"simulate", "stream"} & {alias.name for alias in node.names}
    }
    # simulation: rows of an event table have times of their own for each person, which no cohort's grid of days has;
    # interop: a model that is written as SBML starts from its states at the end of the run-in, and is of nobody
    assert callers == {"engine", "cohorts", "bench", "simulation", "interop"}


@pytest.mark.parametrize("name", [n for n in room.__all__ if callable(getattr(room, n))])
def test_everything_that_the_room_exports_is_documented_in_sections(name):
    shown = getattr(room, name)
    if not (inspect.isclass(shown) or inspect.isfunction(inspect.unwrap(shown))):
        return  # names of types
    document = inspect.getdoc(shown) or ""
    names = {n for n in inspect.signature(shown).parameters if not n.startswith("_")}
    section = document.partition("Parameters\n----------\n")[2].partition("\n---")[0]
    described = re.findall(r"^(\w+(?:, \w+)*)(?: : .+)?$", section, re.MULTILINE)
    assert names - {"args", "kwargs", "found"} <= {n for line in described for n in line.split(", ")}
    if inspect.isfunction(inspect.unwrap(shown)):
        assert "Returns\n-------\n" in document
