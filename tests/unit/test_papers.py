"""Papers: what is blocked or not complete has no date, an override is said, a template does nothing but name fields."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from dataclasses import replace

import pytest

from bonecast.care import leaflet, read_override
from bonecast.core import speaking
from bonecast.errors import InputError
from bonecast.outcomes import QuantileRange
from bonecast.papers import (
    KINDS,
    Addressee,
    Letter,
    Sender,
    check_template,
    clinician_content,
    default_template,
    gp_letter,
    labels_pdf,
    leaflet_pdf,
    letters_pdf,
    recall_files,
    recall_of,
    typesetting,
    write_letter,
    year_of_orders,
)
from bonecast.records import GivenDose, Measurement, Patient
from bonecast.reports import together_content

TODAY = dt.date(2026, 9, 15)
ANSWERED = (
    ("aff_confirmed", False),
    ("dental_status", "good"),
    ("hypersensitivity_denosumab", False),
    ("indication", "PMO"),
    ("jurisdiction", "UK"),
    ("onj_external_history", False),
    ("severe_skin_reaction", "none"),
)
GIVEN = tuple(GivenDose("denosumab", 60, "mg", TODAY - dt.timedelta(days)) for days in (723, 540, 357, 174))


def value(test: str, number: float, unit: str, low: float | None = None) -> Measurement:
    return Measurement(
        test, None, number, unit, False, TODAY - dt.timedelta(5), f"{number} {unit}", reference_low=low
    )


RESULTS = (
    value("calcium", 2.35, "mmol/L", 2.15),
    value("albumin", 41.0, "g/L"),
    value("eGFR", 75.0, "mL/min/1.73m2"),
    value("creatinine", 70.0, "umol/L"),
    value("25-OH vitamin D", 80.0, "nmol/L"),
)
HER = Patient(
    "A1",
    "female",
    dt.date(1955, 3, 9),
    TODAY,
    61.0,
    name="E. M.",
    menopause_age=50.0,
    facts=ANSWERED,
    doses=GIVEN,
    measurements=RESULTS,
    address="12 High Street, Oxford",
    phone="+44 1865 000000",
)
LOW = replace(HER, measurements=(value("calcium", 1.95, "mmol/L", 2.15), *RESULTS[1:]))
UNKNOWN = replace(HER, measurements=RESULTS[1:])
OPEN = replace(HER, facts=(("jurisdiction", "UK"),))
CLINIC = Sender("Bone clinic", "555 0100", "1 Hill Road, Oxford")


def written(patient: Patient, *overrides) -> tuple[str, str]:
    """Kind and whole text of what a recall writes."""
    one = Addressee(patient, "UK", overrides)
    made = recall_of(one, CLINIC)
    letter = write_letter(default_template(made.kind), made.values, patient, CLINIC, made.state)
    return made.kind, f"{letter.title}\n{letter.body}\n{letter.state}"


def test_who_is_due_and_has_no_open_question_is_given_the_day_and_its_window():
    kind, text = written(HER)
    assert kind == "recall"
    assert "due on 24 September 2026. You can have it from 15 September 2026 to 22 October 2026." in text
    assert "555 0100" in text


@pytest.mark.parametrize(
    ("patient", "kind", "said"),
    [
        (LOW, "talk", "Your blood calcium is too low (1.93 mmol/L)."),
        (UNKNOWN, "results", "- calcium"),
        (OPEN, "results", "questions about your health"),
    ],
)
def test_who_is_blocked_or_not_complete_is_asked_to_call_and_reads_no_day(patient, kind, said):
    found, text = written(patient)
    assert (found, said in text) == (kind, True), text
    assert "24 September" not in text
    assert "due" not in recall_of(Addressee(patient, "UK")).values


def test_who_has_died_or_has_no_denosumab_is_not_written_to():
    gone, new = replace(HER, death_date=TODAY), replace(HER, doses=())
    assert [recall_of(Addressee(one, "UK")).kind for one in (gone, new)] == ["none", "none"]


def test_a_late_injection_is_called_late_and_not_due():
    late = replace(HER, doses=tuple(replace(d, date=d.date - dt.timedelta(20)) for d in GIVEN))
    _, text = written(late)
    assert "Your injection is late" in text
    assert "due on" not in text


def test_an_override_is_named_on_each_paper():
    at = dt.datetime(2026, 9, 15, 9, tzinfo=dt.UTC)
    over = read_override("CI-01: nephrology agrees, calcium tomorrow", "Dr Green", at)
    near = replace(LOW, doses=tuple(replace(d, date=d.date - dt.timedelta(5)) for d in GIVEN))
    assert "CI-01 overridden by Dr Green: nephrology agrees" in written(near, over)[1]
    one = Addressee(near, "UK", (over,))
    assert "Dr Green" in gp_letter(one, CLINIC, default_template("gp")).state
    assert "overridden by Dr Green" in leaflet(near, "UK", overrides=(over,)).footer


def test_a_letter_to_the_practitioner_dates_nothing_that_is_withheld():
    text = gp_letter(Addressee(LOW, "UK"), CLINIC, default_template("gp"), "Dr Green, Oxford")
    assert "No injection is dated at present" in text.body
    assert all("injection" not in what for _, what in text.dates)
    assert text.address == ("Dr Green", "Oxford")


@pytest.mark.parametrize("code", ["en", "es"])
def test_each_template_as_it_comes_passes_its_own_check(code):
    with speaking(code):
        assert all(check_template(kind, default_template(kind)) for kind in KINDS)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ name.__class__ }}", "getattr"),
        ("{{ name|upper }}", "filter"),
        ("{{ range(9) }}", "call"),
        ("{{ 'a' * 10000000000 }}", "mul"),
        ("{% import 'x' as y %}", "import"),
        ("{% set due = 1 %}{{ due }}", "assign"),
        ("{% for a in name %}{{ a }}{% endfor %}", "list"),
        ("{% if name %}", "template, line 1"),
        ("{{ due }}", "due"),
        ("", "0 characters"),
        ("x" * 5001, "5001"),
    ],
)
def test_a_template_that_does_more_than_name_its_fields_is_refused_with_the_place(text, said):
    with pytest.raises(InputError, match=said):
        check_template("results", text)


def test_the_files_of_a_recall_name_everyone_and_guess_nothing():
    people = [Addressee(HER, "UK"), Addressee(replace(LOW, id="B", phone=None), "UK")]
    now = dt.datetime(2026, 9, 15, tzinfo=dt.UTC)
    data, done = recall_files(people, CLINIC, written=now, unusable=[("C", "C", "no sex")])
    assert [one.kind for _, one in done] == ["recall", "talk"]
    files = zipfile.ZipFile(io.BytesIO(data))
    expected = {"letters-en.pdf", "labels.pdf", "texts.csv", "orders.csv", "people.csv", "orders/0001.json"}
    assert expected < set(files.namelist())
    rows = {
        name: list(csv.DictReader(io.StringIO(files.read(name).decode("utf-8-sig"))))
        for name in files.namelist()
        if name.endswith(".csv")
    }
    letters = [(row["id"], row["letter"]) for row in rows["people.csv"]]
    assert letters == [("C", "none"), ("A1", "recall"), ("B", "talk")]
    assert rows["texts.csv"][0]["phone"] == "+44 1865 000000"
    assert len(rows["texts.csv"]) == 1
    assert {row["id"] for row in rows["orders.csv"] if row["kind"] == "injection"} == {"A1"}
    bundle = json.loads(files.read("orders/0002.json"))
    assert all("injection" not in one["resource"].get("code", {}).get("text", "") for one in bundle["entry"])


def test_orders_reach_a_year_ahead_and_no_further():
    made = year_of_orders(HER, "UK")
    injections = [one.entry.date for one in made if one.kind == "injection"]
    assert injections == [dt.date(2026, 9, 24), dt.date(2027, 3, 26)]
    assert max(one.entry.date for one in made) < TODAY + dt.timedelta(365)
    calcium = [one.entry.date for one in made if one.entry.what.startswith("Calcium")]
    assert any(dt.date(2027, 2, 26) <= day < dt.date(2027, 3, 26) for day in calcium), (
        "a test before the second one"
    )


def test_papers_are_the_same_bytes_each_time_and_hold_our_type():
    letter = Letter("Hello", "Dear E. M.\n\n- one\n- two", "", ("E. M.",), (), "", "Clear")
    first, second = letters_pdf([letter]), letters_pdf([letter])
    assert first == second
    assert b"BonecastSans" in first
    assert labels_pdf([["李雷", "Oxford"]]).startswith(b"%PDF-"), "a name that no font here has is no failure"
    assert leaflet_pdf(leaflet(HER, "UK")).count(b"/Type /Page\n") <= 1


def test_without_typst_the_error_names_the_extra(monkeypatch):
    monkeypatch.setattr(typesetting, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"bonecast\[pdf\]"):
        letters_pdf([])


def test_the_clinicians_page_says_state_override_and_sources_and_dates_no_injection_as_if_clear():
    from report_example import example_forecast

    made = clinician_content(example_forecast())
    assert made["state"]["heading"] == "Not complete"
    assert all(
        "once the check is complete" in d["what"] for d in made["dates"] if d["what"].startswith("Denosumab")
    )
    assert made["sources"]
    assert made["chart"]["svg"].startswith("<svg")


def test_what_is_looked_at_together_counts_in_two_digits_and_keeps_blocked_strategies_out():
    from report_example import example_forecast

    made = example_forecast()
    rows = tuple(
        replace(one, fractures={("vertebral", 60): QuantileRange(38.4, 21.2, 113.9)})
        for one in made.summaries
    )
    made = replace(made, summaries=rows)
    course = replace(made, strategies=made.strategies[2:3], summaries=rows[2:3], risk_only=True)
    content = together_content(made, course)
    assert [one["risk"] for one in content["arrays"]] == [False] * 4 + [True]
    assert {(one["median"], one["low"], one["high"]) for one in content["arrays"]} == {(38, 21, 110)}
    assert content["chart"]["svg"].startswith("<svg")
    barred = together_content(replace(made, risk_only=True), course)
    assert [one["title"] for one in barred["arrays"]] == ["No further injection"]
    bare = together_content(example_forecast(), None)
    assert bare["withheld"][-1].startswith("No number of fractures is shown for you")
