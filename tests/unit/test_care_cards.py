"""Findings as CDS Hooks cards, and the service's answers."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from pathlib import Path

import pytest

from bonecast.care import check
from bonecast.errors import InputError, UnknownName
from bonecast.interop import read_patient
from bonecast.interop.cds_cards import LONGEST_SUMMARY, cards, cut
from bonecast.interop.cds_hooks import PREFETCH, PrefetchMissing, answer, discovery, feedback

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
            "patientId": patient["id"],
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
                assert action["resource"]["resourceType"]
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
    assert coded == [finding.rule for finding in found.findings]
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
        ([order("zoledronic acid 5 mg")], {"DC-13", "DC-08"}),
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
    with pytest.raises(PrefetchMissing, match="Patient"):
        answer("bonecast-patient-view", {**sent, "prefetch": {"patient": None}}, "UK", DAY)
    with pytest.raises(InputError, match="the call is about 'somebody'"):
        answer("bonecast-patient-view", {**sent, "context": {"patientId": "somebody"}}, "UK", DAY)
    with pytest.raises(InputError, match="hookInstance"):
        answer("bonecast-patient-view", {**sent, "hookInstance": ""}, "UK", DAY)


def test_of_several_draft_orders_the_selected_ones_are_checked():
    orders = [order("teriparatide", id="a"), order("Prolia", id="b")]
    sent = request("order-select", RESOURCES, *orders)
    sent["context"]["selections"] = ["MedicationRequest/b"]
    made = answer("bonecast-order-select", sent, "UK", DAY)["cards"]
    coded = {card["source"]["topic"]["code"] for card in made if "topic" in card["source"]}
    assert coded
    assert "DC-15" not in coded


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
    (found,) = feedback("bonecast-order-sign", {"feedback": [report]}, {card: "DC-01"})
    assert (found.rule, found.reason) == ("DC-01", "Specialist plan: seen in clinic")
    accepted = {"card": card, "outcome": "accepted"}
    assert feedback("bonecast-order-sign", {"feedback": [accepted]}, {card: "DC-01"}) == ()
    assert feedback("bonecast-order-sign", {"feedback": [report]}, {card: ""}) == ()
    with pytest.raises(InputError, match="no card of this service"):
        feedback("bonecast-order-sign", {"feedback": [report]}, {})


@pytest.mark.parametrize(("length", "kept"), [(138, True), (139, True), (140, False)])
def test_a_summary_has_139_characters_at_most(length, kept):
    text = "words " * 20 + "x" * (length - 120)
    assert (cut(text) == text) is kept
    assert len(cut(text)) <= 139
    assert cut(text).endswith("…") is not kept
