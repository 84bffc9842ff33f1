"""Numbers, days and texts beyond what there can be, sent by a program: an answer or a sentence, never 500."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path

import clinic
import pytest

import bonecast
from bonecast.web.store import given_cards

JSON = {"content-type": "application/json"}
FAR = "9" * 20  # beyond what a database numbers
WHO = '"person": {"id": "n", "sex": "female", "birth_date": "1950-01-01", "record_date": "2026-01-01"'
BODIES = {
    "NaN": (f'{{"record": {{{WHO}, "menopause_age": NaN}}}}}}', "not JSON"),
    "Infinity": (f'{{"record": {{{WHO}, "menopause_age": Infinity}}}}}}', "not JSON"),
    "a number beyond every float": (f'{{"record": {{{WHO}, "menopause_age": 1e999}}}}}}', ""),
    "an integer of 5,000 digits": (f'{{"record": {{{WHO}, "menopause_age": {"9" * 5000}}}}}}}', "digits"),
    "an integer of 400 digits": (f'{{"record": {{{WHO}, "menopause_age": {"9" * 400}}}}}}}', "digits"),
    "half a character in a value": (f'{{"record": {{{WHO}, "name": "s\\ud800"}}}}}}', "not JSON"),
    "half a character in a key": (f'{{"record": {{{WHO}, "k\\ud800": 1}}}}}}', "not JSON"),
    "a NUL character": (f'{{"record": {{{WHO}, "name": "n\\u0000"}}}}}}', "U+0000"),
    "a list for a person": ('{"record": {"person": [1]}}', ""),
    "nothing": ('{"record": {}}', ""),
    "no id": (json.dumps({"record": clinic.record(id=None)}), ""),
    "an id that is a table": (json.dumps({"record": clinic.record(id={"a": 1})}), ""),
}
KEYS = [["k", "k"], [{"a": 1}, "b"], [["a"], "b"], [None, 5]]
ADDRESSES = (
    f"/people/{FAR}", f"/people/{FAR}/record", f"/jobs/{FAR}", "/jobs/9223372036854775808/charts",
    f"/people?page={FAR}",
    "/people?offset=-1", "/people?search=%00", "/people?search=%25%25%25", "/people?search=" + "a" * 5000,
    "/api/v1/people?offset=9999999", "/api/v1/people?search=%F0%9F", "/api/v1/people/1/check?on=9999-12-31",
    "/api/v1/people/1/check?on=0001-01-01", "/api/v1/people/1/check?fact=age_years=1e999",
    "/api/v1/people/1/check?fact=age_years=nan", "/api/v1/people/1/check?fact=route=%00",
    "/people/1/check?on=9999-12-31", "/people/1/check?on=0001-01-01", "/people/1/late?on=9999-12-31",
    "/people/1/late?on=0001-01-01", "/people/1/late?day=9999-12-31", "/people/1/stop?last=9999-12-31",
    "/people/1/injections?move=9999-12-31",
    "/people/1/overview/redraw?date=9999-12-31", "/people/1/overview/redraw?date=0001-01-01",
    "/people/1/overview?show=nothing", "/people/1/overview?years=99", "/people/1/overview/preview?date=tomorrow",
    "/people/1/schedule?jurisdiction=XX", "/models/bonecast-1/curves?plan=denosumab+60+mg+every+1+days+x+20001",
    "/models/bonecast-1/curves?plan=denosumab+1e30+mg+once", "/models/bonecast-1/curves?turnover=nan",
    "/models/bonecast-1/curves?turnover=1e308", "/models/bonecast-1/try.csv?plan=denosumab+1e30+mg+once",
    "/api/v1/models/bonecast-1/curves?plan=denosumab+60+mg+once&years=1e9",
    "/api/v1/plans/read?plan=" + "x" * 11_000, "/plans?plan=%00", f"/accounts/audit?offset={FAR}",
    f"/people/1/history?offset={FAR}", "/people/1/report?strategies=x", "/people/1/compare?sort=__class__",
    "/api/v1/people/1/leaflet?language=xx", "/people/1/calendar.ics?jurisdiction=%00",
)  # fmt: skip
INSTANTS = {
    "0001-01-01T00:00:00+14:00": 400, "0001-01-01": 400, "9999-12-31T23:59:59-14:00": 400, "2999-01-01T00:00:00Z": 400,
    "2026-01-01T24:00:00Z": 400, "soon": 400, 5: 400, None: 400, "2026-W01-1": 200, "20260101T10": 200,
    "2026-01-01T00:00:00Z": 200,
}  # fmt: skip
REASONS = {
    "a lone half of a character": ('{"userComment": "\\ud800"}', 400),
    "a NUL character": ('{"userComment": "a\\u0000b"}', 400),
    "a table for a text": ('{"userComment": {"a": 1}}', 400),
    "a list for a system": ('{"reason": {"system": ["x"], "code": {}}}', 400),
    "more than a call may have": ('{"userComment": "' + "x" * 4_000_001 + '"}', 413),
    "a comment": ('{"userComment": "seen in clinic"}', 200),
}
PATIENT = {"resourceType": "Patient", "id": "A-17", "gender": "female", "birthDate": "1955-03-09"}
CALL = {
    "hook": "patient-view",
    "hookInstance": str(uuid.UUID(int=1)),
    "context": {"patientId": "A-17", "userId": "Practitioner/1"},
    "prefetch": {"patient": PATIENT, "doses": {"resourceType": "Bundle", "type": "searchset", "entry": []}},
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """One person, who has the number 1; CDS Hooks answers everyone, and gave the card c1."""
    with clinic.open_clinic(tmp_path_factory.mktemp("odd"), cds_sandbox=True) as found:
        found.add()
        with found.store.session() as s:
            given_cards.write(s, "A-17", {"c1": "DC-01"})
        yield found


def refused(answer, status=422):
    assert answer.status_code == status, answer.text[:300]
    assert answer.json()["cause"]
    return answer.json()["cause"]


@pytest.mark.parametrize("name", BODIES)
def test_a_record_that_no_database_keeps_is_refused_with_its_cause(opened, name):
    body, cause = BODIES[name]
    assert cause in refused(opened.client.post("/api/v1/people", content=body, headers=JSON))


@pytest.mark.parametrize("keys", KEYS, ids=str)
def test_entries_whose_keys_are_double_or_no_texts_are_refused(opened, keys):
    record = clinic.record(id="keys")
    record["doses"] = [{**dose, "key": key} for dose, key in zip(record["doses"], keys, strict=True)]
    assert refused(opened.client.post("/api/v1/people", json={"record": record}))


@pytest.mark.parametrize("version", [0, 2**31 - 1, 2**63, -1])
def test_a_version_that_there_is_not_changes_nothing(opened, version):
    sent = {"record": clinic.record(weight="70 kg"), "version": version}
    assert opened.client.put("/api/v1/people/1", json=sent).status_code in (409, 422)
    assert opened.get("/api/v1/people/1").json()["record"]["person"]["weight"] == "61 kg"


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_an_address_beyond_every_limit_is_answered_or_refused(opened, address):
    assert opened.get(address, follow_redirects=False).status_code < 500, address


@pytest.mark.parametrize(
    ("where", "value"),
    [("birthDate", "9999-12-31"), ("birthDate", "0001-01-01"), ("gender", "\x01"), ("birthDate", 5)],
)
def test_a_patient_of_a_hook_who_cannot_be_gets_cards_and_no_failure(opened, where, value):
    call = {**CALL, "prefetch": {**CALL["prefetch"], "patient": {**PATIENT, where: value}}}
    answer = opened.client.post("/cds-services/bonecast-patient-view", json=call)
    assert answer.status_code in (200, 400, 412), answer.text[:300]


def feedback(opened, timestamp='"2026-01-01T00:00:00Z"', reason='{"userComment": "z"}'):
    report = (
        f'"card": "c1", "outcome": "overridden", "overrideReason": {reason}, "outcomeTimestamp": {timestamp}'
    )
    body = f'{{"feedback": [{{{report}}}]}}'
    return opened.client.post("/cds-services/bonecast-order-sign/feedback", content=body, headers=JSON)


@pytest.mark.parametrize("instant", INSTANTS, ids=str)
def test_feedback_of_a_time_that_cannot_be_is_refused(opened, instant):
    answer = feedback(opened, timestamp=json.dumps(instant))
    if INSTANTS[instant] == 200:
        assert answer.status_code == 200, answer.text
    else:
        assert refused(answer, 400)


@pytest.mark.parametrize("name", REASONS)
def test_feedback_that_no_database_keeps_is_refused(opened, name):
    reason, status = REASONS[name]
    assert feedback(opened, reason=reason).status_code == status


def test_feedback_names_a_card_by_a_text(opened):
    body = {"feedback": [{"card": [1], "outcome": "overridden", "outcomeTimestamp": "2026-01-01T00:00:00Z"}]}
    answer = opened.client.post("/cds-services/bonecast-order-sign/feedback", json=body)
    assert "no card of this service" in refused(answer, 400)


def routes_with_a_number() -> list[tuple[str, str]]:
    """Method and address of each route that names something, with that name beyond what a database numbers."""
    route = re.compile(r'@\w*router\.(get|post|put|delete|patch)\(\s*"([^"]*\{[^"]*)"')
    folder = Path(bonecast.__file__).parent / "web"
    found = {
        pair for file in folder.rglob("*.py") for pair in route.findall(file.read_text(encoding="utf-8"))
    }
    sent = []
    for method, path in sorted(found):
        for place in re.findall(r"\{\w+(?::\w+)?\}", path):
            address = path.replace(place, FAR)
            sent.append((method, re.sub(r"\{\w+(?::\w+)?\}", "1", address)))
    return sent


def test_no_route_fails_at_a_number_that_no_database_holds(opened):
    sent = routes_with_a_number()
    assert len(sent) > 60
    statuses = {}
    for method, address in sent:
        for start in ("", "/api/v1"):
            answer = (
                opened.post(address, {})
                if method == "post" and not start
                else opened.client.request(
                    method.upper(), start + address, json={} if method in ("post", "put") else None
                )
            )
            statuses[method, start + address] = answer.status_code
    assert {asked: status for asked, status in statuses.items() if status >= 500} == {}
    assert sum(status in (404, 422) for status in statuses.values()) > 60
