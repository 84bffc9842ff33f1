"""Small samples in the shapes that are in use: a generator's, a patient summary, a server's search, an oncology record.

They were made for these tests, after the shapes of Synthea, the International Patient Summary, US Core and mCODE. Each
is read, and what is not read says nothing that the record lacks.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bonecast.care import check
from bonecast.core import RecordError
from bonecast.interop import check_fhir, read_patient_bytes
from bonecast.records import Patient

DATA = Path(__file__).parents[1] / "data"
SAMPLES = sorted((DATA / "fhir-samples").iterdir())
TODAY = dt.date(2026, 11, 29)
# What each sample says: doses, tests, facts, and the entries that are not usable.
TABLE = [
    (
        "generator",
        [("denosumab", 60.0, "2026-05-19")],
        ["calcium", "creatinine"],
        {"diabetes": True},
        ["entry 7 (Observation)"],  # a T-score without a site
    ),
    (
        "summary",
        [("denosumab", 60.0, "2026-03-16")],
        ["CTX"],
        {"rheumatoid_arthritis": True},
        [],
    ),
    (
        "server",
        [],
        ["BMD", "albumin", "calcium", "eGFR"],
        {"pregnancy_status": "not_pregnant"},
        [],
    ),
    (
        "oncology",
        [("denosumab", 120.0, "2026-07-20"), ("denosumab", 120.0, "2026-08-17")],
        ["corrected calcium"],
        {"primary_tumour": "breast", "metastatic": True, "bone_malignancy": True},
        [],
    ),
]


def sample(name: str) -> dict[str, Any]:
    return json.loads((DATA / "fhir-samples" / f"{name}.json").read_text("utf-8"))


def read(bundle: dict[str, Any]) -> Patient:
    return read_patient_bytes(json.dumps(bundle).encode(), "sample.json", TODAY)


def test_each_sample_is_in_the_table():
    assert sorted(row[0] for row in TABLE) == [path.stem for path in SAMPLES]


@pytest.mark.parametrize(
    ("name", "doses", "tests", "facts", "unusable"), TABLE, ids=[row[0] for row in TABLE]
)
def test_a_sample_says_what_it_says(name, doses, tests, facts, unusable):
    (found,) = check_fhir(DATA / "fhir-samples" / f"{name}.json", TODAY).people
    person = found.patient
    assert person is not None
    assert [(one.drug, one.amount, one.date.isoformat()) for one in person.doses] == doses
    assert sorted(one.test for one in person.measurements) == tests
    assert dict(person.facts) == facts
    assert [one.place for one in found.entries if one.outcome == "not usable"] == unusable
    assert found.doses_open == ()


def test_a_low_calcium_and_a_score_beside_its_scan_reach_the_check():
    assert "CI-01" in check(read(sample("oncology")), None, "UK").ids("block")
    (scan,) = read(sample("server")).measured("BMD")
    assert (scan.site, scan.t_score) == ("total hip", -1.9)


def without_one_element(bundle: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The Bundle without each of its elements that FHIR does not ask for: of a Patient sex and birth year stay."""
    for key in set(bundle) - {"resourceType", "entry"}:
        yield key, {name: value for name, value in bundle.items() if name != key}
    for number, entry in enumerate(bundle["entry"]):
        if "fullUrl" in entry:
            made = copy.deepcopy(bundle)
            del made["entry"][number]["fullUrl"]
            yield f"{number} fullUrl", made
        kept = {"resourceType"} | ({"gender"} if entry["resource"]["resourceType"] == "Patient" else set())
        for key in set(entry["resource"]) - kept:
            made = copy.deepcopy(bundle)
            resource = made["entry"][number]["resource"]
            if key == "birthDate":
                resource[key] = resource[key][:4]
            else:
                del resource[key]
            yield f"{number} {key}", made


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_a_missing_optional_element_never_refuses_a_bundle(name):
    count = 0
    for what, bundle in without_one_element(sample(name)):
        person = read(bundle)
        assert person.sex == "female", what
        count += 1
    assert count > 50


@pytest.mark.parametrize("name", [path.stem for path in SAMPLES])
def test_a_bundle_of_hardly_anything_but_what_counts_says_the_same(name):
    bundle = sample(name)
    person = read(bundle)
    bare = copy.deepcopy(bundle)
    for key in set(bare) - {"resourceType", "entry", "timestamp", "meta"}:
        del bare[key]
    for entry in bare["entry"]:
        for key in ("meta", "text", "identifier", "name", "telecom", "extension", "category", "encounter"):
            if not (key == "identifier" and "id" not in entry["resource"]):
                entry["resource"].pop(key, None)
    again = read(bare)
    assert (again.doses, again.measurements, again.facts) == (
        person.doses,
        person.measurements,
        person.facts,
    )


@pytest.mark.parametrize(
    ("birth", "day"), [("1955", "1955-07-01"), ("1955-02", "1955-02-15"), ("1955-02-10", "1955-02-10")]
)
def test_a_birth_date_counts_as_exactly_as_it_is_given(birth, day):
    bundle = sample("server")
    bundle["entry"][0]["resource"]["birthDate"] = birth
    assert read(bundle).birth_date.isoformat() == day


@pytest.mark.parametrize("missing", ["gender", "birthDate"])
def test_a_person_without_sex_or_birth_year_is_refused_by_name(missing):
    bundle = sample("server")
    del bundle["entry"][0]["resource"][missing]
    with pytest.raises(RecordError, match={"gender": "sex", "birthDate": "birth_date"}[missing]):
        read(bundle)
