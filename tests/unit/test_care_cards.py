"""Findings as CDS Hooks cards, and the service's answers."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from dataclasses import replace
from pathlib import Path

import pytest

from bonecast.care import Override, advice_shown, check
from bonecast.drugs import find_drug
from bonecast.errors import InputError, UnknownName
from bonecast.interop import read_patient
from bonecast.interop.cds_call import PREFETCH, PrefetchMissing
from bonecast.interop.cds_cards import LONGEST_SUMMARY, cards, cut
from bonecast.interop.cds_hooks import answer, discovery, feedback
from bonecast.interop.cds_orders import ordered_acts
from bonecast.interop.fhir_products import name_in
from bonecast.records import Measurement, quantities

ROOT = Path(__file__).parents[2]
BUNDLE = json.loads((ROOT / "examples" / "late-dose.fhir.json").read_text("utf-8"))
DAY = dt.date(2026, 9, 15)
PERSON = read_patient(ROOT / "examples" / "late-dose.toml")


def order(name: str, **more) -> dict:
    return {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "medicationCodeableConcept": {"text": name},
    } | more


def request(hook: str, resources: list[dict], *orders: dict) -> dict:
    (patient,) = [one for one in resources if one["resourceType"] == "Patient"]
    rest = {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources if one is not patient]}
    return {
        "hook": hook,
        "hookInstance": str(uuid.uuid4()),
        "context": {
            "userId": "Practitioner/example",
            "patientId": patient["id"],
            "selections": [],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": one} for one in orders]},
        },
        "prefetch": {"patient": patient, "observations": rest, "statements": None},
    }


RESOURCES = [entry["resource"] for entry in BUNDLE["entry"]]


def check_card(card: dict) -> None:
    """What CDS Hooks 2.0 demands of a card."""
    assert 0 < len(card["summary"]) <= LONGEST_SUMMARY
    assert card["indicator"] in ("info", "warning", "critical")
    assert card["source"]["label"]
    if "suggestions" in card:
        assert card["selectionBehavior"] in ("any", "at-most-one")
        for suggestion in card["suggestions"]:
            assert suggestion["label"]
            for action in suggestion["actions"]:
                assert action["type"] in ("create", "update", "delete")
                assert action["description"]
                assert action["resourceId" if action["type"] == "delete" else "resource"]
    for reason in card.get("overrideReasons", ()):
        assert set(reason) == {"code", "system", "display"}


@pytest.mark.parametrize("action", ["start", "next dose", "stop", "review"])
@pytest.mark.parametrize("place", ["US", "EU", "UK", "CA"])
def test_every_finding_goes_out_as_a_valid_card(action, place):
    found = check(PERSON, action, place)
    made = cards(found, PERSON.id, with_inform=True)
    for card in made:
        check_card(card)
    coded = [card["source"]["topic"]["code"] for card in made if "topic" in card["source"]]
    advice = advice_shown(found)
    loud = [cause.head.rule for cause in found.causes]
    assert coded == loud + [one.rule for one in (*advice.new, *advice.known, *advice.routine)]
    for cause in found.causes:
        (card,) = [one for one in made if one["source"].get("topic", {}).get("code") == cause.head.rule]
        assert all(one.rule in card["detail"] for one in cause.also)
    json.dumps(made, allow_nan=False)


def test_a_block_is_critical_says_why_and_can_be_overridden_with_a_reason():
    made = cards(check(PERSON, "stop", "UK"), PERSON.id)[0]
    assert made["indicator"] == "critical"
    assert "**Why:**" in made["detail"]
    assert made["overrideReasons"]
    assert "MHRA" in made["source"]["label"]


def test_a_card_keeps_its_id_for_the_same_person_and_rule():
    first, again = (cards(check(PERSON, "stop", "UK"), PERSON.id)[0]["uuid"] for _ in range(2))
    assert first == again
    assert cards(check(PERSON, "stop", "UK"), "other")[0]["uuid"] != first


def test_discovery_offers_the_three_hooks_with_prefetch():
    services = discovery()["services"]
    assert {one["hook"] for one in services} == {"patient-view", "order-select", "order-sign"}
    for one in services:
        assert one["description"]
        assert one["prefetch"] == PREFETCH


def test_a_call_is_answered_with_cards_from_its_prefetch():
    made = answer("bonecast-order-sign", request("order-sign", RESOURCES, order("Prolia")), "UK", DAY)[
        "cards"
    ]
    assert made
    for card in made:
        check_card(card)


@pytest.mark.parametrize(
    ("orders", "rules"),
    [
        ([order("denosumab 60 mg injection")], set()),
        ([order("Xgeva")], set()),
        ([order("teriparatide")], {"DC-15"}),
        ([order("zoledronic acid 5 mg")], {"DC-08"}),
        ([order("metformin")], None),
        ([], None),
    ],
)
def test_the_draft_orders_decide_what_is_checked(orders, rules):
    sent = request("order-select", RESOURCES, *orders)
    made = answer("bonecast-order-select", sent, "UK", DAY)["cards"]
    coded = {card["source"]["topic"]["code"] for card in made if "topic" in card["source"]}
    assert coded >= (rules or set())
    assert bool(made) == (rules is not None)


def test_an_order_of_120_mg_is_known_by_its_dose():
    dosage = [{"doseAndRate": [{"doseQuantity": {"value": 120, "unit": "mg"}}]}]
    sent = request("order-sign", RESOURCES, order("denosumab", dosageInstruction=dosage))
    made = answer("bonecast-order-sign", sent, "UK", DAY)["cards"]
    sixty = answer("bonecast-order-sign", request("order-sign", RESOURCES, order("denosumab")), "UK", DAY)[
        "cards"
    ]
    assert made != sixty


def test_a_record_that_cannot_be_used_is_a_card_that_says_why():
    bare = [{"resourceType": "Patient", "id": "1", "gender": "female"}]
    made = answer("bonecast-patient-view", request("patient-view", bare), "UK", DAY)["cards"]
    assert all(card["indicator"] == "info" for card in made)
    assert any("birth_date" in card["detail"] for card in made)


def test_a_call_without_its_resources_or_with_anothers_is_refused():
    sent = request("patient-view", RESOURCES)
    with pytest.raises(PrefetchMissing, match="prefetch"):
        answer("bonecast-patient-view", {**sent, "prefetch": None}, "UK", DAY)
    with pytest.raises(PrefetchMissing, match="patient"):
        answer("bonecast-patient-view", {**sent, "prefetch": {"patient": None}}, "UK", DAY)
    with pytest.raises(InputError, match="the call is about 'somebody'"):
        answer(
            "bonecast-patient-view",
            {**sent, "context": {"patientId": "somebody", "userId": "Practitioner/1"}},
            "UK",
            DAY,
        )
    with pytest.raises(InputError, match="hookInstance"):
        answer("bonecast-patient-view", {**sent, "hookInstance": ""}, "UK", DAY)


def test_of_several_draft_orders_the_selected_ones_are_checked():
    orders = [order("teriparatide", id="a"), order("Prolia", id="b")]
    sent = request("order-select", RESOURCES, *orders)
    for selected, judged in (("a", True), ("b", False)):
        sent["context"]["selections"] = [f"MedicationRequest/{selected}"]
        made = answer("bonecast-order-select", sent, "UK", DAY)["cards"]
        coded = {card["source"]["topic"]["code"] for card in made if "topic" in card["source"]}
        assert ("DC-15" in coded) is judged
        assert any(card["summary"].startswith("Not complete") for card in made)


def test_a_wrong_service_or_hook_is_refused():
    with pytest.raises(UnknownName):
        answer("bonecast", request("order-sign", RESOURCES))
    with pytest.raises(InputError, match="order-sign"):
        answer("bonecast-order-sign", request("patient-view", RESOURCES))


def test_feedback_on_a_card_becomes_an_override_with_its_reason():
    card = "0f4c1f0e-0000-0000-0000-000000000000"
    report = {
        "card": card,
        "outcome": "overridden",
        "overrideReason": {
            "reason": {"code": "x", "display": "Specialist plan", "system": "urn:bonecast:override-reason"},
            "userComment": "seen in clinic",
        },
        "outcomeTimestamp": "2026-09-15T10:00:00Z",
    }
    (made,) = feedback("bonecast-order-sign", {"feedback": [report]}, {card: "DC-01"})
    found = made.override("a client")
    assert found is not None
    assert (found.rule, found.reason, found.by) == ("DC-01", "Specialist plan: seen in clinic", "a client")
    assert (made.outcome, made.reason_code) == ("overridden", "x")
    accepted = {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "s1"}],
        "outcomeTimestamp": "2026-09-15T10:00:00Z",
    }
    (made,) = feedback("bonecast-order-sign", {"feedback": [accepted]}, {card: "DC-01"})
    assert (made.accepted, made.override()) == (("s1",), None)
    (made,) = feedback("bonecast-order-sign", {"feedback": [report]}, {card: ""})
    assert made.override() is None, "a card without a rule overrides none"
    with pytest.raises(InputError, match="no card of this service"):
        feedback("bonecast-order-sign", {"feedback": [report]}, {})


@pytest.mark.parametrize(("length", "kept"), [(138, True), (139, True), (140, False)])
def test_a_summary_has_139_characters_at_most(length, kept):
    text = "words " * 20 + "x" * (length - 120)
    assert (cut(text) == text) is kept
    assert len(cut(text)) <= 139
    assert cut(text).endswith("…") is not kept


# An emergency, what is missing, and what is overridden


def patient(**changes):
    """A woman on denosumab with these results and facts."""
    results = {"corrected calcium": 2.35, "creatinine": 72.0, "25-OH vitamin D": 70.0} | changes.pop(
        "results", {}
    )
    measured = tuple(
        Measurement(test, None, value, quantities()[test].usual, False, DAY, f"{value}")
        for test, value in results.items()
        if value is not None
    )
    facts = tuple(sorted({**dict(PERSON.facts), "indication": "PMO", **changes.pop("facts", {})}.items()))
    return replace(PERSON, measurements=measured, facts=facts, **changes)


LOW = {"results": {"corrected calcium": 1.62}, "facts": {"hypocalcaemia_symptoms": True}}


@pytest.mark.parametrize("act", ["next dose", "stop", "delay", "switch to zoledronate", "review", "start"])
def test_an_emergency_is_the_first_card_whatever_was_asked(act):
    made = cards(check(patient(**LOW), act, "UK"), "A")
    assert made[0]["indicator"] == "critical"
    assert made[0]["summary"].startswith("Emergency, act today")
    assert "overrideReasons" not in made[0]
    assert made[0]["uuid"] == cards(check(patient(**LOW), "next dose", "UK"), "A")[0]["uuid"]


def test_the_open_questions_are_one_card_which_warns_where_a_dose_is_ordered():
    found = check(patient(), "next dose", "UK")
    assert found.state == "not_complete"
    for ordered, indicator in ((False, "info"), (True, "warning")):
        (card,) = [one for one in cards(found, "A", ordered=ordered) if "Not complete" in one["summary"]]
        assert card["summary"] == f"Not complete: {len(found.questions)} questions"
        assert card["indicator"] == indicator
        assert all(question.text in card["detail"] for question in found.questions)


def test_a_blocked_act_brings_no_card_on_how_to_give_it():
    found = check(patient(results={"corrected calcium": 1.95}), "switch to zoledronate", "UK")
    assert "DC-05" in found.ids("inform")
    coded = {
        one["source"]["topic"]["code"]
        for one in cards(found, "A", with_inform=True)
        if "topic" in one["source"]
    }
    assert "FB-01" in coded
    assert not coded & set(found.ids("inform"))


def test_what_is_overridden_is_for_information_and_says_by_whom_and_until_when():
    override = Override("DC-01", "exit is being planned", "Dr A", dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC))
    found = check(PERSON, "stop", "UK", overrides=[override])
    (card,) = [one for one in cards(found, "A") if "Overridden" in one["summary"]]
    assert card["indicator"] == "info"
    assert "Overridden by Dr A on 2026-09-15 until 2026-09-22: exit is being planned" in card["detail"]
    assert "critical" not in {one["indicator"] for one in cards(found, "A")}


# Orders by drug, strength, amount and route


def dosed(name: str, value: float | None = None, unit: str = "mg", route: str = "") -> dict:
    dosage: dict = {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit}}]} if value else {}
    if route:
        dosage["route"] = {"text": route}
    return order(name, dosageInstruction=[dosage] if dosage else [])


def acts(person, *orders: dict) -> list:
    return list(
        ordered_acts(
            {"draftOrders": {"resourceType": "Bundle", "entry": [{"resource": one} for one in orders]}},
            person,
        )
    )


@pytest.mark.parametrize(
    ("ordered", "target"),
    [
        (dosed("zoledronic acid", 5), ["zoledronate_5"]),
        (dosed("zoledronic acid", 4), ["zoledronate_4"]),
        (dosed("Zometa"), ["zoledronate_4"]),
        (dosed("Aclasta"), ["zoledronate_5"]),
        (dosed("zoledronic acid 4 mg infusion"), ["zoledronate_4"]),
        (dosed("ibandronate", 3), ["ibandronate_iv"]),
        (dosed("ibandronate", 150), ["ibandronate_oral"]),
        (dosed("Boniva", route="intravenous"), ["ibandronate_iv"]),
        (dosed("ibandronate", route="oral"), ["ibandronate_oral"]),
        (dosed("ibandronate"), ["ibandronate_oral", "ibandronate_iv"]),
        (dosed("teriparatide", 20, "ug"), ["teriparatide"]),
        (dosed("alendronate"), ["alendronate"]),
        (dosed("risedronate"), ["risedronate"]),
        (dosed("abaloparatide"), ["abaloparatide"]),
        (dosed("romosozumab"), ["romosozumab"]),
        (dosed("raloxifene"), ["raloxifene"]),
    ],
)
def test_an_order_is_judged_as_the_treatment_that_its_strength_and_route_make_it(ordered, target):
    assert [dict(facts)["target_drug"] for _, facts in acts(PERSON, ordered)] == target
    naive = replace(PERSON, doses=())
    assert {act for act, _ in acts(naive, ordered)} == {"start_other"}
    assert {act for act, _ in acts(PERSON, ordered)} <= {one.action for one in find_drug_treatments(ordered)}


def find_drug_treatments(ordered: dict):
    return find_drug(name_in([ordered["medicationCodeableConcept"]["text"]])).treatments


@pytest.mark.parametrize(
    ("ordered", "act", "facts"),
    [
        (dosed("Prolia"), "continue_60", {}),
        (dosed("Wyost"), "continue_120", {}),
        (dosed("denosumab", 120), "continue_120", {}),
        (dosed("denosumab 120 mg/1.7 mL"), "continue_120", {}),
        (dosed("Xgeva", 60), "continue_120", {"product_strength_conflict": True}),
        (dosed("denosumab", 70), "continue_60", {"dose_implausible": True}),
    ],
)
def test_an_order_of_denosumab_takes_its_strength_from_the_product(ordered, act, facts):
    first, *rest = [(one, dict(brought)) for one, brought in acts(PERSON, ordered)]
    assert first == (act, facts)
    changed = [("switch_brand", {"target_product_strength_mg": "120"})]
    assert rest == (changed if act == "continue_120" else []), "the last injection had 60 mg"


def test_an_order_of_the_other_strength_is_critical():
    sent = request("order-sign", RESOURCES, dosed("Wyost", 120))
    made = answer("bonecast-order-sign", sent, "UK", DAY + dt.timedelta(days=75))["cards"]
    (card,) = [one for one in made if one["source"].get("topic", {}).get("code") == "FX-03"]
    assert card["indicator"] == "critical"


@pytest.mark.parametrize("treated", [True, False])
@pytest.mark.parametrize("name", ["zoledronic acid 5 mg", "alendronate", "risedronate", "ibandronate"])
def test_a_bisphosphonate_ordered_at_a_low_calcium_is_critical_also_as_the_first_drug(name, treated):
    resources = [one for one in RESOURCES if treated or one["resourceType"] != "MedicationAdministration"]
    low = json.loads(json.dumps(resources).replace('"value": 2.34', '"value": 1.95'))
    assert low != resources
    made = answer("bonecast-order-sign", request("order-sign", low, order(name)), "UK", DAY)["cards"]
    assert made[0]["indicator"] == "critical"
    assert any("FB-01" in one["detail"] or "FB-01" in one["summary"] for one in made)


def test_an_order_whose_product_and_dose_disagree_cannot_be_overridden():
    sent = request("order-sign", RESOURCES, dosed("Xgeva", 60))
    made = answer("bonecast-order-sign", sent, "UK", DAY)["cards"]
    (card,) = [one for one in made if one["source"].get("topic", {}).get("code") == "FX-20"]
    assert card["indicator"] == "critical"
    assert "overrideReasons" not in card


def test_feedback_names_no_act_so_that_no_check_applies_it():
    card = "0f4c1f0e-0000-0000-0000-000000000000"
    report = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-09-15T10:00:00Z"}
    (made,) = feedback("bonecast-order-sign", {"feedback": [report]}, {card: "DC-01"})
    found = made.override()
    assert found is not None
    assert (found.action, found.values) == ("", ())
