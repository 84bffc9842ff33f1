"""Denosumab 120 mg as its own path, and the risk of a low calcium: published rates where no model may give a number."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from bonecast.cohorts import person_facts
from bonecast.engine import simulate
from bonecast.errors import InputError
from bonecast.forecasts import default_strategies, forecast
from bonecast.forecasts.oncology import indication_120
from bonecast.forecasts.search import grid_of
from bonecast.interop import read_patient
from bonecast.models import load_model
from bonecast.outcomes import published_rates
from bonecast.outcomes.published_rates import all_rates
from bonecast.records import GivenDose, Measurement, Patient
from bonecast.regimens import dose_events, history_of, parse_regimen
from bonecast.reports import as_json, content, render

pytestmark = pytest.mark.slow

YEAR_D = 365.25
ASKED = {"horizon": "2 years", "draws": 6}


@pytest.fixture(scope="module")
def her() -> Patient:
    """Without most measurements, so that the forecast is that of the population, and quick."""
    record = read_patient("examples/late-dose.toml")
    kept = tuple(
        m for m in record.measurements if m.test in ("calcium", "corrected calcium", "albumin", "creatinine")
    )
    return replace(record, measurements=kept)


def with_facts(person: Patient, **added) -> Patient:
    return replace(person, facts=tuple(sorted({**dict(person.facts), **added}.items())))


def given(person: Patient, *days: int, mg: float = 120.0) -> Patient:
    doses = (GivenDose("denosumab", mg, "mg", person.record_date - dt.timedelta(days=d)) for d in days)
    return replace(person, doses=tuple(doses))


@pytest.fixture(scope="module")
def breast(her):
    return with_facts(given(her, 84, 56, 28), indication="BONE_METS", primary_tumour="breast")


@pytest.fixture(scope="module")
def made(breast):
    return forecast(breast, **ASKED, late=True)


# Whose denosumab is 120 mg


@pytest.mark.parametrize("indication", ["BONE_METS", "MYELOMA", "GCTB", "HCM"])
def test_the_indication_decides_even_where_60_mg_was_given(her, indication):
    person = with_facts(her, indication=indication)
    assert indication_120(person, history_of(person)) == indication


@pytest.mark.parametrize(("mg", "on_120"), [(60.0, False), (119.0, False), (120.0, True)])
def test_the_dose_in_use_decides_where_the_indication_is_another(her, mg, on_120):
    person = given(her, 28, mg=mg)
    assert (indication_120(person, history_of(person)) is not None) == on_120


def test_castration_sensitive_metastases_keep_60_mg_and_the_rules_judge(her):
    men = with_facts(her, indication="ADT", metastatic=True)
    history = history_of(men)
    assert indication_120(men, history) == "BONE_METS"
    assert indication_120(with_facts(men, castration_resistant=False), history) is None
    assert indication_120(with_facts(men, castration_resistant=True), history) == "BONE_METS"


# Strategies by indication


def test_strategies_of_bone_metastases_are_every_4_or_12_weeks_and_stops_with_and_without_zoledronate(made):
    assert [s.name for s in made.strategies] + [b.name for b in made.blocked] == [
        "every 4 weeks",
        "every 12 weeks",
        "stop, then zoledronate 4 mg once",
        "stop",
    ]


def test_no_strategy_of_120_mg_gives_60_mg_or_an_osteoporosis_tablet(her):
    for indication in ("BONE_METS", "MYELOMA", "GCTB", "HCM", "120 mg"):
        for person in (replace(her, doses=()), given(her, 28)):
            plans = default_strategies(history_of(person), 5 * YEAR_D, every=True, indication=indication)
            assert plans
            for plan in plans.values():
                doses = parse_regimen(plan).doses
                assert {(d.drug, d.amount) for d in doses} <= {("denosumab", 120.0), ("zoledronate", 4.0)}


@pytest.mark.parametrize(
    ("before", "ahead"),
    [((), (0, 7, 14, 28, 56)), ((7,), (0, 7, 21, 49)), ((14, 7), (0, 14, 42)), ((21, 14, 7), (7, 35))],
)
@pytest.mark.parametrize("indication", ["GCTB", "HCM"])
def test_the_loading_of_days_8_and_15_is_given_or_completed(her, indication, before, ahead):
    person = with_facts(given(her, *before), indication=indication)
    made = forecast(person, horizon="70 days", draws=2)
    first = made.strategies[0]
    days = [(dose.date - person.record_date).days for dose in first.doses]
    assert days[: len(ahead)] == list(ahead)


def test_there_is_no_longer_interval_without_evidence_for_it(her):
    history = history_of(given(her, 28))
    assert "every 12 weeks" not in default_strategies(history, YEAR_D, indication="GCTB")
    assert "every 12 weeks" in default_strategies(history, YEAR_D, indication="MYELOMA")


def test_a_named_60_mg_is_refused_and_no_exit_of_60_mg_is_searched(breast):
    with pytest.raises(InputError, match="60 mg"):
        forecast(breast, {"on time": "denosumab 60 mg every 6 months x 4"}, **ASKED)
    assert grid_of(breast, history_of(breast), 5 * YEAR_D).ways == ()


# What the forecast gives, and what it does not


def test_resorption_is_shown_on_treatment_and_the_rest_is_withheld_with_the_reason(made):
    assert {b.endpoint.key for b in made.bands["every 4 weeks"].values()} == {"CTX", "denosumab"}
    assert made.bands["stop"] == {}
    reasons = {g.endpoint.key: g.reason for g in made.gaps if g.strategy == "every 4 weeks"}
    assert "calibrated to 60 mg" in reasons["LS_BMD"]
    assert "published rates" in reasons["calcium"]


def test_the_fall_of_resorption_at_120_mg_agrees_with_the_published_one():
    """Urinary NTX fell by 80 % within a week and stayed there at 3 months (2,075 people); CTX stands for it."""
    model = load_model("bonecast-1")
    events = dose_events(model, parse_regimen("denosumab 120 mg every 4 weeks x 4").doses)
    runs = simulate(model.system, events, np.array([7.0, 91.0]) * model.system.per_day)
    fall = 100 - runs.output("CTX_pct_of_baseline")[0]
    published = published_rates("turnover", "BONE_METS")[0].value
    assert np.all(np.abs(fall - published) < 10), fall


def test_there_is_no_ranking_no_fracture_risk_and_no_latest_date_of_osteoporosis(made):
    assert (made.ranking, made.latest, made.next_tests) == (None, (), ())
    assert all(not s.fractures and not s.change for s in made.summaries)
    assert made.late.untreated.vertebral_per_1000 is None


def test_no_60_mg_text_reaches_the_report(made):
    page = re.sub(r"<style>.*?</style>", "", render(made), flags=re.S)
    words = re.sub(r"<[^>]+>", " ", page)
    calibration = words.replace("The models are calibrated to 60 mg every 6 months", "")
    assert "60 mg every" not in calibration
    assert "vertebral fracture in" not in calibration


def test_skeletal_events_are_published_rates_with_their_source(made):
    held = content(made)["published_rates"]
    events = [one for one in held if one["topic"] == "skeletal events"]
    assert [(one["value"], one["comparator"]) for one in events] == [(30.7, 36.5)]
    assert all(one["source"] and one["mark"] for one in held)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"indication": "MYELOMA"}, {"SE-4", "CA-1"}),
        ({"indication": "BONE_METS", "primary_tumour": "prostate"}, {"SE-2", "TU-1", "CA-1", "CA-2"}),
        ({"indication": "GCTB"}, {"TR-1"}),
        ({"indication": "HCM"}, {"TR-2"}),
    ],
)
def test_each_indication_has_its_own_rates(her, facts, expected):
    made = forecast(with_facts(given(her, 28), **facts), horizon="1 year", draws=2)
    assert {rate.id for rate in made.published} >= expected
    others = {"SE-1", "SE-2", "SE-3", "SE-4", "TR-1", "TR-2"} - expected
    assert not {rate.id for rate in made.published} & others


def test_every_rate_has_a_source_and_a_mark():
    assert len(all_rates()) == len({rate.id for rate in all_rates()})
    assert all(rate.source and rate.value > 0 for rate in all_rates())


# Calcium


def test_a_first_120_mg_with_normal_kidneys_shows_the_published_rate_and_no_zero(her):
    person = with_facts(replace(her, doses=()), indication="BONE_METS", primary_tumour="lung")
    made = forecast(person, horizon="1 year", draws=4)
    assert all(not s.calcium_below and s.calcium_nadir is None for s in made.summaries)
    low = [rate for rate in made.published if rate.topic == "low calcium"]
    assert [rate.value for rate in low] == [12.4]
    assert made.summaries[0].calcium_tests  # the dates of the rules stay


def no_calcium(person: Patient, model: str = "bonecast-1") -> dict:
    plan = {"on": "denosumab 60 mg every 6 months x 2"}
    return json.loads(as_json(forecast(person, plan, "1 year", 4, model=model)))


@pytest.mark.parametrize(
    "facts", [{"hypoparathyroidism": True}, {"hypocalcaemia_predisposed": True}, {"on_dialysis": True}]
)
def test_no_number_of_calcium_is_shown_where_it_would_be_wrong(her, facts):
    held = no_calcium(with_facts(her, **facts))
    for summary in held["summaries"]:
        assert summary["calcium_nadir_mmol_L"] is None
        assert summary["chance_of_calcium_below"] == []
    keys = {one["endpoint"] for one in held["gaps"]}
    assert {"calcium", "PTH"} <= keys


def test_bonecast_2_shows_calcium_in_dialysis_but_neither_pth_nor_hypoparathyroidism(her):
    facts = {"on_dialysis": True, "ckd_mbd_status": "present", "ckd_specialist_supervision": True}
    unmeasured = replace(her, measurements=())
    held = no_calcium(with_facts(unmeasured, **facts), "bonecast-2")
    assert held["summaries"][0]["chance_of_calcium_below"]
    assert {one["endpoint"] for one in held["gaps"]} & {"calcium", "PTH"} == {"PTH"}
    both = no_calcium(with_facts(unmeasured, **facts, hypoparathyroidism=True), "bonecast-2")
    assert {"calcium", "PTH"} <= {one["endpoint"] for one in both["gaps"]}


def test_a_planned_dialysate_counts_from_the_usual_one(her):
    def rise(**facts: float) -> float | None:
        return person_facts(with_facts(her, on_dialysis=True, **facts), her.record_date).get("dialysate rise")

    assert rise(dialysate_calcium_planned_mmol_L=1.5) == 0.25
    assert rise(dialysate_calcium_planned_mmol_L=1.5, dialysate_calcium_mmol_L=1.5) == 0
    assert rise(dialysate_calcium_mmol_L=1.5) is None


def test_who_has_working_parathyroid_glands_keeps_the_number(her):
    held = no_calcium(with_facts(her, hypocalcaemia_predisposed=True, hypoparathyroidism=False))
    assert held["strategies"][0]["name"] == "on"
    assert held["summaries"][0]["chance_of_calcium_below"]


def test_dialysis_shows_the_published_rate_and_hypoparathyroidism_none(her):
    rates = {rate["id"] for rate in no_calcium(with_facts(her, on_dialysis=True))["published_rates"]}
    assert {"CA-7", "CA-8"} <= rates
    both = no_calcium(with_facts(her, on_dialysis=True, hypoparathyroidism=True))["published_rates"]
    assert not [one for one in both if one["topic"] == "low calcium"]


@pytest.mark.parametrize(("creatinine", "row"), [(60.0, None), (95.0, "CA-5"), (200.0, "CA-6")])
def test_the_rate_of_the_kidney_function_stands_beside_120_mg(breast, creatinine, row):
    kidney = Measurement(
        "creatinine", None, creatinine, "umol/L", False, breast.record_date, f"{creatinine} umol/L"
    )
    person = replace(breast, measurements=(*breast.measurements, kidney))
    made = forecast(person, horizon="1 year", draws=2)
    found = {rate.id for rate in made.published} & {"CA-5", "CA-6"}
    assert found == ({row} if row else set())


# After stopping 60 mg


@pytest.mark.parametrize(("doses", "seen"), [(6, {"VF-3", "VF-4"}), (7, {"VF-1", "VF-2"})])
def test_what_cohorts_saw_stands_beside_the_risk_after_stopping(her, doses, seen):
    days = [30 + 183 * n for n in reversed(range(doses))]
    person = given(her, *days, mg=60.0)
    made = forecast(person, {"stop": "nothing for 2 years"}, **ASKED)
    course = made.strategies[0]
    assert made.risk_only
    assert {rate.id for rate in course.published} == seen
    for rate in course.published:
        assert rate.sentence in made.accounts()[0].outcome


def test_the_ranking_says_where_the_end_of_denosumab_is_not_in_it(her):
    person = replace(her, doses=())
    plans = {
        "on": "denosumab 60 mg every 6 months x 5",
        "exit": "denosumab 60 mg every 6 months x 2, then zoledronate 5 mg once, then nothing for 12 months",
    }
    made = forecast(person, plans, **ASKED)
    assert made.ranking is not None
    said = [note for note in made.notes if "does not include the end of denosumab" in note]
    assert len(said) == 1
    assert "'on'" in said[0]
    assert "'exit'" not in said[0]


def test_at_the_start_a_strategy_with_an_exit_inside_the_horizon_is_compared(her):
    plans = default_strategies(history_of(replace(her, doses=())), 5 * YEAR_D)
    assert "2 years of denosumab, then zoledronate once" in plans


def test_a_latest_date_after_day_211_has_day_211_beside_it(her):
    made = forecast(her, {"on": "denosumab 60 mg every 6 months x 4"}, **ASKED)
    day_211 = her.doses[-1].date + dt.timedelta(days=211)
    assert made.latest
    for one in content(made)["latest_dates"]:
        assert one["on_time_until"] == day_211.isoformat()
        assert f"{day_211}, day 211" in one["said"]
