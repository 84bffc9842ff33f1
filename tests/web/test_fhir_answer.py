"""The application answers findings and dates as FHIR R4."""

from __future__ import annotations

import json
from pathlib import Path

import clinic
import pytest
from fhir.resources.R4B.bundle import Bundle

DATA = Path(__file__).parents[1] / "data" / "fhir"
FIRST = (DATA / "calcium-blood-49765-1.json").read_text("utf-8")


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


@pytest.mark.parametrize("update", ["true", "false"])
def test_a_file_with_the_id_of_another_person_changes_nothing(opened, update):
    """The same id with another birth date and sex: it is refused, or left alone, and never taken in."""
    fates = []
    for name in ("calcium-blood-49765-1.json", "same-id-other-person.json"):
        content = (DATA / name).read_bytes()
        answer = opened.client.post(
            f"/api/v1/import?name={name}&update={update}",
            content=content,
            headers={"content-type": "application/octet-stream"},
        )
        fates.append(answer.json()[0])
    assert [one["fate"] for one in fates] == ["added", "refused" if update == "true" else "known"]
    kept = opened.get("/api/v1/people/2").json()["record"]["person"]
    assert (kept["sex"], kept["birth_date"]) == (
        "female",
        json.loads(FIRST)["entry"][0]["resource"]["birthDate"],
    )
    if update == "true":
        assert "birth date" in fates[1]["faults"][0]["cause"]
