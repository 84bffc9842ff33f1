"""The application answers findings and dates as FHIR R4."""

from __future__ import annotations

import clinic
import pytest
from fhir.resources.R4B.bundle import Bundle


@pytest.fixture
def opened(tmp_path):
    with clinic.open_clinic(tmp_path) as made:
        made.add(clinic.record(id="A-1"))
        yield made


def test_a_person_is_answered_as_a_bundle_of_proposals(opened):
    answer = opened.get("/api/v1/people/1/fhir?jurisdiction=UK")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/fhir+json"
    found = [one["resource"] for one in answer.json()["entry"]]
    assert Bundle.model_validate(answer.json()).entry
    assert {one["resourceType"] for one in found} >= {"Patient", "GuidanceResponse"}
    assert {one["intent"] for one in found if one["resourceType"] == "ServiceRequest"} == {"proposal"}


def test_a_person_who_is_not_there_is_404(opened):
    assert opened.get("/api/v1/people/99/fhir").status_code == 404
