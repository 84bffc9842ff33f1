"""What a hostile file or a slip of the pen meets: a sentence, before anything is computed."""

import datetime as dt

import pytest

from bonecast.core import csv_rows, decoded, parse_json, parse_toml
from bonecast.drugs import unusual_dose
from bonecast.errors import InputError
from bonecast.forecasts.domain import check_horizon
from bonecast.interop import read_patient_bytes
from bonecast.records import people_rows, unusual_doses

PERSON = '[person]\nid="A"\nsex="female"\nbirth_date=1955-03-09\nrecord_date=2026-09-15\n'


def record(lines):
    return read_patient_bytes((PERSON + lines).encode(), "a.toml", dt.date(2026, 11, 1))


@pytest.mark.parametrize("every", ["0.0000001 days", "0.001 days", "0.24 days"])
def test_a_course_that_no_day_has_room_for_is_refused(every):
    with pytest.raises(InputError, match=r"every: .* is shorter than 0.25 days"):
        record(f'[[doses]]\ndrug="alendronate"\namount="70 mg"\nevery="{every}"\nfrom=2022-02-27\n')


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("a.b" + ".c" * 900 + "=1\n", "nested too deep"),
        ("\n".join(f"a{i}" + ".b" * 40 + "=1" for i in range(600)), "too many tables"),
        ("[[a]]\n" * 40_000, "too many tables"),
        ("#" * 3_000, "3000 characters"),
        ("x = " + "9" * 5001, "digits|characters"),
        ('name = "con\\u001btrol"', "control character"),
        ("a = 1\n" * 400_000, "keep TOML to 2 MB"),
    ],
)
def test_toml_beyond_the_limits_is_refused_before_it_is_used(text, cause):
    with pytest.raises(InputError, match=cause):
        parse_toml(text, "a.toml")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('{"a": ' + "9" * 5001 + "}", "over 100 digits"),
        ('{"a": ' + "9" * 30 + "}", "over 19 digits"),
        ("[" * 60 + "]" * 60, "nested too deep"),
        ("[" + "[]," * 400_000 + "[]]", "lists and objects"),
        ('{"a": "b\\u0000"}', "control character"),
        ('{"a": "b\\ud800"}', "JSON"),
        ('{"a": NaN}', "JSON"),
    ],
)
def test_json_beyond_the_limits_is_refused_before_it_is_used(text, cause):
    with pytest.raises(InputError, match=cause):
        parse_json(text, "a.json")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ('id,"a\nb\n', "not CSV"),
        ("id\n" * 60_000, "over 50,000 rows"),
        ("id\n" + "x" * 100_001, "characters"),
        ("a," * 600 + "\n", "over 500 columns"),
    ],
)
def test_a_table_beyond_the_limits_is_refused_with_its_line(text, cause):
    with pytest.raises(InputError, match=rf"t.csv, line \d+: .*{cause}"):
        list(csv_rows(text, "t.csv"))


def test_a_table_of_many_one_column_rows_is_refused_at_its_limit():
    with pytest.raises(InputError, match="line 50001: there are over 50,000 rows"):
        people_rows("id\n" + "A\n" * 400_000, "p.csv")


def test_a_control_character_in_a_file_is_named_with_its_line():
    with pytest.raises(InputError, match=r"a.csv, line 2: there is a control character \(U\+001B\)"):
        decoded(b"id,name\nA,\x1b[0m\n", "a.csv")


@pytest.mark.parametrize(
    ("drug", "amount", "unit", "every", "asked"),
    [
        ("teriparatide", 20, "mg", 1, True),
        ("denosumab", 6000, "mg", None, True),
        ("denosumab", 60, "ug", None, True),
        ("zoledronate", 500, "mg", 7, True),
        ("zoledronate", 5, "mg", 7, True),
        ("denosumab", 60, "mg", 182.625, False),
        ("denosumab", 120, "mg", 7, False),
        ("zoledronate", 2.5, "mg", 365, False),
        ("denosumab", 600, "mg", None, True),
        ("denosumab", 599, "mg", None, False),
    ],
)
def test_a_dose_is_held_against_the_forms_of_its_drug(drug, amount, unit, every, asked):
    assert (unusual_dose(drug, amount, unit, every) is not None) is asked


def test_an_unusual_dose_of_a_record_is_asked_about_until_it_is_confirmed():
    dose = '[[doses]]\ndrug="denosumab"\namount="6000 mg"\ndate=2026-03-12\n'
    assert unusual_doses(record(dose)) == ("2026-03-12: 6000 mg of denosumab is 50 times the usual 120 mg",)
    assert unusual_doses(record("unusual_dose_confirmed=true\n" + dose)) == ()


@pytest.mark.parametrize(("years", "cause"), [(100, "at most 20 years"), (20, None), (20.1, "at most 20")])
def test_a_horizon_beyond_the_evidence_is_refused(years, cause):
    if cause is None:
        return check_horizon(record(""), years * 365.25)
    with pytest.raises(InputError, match=cause):
        check_horizon(record(""), years * 365.25)
