"""The pages of the list, the record, imports and history, as a browser without JavaScript uses them."""

from __future__ import annotations

import copy
import re

import clinic
import pytest

from bonecast.interop import read_patient_bytes
from bonecast.web.pages.record_fields import fact_groups
from bonecast.web.pages.record_form import record_of, values_of
from bonecast.web.store.merge import with_keys

FORM = {
    "person-id": "B-2",
    "person-name": "Ann Onymous",
    "person-sex": "female",
    "person-birth_date": "1950-01-02",
    "person-record_date": "2026-09-15",
    "person-weight": "61 kg",
    "doses-0-drug": "Prolia",
    "doses-0-amount": "60 mg",
    "doses-0-date": "2026-03-16",
    "scans-0-date": "2026-01-05",
    "scans-0-lumbar_spine_bmd": "0,742",
    "scans-0-lumbar_spine_t": "-2.8",
}


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        yield opened


def _edit_form(opened, id):
    """The fields of the edit form as a browser would send them back."""
    page = opened.get(f"/people/{id}/record/edit").text
    with opened.store.reading() as s:
        from bonecast.web.store import people

        values = values_of(people.get(s, id).record)
    version = re.search(r'name="version" value="(\d+)"', page)[1]
    return {**values, "version": version}


def test_an_empty_list_says_how_to_begin(open_clinic):
    page = open_clinic.get("/people").text
    assert "Nobody is on the list yet" in page
    assert 'href="/people/import"' in page


def test_a_person_entered_by_form_is_on_the_list_with_the_due_day(open_clinic):
    answer = open_clinic.post("/people/new", FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/people/1/record?said=added")
    page = open_clinic.get("/people/1/record").text
    for part in ("Ann Onymous", "0.742 g/cm²", "T −2.8", "Prolia", "safety questions open"):
        assert part in page
    assert "15 September 2026" in open_clinic.get("/people").text


def test_each_fault_is_stated_at_its_field_and_nothing_typed_is_lost(open_clinic):
    wrong = {
        **FORM,
        "person-weight": "61",
        "doses-0-date": "2027-01-01",
        "doses-1-drug": "denosumb",
        "scans-0-lumbar_spine_bmd": "742",
        "person-sex": "",
    }
    answer = open_clinic.post("/people/new", wrong)
    assert answer.status_code == 422
    page = answer.text
    for field in ("person-sex", "doses-1-amount", "scans-0-lumbar_spine_bmd"):
        assert re.search(
            rf'id="{field}"[^>]*aria-describedby="[^"]*{field}-fault"[^>]*aria-invalid="true"', page
        ), field
        assert f'id="{field}-fault"' in page
        assert f'href="#{field}"' in page
    assert 'value="denosumb"' in page
    assert open_clinic.get("/api/v1/people").json()["total"] == 0


def test_a_fault_deep_in_the_list_stands_at_the_row_that_was_typed(open_clinic):
    rows = {**FORM, "doses-4-drug": "denosumab", "doses-4-amount": "60", "doses-4-date": "2025-09-10"}
    page = open_clinic.post("/people/new", rows).text
    assert 'id="doses-4-amount-fault"' in page
    assert 'id="doses-1-amount-fault"' not in page


def test_another_row_is_added_without_saving_and_without_a_script(open_clinic):
    answer = open_clinic.post("/people/new", {**FORM, "add": "results"})
    assert answer.status_code == 200
    assert 'name="results-0-calcium"' in answer.text
    assert 'value="Ann Onymous"' in answer.text
    assert open_clinic.get("/api/v1/people").json()["total"] == 0


def test_an_edit_is_kept_with_its_history(open_clinic):
    open_clinic.post("/people/new", FORM)
    form = _edit_form(open_clinic, 1) | {"person-weight": "63 kg", "person-diabetes": "true"}
    assert open_clinic.post("/people/1/record/edit", form).headers["location"].endswith("?said=saved")
    page = open_clinic.get("/people/1/history").text
    assert "<del>61 kg</del>" in page
    assert "<ins>63 kg</ins>" in page


def test_saving_without_a_change_makes_no_version(open_clinic):
    open_clinic.post("/people/new", FORM)
    answer = open_clinic.post("/people/1/record/edit", _edit_form(open_clinic, 1))
    assert answer.headers["location"].endswith("?said=unchanged")
    assert open_clinic.get("/api/v1/people/1").json()["version"] == 1


def test_a_removed_dose_is_gone_and_can_be_brought_back(open_clinic):
    open_clinic.post("/people/new", FORM)
    form = _edit_form(open_clinic, 1) | {"doses-0-remove": "yes"}
    open_clinic.post("/people/1/record/edit", form)
    assert open_clinic.get("/api/v1/people/1").json()["record"]["doses"] == []
    open_clinic.post("/people/1/history/1/bring-back")
    assert open_clinic.get("/api/v1/people/1").json()["record"]["doses"][0]["drug"] == "Prolia"


def test_changes_from_two_windows_to_different_fields_are_both_kept(open_clinic):
    open_clinic.post("/people/new", FORM)
    one, two = _edit_form(open_clinic, 1), _edit_form(open_clinic, 1)
    open_clinic.post("/people/1/record/edit", one | {"person-weight": "63 kg"})
    answer = open_clinic.post("/people/1/record/edit", two | {"person-height": "158 cm"})
    assert answer.headers["location"].endswith("?said=merged")
    person = open_clinic.get("/api/v1/people/1").json()["record"]["person"]
    assert (person["weight"], person["height"]) == ("63 kg", "158 cm")


@pytest.mark.parametrize(("side", "weight"), [("mine", "64 kg"), ("theirs", "63 kg")])
def test_the_same_field_changed_in_two_windows_is_chosen_on_a_page(open_clinic, side, weight):
    open_clinic.post("/people/new", FORM)
    one, two = _edit_form(open_clinic, 1), _edit_form(open_clinic, 1)
    open_clinic.post("/people/1/record/edit", one | {"person-weight": "63 kg"})
    conflict = open_clinic.post(
        "/people/1/record/edit", two | {"person-weight": "64 kg", "person-height": "158 cm"}
    )
    assert conflict.status_code == 409
    assert "63 kg" in conflict.text
    assert "64 kg" in conflict.text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', conflict.text))
    from html import unescape

    form = {name: unescape(value) for name, value in hidden.items()}
    unchosen = open_clinic.post("/people/1/record/resolve", form)
    assert unchosen.status_code == 409
    assert "Choose one of the two" in unchosen.text
    chosen = open_clinic.post("/people/1/record/resolve", form | {"choice-0": side})
    assert chosen.status_code == 303, chosen.text
    person = open_clinic.get("/api/v1/people/1").json()["record"]["person"]
    assert (person["weight"], person["height"]) == (weight, "158 cm")


def test_a_deleted_person_is_off_the_list_and_comes_back(open_clinic):
    open_clinic.post("/people/new", FORM)
    open_clinic.post("/people/1/delete")
    assert open_clinic.get("/people/1/record").status_code == 404
    assert "Put back" in open_clinic.get("/people/deleted").text
    answer = open_clinic.post("/people/1/restore")
    assert answer.headers["location"] == "/people/1/record?said=restored"
    assert open_clinic.get("/people/1/record").status_code == 200


@pytest.mark.parametrize("name", ["late-dose.toml", "late-dose.fhir.json"])
def test_a_record_file_is_imported_whole(open_clinic, name):
    data = (clinic.EXAMPLES / name).read_bytes()
    answer = open_clinic.post("/people/import", files={"files": (name, data)})
    assert answer.status_code == 200
    kept = open_clinic.get("/people/1/record.toml").content
    assert read_patient_bytes(kept, "kept.toml") == read_patient_bytes(data, name)


def test_a_csv_brings_every_person_that_can_be_used_and_names_the_others(open_clinic):
    head = "id,sex,birth_date,record_date,weight,doses\n"
    rows = "A,female,1955-03-09,2026-09-15,61 kg,denosumab 60 mg @ 2026-03-16\nB,male,1950-01-01,2026-09-15,80,\n"
    answer = open_clinic.post("/people/import", files={"files": ("people.csv", (head + rows).encode())})
    assert open_clinic.get("/api/v1/people").json()["total"] == 1
    assert "people.csv, line 3" in answer.text
    assert "refused" in answer.text


def test_a_second_import_leaves_people_alone_or_adds_what_is_new(open_clinic):
    tables = clinic.record()
    open_clinic.add(tables)
    newer = copy.deepcopy(tables)
    newer["person"]["weight"] = "59 kg"
    newer["doses"] = [{"drug": "denosumab", "amount": "60 mg", "date": "2026-09-15"}]
    from bonecast.records import toml_of

    sent = {"files": ("again.toml", toml_of(newer).encode())}
    assert "left alone" in open_clinic.post("/people/import", files=sent).text
    assert "updated" in open_clinic.post("/people/import", {"known": "update"}, files=sent).text
    record = open_clinic.get("/api/v1/people/1").json()["record"]
    assert record["person"]["weight"] == "59 kg"
    assert [dose["date"] for dose in record["doses"]] == ["2025-09-10", "2026-03-16", "2026-09-15"]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.toml", b"\xff\xfe"),
        ("a.toml", b"[person"),
        ("a.toml", b"person = 3"),
        ("a.toml", b"[person]\nid = {a = 1}"),
        ("a.json", b'{"resourceType": "Patient"}'),
        ("a.json", b"[" * 100_000),
        ("a.csv", b'"'),
        ("a.csv", b""),
        ("a.csv", b"id,unknown\n"),
        ("a.xlsx", b"PK\x03\x04 no workbook"),
        ("a.tsv", b""),
        ("../../etc/passwd", b"x"),
        ("a\n<script>.toml", b"x = 1"),
    ],
)
def test_a_broken_file_is_refused_in_a_sentence(open_clinic, name, data):
    answer = open_clinic.post("/people/import", files={"files": (name, data)})
    assert answer.status_code == 422
    assert "refused" in answer.text
    assert "<script>." not in answer.text
    assert open_clinic.get("/api/v1/people").json()["total"] == 0


def test_a_name_is_shown_as_text_never_as_markup(open_clinic):
    open_clinic.post("/people/new", FORM | {"person-name": "<b>Ann</b> \"'"})
    for path in ("/people", "/people/1/record", "/people/1/record/edit", "/people/1/history"):
        assert "<b>Ann" not in open_clinic.get(path).text


def test_every_fact_of_a_record_has_one_field_in_the_form():
    from bonecast.records import known_facts

    shown = [field.key for _, fields in fact_groups() for field in fields]
    assert sorted(shown) == sorted(known_facts())


def test_a_form_states_the_record_that_filled_it():
    tables = clinic.example_tables()
    tables["person"] = {key: _iso(value) for key, value in tables["person"].items()}
    for table in ("doses", "measurements"):
        tables[table] = [{key: _iso(value) for key, value in entry.items()} for entry in tables[table]]
    tables["fractures"] = [{"site": "hip", "date": "2024-03-02"}]
    kept = with_keys(tables)
    assert record_of(values_of(kept), kept) == kept


def _iso(value):
    return value.isoformat() if hasattr(value, "isoformat") else value
