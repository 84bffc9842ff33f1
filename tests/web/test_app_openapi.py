"""The API answers whatever it is sent, as its description says, and never with a failure of ours."""

from __future__ import annotations

import clinic
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bonecast.web.app import create_app
from bonecast.web.settings import Settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

DESCRIBED = create_app(Settings("never-opened.db", worker=False)).openapi()
CALLS = [(path, verb) for path, verbs in DESCRIBED["paths"].items() for verb in verbs]
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    # Schemathesis calls the server by this name.
    with clinic.open_clinic(tmp_path_factory.mktemp("openapi"), names=("testserver",)) as made:
        for number in range(3):
            made.add(clinic.record(id=f"A-{number}"))
        yield made


@pytest.fixture(scope="module")
def described(opened):
    return schemathesis.openapi.from_asgi("/api/v1/openapi.json", opened.app)


@pytest.mark.parametrize(("path", "verb"), CALLS)
def test_no_call_of_the_api_makes_the_server_fail(described, path, verb):
    from schemathesis.checks import CHECKS

    checks = [check for check in CHECKS.get_all() if check.__name__ in CHECKED]
    assert len(checks) == len(CHECKED)

    @settings(
        max_examples=30,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def call(data):
        case = data.draw(described[path][verb].as_strategy())
        case.call_and_validate(checks=checks)

    call()


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"person": {"id": 1e308}},
        {"person": {"id": "\0"}},
        {
            "person": {
                "id": "A",
                "sex": "female",
                "birth_date": 0,
                "record_date": "9999-99-99",
                "weight": "1e999 kg",
            }
        },
        {
            "person": {
                "birth_date": "0001-01-01",
                "record_date": "9999-12-31",
                "id": "A",
                "sex": "male",
                "weight": "70 kg",
            }
        },
        {"doses": [{"drug": "denosumab", "amount": "60 mg", "every": "1e300 days", "from": "2020-01-01"}]},
        {"doses": [None, True, 3, "x", [[]]]},
        {"measurements": [{"test": "CTX", "value": "9" * 200, "date": "2026-01-01"}]},
    ],
)
@pytest.mark.parametrize("path", ["/api/v1/people", "/api/v1/records/check"])
def test_odd_records_are_refused_with_their_faults(opened, record, path):
    answer = opened.client.post(path, json={"record": record})
    assert answer.status_code in (200, 422)
    assert answer.json()["faults"]


@pytest.mark.parametrize(
    "body", ["{", "null", "[]", "NaN", '{"record": NaN}', "[" * 50_000, '"' + "\\ud800" + '"', ""]
)
def test_odd_bodies_are_refused(opened, body):
    answer = opened.client.post("/api/v1/people", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "x", "1.5", "%00"])
def test_odd_numbers_of_people_are_no_person(opened, number):
    assert opened.get(f"/api/v1/people/{number}").status_code in (404, 422)
    assert opened.get(f"/people/{number}/record").status_code == 404


def test_the_description_names_every_call_and_needs_no_other_host(opened):
    found = opened.get("/api/v1/openapi.json").json()
    assert {
        "/api/v1/people",
        "/api/v1/people/{id}",
        "/api/v1/records/check",
        "/api/v1/import",
        "/health",
    } <= set(found["paths"])
    assert not [path for path in found["paths"] if not path.startswith(("/api/", "/health"))]
    assert opened.get("/docs").status_code == 404
