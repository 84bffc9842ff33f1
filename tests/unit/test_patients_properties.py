"""Properties of the reader: anything in, a Patient or an InputError out; order means nothing."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.errors import InputError
from bonecast.interop import read_patient_bytes
from bonecast.records import Patient

pytestmark = pytest.mark.slow

TODAY = dt.date(2026, 10, 1)
QUICK = settings(max_examples=150, deadline=None)

days = st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1))
texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["CTX", "BMD", "LS", "60 mg", "0.31 ng/mL", "<0.05 ng/mL", "nan mg", "1 week", "Prolia", "female"]
    ),
)
leaves = st.one_of(texts, st.integers(), st.floats(), st.booleans(), days.map(dt.date.isoformat), st.none())
keys = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        [
            "id",
            "sex",
            "birth_date",
            "record_date",
            "height",
            "weight",
            "menopause_age",
            "drug",
            "amount",
            "date",
            "every",
            "from",
            "to",
            "test",
            "site",
            "value",
            "time",
            "fasting",
            "scanner",
            "t_score",
            "reference_low",
            "glucocorticoid",
            "calcium_intake",
            "dental_status",
        ]
    ),
)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=12,
)
GOOD_PERSON = {
    "id": "A1",
    "sex": "female",
    "birth_date": "1955-02-10",
    "record_date": "2026-09-15",
    "weight": "61 kg",
}


def toml_value(value: object) -> str:
    """A value in TOML; JSON text is TOML text but for the empty value and the non-finite numbers."""
    match value:
        case None:
            return '""'
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value).replace("e+", "e")
        case str():
            return json.dumps(value).replace("\x7f", "\\u007f")
        case list():
            return "[" + ", ".join(map(toml_value, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml_value(k)} = {toml_value(v)}" for k, v in value.items()) + "}"
    raise TypeError(value)


def outcome(content: bytes, place: str = "a.toml") -> Patient | InputError:
    try:
        return read_patient_bytes(content, place, TODAY)
    except InputError as error:
        return error


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_give_a_patient_or_an_input_error(content):
    for place in ("a.toml", "a.json"):
        assert isinstance(outcome(content, place), Patient | InputError)


@QUICK
@given(person=trees, doses=trees, measurements=trees)
def test_any_toml_tree_gives_a_patient_or_an_input_error_of_one_line(person, doses, measurements):
    tables = {"person": person, "doses": doses, "measurements": measurements}
    text = "".join(f"{key} = {toml_value(value)}\n" for key, value in tables.items())
    found = outcome(text.encode("utf-8", "replace"))
    assert isinstance(found, Patient | InputError)
    assert "\n" not in str(found)


@QUICK
@given(
    dose=st.dictionaries(keys, leaves, max_size=5),
    measurement=st.dictionaries(keys, leaves, max_size=6),
    fact=st.dictionaries(keys, leaves, max_size=2),
)
def test_any_lines_under_a_good_person_give_a_patient_or_an_input_error(dose, measurement, fact):
    person = fact | GOOD_PERSON
    text = f"person = {toml_value(person)}\ndoses = [{toml_value(dose)}]\n"
    text += f"measurements = [{toml_value(measurement)}]\n"
    assert isinstance(outcome(text.encode("utf-8", "replace")), Patient | InputError)


DOSES = [
    {"drug": d, "amount": "60 mg", "date": f"202{n}-03-04"}
    for n, d in enumerate(["Prolia", "denosumab", "placebo"])
]
VALUES = [
    {"test": "CTX", "value": "0.31 ng/mL", "date": "2026-03-04"},
    {"test": "CTX", "value": "0.33 ng/mL", "date": "2026-03-04"},
    {"test": "CTX", "value": "330 ng/L", "date": "2026-03-04"},
    {"test": "P1NP", "value": "45 ug/L", "date": "2026-03-04", "lab": "B"},
    {"test": "P1NP", "value": "45 ug/L", "date": "2026-03-04", "lab": "A"},
    {"test": "BMD", "site": "TH", "value": "0.7 g/cm2", "date": "2026-03-04"},
    {"test": "BMD", "site": "LS", "value": "0.7 g/cm2", "date": "2025-03-04", "t_score": -2.5},
]


@settings(max_examples=40, deadline=None)
@given(st.permutations(DOSES), st.permutations(VALUES), st.permutations(list(GOOD_PERSON.items())))
def test_the_order_of_entries_changes_nothing(doses, values, person):
    def read(doses, values, person):
        text = f"person = {toml_value(dict(person))}\n"
        text += "doses = [\n" + ",\n".join(map(toml_value, doses)) + "]\n"
        text += "measurements = [\n" + ",\n".join(map(toml_value, values)) + "]\n"
        return read_patient_bytes(text.encode(), "a.toml", TODAY)

    shuffled = read(doses, values, person)
    assert shuffled == read(DOSES, VALUES, GOOD_PERSON.items())
    assert len(shuffled.measurements) == len(VALUES)


BUNDLE_KEYS = st.sampled_from(
    [
        "resourceType",
        "entry",
        "resource",
        "timestamp",
        "id",
        "name",
        "gender",
        "birthDate",
        "status",
        "code",
        "coding",
        "system",
        "text",
        "display",
        "value",
        "unit",
        "comparator",
        "effectiveDateTime",
        "valueQuantity",
        "valueBoolean",
        "bodySite",
        "device",
        "method",
        "component",
        "dosage",
        "dose",
        "timing",
        "repeat",
        "medicationCodeableConcept",
        "effectivePeriod",
        "start",
        "end",
        "doseAndRate",
        "referenceRange",
        "low",
        "high",
    ]
)
bundle_leaves = leaves | st.sampled_from(
    ["Patient", "Observation", "MedicationAdministration", "MedicationStatement", "final", "completed",
     "denosumab",
     "urn:bonecast:test", "urn:bonecast:fact", "http://loinc.org", "41171-0", "2026-03-04T08:30:00Z"]
)  # fmt: skip
bundle_trees = st.recursive(
    bundle_leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(BUNDLE_KEYS, inner, max_size=6),
    max_leaves=15,
)


@QUICK
@given(st.lists(bundle_trees, max_size=4), bundle_leaves)
def test_any_bundle_gives_a_patient_or_an_input_error(resources, timestamp):
    bundle = {"resourceType": "Bundle", "timestamp": timestamp, "entry": [{"resource": r} for r in resources]}
    assert isinstance(outcome(json.dumps(bundle).encode(), "a.json"), Patient | InputError)


OBSERVED = {
    "status": st.sampled_from(["final", "entered-in-error"]),
    "code": st.sampled_from(["CTX", "BMD", "t_score", "height", "dental_status"]).flatmap(
        lambda code: st.sampled_from(["urn:bonecast:test", "urn:bonecast:fact"]).map(
            lambda system: {"coding": [{"system": system, "code": code}]}
        )
    ),
    "effectiveDateTime": bundle_leaves,
    "valueQuantity": bundle_trees
    | st.fixed_dictionaries({"value": st.floats() | st.integers(), "unit": texts}),
    "bodySite": bundle_trees,
    "component": bundle_trees,
}


@QUICK
@given(
    st.fixed_dictionaries(
        {"code": OBSERVED["code"]}, optional={k: v for k, v in OBSERVED.items() if k != "code"}
    )
)
def test_any_observation_gives_a_patient_or_an_input_error(observation):
    her = {"resourceType": "Patient", "id": "A1", "gender": "female", "birthDate": "1955-02-10"}
    resources = [her, observation | {"resourceType": "Observation"}]
    bundle = {
        "resourceType": "Bundle",
        "timestamp": "2026-09-15",
        "entry": [{"resource": r} for r in resources],
    }
    assert isinstance(outcome(json.dumps(bundle).encode(), "a.json"), Patient | InputError)
