"""CDS Hooks 2.0 to the letter: what goes out against JSON schemas, what comes in against the specification's words."""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bonecast.interop import answer, discovery
from bonecast.web import Settings, create_app
from bonecast.web.hooks import LogFeedback, hooks_router
from bonecast.web.security.cds_clients import Sandbox
from bonecast.web.store import card_feedback, overrides

DATA = Path(__file__).parents[1] / "data" / "cds"
SCHEMAS = {path.stem: json.loads(path.read_text("utf-8")) for path in (DATA / "schemas").glob("*.json")}
DAY = dt.date(2026, 11, 29)
HERS = {"reference": "Patient/case"}
LOINC, RXNORM = "http://loinc.org", "http://www.nlm.nih.gov/research/umls/rxnorm"


def check_against(name: str, content: object) -> None:
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(content)


def case(name: str) -> tuple[str, dict[str, Any]]:
    found = json.loads((DATA / f"{name}.json").read_text("utf-8"))
    return found["service"], found["body"]


def result(code: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "subject": HERS,
        "effectiveDateTime": "2026-11-20",
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    } | more


def bundle(*resources: Any) -> dict[str, Any]:
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": one} for one in resources],
    }


def order(**more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "ord1",
        "status": "draft",
        "intent": "order",
        "subject": HERS,
        "medicationCodeableConcept": {"text": "Prolia"},
    } | more


def call(*orders: dict[str, Any], hook: str = "order-sign", **prefetch: Any) -> dict[str, Any]:
    """A call about a woman with one injection half a year ago and a normal calcium."""
    _, body = case("order-rxnorm-code-only")
    body["hook"] = hook
    context = body["context"]
    context["draftOrders"] = bundle(*(orders or (order(),)))
    if hook == "patient-view":
        del context["draftOrders"]
    if hook == "order-select":
        context["selections"] = [f"MedicationRequest/{one['id']}" for one in orders or (order(),)]
    body["prefetch"]["observations"] = bundle(
        result("29463-7", 61, "kg"), result("29265-6", 2.35, "mmol/L"), result("33914-3", 75, "mL/min")
    )
    for key in ("statements", "requests", "conditions", "allergies", "procedures", "orders"):
        body["prefetch"][key] = None
    body["prefetch"] |= prefetch
    return body


def low() -> dict[str, Any]:
    return bundle(result("29463-7", 61, "kg"), result("29265-6", 1.7, "mmol/L"))


def cards(sent: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    made = answer(f"bonecast-{sent['hook']}", sent, "UK", DAY, **more)
    check_against("response", made)
    return made["cards"]


def summaries(sent: dict[str, Any]) -> list[str]:
    return [one["summary"] for one in cards(sent)]


# What goes out


def test_discovery_is_valid_and_names_what_a_call_needs():
    check_against("discovery", discovery())
    assert ["412" in one["usageRequirements"] for one in discovery()["services"]] == [True] * 3


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
@pytest.mark.parametrize("prefetch", [{}, {"observations": low()}])
def test_an_answer_is_valid_with_and_without_a_link_to_the_chart(hook, prefetch):
    for url in ("", "https://bone.clinic.example/smart/launch"):
        made = cards(call(hook=hook, **prefetch), launch_url=url)
        smart = [link for one in made for link in one.get("links", ()) if link["type"] == "smart"]
        assert len(smart) == (len(made) if url else 0)
        assert {link["url"] for link in smart} <= {url}


def test_the_schema_refuses_what_the_specification_forbids():
    (good,) = [one for one in cards(call(observations=low())) if "CI-01 (block)" in one["detail"]]
    wrong = [
        {"summary": "x" * 140},
        {"indicator": "hard-stop"},
        {"source": {}},
        {"detail": ""},
        {"suggestions": []},
        {"overrideReasons": [{"display": "no code"}]},
        {"links": [{"label": "x", "url": "https://a.example", "type": "absolute", "appContext": "x"}]},
        {"extra": 1},
    ]
    check_against("response", {"cards": [good]})
    for change in wrong:
        with pytest.raises(jsonschema.ValidationError):
            check_against("response", {"cards": [good | change]})
    without = {key: value for key, value in good.items() if key != "selectionBehavior"}
    with pytest.raises(jsonschema.ValidationError):
        check_against("response", {"cards": [without]})


def test_a_critical_card_of_an_order_suggests_to_cancel_it_by_its_id():
    made = cards(call(observations=low()))
    (action,) = made[0]["suggestions"][-1]["actions"]
    assert action == {
        "type": "delete",
        "description": "Remove the draft order",
        "resourceId": "MedicationRequest/ord1",
    }
    viewed = cards(call(hook="patient-view", observations=low()))
    assert not [one for one in viewed if "delete" in json.dumps(one.get("suggestions", ()))]


def test_one_finding_on_two_orders_suggests_to_cancel_either():
    made = cards(call(order(), order(id="ord2"), observations=low()))
    ids = [action.get("resourceId") for one in made[0]["suggestions"] for action in one["actions"]]
    assert ids == ["MedicationRequest/ord1", "MedicationRequest/ord2"]


def test_two_people_share_no_card():
    first = {one["uuid"] for one in cards(call(hook="patient-view"))}
    text = json.dumps(call(hook="patient-view")).replace("Patient/case", "Patient/other")
    other = json.loads(text.replace('"id": "case"', '"id": "other"').replace('Id": "case"', 'Id": "other"'))
    assert first
    assert not first & {one["uuid"] for one in cards(other)}


# What a call must bring


@pytest.mark.parametrize(
    ("prefetch", "missing"),
    [
        ({}, ["patient", "administrations", "statements"]),
        ({"administrations": None}, ["patient"]),
        ({"patient": None, "statements": None}, ["patient"]),
        ({"patient": {"resourceType": "Patient", "id": "case"}}, ["administrations", "statements"]),
        (
            {
                "patient": {"resourceType": "Patient", "id": "case"},
                "administrations": {"resourceType": "OperationOutcome"},
            },
            ["administrations", "statements"],
        ),
        (
            {"patient": {"resourceType": "OperationOutcome", "issue": []}, "administrations": bundle()},
            ["patient"],
        ),
    ],
)
def test_a_missing_part_that_is_needed_is_412_and_named_in_the_body(prefetch, missing):
    app = FastAPI()
    app.include_router(hooks_router(LogFeedback(Path("unused")), "UK", today=lambda: DAY, clients=Sandbox()))
    answered = TestClient(app).post("/cds-services/bonecast-order-sign", json=call() | {"prefetch": prefetch})
    assert (answered.status_code, answered.json()["missing"]) == (412, missing)


@pytest.mark.parametrize(
    ("hook", "field"),
    [
        ("patient-view", "userId"),
        ("patient-view", "patientId"),
        ("order-select", "draftOrders"),
        ("order-select", "selections"),
        ("order-sign", "draftOrders"),
        ("order-sign", "userId"),
    ],
)
def test_a_required_field_of_the_context_is_400_and_named(tmp_path, hook, field):
    sent = call(hook=hook)
    del sent["context"][field]
    app = FastAPI()
    app.include_router(hooks_router(LogFeedback(tmp_path), "UK", today=lambda: DAY, clients=Sandbox()))
    answered = TestClient(app).post(f"/cds-services/bonecast-{hook}", json=sent)
    assert (answered.status_code, answered.json()["place"]) == (400, f"context, {field}")


OTHER = {"reference": "Patient/someone-else"}


@pytest.mark.parametrize(
    "resource",
    [
        result("29265-6", 2.35, "mmol/L", subject=OTHER),
        result("29265-6", 2.35, "mmol/L", subject={"reference": "Group/ward"}),
        result("29265-6", 2.35, "mmol/L", subject={"reference": "http://elsewhere.example/Patient/case"}),
        result(
            "29265-6", 2.35, "mmol/L", subject={"reference": "urn:uuid:5c2a9a3c-0000-0000-0000-0000000000"}
        ),
        {"resourceType": "AllergyIntolerance", "patient": OTHER},
        {"resourceType": "Patient", "id": "someone-else"},
        bundle(result("29265-6", 2.35, "mmol/L", subject=OTHER)),
        {
            "resourceType": "DiagnosticReport",
            "subject": HERS,
            "contained": [result("1-8", 1, "1", subject=OTHER)],
        },
        order(subject=OTHER),
    ],
)
@pytest.mark.parametrize("key", ["observations", "conditions", "unknown-key"])
def test_a_resource_of_somebody_else_anywhere_is_400(tmp_path, resource, key):
    sent = call()
    sent["prefetch"][key] = bundle(resource)
    app = FastAPI()
    app.include_router(hooks_router(LogFeedback(tmp_path), "UK", today=lambda: DAY, clients=Sandbox()))
    answered = TestClient(app).post("/cds-services/bonecast-order-sign", json=sent)
    assert (answered.status_code, answered.json()["place"]) == (400, f"prefetch, {key}")


def test_a_draft_order_of_somebody_else_is_400_and_hers_by_full_address_is_read():
    sent = call(order(subject=OTHER))
    with pytest.raises(Exception, match="context, draftOrders"):
        cards(sent)
    for reference in ("Patient/case", "http://127.0.0.1:9/Patient/case", "Patient/case/_history/2"):
        assert cards(call(order(subject={"reference": reference}), observations=low()))


# Each case of the shared list, over HTTP


def test_each_case_has_its_right_status(tmp_path):
    app = FastAPI()
    app.include_router(hooks_router(LogFeedback(tmp_path), "UK", today=lambda: DAY, clients=Sandbox()))
    client = TestClient(app)
    expected = {
        "order-rxnorm-code-only": (200, "CI-01 (block)", "critical"),
        "hypocalcaemia-and-odd-ALT-unit": (200, "CI-01 (block)", "critical"),
        "patient-view-last-dose-by-reference": (200, "medicine", "warning"),
        "order-generic-xgeva": (200, "120 mg", "critical"),
        "patient-view-keys-missing": (412, "administrations", ""),
        "observation-of-another-patient": (400, "someone-else", ""),
        "no-draft-orders": (400, "draftOrders", ""),
    }
    assert set(expected) == {path.stem for path in DATA.glob("*.json")}
    for name, (status, word, indicator) in expected.items():
        service, body = case(name)
        answered = client.post(f"/cds-services/{service}", json=body)
        assert answered.status_code == status, name
        assert word in answered.text, name
        if status == 200:
            check_against("response", answered.json())
            assert answered.json()["cards"][0]["indicator"] == indicator, name


# Timing of orders


def timed(name: str = "Prolia", **dosage: Any) -> dict[str, Any]:
    return order(medicationCodeableConcept={"text": name}, dosageInstruction=[dosage])


def repeat(period: float, unit: str, frequency: int = 1, **more: Any) -> dict[str, Any]:
    return {"repeat": {"frequency": frequency, "period": period, "periodUnit": unit} | more}


@pytest.mark.parametrize(
    ("ordered", "words", "indicator"),
    [
        (timed(timing=repeat(1, "d")), "denosumab is ordered every day", "critical"),
        (timed(text="60 mg daily"), "denosumab is ordered every day", "critical"),
        (timed(timing={"code": {"text": "BID", "coding": [{"code": "BID"}]}}), "2 times a day", "critical"),
        (timed(timing={"event": ["2026-12-01", "2026-12-08"]}), "every 7 days", "critical"),
        (timed(timing=repeat(1, "mo")), "every month", "critical"),
        (timed(timing=repeat(5, "mo")), "every 5 months", "critical"),
        (timed(timing=repeat(7, "mo")), "every 7 months", "warning"),
        (timed(timing=repeat(1, "a")), "every year", "warning"),
        (timed(timing=repeat(6, "mo"), text="every week"), "every week", "critical"),
        (timed(timing="daily"), "could not be read", "warning"),
        (timed(asNeededBoolean=True), "as needed", "warning"),
        (timed("Xgeva", timing=repeat(1, "wk")), "every week", "critical"),
        (timed("Xgeva", timing=repeat(6, "mo")), "every 6 months", "warning"),
        (timed("alendronate 70 mg", timing=repeat(1, "d")), "alendronate is ordered every day", "critical"),
        (timed("zoledronic acid 5 mg", timing=repeat(1, "mo")), "every month", "critical"),
    ],
)
def test_a_timing_that_no_label_has_is_a_card(ordered, words, indicator):
    made = [one for one in cards(call(ordered)) if words in one["summary"]]
    assert [one["indicator"] for one in made] == [indicator]
    assert "labels give it every" in made[0]["summary"]


@pytest.mark.parametrize(
    "ordered",
    [
        timed(timing=repeat(6, "mo")),
        timed(timing=repeat(26, "wk")),
        timed(timing=repeat(24, "wk")),
        timed(timing=repeat(180, "d")),
        timed(timing=repeat(186, "d")),
        timed(timing=repeat(1, "a", 2)),
        timed(text="60 mg subcutaneously every 6 months, with calcium daily"),
        timed(timing=repeat(1, "d", count=1)),
        timed(text="60 mg once"),
        timed(),
        timed("Xgeva", timing=repeat(4, "wk")),
        timed("Xgeva", timing=repeat(28, "d")),
        timed("Xgeva", timing=repeat(1, "mo")),
        timed("Xgeva", timing=repeat(1, "wk", count=3)),
        timed("alendronate 70 mg", timing=repeat(1, "wk")),
        timed("zoledronic acid 5 mg", timing=repeat(18, "mo")),
        timed("metformin", timing=repeat(1, "d", 2)),
    ],
)
def test_a_timing_that_a_label_has_brings_no_card(ordered):
    assert not [one for one in summaries(call(ordered)) if "labels give it" in one]


@pytest.mark.parametrize(("period", "found"), [(1, True), (180, False)])
def test_the_finding_on_implausible_doses_comes_with_the_timing(period, found):
    made = cards(call(timed(timing=repeat(period, "d"))))
    assert any("DQ-01" in one["summary"] + one["detail"] for one in made) is found


# Selections


def test_a_selected_order_that_was_not_sent_is_a_card_and_never_an_empty_answer():
    sent = call(order(medicationCodeableConcept={"text": "metformin"}), hook="order-select")
    sent["context"]["selections"] = ["MedicationRequest/ord9"]
    assert summaries(sent) == ["An order could not be read"]


@pytest.mark.parametrize("selected", ["MedicationRequest/ord1", "http://127.0.0.1:9/MedicationRequest/ord1"])
def test_a_selection_may_be_relative_or_absolute(selected):
    sent = call(hook="order-select", observations=low())
    sent["context"]["selections"] = [selected]
    assert cards(sent)[0]["indicator"] == "critical"


# A failing part


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        (
            "conditions",
            {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "search timed out"}]},
            "`conditions`: search timed out",
        ),
        ("conditions", "not found", "`conditions`: it is no FHIR resource"),
        ("conditions", bundle() | {"link": [{"relation": "next", "url": "x"}]}, "more pages"),
        ("conditions", bundle(None), "an entry holds no resource"),
        ("conditions", bundle() | {"entry": ["x"]}, "an entry is no object"),
        (
            "conditions",
            bundle({"resourceType": "OperationOutcome", "issue": [{"details": {"text": "partly"}}]}),
            "`conditions`: partly",
        ),
        ("conditions", bundle({"resourceType": "MedicationOrder", "subject": HERS}), "STU3"),
        (
            "unknown-key",
            bundle({"resourceType": "Condition", "assertedDate": "2020", "subject": HERS}),
            "STU3",
        ),
    ],
)
def test_a_part_that_fails_is_a_card_beside_those_that_could_be_made(key, value, words):
    made = cards(call(observations=low(), **{key: value}))
    assert "CI-01 (block)" in made[0]["detail"]
    (part,) = [one for one in made if one["summary"] == "A part of the record could not be read"]
    assert words in part["detail"] if words != "STU3" else "is FHIR" in part["detail"]
    assert part["indicator"] == "warning"


def test_parts_that_were_not_sent_are_named_where_something_is_judged():
    sent = call()
    del sent["prefetch"]["conditions"], sent["prefetch"]["allergies"]
    (card,) = [one for one in cards(sent) if one["summary"] == "Parts of the record were not sent"]
    assert "`conditions`, `allergies`" in card["detail"]
    sent["context"]["draftOrders"] = bundle(order(medicationCodeableConcept={"text": "metformin"}))
    assert cards(sent) == []


def test_a_timing_is_judged_even_where_the_record_cannot_be_read():
    sent = call(timed(timing=repeat(1, "d")))
    del sent["prefetch"]["patient"]["birthDate"]
    made = summaries(sent)
    assert any("every day" in one for one in made)
    assert "The record cannot be checked" in made


# Fields of version 3.0


def test_fields_of_the_next_version_change_nothing():
    sent = call(observations=low())
    plain = cards(copy.deepcopy(sent))
    sent |= {"hookVersion": "1.0", "extension": {"com.example": {"x": 1}}, "fhirAuthorization": None}
    sent["context"] |= {"extension": {}, "fhirContext": []}
    sent["prefetch"]["procedures"] = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    assert cards(sent) == plain


# Feedback


def report(card: str, **more: Any) -> dict[str, Any]:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-11-29T10:00:00Z"} | more


@pytest.fixture
def client(tmp_path):
    app = create_app(Settings(f"sqlite:///{tmp_path / 'a.db'}", worker=False, cds_sandbox=True))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        yield client


SIGN = "/cds-services/bonecast-order-sign"


def test_feedback_is_stored_with_outcome_reason_and_suggestions_and_lifts_no_block(client):
    before = client.post(SIGN, json=call(observations=low())).json()
    check_against("response", before)
    card = before["cards"][0]
    reasons = next(one["overrideReasons"] for one in before["cards"] if "overrideReasons" in one)
    reason = {"reason": reasons[1], "userComment": "planned"}
    sent = {
        "feedback": [
            report(card["uuid"], overrideReason=reason),
            report(
                card["uuid"],
                outcome="accepted",
                acceptedSuggestions=[{"id": card["suggestions"][0]["uuid"]}],
            ),
        ]
    }
    check_against("feedback", sent)
    assert client.post(f"{SIGN}/feedback", json=sent).status_code == 200
    with client.app.state.store.reading() as session:
        kept = card_feedback.of_record(session, "case")
    (first, by), (second, _) = kept
    assert (first.outcome, first.reason_code, first.comment) == ("overridden", "specialist-plan", "planned")
    assert first.reason_system == "urn:bonecast:override-reason"
    assert (second.outcome, second.accepted) == ("accepted", (card["suggestions"][0]["uuid"],))
    assert by == "CDS sandbox (not verified)"
    assert client.post(SIGN, json=call(observations=low())).json() == before


def test_overrides_fed_back_are_kept_and_never_stand(client):
    from bonecast.interop import read_tables
    from bonecast.web.store import people

    patient = json.dumps(bundle(call()["prefetch"]["patient"])).encode()
    (tables,) = read_tables(patient, "a.json")
    with client.app.state.store.session() as session:
        person = people.add(session, tables.tables, "test")
    made = client.post(SIGN, json=call(observations=low())).json()["cards"]
    card = next(one for one in made if "topic" in one["source"])
    assert client.post(f"{SIGN}/feedback", json={"feedback": [report(card["uuid"])]}).status_code == 200
    with client.app.state.store.reading() as session:
        (kept,) = overrides.of(session, person.id)
        assert overrides.standing(session, person.id) == []
    assert kept.fed_back


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"outcome": "ignored"}, "feedback 1, outcome"),
        ({"outcome": None}, "feedback 1, outcome"),
        ({"outcomeTimestamp": None}, "feedback 1, outcomeTimestamp"),
        ({"outcomeTimestamp": "yesterday"}, "feedback 1, outcomeTimestamp"),
        ({"card": "x"}, "feedback 1, card"),
        ({"outcome": "accepted"}, "feedback 1, acceptedSuggestions"),
        ({"outcome": "accepted", "acceptedSuggestions": []}, "feedback 1, acceptedSuggestions"),
        ({"outcome": "accepted", "acceptedSuggestions": [{"id": 1}]}, "feedback 1, acceptedSuggestions"),
        ({"overrideReason": "no"}, "feedback 1, overrideReason"),
        ({"overrideReason": {"reason": "no"}}, "feedback 1, overrideReason, reason"),
        ({"overrideReason": {"reason": {"display": "x"}}}, "feedback 1, overrideReason, reason"),
        ({"overrideReason": {"userComment": 1}}, "feedback 1, overrideReason, userComment"),
    ],
)
def test_feedback_that_is_not_as_the_specification_lays_it_down_is_400(client, change, place):
    card = client.post(SIGN, json=call(observations=low())).json()["cards"][0]["uuid"]
    answered = client.post(f"{SIGN}/feedback", json={"feedback": [report(card) | change]})
    assert (answered.status_code, answered.json()["place"]) == (400, place)
    with client.app.state.store.reading() as session:
        assert card_feedback.of_record(session, "case") == []
