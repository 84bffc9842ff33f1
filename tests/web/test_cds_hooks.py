"""The CDS Hooks 2.0 service over HTTP, by calls shaped like those of the specification and their errors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bonecast.interop import CardFeedback
from bonecast.interop.cds_cards import OVERRIDE_SYSTEM
from bonecast.web.hooks import LARGEST_CALL, CardBook, LogFeedback, hooks_router
from bonecast.web.security.cds_clients import Sandbox

ROOT = Path(__file__).parents[2]
RESOURCES = [
    entry["resource"]
    for entry in json.loads((ROOT / "examples" / "late-dose.fhir.json").read_text("utf-8"))["entry"]
]
PATIENT = next(one for one in RESOURCES if one["resourceType"] == "Patient")
DAY = dt.date(2026, 9, 15)
VIEW, SELECT, SIGN = (
    f"/cds-services/bonecast-{hook}" for hook in ("patient-view", "order-select", "order-sign")
)


class Kept:
    """A store that keeps what it is given in a list."""

    def __init__(self) -> None:
        self.found: list[tuple[str, CardFeedback]] = []

    def record(self, made, patient_id: str, client: str) -> None:
        self.found += [(patient_id, one) for one in made]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def client(kept: Kept) -> TestClient:
    return served(kept)


def served(store: Any, cards: CardBook | None = None, origins: tuple[str, ...] = ()) -> TestClient:
    app = FastAPI()
    app.include_router(hooks_router(store, "UK", cards, lambda: DAY, origins, clients=Sandbox()))
    return TestClient(app)


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """A search's answer as FHIR servers send it."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "entry": [{"resource": one, "search": {"mode": "match"}} for one in resources],
    }


def call(hook: str, *orders: dict[str, Any], **context: Any) -> dict[str, Any]:
    """A call with every field that the specification shows; most of them are of no concern to the service."""
    rest = {
        kind: bundle(*(one for one in RESOURCES if one["resourceType"] == kind))
        for kind in ("Observation", "MedicationAdministration", "MedicationStatement", "Condition")
    }
    return {
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "fhirServer": "https://hooks.smarthealthit.org:9080",
        "hook": hook,
        "fhirAuthorization": {
            "access_token": "some-opaque-fhir-access-token",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "user/Patient.read user/Observation.read",
            "subject": "cds-service4",
        },
        "context": {
            "userId": "Practitioner/example",
            "patientId": PATIENT["id"],
            "encounterId": "89284",
            **({"draftOrders": bundle(*orders)} if orders else {}),
            **context,
        },
        "prefetch": {"patient": PATIENT, **{kind.lower(): found for kind, found in rest.items()}},
    }


def order(name: str, id_: str = "smart-MedicationRequest-103") -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"display": name}], "text": name},
        "subject": {"reference": f"Patient/{PATIENT['id']}"},
        "dosageInstruction": [
            {"text": "as directed", "doseAndRate": [{"doseQuantity": {"value": 60, "unit": "mg"}}]}
        ],
    }


def rules_of(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.text
    return {c["source"]["topic"]["code"] for c in answer.json()["cards"] if "topic" in c["source"]}


# Discovery


def test_discovery_has_the_shape_of_the_specification(client):
    services = client.get("/cds-services").json()["services"]
    assert {one["hook"] for one in services} == {"patient-view", "order-select", "order-sign"}
    for one in services:
        assert all(
            isinstance(one[field], str) and one[field] for field in ("hook", "title", "description", "id")
        )
        assert all("{{context.patientId}}" in query for query in one["prefetch"].values())


# Calls


def test_opening_a_record_brings_cards_of_valid_shape(client):
    answer = client.post(VIEW, json=call("patient-view"))
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["cards"]
    for card in answer.json()["cards"]:
        assert 0 < len(card["summary"]) < 140
        assert card["indicator"] in ("info", "warning", "critical")
        assert card["source"]["label"]


def test_a_record_opened_when_the_injection_is_late_says_so(kept):
    app = FastAPI()
    app.include_router(hooks_router(kept, "UK", today=lambda: DAY + dt.timedelta(days=60), clients=Sandbox()))
    assert "DD-03" in rules_of(TestClient(app).post(VIEW, json=call("patient-view")))


def test_an_order_may_name_its_medicine_by_reference(client):
    medicine = {"resourceType": "Medication", "id": "m1", "code": {"text": "teriparatide"}}
    plain = {k: v for k, v in order("x").items() if k != "medicationCodeableConcept"}
    contained = {**plain, "contained": [medicine], "medicationReference": {"reference": "#m1"}}
    beside = {**plain, "medicationReference": {"reference": "Medication/m1"}}
    shown = {**plain, "medicationReference": {"reference": "Medication/m1", "display": "teriparatide"}}
    for orders in ([contained], [beside, medicine], [shown]):
        assert "DC-15" in rules_of(client.post(SIGN, json=call("order-sign", *orders)))


def test_selecting_one_order_judges_that_one(client):
    sent = call(
        "order-select",
        order("teriparatide 20 ug", "a"),
        order("Prolia 60 mg", "b"),
        selections=["MedicationRequest/b"],
    )
    selected = rules_of(client.post(SELECT, json=sent))
    assert "DC-15" not in selected
    sent["context"]["selections"] = ["MedicationRequest/a"]
    assert "DC-15" in rules_of(client.post(SELECT, json=sent))


def test_signing_judges_every_draft_order(client):
    found = client.post(SIGN, json=call("order-sign", order("teriparatide", "a"), order("Prolia", "b")))
    assert "DC-15" in rules_of(found)
    assert rules_of(found) > rules_of(client.post(SIGN, json=call("order-sign", order("Prolia", "b"))))


def test_orders_that_are_no_concern_of_ours_bring_no_card(client):
    assert client.post(SIGN, json=call("order-sign", order("metformin"))).json() == {"cards": []}


def test_a_dangerous_order_is_a_critical_card_with_an_order_to_suggest(client):
    sent = call("order-sign", order("Prolia"))
    weight = [one for one in RESOURCES if "29463-7" in json.dumps(one)]
    sent["prefetch"]["observation"] = bundle(*weight)  # no calcium is known
    cards = client.post(SIGN, json=sent).json()["cards"]
    (blocked,) = [card for card in cards if card["indicator"] == "critical"]
    assert blocked["source"]["topic"]["code"] == "PD-02"
    assert blocked["suggestions"][0]["actions"][0]["resource"]["resourceType"] == "ServiceRequest"
    assert blocked["selectionBehavior"] == "any"
    assert blocked["overrideReasons"]


# Feedback


def overridden(card: str, comment: str = "seen in clinic") -> dict[str, Any]:
    return {
        "card": card,
        "outcome": "overridden",
        "overrideReason": {
            "reason": {
                "code": "specialist-plan",
                "system": OVERRIDE_SYSTEM,
                "display": "A specialist has planned it so",
            },
            "userComment": comment,
        },
        "outcomeTimestamp": "2026-09-15T10:00:00Z",
    }


def given_cards(client) -> list[dict[str, Any]]:
    return client.post(SIGN, json=call("order-sign", order("teriparatide"))).json()["cards"]


def test_feedback_that_overrides_is_kept_with_person_rule_and_reason(client, kept):
    card = next(one for one in given_cards(client) if "topic" in one["source"])
    answer = client.post(f"{SIGN}/feedback", json={"feedback": [overridden(card["uuid"])]})
    assert answer.status_code == 200
    ((person, reported),) = kept.found
    made = reported.override()
    assert (person, made.rule) == (PATIENT["id"], card["source"]["topic"]["code"])
    assert made.reason == "A specialist has planned it so: seen in clinic"
    assert made.at == dt.datetime(2026, 9, 15, 10, tzinfo=dt.UTC)


def test_accepted_cards_are_taken_and_nothing_is_overridden(client, kept):
    card = given_cards(client)[0]
    accepted = {
        "card": card["uuid"],
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": "x"}],
        "outcomeTimestamp": "2026-09-15T10:00:00Z",
    }
    assert client.post(f"{SIGN}/feedback", json={"feedback": [accepted]}).status_code == 200
    ((_, made),) = kept.found
    assert (made.outcome, made.accepted, made.override()) == ("accepted", ("x",), None)


def test_feedback_on_a_card_nobody_gave_refuses_the_whole(client, kept):
    card = next(one for one in given_cards(client) if "topic" in one["source"])
    sent = {"feedback": [overridden(card["uuid"]), overridden("4e0a3a1e-3283-4575-ab82-028d55fe2719")]}
    answer = client.post(f"{SIGN}/feedback", json=sent)
    assert answer.status_code == 400
    assert answer.json()["place"] == "feedback 2, card"
    assert kept.found == []


def test_a_card_that_says_what_is_missing_can_be_dismissed(client, kept):
    plain = next(one for one in given_cards(client) if "topic" not in one["source"])
    assert client.post(f"{SIGN}/feedback", json={"feedback": [overridden(plain["uuid"])]}).status_code == 200
    assert [made.override() for _, made in kept.found] == [None]


def test_the_log_of_feedback_is_that_of_check(tmp_path):
    log = tmp_path / "overrides.jsonl"
    client = served(LogFeedback(log), CardBook())
    card = next(one for one in given_cards(client) if "topic" in one["source"])
    assert client.post(f"{SIGN}/feedback", json={"feedback": [overridden(card["uuid"])]}).status_code == 200
    (line,) = log.read_text("utf-8").splitlines()
    assert json.loads(line)["patient"] == PATIENT["id"]
    assert json.loads(line)["rule"] == card["source"]["topic"]["code"]


# Pages of other sites

SANDBOX = "https://sandbox.cds-hooks.org"
PATHS = ["/cds-services", SIGN, f"{SIGN}/feedback"]
NOT_LISTED = [
    "https://ehr.example",
    "null",
    "none",
    "http://sandbox.cds-hooks.org",
    f"{SANDBOX}.evil.example",
    "",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_page_on_the_list_may_ask_and_read_the_answer(kept, path):
    listed = served(kept, origins=("https://other.example", SANDBOX))
    asked = {
        "origin": SANDBOX,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }
    answer = listed.options(path, headers=asked)
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] == SANDBOX
    assert answer.headers["vary"] == "Origin"
    assert {"GET", "POST", "OPTIONS"} <= set(answer.headers["access-control-allow-methods"].split(", "))
    allowed = answer.headers["access-control-allow-headers"].casefold()
    assert "authorization" in allowed
    assert "content-type" in allowed


def test_answers_and_refusals_can_be_read_by_a_page_on_the_list(kept):
    listed = served(kept, origins=(SANDBOX,))
    listed.headers["origin"] = SANDBOX
    answers = [
        listed.get("/cds-services"),
        listed.post(VIEW, json=call("patient-view")),
        listed.post(VIEW, json={}),
        listed.post("/cds-services/none", json=call("patient-view")),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 400, 404]
    assert {answer.headers["access-control-allow-origin"] for answer in answers} == {SANDBOX}


@pytest.mark.parametrize("origin", NOT_LISTED)
@pytest.mark.parametrize("origins", [(), (SANDBOX,)])
def test_a_page_that_is_not_on_the_list_learns_and_reports_nothing(kept, origin, origins):
    client = served(kept, origins=origins)
    card = next(one for one in given_cards(client) if "topic" in one["source"])
    sent = {"feedback": [overridden(card["uuid"])]}
    for answer in (
        client.get("/cds-services", headers={"origin": origin}),
        client.post(SIGN, json=call("order-sign", order("teriparatide")), headers={"origin": origin}),
        client.post(f"{SIGN}/feedback", json=sent, headers={"origin": origin}),
        *(client.options(path, headers={"origin": origin}) for path in PATHS),
    ):
        assert answer.status_code == 403
        assert answer.json()["place"] == "Origin"
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert kept.found == []


def test_a_program_sends_no_origin_and_gets_no_headers_for_pages(client):
    answer = client.post(VIEW, json=call("patient-view"))
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", "", None]
)
def test_what_a_page_may_send_without_being_asked_first_is_refused(client, kept, kind):
    card = next(one for one in given_cards(client) if "topic" in one["source"])
    headers = {} if kind is None else {"content-type": kind}
    for path, sent in (
        (VIEW, call("patient-view")),
        (f"{SIGN}/feedback", {"feedback": [overridden(card["uuid"])]}),
    ):
        answer = client.post(path, content=json.dumps(sent), headers=headers)
        assert (answer.status_code, answer.json()["place"]) == (415, "Content-Type")
    assert kept.found == []


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_written(client, kind):
    sent = json.dumps(call("patient-view"))
    assert client.post(VIEW, content=sent, headers={"content-type": kind}).status_code == 200


# Refusals


@pytest.mark.parametrize(
    ("path", "change", "status", "place"),
    [
        ("/cds-services/none", {}, 404, "service"),
        ("/cds-services/none/feedback", {}, 404, "service"),
        (VIEW, {"hook": "order-sign"}, 400, "hook"),
        (VIEW, {"hookInstance": None}, 400, "hookInstance"),
        (VIEW, {"context": {}}, 400, "context, patientId"),
        (VIEW, {"context": {"patientId": "1"}}, 400, "context, userId"),
        (VIEW, {"context": {"patientId": "another", "userId": "Practitioner/1"}}, 400, "prefetch, patient"),
        (VIEW, {"prefetch": None}, 412, "prefetch"),
        (VIEW, {"prefetch": {"administrations": None}}, 412, "prefetch, patient"),
        (f"{VIEW}/feedback", {}, 400, "feedback"),
    ],
)
def test_a_wrong_call_is_refused_with_place_cause_and_hint(client, path, change, status, place):
    answer = client.post(path, json={**call("patient-view"), **change})
    assert answer.status_code == status, answer.text
    assert answer.json()["place"] == place
    assert answer.json()["cause"]
    assert "hint" in answer.json()


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"\xff", b"[" * 100_000, b'"a"'])
def test_a_body_that_is_no_json_object_is_refused(client, body):
    answer = client.post(VIEW, content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["place"]) == (400, "body")


def test_a_body_beyond_the_limit_is_refused(client):
    answer = client.post(
        VIEW, content=b" " * (LARGEST_CALL + 1), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["place"]) == (413, "body")


@pytest.mark.parametrize(("hook", "indicator"), [("patient-view", "info"), ("order-sign", "warning")])
def test_a_record_that_cannot_be_used_is_a_card_and_not_an_error(client, hook, indicator):
    sent = call(hook, order("Prolia"))
    sent["prefetch"] = {
        "statements": None,
        "patient": {"resourceType": "Patient", "id": PATIENT["id"], "gender": "female"},
    }
    cards = client.post(f"/cds-services/bonecast-{hook}", json=sent).json()["cards"]
    assert cards
    assert {card["indicator"] for card in cards} == {indicator}


# Many entries


def test_two_hundred_entries_are_answered_as_the_few_are(client):
    other = {"resourceType": "Observation", "status": "final", "code": {"text": "something else"}}
    sent = call("order-sign", order("Prolia"))
    few = client.post(SIGN, json=sent).json()
    given = sum(len(part.get("entry", ())) for part in sent["prefetch"].values())
    sent["prefetch"]["more"] = bundle(*({**other, "id": str(i)} for i in range(200 - given)))
    assert client.post(SIGN, json=sent).json() == few


# When an opened record speaks of the injection


def opened(days: int, dose: str) -> set[str]:
    """The rules on the cards of a record without a known calcium, so many days after its last injection."""
    last = dt.date(2026, 3, 16)
    app = FastAPI()
    app.include_router(
        hooks_router(None, "UK", today=lambda: last + dt.timedelta(days=days), clients=Sandbox())
    )
    sent = call("patient-view")
    given = [one for one in RESOURCES if one["resourceType"] == "MedicationAdministration"]
    sent["prefetch"]["medicationadministration"] = json.loads(
        json.dumps(bundle(*given)).replace('"Prolia"', '"Xgeva"').replace('"value": 60', '"value": 120')
        if dose == "120 mg"
        else json.dumps(bundle(*given))
    )
    sent["prefetch"]["observation"] = bundle(*(one for one in RESOURCES if "29463-7" in json.dumps(one)))
    return rules_of(TestClient(app).post(VIEW, json=sent))


@pytest.mark.parametrize(
    ("dose", "days", "due"),
    [("60 mg", 154, False), ("60 mg", 155, True), ("120 mg", 24, False), ("120 mg", 25, True)],
)
def test_an_opened_record_speaks_of_the_injection_from_the_day_on_which_it_may_be_given(dose, days, due):
    assert ("PD-02" in opened(days, dose)) is due


def test_every_card_links_to_the_source_attributes_of_the_server(client):
    cards = client.post(VIEW, json=call("patient-view")).json()["cards"]
    assert cards
    for one in cards:
        assert {
            "label": "Source attributes",
            "url": f"{client.base_url}/trust#source-attributes",
            "type": "absolute",
        } in one["links"]
