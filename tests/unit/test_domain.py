"""Who and what gets no forecast, which drug has been studied after which, and where a forecast is stretched."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bonecast.errors import InputError
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.domain import check_person, check_plans
from bonecast.forecasts.sequences import changes, sequences
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.records import GivenDose, Patient
from bonecast.regimens import history_of, parse_regimen
from bonecast.reports.notes import extrapolations

HER = read_patient("examples/late-dose.toml")
MODEL = load_model("bonecast-1")


def _with(**facts) -> Patient:
    return replace(HER, facts=tuple(sorted({**dict(HER.facts), **facts}.items())))


def _plans(**texts) -> dict:
    return {name: parse_regimen(text) for name, text in texts.items()}


def test_a_usual_person_passes():
    assert check_person(HER, {"eGFR": 75.0, "LS T-score": -2.8}) is None
    assert check_plans(HER, history_of(HER), _plans(stop="nothing for 1 year")) is None


@pytest.mark.parametrize(
    ("patient", "facts", "said"),
    [
        (replace(HER, birth_date=dt.date(2015, 1, 1)), {}, "under 18"),
        (_with(pregnancy_status="pregnant"), {}, "pregnan"),
        (HER, {"eGFR": 2.5}, "eGFR of 2.5"),
        (HER, {"TH T-score": -6.4}, r"T-score of -6.4 \(TH\)"),
    ],
)
def test_outside_what_the_models_know_there_is_no_forecast(patient, facts, said):
    with pytest.raises(InputError, match=said) as caught:
        check_person(patient, facts)
    assert caught.value.hint


@pytest.mark.parametrize("facts", [{"n_bone_mets": 2}, {"metastatic": True}, {"indication": "BONE_METS"}])
def test_metastatic_disease_is_not_answered_with_the_regimen_of_osteoporosis(facts):
    ill = _with(**facts)
    with pytest.raises(InputError, match="strategy on: the record says metastatic"):
        check_plans(ill, history_of(ill), _plans(on="denosumab 60 mg every 6 months x 2"))
    check_plans(ill, history_of(ill), _plans(on="denosumab 120 mg every 4 weeks x 12"))


def test_no_metastases_counted_is_no_metastatic_disease():
    well = _with(n_bone_mets=0, metastatic=False)
    assert check_plans(well, history_of(well), _plans(on="denosumab 60 mg every 6 months x 2")) is None


def test_a_drug_after_another_of_which_nothing_is_known_is_refused_by_name():
    odd = _plans(odd="raloxifene 60 mg daily for 6 months, then abaloparatide 80 ug daily for 6 months")
    with pytest.raises(InputError, match="odd: no evidence is known here for abaloparatide after raloxifene"):
        check_plans(HER, history_of(HER), odd)


def test_changes_follow_the_steps_and_leave_out_what_goes_on_or_beside():
    plan = parse_regimen(
        "denosumab 60 mg once with calcium 500 mg daily for 6 months, then nothing for 1 year,"
        " then zoledronate 5 mg once, then alendronate 70 mg weekly for 1 year"
    )
    assert list(changes(plan, history_of(HER))) == [
        ("denosumab", "zoledronate"),
        ("zoledronate", "alendronate"),
    ]


def test_a_drug_that_is_added_to_another_is_no_sequence():
    plan = parse_regimen("teriparatide 20 ug daily for 1 year with denosumab 60 mg every 6 months x 2")
    assert list(changes(plan, history_of(HER))) == []


def test_the_table_names_a_source_and_a_mark_for_each_sequence():
    rows = sequences()
    assert rows["denosumab", "teriparatide"].evidence == "randomised"
    assert ("raloxifene", "abaloparatide") not in rows
    assert all(row.source and row.mark for row in rows.values())


def test_every_strategy_that_is_offered_has_evidence_or_says_that_it_is_inferred():
    given = GivenDose("alendronate", 70.0, "mg", dt.date(2026, 9, 1))
    naive, switched = replace(HER, doses=()), replace(HER, doses=(given,))
    for patient in (HER, naive, switched):
        history = history_of(patient)
        ways = default_strategies(history, 5 * 365.25, every=True)
        plans = {name: parse_regimen(text) for name, text in ways.items()}
        check_plans(patient, history, plans)
        assert all(set(plan.drugs) <= set(MODEL.drugs) for plan in plans.values())
        usual = default_strategies(history, 5 * 365.25)
        assert set(usual) <= set(ways)
        assert 2 <= len(usual) <= 6


def test_a_value_beyond_its_card_and_an_expert_sequence_are_said():
    history = history_of(HER)
    answer = list(
        extrapolations(
            HER, MODEL, history, {"vitamin D": 300.0, "age": 71.0}, _plans(a="alendronate 70 mg weekly x 9")
        )
    )
    assert answer[0].startswith("Vitamin D 300 lies outside 5 to 250")
    assert "Alendronate after denosumab is advised by experts" in answer[1]
    assert len(answer) == 2


def test_a_planned_pregnancy_is_said():
    answer = " ".join(extrapolations(_with(pregnancy_status="planning"), MODEL, history_of(HER), {}, {}))
    assert "nothing of pregnancy" in answer
