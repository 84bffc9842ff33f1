"""The grids of the record form: what a cell keeps, units, decimal commas, what is asked before it is kept, drafts."""

from __future__ import annotations

import re

import clinic
import pytest
from test_app_pages import FORM

from bonecast.records import find_test
from bonecast.web.pages.doubts import new_doubts
from bonecast.web.pages.record_form import record_of, values_of, with_next_dose
from bonecast.web.pages.record_grid import decimal_point
from bonecast.web.store import people
from bonecast.web.store.merge import with_keys

NOBODY = {k: v for k, v in FORM.items() if k.startswith("person-")}


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        yield opened


def as_sent(opened, id, **changes):
    """The fields of the edit form, with these changed."""
    with opened.store.reading() as s:
        stored = people.get(s, id)
    return {**values_of(stored.record), "version": str(stored.version), **changes}


def kept(opened, id=1):
    """The measurements on record as (test, site, value, date)."""
    found = opened.get(f"/api/v1/people/{id}").json()["record"]["measurements"]
    return sorted((m["test"], m.get("site"), m["value"], m["date"]) for m in found)


def test_six_doses_three_scans_and_fifteen_results_are_one_form(open_clinic):
    form = dict(NOBODY)
    for n in range(6):
        form |= {f"doses-{n}-drug": "Prolia", f"doses-{n}-amount": "60 mg"}
    form |= {f"doses-{n}-date": f"202{3 + n // 2}-0{3 + 6 * (n % 2)}-15" for n in range(6)}
    for n in range(3):
        form |= {f"scans-{n}-date": f"202{3 + n}-02-01", f"scans-{n}-scanner": "Hologic"}
        form |= {f"scans-{n}-{site}_bmd": "0,742" for site in ("lumbar_spine", "total_hip", "femoral_neck")}
    for n in range(5):
        form |= {f"results-{n}-date": f"202{1 + n}-02-01", f"results-{n}-calcium": "2,31"}
        form |= {f"results-{n}-creatinine": "71", f"results-{n}-ctx": "0,31"}
    answer = open_clinic.post("/people/new", form)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/people/1/record?said=added"), (
        answer.text
    )
    assert len(kept(open_clinic)) == 9 + 15
    assert len(open_clinic.get("/api/v1/people/1").json()["record"]["doses"]) == 6


def test_a_cell_that_is_left_keeps_its_entry_to_the_letter():
    base = with_keys(
        {
            **clinic.record(),
            "measurements": [
                {
                    "test": "s-CTX",
                    "value": "310 ng/L",
                    "date": "2026-01-02",
                    "assay": "X",
                    "lab": "L",
                    "time": "08:10",
                },
                {"test": "CTX", "value": "<0.05 ng/mL", "date": "2026-03-02"},
                {"test": "calcium", "value": "9.4 mg/dL", "date": "2026-03-02", "reference_low": "8.6 mg/dL"},
                {"test": "BMD", "site": "LS", "value": "742 mg/cm2", "date": "2026-02-02", "t_score": -2.8},
            ],
        }
    )
    assert record_of(values_of(base), base) == base


def test_an_emptied_cell_takes_its_result_out_and_the_others_stay(open_clinic):
    tables = clinic.record()
    tables["measurements"] += [{"test": "calcium", "value": "2.31 mmol/L", "date": "2026-09-10"}]
    open_clinic.add(tables)
    open_clinic.post("/people/1/record/edit", as_sent(open_clinic, 1, **{"results-0-ctx": ""}))
    assert kept(open_clinic) == [("calcium", None, "2.31 mmol/L", "2026-09-10")]


def test_another_unit_of_a_column_changes_no_value_that_stood_there(open_clinic):
    open_clinic.add(clinic.record())
    sent = as_sent(
        open_clinic, 1, **{"unit-ctx": "ng/L", "results-1-date": "2026-09-12", "results-1-ctx": "280"}
    )
    open_clinic.post("/people/1/record/edit", sent)
    assert [line[2] for line in kept(open_clinic)] == ["0.31 ng/mL", "280 ng/L"]
    page = open_clinic.get("/people/new").text
    assert re.search(r'<option value="ng/L" selected', page), "the browser remembers the unit"


@pytest.mark.parametrize(
    ("text", "test", "read"),
    [
        ("0,742", "BMD", "0.742"),
        ("1,012", "BMD", "1.012"),
        ("2,31", "calcium", "2.31"),
        ("2,345", "calcium", "2.345"),
        ("<0,05", "CTX", "<0.05"),
        ("0,31 ng/mL", "CTX", "0.31 ng/mL"),
        ("1,250", "P1NP", "1,250"),  # 1.25 and 1250 are both possible: the record refuses the comma
        ("12,345", "denosumab level", "12,345"),
    ],
)
def test_a_decimal_comma_is_read_where_it_can_be_nothing_else(text, test, read):
    assert decimal_point(text, find_test(test)) == read


def test_limits_in_the_head_go_to_new_results_and_flags_are_shown(open_clinic):
    head = {"low-calcium": "2,15", "high-calcium": "2.55"}
    rows = {"results-0-date": "2026-09-01", "results-0-calcium": "2,05"}
    open_clinic.post("/people/new", NOBODY | head | rows)
    (calcium,) = open_clinic.get("/api/v1/people/1").json()["record"]["measurements"]
    assert (calcium["reference_low"], calcium["reference_high"]) == ("2.15 mmol/L", "2.55 mmol/L")
    page = open_clinic.get("/people/1/record").text
    assert re.search(
        r'2\.05 mmol/L.*?<abbr class="flag" title="below the limit of the laboratory">L</abbr>', page, re.S
    )


def test_the_next_dose_is_six_months_after_the_last(open_clinic):
    answer = open_clinic.post("/people/new", {**FORM, "add": "next-dose"})
    assert 'value="2026-09-16"' in answer.text
    later = with_next_dose({**FORM, "doses-1-key": ""})
    assert (later["doses-1-drug"], later["doses-1-date"]) == ("Prolia", "2026-09-16")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({"doses-0-amount": "6000 mg"}, "6000 mg of denosumab is 50 times the usual 120 mg"),
        ({"doses-1-drug": "Prolia", "doses-1-amount": "60 mg", "doses-1-date": "2026-03-17"}, "1 days apart"),
        ({"scans-0-lumbar_spine_t": "-0.8"}, "a BMD of 0.742 g/cm2 is a T-score of about"),
    ],
)
def test_what_is_hardly_so_is_asked_once_and_kept_when_it_is_right(open_clinic, change, asked):
    answer = open_clinic.post("/people/new", FORM | change)
    assert (answer.status_code, asked in answer.text) == (422, True), answer.text
    assert open_clinic.get("/api/v1/people").json()["total"] == 0
    ticked = dict.fromkeys(re.findall(r'name="(right-\w+)"', answer.text), "yes")
    assert len(ticked) == 1
    assert open_clinic.post("/people/new", FORM | change | ticked).status_code == 303
    sent = as_sent(open_clinic, 1, **{"person-weight": "62 kg"})
    assert open_clinic.post("/people/1/record/edit", sent).status_code == 303, (
        "what was kept is not asked again"
    )


def test_usual_doses_and_scans_are_not_asked_about():
    usual = with_keys(
        record_of(FORM | {"doses-1-drug": "Prolia", "doses-1-amount": "60 mg", "doses-1-date": "2026-09-10"})
    )
    assert new_doubts(usual, None) == []


def test_a_draft_is_shown_again_to_its_writer_and_is_no_part_of_the_record(open_clinic):
    open_clinic.add(clinic.record())
    begun = as_sent(open_clinic, 1, **{"person-weight": "99 kg"})
    assert open_clinic.post("/people/1/record/draft", begun).status_code == 204
    assert "99 kg" not in open_clinic.get("/people/1/record").text
    page = open_clinic.get("/people/1/record/edit").text
    assert "This is your draft of" in page
    assert 'value="99 kg"' in page
    open_clinic.post("/people/1/record/edit", begun)
    assert "This is your draft of" not in open_clinic.get("/people/1/record/edit").text
    assert open_clinic.get("/api/v1/people/1").json()["record"]["person"]["weight"] == "99 kg"


def test_a_draft_is_merged_with_what_was_saved_since_it_was_begun(open_clinic):
    open_clinic.add(clinic.record())
    begun = as_sent(open_clinic, 1, **{"person-height": "158 cm"})
    open_clinic.post("/people/1/record/draft", begun)
    open_clinic.post("/people/1/record/edit", as_sent(open_clinic, 1, **{"person-weight": "63 kg"}))
    open_clinic.post("/people/1/record/draft", begun)  # the other window is still open
    page = open_clinic.get("/people/1/record/edit").text
    assert 'name="version" value="1"' in page
    assert open_clinic.post("/people/1/record/edit", begun).headers["location"].endswith("?said=merged")


def test_a_draft_that_is_discarded_is_gone(open_clinic):
    open_clinic.post("/people/new/draft", FORM)
    assert 'value="Ann Onymous"' in open_clinic.get("/people/new").text
    open_clinic.post("/people/new", FORM | {"discard": "yes"})
    assert 'value="Ann Onymous"' not in open_clinic.get("/people/new").text


def test_a_reader_and_another_clinician_see_no_draft(tmp_path):
    with clinic.open_clinic(tmp_path, accounts=True) as opened:
        clinic.add_accounts(opened)
        opened.sign_in("clinician")
        opened.add(clinic.record())
        opened.post("/people/1/record/draft", as_sent(opened, 1, **{"person-weight": "99 kg"}))
        opened.sign_in("administrator")
        assert "99 kg" not in opened.get("/people/1/record/edit").text
        opened.sign_in("reader")
        assert opened.post("/people/1/record/draft", {"version": "1"}).status_code == 403
        assert "A draft of yours" not in opened.get("/people/1/record").text


def test_results_of_one_day_share_a_row_and_each_keeps_what_it_says_of_the_day():
    base = with_keys(
        {
            **clinic.record(),
            "measurements": [
                {
                    "test": "CTX",
                    "value": "0.31 ng/mL",
                    "date": "2026-09-10",
                    "time": "08:20",
                    "fasting": True,
                },
                {"test": "calcium", "value": "2.31 mmol/L", "date": "2026-09-10"},
                {"test": "CTX", "value": "0.35 ng/mL", "date": "2026-09-10", "time": "11:00"},
            ],
        }
    )
    values = values_of(base)
    assert [n for n in range(4) if f"results-{n}-date" in values] == [0, 1]
    assert record_of(values, base) == base
    moved = record_of(values | {"results-0-time": "08:30"}, base)["measurements"]
    assert [m.get("time") for m in moved] == ["08:30", "08:30", "11:00"]
