"""The update of one person: identity without measurements, reproducibility, conflicts, scanners, bounds."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from bonecast.cohorts import draw_baselines, draw_cohort, person_facts, person_parameters
from bonecast.engine.streams import normals
from bonecast.inference import condition
from bonecast.inference.likelihood import history_likelihood
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.records import GivenDose, Measurement, Patient
from bonecast.regimens import history_of

pytestmark = pytest.mark.slow

MODEL = load_model("bonecast-1")
DRAWS = 500


def _update(patient: Patient, seed: int = 1, draws: int = DRAWS, uncertain: bool = False):
    history = history_of(patient)
    return condition(
        patient, MODEL, history, person_facts(patient, history.zero), draws, seed, uncertain=uncertain
    )


def _measured(test: str, number: float, date: dt.date, below: bool = False, **more) -> Measurement:
    unit = {"CTX": "ng/mL", "P1NP": "ug/L", "BMD": "g/cm2"}[test]
    site = more.pop("site", None)
    return Measurement(test, site, number, unit, below, date, f"{number:g} {unit}", **more)


ZERO = dt.date(2024, 3, 1)
BARE = Patient(
    "A",
    "female",
    dt.date(1954, 1, 1),
    dt.date(2025, 8, 20),
    62.0,
    doses=tuple(GivenDose("denosumab", 60.0, "mg", ZERO + dt.timedelta(days=d)) for d in (0, 183, 366)),
)
BEFORE, LATER, LAST = ZERO - dt.timedelta(days=5), ZERO + dt.timedelta(days=180), dt.date(2025, 8, 18)
FITTING = (
    _measured("CTX", 0.5, BEFORE),
    _measured("CTX", 0.16, LATER),
    _measured("P1NP", 55.0, BEFORE),
    _measured("BMD", 0.80, BEFORE, site="lumbar spine", scanner="Hologic"),
    _measured("BMD", 0.84, LAST, site="lumbar spine", scanner="Hologic"),
)
HER = replace(BARE, measurements=FITTING)


@pytest.fixture(scope="module")
def known():
    return _update(HER)


@pytest.mark.parametrize("uncertain", [False, True])
def test_without_a_measurement_the_people_are_those_of_the_population_bit_for_bit(uncertain):
    found = _update(BARE, draws=60, uncertain=uncertain)
    expected = draw_cohort(
        MODEL, 60, 1, person_parameters(MODEL, person_facts(BARE, history_of(BARE).zero))
    ).parameters
    if uncertain:
        for name, factors in MODEL.posterior.draw(60, 1).items():
            expected[name] = expected.get(name, MODEL.system.parameters[name]) * factors
    assert set(found.people) == set(expected)
    assert all(np.array_equal(found.people[name], expected[name]) for name in expected)
    levels = draw_baselines(60, 1)
    assert all(np.array_equal(found.levels[key], levels[key]) for key in levels)
    assert found.diagnostics.count == 0


def test_the_same_seed_gives_the_same_people_in_whatever_order_the_record_stands(known):
    again = _update(replace(HER, measurements=FITTING[::-1]))
    assert all(np.array_equal(again.people[name], known.people[name]) for name in known.people)
    assert all(np.array_equal(again.levels[key], known.levels[key]) for key in known.levels)
    other = _update(HER, seed=2)
    assert not np.array_equal(other.people["turnover"], known.people["turnover"])
    assert np.median(other.levels["CTX"]) == pytest.approx(np.median(known.levels["CTX"]), rel=0.06)


def test_levels_move_to_the_measured_ones_and_become_sure(known):
    prior = draw_baselines(DRAWS, 1)["CTX"]
    assert np.median(known.levels["CTX"]) == pytest.approx(0.5, rel=0.15)
    assert np.log(known.levels["CTX"]).std() < 0.5 * np.log(prior).std()
    assert known.levels["LS_BMD"].mean() == pytest.approx(0.80, abs=0.01)
    assert known.notes == ()
    assert not any(one.outlier for one in known.diagnostics.measurements)


def test_the_cloud_finds_what_weighing_many_people_finds(known):
    history = history_of(HER)
    posed = history_likelihood(HER, MODEL, history, person_facts(HER, history.zero), uncertain=False)
    state = np.concatenate([posed.prior.draw(4000, seed) for seed in (11, 12)], axis=1)
    logs, _, _ = posed.evaluate(state)
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    assert 1 / np.sum(weights**2) > 150
    levels, people = posed.prior.levels(state), posed.prior.people(state)
    for name, values, of in (
        ("CTX", levels["CTX"], known.levels),
        ("P1NP", levels["P1NP"], known.levels),
        ("turnover", people["turnover"], known.people),
        ("KL", people["KL"], known.people),
    ):
        mean = np.sum(weights * np.log(values))
        sd = np.sqrt(np.sum(weights * (np.log(values) - mean) ** 2))
        found = np.log(of[name])
        assert found.mean() == pytest.approx(mean, abs=0.3 * sd), name
        assert found.std() == pytest.approx(sd, rel=0.25), name
    top = logs.max() + np.log(np.mean(np.exp(logs - logs.max())))
    assert known.diagnostics.course.log_evidence == pytest.approx(top, abs=0.5)


def test_a_wild_value_is_named_and_weighs_little(known):
    wild = _measured("CTX", 4.0, ZERO + dt.timedelta(days=190))
    found = _update(replace(HER, measurements=(*FITTING, wild)))
    odd = next(one for one in found.diagnostics.measurements if one.observation.value == 4.0)
    assert odd.outlier
    assert odd.outlier_probability > 0.9
    assert [one.outlier for one in found.diagnostics.measurements].count(True) == 1
    assert any("CTX of 2024-09-07 (4 ng/mL)" in note and "weighs little" in note for note in found.notes)
    assert np.median(found.levels["CTX"]) == pytest.approx(np.median(known.levels["CTX"]), rel=0.12)


def test_two_scans_that_cannot_both_be_right_are_said_to_conflict():
    low = _measured("BMD", 0.66, LAST - dt.timedelta(days=3), site="lumbar spine", scanner="Hologic")
    found = _update(replace(HER, measurements=(*FITTING, low)))
    assert any("lumbar spine BMD of" in note and "is shown" in note for note in found.notes)


def test_a_bound_pulls_down_and_only_as_far_as_it_must(known):
    bound = _measured("CTX", 0.049, LATER, below=True)
    value = _measured("CTX", 0.049, LATER)
    others = (FITTING[0], *FITTING[2:])
    below, at = (_update(replace(BARE, measurements=(*others, m))) for m in (bound, value))
    after = [
        next(one.after[1] for one in of.diagnostics.measurements if one.observation.day == 180)
        for of in (known, at, below)
    ]
    assert after[0] > after[1] > after[2]
    assert after[2] < 0.06


def test_another_scanner_leaves_the_change_less_sure():
    moved = replace(FITTING[4], scanner="Lunar", value=0.84 * 1.182 / 1.047, given="0.948 g/cm2")
    found = _update(replace(HER, measurements=(*FITTING[:4], moved)))
    same = _update(HER)
    ends = [
        next(one.after for one in of.diagnostics.measurements if one.observation.day > 400)
        for of in (found, same)
    ]
    assert ends[0][1] / ends[1][1] == pytest.approx(1.182 / 1.047, abs=0.02)
    assert ends[0][2] - ends[0][0] > 1.2 * (ends[1][2] - ends[1][0])
    assert not any(one.outlier for one in found.diagnostics.measurements)


def test_more_scans_make_the_level_surer(known):
    many = [replace(FITTING[3], date=BEFORE - dt.timedelta(days=d)) for d in (1, 2, 3)]
    found = _update(replace(HER, measurements=(*FITTING, *many)))
    assert found.levels["LS_BMD"].std() < 0.75 * known.levels["LS_BMD"].std()


def test_scans_of_the_radius_are_learned_from():
    radius = [
        _measured("BMD", number, date, site="one-third radius", scanner="Hologic")
        for number, date in ((0.60, BEFORE), (0.54, LAST))
    ]
    found = _update(replace(BARE, measurements=tuple(radius)))
    assert [o.key for o in found.observations] == ["R13_BMD", "R13_BMD"]
    assert found.levels["R13_BMD"].mean() == pytest.approx(0.57, abs=0.02)
    # a loss of 10 % where a gain was expected moves the person's own drift at the radius
    assert np.median(found.people["driftR13"]) < np.median(found.prior_people["driftR13"])


def test_kidney_function_is_taken_as_measured_with_an_error():
    ill = Measurement("eGFR", None, 40.0, "mL/min/1.73m2", False, LAST, "40")
    found = _update(replace(BARE, measurements=(ill,)), draws=400)
    assert np.log(found.people["GFR"] / 40).std() == pytest.approx(0.15, rel=0.12)
    expected = 40 * np.exp(0.15 * normals(1, "measured eGFR", 0, 400))
    np.testing.assert_allclose(found.people["GFR"], expected)


def test_a_history_that_the_model_cannot_follow_teaches_nothing():
    record = replace(HER, doses=(*HER.doses, GivenDose("romosozumab", 210.0, "mg", dt.date(2025, 7, 1))))
    model, history = load_model("peterson-riggs-2010"), history_of(record)
    found = condition(record, model, history, {}, 30, 1)
    assert found.observations == ()
    assert np.array_equal(found.people["CL"], draw_cohort(model, 30, 1).parameters["CL"])


def test_a_person_who_was_never_treated_learns_levels_from_today():
    naive = replace(HER, doses=(), measurements=FITTING[:1])
    found = _update(naive)
    assert np.median(found.levels["CTX"]) == pytest.approx(0.47, abs=0.06)


def test_draws_of_the_example_are_equal_in_number_and_finite():
    found = _update(read_patient("examples/late-dose.toml"), draws=40, uncertain=True)
    assert all(
        v.shape == (40,) and np.isfinite(v).all() for v in (*found.people.values(), *found.levels.values())
    )


def test_what_a_measurement_adds_is_the_likelihood_with_it_less_that_without_it():
    history = history_of(HER)
    facts = person_facts(HER, history.zero)
    posed = history_likelihood(HER, MODEL, history, facts, uncertain=False)
    state = posed.prior.draw(50, 3)
    logs, seen, _ = posed.evaluate(state)
    levels, evidence = posed.prior.levels(state), posed.evidence
    assert len(evidence.observations) == len(FITTING)
    for out in range(len(evidence.observations)):
        kept = [i for i in range(len(evidence.observations)) if i != out]
        fewer = tuple(evidence.observations[i].measurement for i in kept)
        without = history_likelihood(
            replace(HER, measurements=fewer), MODEL, history, facts, uncertain=False
        ).evidence
        assert [o.measurement for o in without.observations] == list(fewer)
        expected = logs - without.log_likelihood(seen[:, kept], levels)
        np.testing.assert_allclose(evidence.share_of(frozenset({out}), seen, levels), expected, atol=1e-9)
