"""The five states of a check, what must be asked before it is complete, and overrides that end."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.care import JURISDICTIONS, STATES, Check, check, read_override, variables
from bonecast.care.check import EMERGENCIES
from bonecast.care.derived import with_derived
from bonecast.care.firing import contradictions_in, fired, state_of
from bonecast.care.page import content
from bonecast.care.questions import missing_facts, questions
from bonecast.care.rules import rules
from bonecast.errors import InputError
from bonecast.interop import read_patient
from bonecast.interop.cds_cards import cards
from bonecast.records import GivenDose, Measurement, Patient, quantities

TODAY = dt.date(2026, 9, 15)
ACTS = [act for act in variables()["planned_action"].choices if act != "review"]


def measured(test: str, value: float, days: int = 5, **more) -> Measurement:
    unit = quantities()[test].usual
    day = TODAY - dt.timedelta(days=days)
    return Measurement(test, None, value, unit, False, day, f"{value} {unit}", **more)


LABORATORY = (
    measured("corrected calcium", 2.35),
    measured("25-OH vitamin D", 70.0),
    measured("creatinine", 70.0),
)
# What a clinic knows of an ordinary woman on denosumab, and nothing more.
ORDINARY = Patient(
    "A1",
    "female",
    dt.date(1952, 3, 4),
    TODAY,
    61.0,
    menopause_age=50.0,
    doses=tuple(GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=d)) for d in (550, 367, 184)),
    measurements=LABORATORY,
    facts=(("indication", "PMO"),),
)
YES = [v.name for v in variables().values() if v.kind == "yes or no" and v.about == "person"]
ASKED = {
    "hypersensitivity_denosumab": False,
    "aff_confirmed": False,
    "dental_status": "good",
    "onj_external_history": False,
    "syringe_shaken_or_frozen": False,
    "severe_skin_reaction": "severe_dermatitis",
}


def stated(patient: Patient, **facts) -> Patient:
    return replace(patient, facts=tuple(sorted({**dict(patient.facts), **facts}.items())))


def with_results(*results: Measurement) -> Patient:
    return replace(ORDINARY, measurements=results)


def complete(patient: Patient, act: str = "next dose", **more) -> Check:
    """The check with every question answered in the best way."""
    facts = {name: value for name, value in ASKED.items() if name != "severe_skin_reaction"}
    return check(patient, act, "UK", facts={**facts, **more})


# Not complete, and what is asked


def test_a_record_with_calcium_vitamin_d_and_kidneys_only_is_not_complete():
    found = check(ORDINARY, None, "UK")
    assert found.outcome != "blocked"
    assert found.state == "not_complete"
    assert "hypersensitivity_denosumab" in found.missing()


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("place", JURISDICTIONS)
def test_an_ordinary_record_leaves_at_most_eight_questions_for_any_act(act, place):
    asked = check(ORDINARY, act, place).questions
    assert len(asked) <= 8, [one.text for one in asked]


def test_nothing_is_asked_that_cannot_apply():
    facts = set(check(ORDINARY, None, "UK").missing())
    assert not facts & {"pregnancy_status", "reproductive_potential", "ckd_mbd_status", "on_dialysis"}
    he = replace(ORDINARY, sex="male", menopause_age=None, facts=(("indication", "MALE_OP"),))
    assert not {"breastfeeding", "pregnancy_status"} & set(check(he, None, "UK").missing())
    young = replace(ORDINARY, birth_date=dt.date(1990, 1, 1), menopause_age=None, facts=())
    assert "pregnancy_status" in {
        *check(young, None, "UK").missing(),
        *(fact for finding in check(young, None, "UK").findings for fact in finding.asks_for),
    }
    weak = check(with_results(*LABORATORY[:2], measured("eGFR", 29.0)), None, "UK")
    assert "RN-02" in weak.ids("block")


def test_every_fact_that_may_be_asked_has_words():
    asked = {name for act in ACTS for name in missing_facts({"planned_action": act})}
    assert len(asked) > 30
    assert all(one.text.endswith("?") for one in questions(dict.fromkeys(asked, ())))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_an_answer_that_is_complete_cannot_be_blocked_by_any_missing_fact(data):
    """Where nothing is missing, no value of any fact that is not there makes a rule block."""
    act = data.draw(st.sampled_from(ACTS))
    found = check(ORDINARY, act, data.draw(st.sampled_from(JURISDICTIONS)))
    facts = {name: known.value for name, known in found.case.facts.items()}
    for name in list(missing_facts(facts)):
        variable = variables()[name]
        if variable.kind == "yes or no":
            facts[name] = data.draw(st.booleans())
        elif variable.kind == "choice":
            facts[name] = data.draw(st.sampled_from(variable.choices))
    if missing_facts(facts) or state_of(fired(found.case.values), missing=False) == "do_not_give":
        return
    name = data.draw(st.sampled_from([name for name in YES if name not in facts]))
    before = {one.id for one in contradictions_in(with_derived(facts))}
    supposed = with_derived({**facts, name: True})
    if {one.id for one in contradictions_in(supposed)} - before:
        return
    new = {rule.id for rule in fired(supposed) if rule.severity == "block"}
    assert new <= {rule.id for rule in fired(with_derived(facts))}


# Clear, caution, do not give, given


def test_clear_needs_every_answer():
    found = complete(ORDINARY)
    left = dict.fromkeys(found.missing(), "SJS")
    assert set(left) <= {"severe_skin_reaction", "in_clinical_trial"}
    answered = {name: value for name, value in ASKED.items() if name != "severe_skin_reaction"}
    for name in answered:
        without = {key: value for key, value in answered.items() if key != name}
        assert check(ORDINARY, None, "UK", facts=without).state == "not_complete", name


def test_a_finding_that_warns_is_caution_and_one_that_blocks_is_do_not_give():
    assert complete(with_results(*LABORATORY[::2], measured("25-OH vitamin D", 49.0))).state in (
        "caution",
        "not_complete",
    )
    low = with_results(measured("corrected calcium", 2.14), *LABORATORY[1:])
    assert complete(low).state == "do_not_give"
    assert complete(with_results(measured("corrected calcium", 2.15), *LABORATORY[1:])).state != "do_not_give"


def test_an_injection_of_today_is_given():
    today = replace(ORDINARY, doses=(*ORDINARY.doses, GivenDose("denosumab", 60.0, "mg", TODAY)))
    assert check(today, "next dose", "UK").state == "given"
    assert check(today, "next dose", "UK", TODAY + dt.timedelta(days=1)).state == "do_not_give"


def test_a_block_by_a_source_that_was_not_read_is_advice():
    recalled = [rule for rule in rules().values() if rule.severity == "block" and rule.mark == "recalled"]
    assert [rule.id for rule in recalled] == ["FA-04"]
    assert state_of(recalled, missing=False) == "caution"
    assert state_of([rules()["CI-01"]], missing=False) == "do_not_give"


# An emergency, whatever was asked


@pytest.mark.parametrize("act", [*ACTS, "review"])
@pytest.mark.parametrize(
    ("calcium", "symptoms", "emergency"),
    [(1.899, False, True), (1.9, False, False), (2.149, True, True), (2.15, True, False)],
)
def test_a_very_low_or_a_low_calcium_with_symptoms_is_an_emergency_under_any_act(
    act, calcium, symptoms, emergency
):
    ill = stated(
        with_results(measured("corrected calcium", calcium), *LABORATORY[1:]), hypocalcaemia_symptoms=symptoms
    )
    found = check(ill, act, "UK")
    assert (found.emergency is not None) is emergency
    if found.emergency is not None:
        assert found.findings[0] == found.emergency
        assert found.emergency.rule in EMERGENCIES


def test_symptoms_without_a_calcium_are_an_emergency_too():
    ill = stated(with_results(*LABORATORY[1:]), hypocalcaemia_symptoms=True)
    assert check(ill, None, "UK").emergency is not None
    assert check(with_results(*LABORATORY[1:]), None, "UK").emergency is None


# Liver, products, doses


@pytest.mark.parametrize(
    ("alt", "bilirubin", "days", "blocked"),
    [(440.0, 84.0, 5, True), (119.0, 84.0, 5, False), (440.0, 42.0, 5, False), (440.0, 84.0, 181, False)],
)
def test_liver_tests_that_meet_hys_law_keep_any_bone_drug_back(alt, bilirubin, days, blocked):
    liver = (
        measured("ALT", alt, days, reference_high=40.0),
        measured("bilirubin", bilirubin, days, reference_high=21.0),
    )
    ill = with_results(*LABORATORY, *liver)
    for act in ("next dose", "switch to zoledronate"):
        assert ("LV-01" in check(ill, act, "UK").ids("block")) is blocked


def test_liver_tests_without_their_limits_are_asked_about_and_never_taken_as_normal():
    bare = with_results(*LABORATORY, measured("ALT", 440.0), measured("bilirubin", 84.0))
    assert "hys_law" in check(bare, None, "UK").missing()
    assert "hys_law" not in check(ORDINARY, None, "UK").missing()
    normal = measured("ALT", 20.0, reference_high=40.0), measured("bilirubin", 9.0, reference_high=21.0)
    assert "hys_law" not in check(with_results(*LABORATORY, *normal), None, "UK").missing()


@pytest.mark.parametrize(("multiple", "warned"), [(8.0, False), (8.1, True)])
def test_a_stopping_rule_of_the_liver_is_a_finding(multiple, warned):
    ill = with_results(*LABORATORY, measured("ALT", 40.0 * multiple, reference_high=40.0))
    assert ("LV-02" in check(ill, None, "UK").ids("warn")) is warned


@pytest.mark.parametrize(("days", "blocked"), [(42, True), (43, False)])
def test_a_second_strength_that_is_active_blocks_every_dose(days, blocked):
    both = (*ORDINARY.doses[:-1], GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=183)))
    other = GivenDose("denosumab", 120.0, "mg", TODAY - dt.timedelta(days=days))
    found = check(replace(ORDINARY, doses=(*both, other)), "continue_120", "UK")
    assert ("FX-04" in found.ids("block")) is blocked


def test_a_product_of_another_strength_than_the_dose_is_a_record_error_that_nobody_sets_aside():
    xgeva = GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=184), "Xgeva")
    wrong = replace(ORDINARY, doses=(xgeva,))
    assert "FX-20" in check(wrong, None, "UK").ids("block")
    prolia = replace(xgeva, product="Prolia")
    assert "FX-20" not in check(replace(wrong, doses=(prolia,)), None, "UK").ids("block")
    with pytest.raises(InputError, match="cannot be overridden"):
        check(wrong, None, "UK", overrides=[override("FX-20")])


@pytest.mark.parametrize(
    ("product", "blocked"), [("Wyost", True), ("Jubbonti", False), ("jubbonti", False), ("Evista", False)]
)
def test_the_strength_of_another_brand_is_looked_up(product, blocked):
    found = check(ORDINARY, "switch brand", "US", facts={"target_product": product})
    assert ("FX-03" in found.ids("block")) is blocked
    assert ("FX-21" in found.ids("warn")) is (product == "Evista")


@pytest.mark.parametrize(
    ("amount", "days", "asked"),
    [(60.0, 184, False), (90.0, 184, True), (60.0, 248, True), (60.0, 247, False)],
)
def test_an_implausible_amount_or_interval_is_asked_about(amount, days, asked):
    # the injection before is 367 days back: 119 and 120 days apart
    last = GivenDose("denosumab", amount, "mg", TODAY - dt.timedelta(days=days))
    found = check(replace(ORDINARY, doses=(*ORDINARY.doses[:-1], last)), None, "UK")
    assert ("DQ-01" in found.ids("warn")) is asked


# Overrides


def override(rule: str, days: int = 0, **more):
    at = dt.datetime.combine(TODAY - dt.timedelta(days=days), dt.time(9), dt.UTC)
    return replace(read_override(f"{rule}: seen by the specialist", "Dr A", at), **more)


LOW = replace(
    ORDINARY, measurements=(measured("corrected calcium", 2.10, 10), *LABORATORY[1:]), doses=ORDINARY.doses
)


def test_an_override_is_never_clear_and_never_lifts_an_emergency():
    found = check(LOW, None, "UK", overrides=[override("CI-01")])
    assert found.outcome == "warned"
    assert found.state in ("not_complete", "caution")
    assert [one.rule for one in found.overridden] == ["CI-01"]
    dire = replace(LOW, measurements=(measured("corrected calcium", 1.5), *LABORATORY[1:]))
    with pytest.raises(InputError, match="cannot be overridden"):
        check(dire, None, "UK", overrides=[override("FX-01")])


@pytest.mark.parametrize(("days", "holds"), [(7, True), (8, False)])
def test_an_override_ends_after_a_week(days, holds):
    found = check(LOW, None, "UK", overrides=[override("CI-01", days)])
    assert ("CI-01" in [one.rule for one in found.overridden]) is holds
    assert bool(found.lapsed) is not holds
    assert found.outcome == ("warned" if holds else "blocked")


def test_an_override_ends_with_the_act_the_value_and_the_injection():
    kept = check(LOW, None, "UK", overrides=[override("CI-01")]).overridden[0].overridden
    assert kept is not None
    lower = replace(LOW, measurements=(measured("corrected calcium", 2.0, 1), *LABORATORY[1:]))
    for patient, act in ((lower, None), (LOW, "restart")):
        found = check(patient, act, "UK", overrides=[kept])
        assert (found.outcome, found.overridden) == ("blocked", ())
        assert len(found.lapsed) == 1
    later = TODAY + dt.timedelta(days=2)
    same_day = replace(LOW, doses=(*LOW.doses, GivenDose("denosumab", 60.0, "mg", TODAY)))
    assert check(same_day, None, "UK", overrides=[kept]).overridden == ()
    dosed = replace(
        LOW,
        record_date=later,
        doses=(*LOW.doses, GivenDose("denosumab", 60.0, "mg", TODAY + dt.timedelta(1))),
    )
    assert check(dosed, None, "UK", later, overrides=[kept]).overridden == ()


# What holds of every record


STRICT = {state: place for place, state in enumerate(STATES)}


@st.composite
def cases(draw) -> dict:
    facts = {
        "planned_action": draw(st.sampled_from(ACTS)),
        "jurisdiction": draw(st.sampled_from(JURISDICTIONS)),
        "sex": "F",
        "age_years": float(draw(st.integers(12, 95))),
        "calcium_lln_mmol_L": 2.15,
        "calcium_uln_mmol_L": 2.6,
    }
    numbers = {
        "albumin_corrected_calcium_mmol_L": st.sampled_from([1.7, 1.95, 2.1, 2.14, 2.15, 2.3, 2.7]),
        "egfr_mL_min_173m2": st.sampled_from([10.0, 29.0, 34.0, 50.0, 80.0]),
        "crcl_mL_min": st.sampled_from([20.0, 29.0, 34.0, 35.0, 70.0]),
        "vitd_25oh_nmol_L": st.sampled_from([12.0, 24.0, 25.0, 49.0, 80.0]),
        "last_denosumab_offset_days": st.sampled_from([-400.0, -300.0, -212.0, -211.0, -183.0, -30.0]),
        "n_doses_received": st.sampled_from([1.0, 2.0, 6.0, 12.0]),
    }
    for name, values in numbers.items():
        if draw(st.booleans()):
            facts[name] = draw(values)
    for name in draw(st.lists(st.sampled_from(YES), max_size=12, unique=True)):
        facts[name] = draw(st.booleans())
    for name in ("dental_status", "pregnancy_status", "indication"):
        if draw(st.booleans()):
            facts[name] = draw(st.sampled_from(variables()[name].choices))
    return facts


def state(facts: dict) -> str:
    return state_of(fired(with_derived(facts)), bool(missing_facts(facts)))


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(cases(), st.data())
def test_removing_a_fact_never_turns_an_incomplete_answer_into_a_clear_one(facts, data):
    name = data.draw(st.sampled_from(sorted(set(facts) - {"planned_action", "jurisdiction"})))
    less = state({key: value for key, value in facts.items() if key != name})
    assert (state(facts), less) != ("not_complete", "clear")


CONTRAINDICATIONS = {
    "hypersensitivity_denosumab": True,
    "hypersensitivity_followon": True,
    "pregnancy_status": "pregnant",
    "dental_status": "ONJ_active",
    "aff_confirmed": True,
    "recent_mi_stroke_12m": True,
    "vte_history": True,
    "acute_kidney_injury": True,
    "oesophageal_disorder": True,
    "skeletal_radiotherapy": True,
    "hys_law": True,
}


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(cases(), st.sampled_from(sorted(CONTRAINDICATIONS)))
def test_adding_a_contraindication_never_makes_an_answer_milder(facts, name):
    without = {key: value for key, value in facts.items() if key != name}
    known_good = {"pregnancy_status": "not_pregnant", "dental_status": "good"}.get(name, False)
    better = {**without, name: known_good}
    worse = {**without, name: CONTRAINDICATIONS[name]}
    assert STRICT[state(worse)] <= STRICT[state(better)]


@settings(max_examples=300, deadline=None)
@given(cases(), st.sampled_from([1.95, 2.1, 2.15, 2.3, 2.55]), st.sampled_from([0.05, 0.2, 0.4]))
def test_a_worse_calcium_never_unblocks(facts, calcium, fall):
    def blocks(value: float) -> set[str]:
        supposed = with_derived({**facts, "albumin_corrected_calcium_mmol_L": value})
        return {rule.id for rule in fired(supposed) if rule.binding}

    if blocks(calcium):
        assert blocks(calcium - fall)


@settings(max_examples=100, deadline=None)
@given(st.permutations(range(len(LABORATORY) + 2)), st.permutations(range(3)))
def test_the_order_of_entries_changes_nothing(order, doses):
    results = (*LABORATORY, measured("corrected calcium", 2.2), measured("eGFR", 40.0, 3))
    one = check(with_results(*results), None, "EU")
    moved = replace(
        ORDINARY,
        measurements=tuple(sorted((results[i] for i in order), key=lambda m: m.date)),
        doses=tuple(sorted((ORDINARY.doses[i] for i in doses), key=lambda d: d.date)),
    )
    other = check(moved, None, "EU")
    assert {f.rule for f in one.findings} == {f.rule for f in other.findings}
    assert one.state == other.state


@pytest.mark.parametrize(("drug", "read"), [("Zandoriah 60", False), ("Jubbonti", True)])
def test_a_product_that_nobody_knows_costs_its_own_entry_and_is_asked_about(tmp_path, drug, read):
    file = tmp_path / "her.toml"
    file.write_text(
        '[person]\nid = "A1"\nsex = "female"\nbirth_date = 1952-03-04\nrecord_date = 2026-09-15\n'
        '[[doses]]\ndrug = "Prolia"\namount = "60 mg"\ndate = 2026-03-15\n'
        f'[[doses]]\ndrug = "{drug}"\namount = "60 mg"\ndate = 2026-09-01\n'
    )
    patient = read_patient(file)
    assert len(patient.doses) == (2 if read else 1)
    assert ["what is it, and in what strength" in one.reason for one in patient.skipped] == (
        [] if read else [True]
    )
    assert ("DQ-02" in check(patient, None, "UK").ids("warn")) is not read


@pytest.mark.parametrize(("born", "asked"), [(dt.date(1971, 9, 15), False), (dt.date(1971, 9, 16), True)])
def test_from_55_on_nobody_is_asked_about_pregnancy(born, asked):
    her = replace(ORDINARY, birth_date=born, menopause_age=None, facts=())
    assert ("reproductive_potential" not in check(her, None, "UK").case.values) is asked


@pytest.mark.parametrize(("born", "known"), [(dt.date(2005, 9, 15), True), (dt.date(2005, 9, 16), False)])
def test_from_21_on_growth_plates_are_closed(born, known):
    her = replace(ORDINARY, birth_date=born, menopause_age=None, facts=(), doses=())
    assert (check(her, "start teriparatide", "UK").case.values.get("skeletally_mature") is True) is known


@pytest.mark.parametrize(("days", "current"), [(42, True), (43, False)])
def test_zoledronate_4_mg_within_six_weeks_is_a_course_that_goes_on(days, current):
    infusion = GivenDose("zoledronate", 4.0, "mg", TODAY - dt.timedelta(days=days))
    found = check(replace(ORDINARY, doses=(*ORDINARY.doses, infusion)), "switch to zoledronate", "UK")
    assert ("FZ-08" in found.ids("block")) is current


@pytest.mark.parametrize(("days", "blocked"), [(183, True), (184, False)])
def test_60_mg_is_active_for_half_a_year(days, blocked):
    doses = (
        GivenDose("denosumab", 60.0, "mg", TODAY - dt.timedelta(days=days)),
        GivenDose("denosumab", 120.0, "mg", TODAY - dt.timedelta(days=28)),
    )
    assert ("FX-04" in check(replace(ORDINARY, doses=doses), "continue_120", "UK").ids("block")) is blocked


@pytest.mark.parametrize(("days", "blocked"), [(180, True), (181, False)])
def test_liver_tests_of_half_a_year_count(days, blocked):
    liver = (
        measured("ALT", 440.0, days, reference_high=40.0),
        measured("bilirubin", 84.0, days, reference_high=21.0),
    )
    assert ("LV-01" in check(with_results(*LABORATORY, *liver), None, "UK").ids("block")) is blocked


# One day with two values, an act in other words, what is shown


@pytest.mark.parametrize(
    ("act", "values", "used", "blocked"),
    [
        ("next dose", (2.35, 2.75), 2.75, False),
        ("next dose", (2.10, 2.75), 2.10, True),
        ("switch to teriparatide", (2.35, 2.75), 2.75, True),
        ("switch to teriparatide", (2.58, 2.62), 2.62, True),
    ],
)
def test_which_of_two_values_of_one_day_is_the_worse_depends_on_the_act(act, values, used, blocked):
    found = check(
        with_results(*(measured("corrected calcium", v) for v in values), *LABORATORY[1:]), act, "EU"
    )
    assert found.case.values["albumin_corrected_calcium_mmol_L"] == used
    assert (found.state == "do_not_give") is blocked
    assert bool(found.conflicts) is (max(values) - min(values) > 0.1)


def test_an_act_that_one_of_two_values_blocks_is_no_alternative():
    both = with_results(
        measured("corrected calcium", 2.05), measured("corrected calcium", 2.75), *LABORATORY[1:]
    )
    acts = {dict(one.facts).get("target_drug") for one in check(both, "next dose", "EU").alternatives.acts}
    assert not acts & {"teriparatide", "abaloparatide", "zoledronate_5", "romosozumab"}


@pytest.mark.parametrize("act", ["next dose", "switch brand"])
def test_a_change_of_brand_is_blocked_by_what_blocks_the_injection(act):
    product = {"target_product": "Jubbonti"} if act == "switch brand" else {}
    for facts in (
        {"hypersensitivity_denosumab": True},
        {"aff_confirmed": True},
        {"dental_status": "ONJ_active"},
    ):
        assert check(stated(ORDINARY, **facts), act, "US", facts=product).state == "do_not_give", facts
    early = replace(ORDINARY, doses=(*ORDINARY.doses[:-1], GivenDose("denosumab", 60.0, "mg", TODAY)))
    assert check(early, act, "US", facts=product).state == ("given" if act == "next dose" else "not_complete")


@pytest.mark.parametrize("drug", ["zoledronate", "romosozumab", "teriparatide", "alendronate", "raloxifene"])
def test_a_drug_that_is_started_after_injections_is_judged_as_a_switch(drug):
    started, switched = check(ORDINARY, f"start {drug}", "UK"), check(ORDINARY, f"switch to {drug}", "UK")
    assert [one.rule for one in started.findings] == [one.rule for one in switched.findings]
    by_name = check(ORDINARY, "start_other", "UK", facts={"target_drug": started.case.values["target_drug"]})
    assert by_name.action == started.action


def at_120(*, days=28, **facts) -> Patient:
    doses = tuple(
        GivenDose("denosumab", 120.0, "mg", TODAY - dt.timedelta(days=days + 28 * n)) for n in (2, 1, 0)
    )
    return stated(replace(ORDINARY, doses=doses), **{"indication": "BONE_METS", **facts})


@pytest.mark.parametrize(
    "act", ["delay", "restart", "drug holiday", "stop", "next dose", "switch to zoledronate"]
)
def test_nobody_at_120_mg_is_answered_with_what_is_for_60_mg(act):
    found = check(at_120(), act, "UK")
    assert found.action.rpartition("_")[2] != "60"
    said = " ".join(one.advice for one in found.findings if one.severity != "inform")
    assert "6 months" not in said
    assert "day 211" not in said
    offered = {dict(one.facts).get("target_drug") for one in found.alternatives.acts} - {None}
    assert offered <= {"zoledronate_4"}


@pytest.mark.parametrize("act", ["stop", "drug holiday"])
def test_the_end_of_120_mg_is_warned_of_in_other_words_too(act):
    assert "FX-02" in check(at_120(), act, "UK").ids("warn")
    assert "DC-22" in check(at_120(indication="GCTB"), act, "UK").ids("warn")


@pytest.mark.parametrize("act", [*ACTS, "review"])
def test_symptoms_without_a_calcium_hold_every_act_back(act):
    ill = stated(with_results(*LABORATORY[1:]), hypocalcaemia_symptoms=True)
    found = check(ill, act, "US")
    assert found.emergency is not None
    assert found.findings[0].rule == found.emergency.rule
    assert (found.state == "do_not_give") is (act != "review")
    if act != "review":
        assert found.alternatives.acts == ()
        assert (found.alternatives.referral.when, found.alternatives.referral.to) == ("today", "hospital")
        with pytest.raises(InputError, match="cannot be overridden"):
            check(ill, act, "US", overrides=[override("FX-22")])


def test_an_emergency_is_said_once():
    low = with_results(measured("corrected calcium", 1.6), *LABORATORY[1:])
    for ill in (low, stated(with_results(*LABORATORY[1:]), hypocalcaemia_symptoms=True)):
        made = cards(check(ill, None, "US"), "A1")
        assert sum("mergency" in one["summary"] for one in made) == 1
        assert made[0]["summary"].lower().count("emergency") == 1


def test_what_is_shown_of_a_blocked_act_says_nothing_on_how_to_give_it():
    broken = check(stated(ORDINARY, aff_confirmed=True), "switch to zoledronate", "US")
    assert "DC-05" in broken.ids("inform")
    for shown in (json.dumps(content(broken), default=str), broken._repr_html_()):
        assert "FB-07" in shown or "bisphosphonate" in shown
        assert "Correct window" not in shown


@pytest.mark.parametrize(
    ("ever", "recent", "known"),
    [
        (False, None, (False, False)),
        (None, True, (True, True)),
        (True, None, (True, None)),
        (None, False, (None, False)),
    ],
)
def test_what_follows_from_an_answer_on_heart_attack_and_stroke_is_not_asked(ever, recent, known):
    facts = {"history_mi_stroke": ever, "recent_mi_stroke_12m": recent}
    values = with_derived({name: value for name, value in facts.items() if value is not None})
    assert (values.get("history_mi_stroke"), values.get("recent_mi_stroke_12m")) == known


@pytest.mark.parametrize(("rise", "blocked"), [(43.0, False), (44.0, True)])
def test_the_rise_of_creatinine_is_counted_from_before_the_first_infusion_of_4_mg(rise, blocked):
    infusion = GivenDose("zoledronate", 4.0, "mg", TODAY - dt.timedelta(days=60))
    results = (*LABORATORY[:2], measured("creatinine", 60.0, 61), measured("creatinine", 60.0 + rise, 2))
    ill = replace(at_120(), measurements=results, doses=(*at_120().doses, infusion), weight_kg=95.0)
    assert ("FQ-07" in check(ill, "switch to zoledronate 4 mg", "EU").ids("block")) is blocked
    first = replace(ill, doses=at_120().doses)
    assert check(first, "switch to zoledronate 4 mg", "EU").case.values["creatinine_rise_umol_L"] == 0.0
