"""`bonecast.population` by name, by trial design and by table; posterior draws; visual predictive checks."""

from __future__ import annotations

import numpy as np
import pytest

import bonecast as bc
from bonecast.cohorts import cohort_of_table, draw_cohort
from bonecast.errors import InputError, UnknownName

MODEL, PLAN, LEVEL = "choi-2025", "denosumab 60 mg every 6 months x 2", "denosumab_ng_mL"
OWN = {
    "id": ["A", "B", "C"],
    "age": [60.0, 70.0, 80.0],
    "weight": [50.0, 65.0, 90.0],
    "CL": [0.003, 0.004, 0.005],
}


def test_the_people_of_a_trial_meet_its_criteria_and_its_table():
    women = bc.population("freedom", 400)
    of = women.covariates
    assert of["age"].min() >= 60
    assert of["age"].max() <= 90
    assert np.all((of["LS_T_score"] < -2.5) | (of["TH_T_score"] < -2.5))
    assert of["age"].mean() == pytest.approx(72.3, abs=1.0)
    assert of["LS_T_score"].mean() == pytest.approx(-2.8, abs=0.15)
    assert women.ids == bc.population("freedom", 500).ids[:400]


def test_a_population_is_drawn_in_one_call_as_in_two():
    one = bc.population("men", 5, MODEL, seed=7, eligible=["age >= 70"])
    two = bc.population("men").cohort(5, MODEL, 7, ["age >= 70"])
    assert one.ids == two.ids
    assert np.array_equal(one.parameters["CL"], two.parameters["CL"])


def test_each_row_of_a_table_is_a_person_with_all_that_it_says():
    people = bc.population(OWN, model=MODEL)
    assert people.ids == ["A", "B", "C"]
    assert people.parameters["CL"].tolist() == OWN["CL"]
    assert people.covariates["weight"].tolist() == OWN["weight"]
    assert people.random_effects
    assert "Vc" in people.parameters
    older = people.select(people.covariates["age"] >= 70)
    assert older.ids == ["B", "C"]
    assert older.parameters["CL"].tolist() == OWN["CL"][1:]
    assert older.parameters["Vc"].tolist() == people.parameters["Vc"][1:].tolist()


def test_people_drawn_from_a_table_keep_their_rows_whole():
    people = bc.population(OWN, 60, MODEL, seed=2)
    rows = dict(zip(OWN["weight"], OWN["CL"], strict=True))
    assert people.count == 60
    assert people.parameters["CL"].tolist() == [rows[w] for w in people.covariates["weight"].tolist()]
    assert set(people.covariates["weight"].tolist()) == set(OWN["weight"])
    assert len(set(people.ids)) == 60
    assert len(set(people.parameters["Vc"].tolist())) == 60


def test_a_file_gives_the_people_of_its_frame(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("ID,age,weight,CL\nA,60,50,0.003\nB,70,65,0.004\nC,80,90,0.005\n", encoding="utf-8")
    found = bc.population(path, model=MODEL)
    assert found.ids == ["A", "B", "C"]
    assert np.array_equal(found.parameters["Vc"], bc.population(OWN, model=MODEL).parameters["Vc"])


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ({"weight": [50.0, "heavy"]}, r"people, column weight, row 2: 'heavy' is not a finite number"),
        ({"weight": [50.0, None]}, r"column weight, row 2"),
        ({"weihgt": [50.0]}, "there is no column called 'weihgt'; did you mean weight"),
        ({"weight": []}, "there is no row"),
        ({"weight": [1.0], "age": [1.0, 2.0]}, "different lengths"),
    ],
)
def test_a_table_of_people_that_cannot_be_used_is_one_sentence(table, sentence):
    with pytest.raises(InputError, match=sentence):
        cohort_of_table(table, MODEL)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: bc.population("fredom", 10), "there is no population called 'fredom'; did you mean freedom"),
        (lambda: bc.population("freedom"), "say how many people"),
        (lambda: bc.population("men", 0), "0 is no number of people"),
        (lambda: bc.population("men", posterior=True), "say how many people"),
        (lambda: bc.population(5, 5), "neither a name nor a table"),
        (lambda: bc.population("men", 4, "choi-2025", posterior=True), "choi-2025 has no posterior"),
        (lambda: bc.population("men", 4).with_posterior(draws=3), "4 people cannot share 3 draws evenly"),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(call, sentence):
    with pytest.raises(InputError, match=sentence):
        call()


def test_posterior_draws_multiply_the_parameters_of_each_person_or_of_a_group():
    women = bc.population("postmenopausal-osteoporosis", 6)
    each, two = women.with_posterior(seed=3), women.with_posterior(seed=3, draws=2)
    name = women.model.posterior.names[0]
    assert len(set((each.parameter(name) / women.parameter(name)).round(12).tolist())) == 6
    assert len(set((two.parameter(name) / women.parameter(name)).round(12).tolist())) == 2
    assert each.random_effects is women.random_effects
    assert np.array_equal(bc.population("postmenopausal-osteoporosis", 6, seed=1, posterior=True).parameter(name),
                          women.with_posterior(1).parameter(name))  # fmt: skip


@pytest.fixture(scope="module")
def simulated():
    """A study of 20 people as it would be measured, and 600 people of the same model."""
    days = np.array([0.0, 14.0, 60.0, 180.0])
    truth = bc.simulate(MODEL, PLAN, people=20, times=days[1:], outputs=LEVEL, residual=True, seed=9)
    data = {"id": truth["id"], "time_d": truth["time_d"], "output": [LEVEL] * len(truth.times_d)}
    data["value"] = truth[f"{LEVEL}_observed"]
    return data, draw_cohort(bc.load_model(MODEL), 600, seed=1).simulate(PLAN, days)


def test_a_model_that_made_the_data_passes_and_another_fails(simulated):
    data, run = simulated
    check = run.vpc(data)
    assert check.studies == 30
    assert check.people == 20
    assert check.table().height == 3 * 3
    assert check.share_inside >= 7 / 9
    faster = run.cohort.with_parameters({"CL": 4 * run.cohort.parameter("CL")}).simulate(PLAN, run.days)
    assert faster.vpc(data).share_inside <= 3 / 9


def test_values_below_the_limit_count_as_low_without_a_number(simulated):
    data, run = simulated
    usual = run.vpc({**data, "lloq": [500.0] * len(data["value"])}).table()
    marked = run.vpc({**data, "lloq": [500.0] * len(data["value"]),
                      "value": np.where(np.array(data["value"]) < 500.0, 0.0, data["value"])}).table()  # fmt: skip
    assert usual.equals(marked)
    assert usual["observed"].min() >= 500.0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"time_d": [4000.0] * 60}, r"vpc, row 1, column time_d: day 4000 was not simulated"),
        ({"value": ["x"] * 60}, r"vpc, row 1, column value: it is no number"),
        ({"output": ["CTX"] * 60}, "there is no output called 'CTX'"),
        ({"id": [str(i) for i in range(60)]}, r"600 people make 10 studies of the 60 who were observed"),
    ],
)
def test_data_that_cannot_be_compared_are_one_sentence(change, sentence, simulated):
    data, run = simulated
    with pytest.raises(InputError, match=sentence):
        run.vpc({**data, **change})


def test_a_check_is_drawn_and_shown(simulated):
    data, run = simulated
    check = run.vpc(data)
    assert "observed quantiles lie" in check._repr_html_()
    assert "Denosumab" in str(check.plot().to_dict()["vconcat"])


def test_an_unknown_level_of_a_check_is_refused(simulated):
    data, run = simulated
    with pytest.raises(InputError, match="does not lie between 0 and 1"):
        run.vpc(data, levels=[50])
    with pytest.raises(UnknownName):
        bc.population("nobody", 3)
