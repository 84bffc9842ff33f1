"""What a TOML record says, and what is refused in it."""

import datetime as dt
import re
from itertools import pairwise
from pathlib import Path

import pytest

import bonecast.records as patients_room
from bonecast.core import LARGEST_FILE, RecordError
from bonecast.errors import InputError, UnknownName
from bonecast.interop import read_patient, read_patient_bytes
from bonecast.records import GivenDose, known_facts

EXAMPLES = Path(__file__).parents[2] / "examples"
TODAY = dt.date(2026, 10, 1)
PERSON = {
    "id": '"A1"',
    "sex": '"female"',
    "birth_date": "1955-02-10",
    "record_date": "2026-09-15",
    "height": '"160 cm"',
    "weight": '"61 kg"',
}
DOSE = {"drug": '"denosumab"', "amount": '"60 mg"', "date": "2025-03-04"}
CTX = {"test": '"CTX"', "value": '"0.31 ng/mL"', "date": "2026-03-04"}
BMD = {"test": '"BMD"', "site": '"LS"', "value": '"0.812 g/cm2"', "date": "2026-03-04"}


def table(heading: str, lines: dict[str, str], **changes: str | None) -> str:
    """One table of a record; a change of None leaves the key out, `from_` writes `from`."""
    merged = lines | {key.rstrip("_"): value for key, value in changes.items()}
    return heading + "\n" + "".join(f"{k} = {v}\n" for k, v in merged.items() if v is not None)


def person(**changes: str | None) -> str:
    return table("[person]", PERSON, **changes)


def dose(**changes: str | None) -> str:
    return table("[[doses]]", DOSE, **changes)


def course(**changes: str | None) -> str:
    lines = {
        "drug": '"alendronate"',
        "amount": '"70 mg"',
        "every": '"1 week"',
        "from": "2020-01-06",
        "to": "2022-01-03",
    }
    return table("[[doses]]", lines, **changes)


def measured(lines: dict[str, str] = CTX, **changes: str | None) -> str:
    return table("[[measurements]]", lines, **changes)


def read(text: str):
    return read_patient_bytes(text.encode(), "a.toml", TODAY)


def refusal(text: str) -> RecordError:
    with pytest.raises(RecordError) as caught:
        read(text)
    return caught.value


def test_the_late_dose_example_is_a_woman_of_71_with_a_fourth_dose_three_months_late():
    her = read_patient(EXAMPLES / "late-dose.toml")
    days = [dose.date for dose in her.doses_of("Prolia")]
    assert her.age == 71
    assert len(days) == 4
    assert 180 <= (days[1] - days[0]).days <= 190
    assert 180 <= (days[2] - days[1]).days <= 190
    assert (days[3] - days[2]).days == pytest.approx(9 * 30.4375, abs=5)
    assert {m.site for m in her.measured("BMD")} == {"lumbar spine", "total hip", "femoral neck"}
    assert {m.date for m in her.measured("BMD", "LS")} == {m.date for m in her.measured("BMD", "FN")}
    assert her.record_date < dt.date(2026, 11, 1)
    assert all(
        her.measured(test) for test in ("CTX", "P1NP", "25OHD", "calcium", "PTH", "creatinine", "albumin")
    )


def test_the_long_denosumab_example_has_nine_doses_on_time_a_course_and_a_ctx_below_the_limit():
    her = read_patient(EXAMPLES / "long-denosumab.toml")
    days = [dose.date for dose in her.doses_of("denosumab")]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    last = her.latest("CTX")
    assert (her.age, len(days), len(her.courses_of("alendronate"))) == (66, 9, 1)
    assert max(gaps) <= 190
    assert last is not None
    assert last.below_limit
    assert her.measured("CTX")[0].value == pytest.approx(0.29)


def test_a_record_keeps_the_value_as_written_beside_the_usual_unit():
    value = read(person() + measured(value='"310 ng/L"')).measured("s-CTX")[0]
    assert (value.value, value.unit, value.given) == (pytest.approx(0.31), "ng/mL", "310 ng/L")


def test_below_the_limit_is_kept_with_the_limit_as_value():
    value = read(person() + measured(value='"<0.05 ng/mL"')).measured("CTX")[0]
    assert value.below_limit
    assert value.value == 0.05


def test_a_product_name_is_kept_beside_its_agent():
    her = read(person() + dose(drug='"prolia"', lot='"L7"'))
    assert her.last_dose("denosumab") == GivenDose(
        "denosumab", 60.0, "mg", dt.date(2025, 3, 4), "prolia", "L7"
    )


def test_a_course_without_an_end_goes_on():
    taken = read(person() + course(to=None)).courses_of("alendronate")[0]
    assert taken.end is None
    assert taken.every_d == 7.0


def test_the_age_turns_on_the_birthday():
    her = read(person(birth_date="1956-02-29"))
    assert her.age_on(dt.date(2026, 2, 28)) < 70 <= her.age_on(dt.date(2026, 3, 1))
    assert her.age_on(dt.date(2026, 3, 1)) == 70.0


def test_a_person_under_18_is_read():
    assert read(person(birth_date="2012-01-01")).age == 14


def test_facts_are_kept_under_the_name_that_carries_their_unit():
    her = read(person(calcium_intake='"0.8 g/day"', glucocorticoid="true", prior_vertebral_fractures="2"))
    assert her.fact("calcium_intake_mg_day") == pytest.approx(800.0)
    assert her.fact("glucocorticoid") is True
    assert her.fact("n_vertebral_fractures") == 2
    assert her.fact("diabetes") is None


def test_height_and_weight_may_be_missing():
    her = read(person(height=None, weight=None))
    assert (her.height_cm, her.weight_kg) == (None, None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (person(height='"160"'), ["a.toml, person, height", "no unit", "cm"]),
        (person(height="160"), ["a.toml, person, height", "160 has no unit", '"160 cm"']),
        (person(height='"1.60 cm"'), ["person, height", "60 to 260 cm"]),
        (person(weight='"9999 kg"'), ["person, weight", "15 to 500 kg"]),
        (person(sex='"f"'), ["person, sex", '"female" or "male"']),
        (person(sex=None), ["a.toml, person", "sex is missing"]),
        (person(birth_date="2026-09-16"), ["birth_date", "after the record"]),
        (person(birth_date="1855-02-10"), ["birth_date", "120 years"]),
        (person(birth_date='"1955"'), ["birth_date", "cannot be read", "1955-03-04"]),
        (person(birth_date="19550210"), ["birth_date", "cannot stand here"]),
        (person(birth_date="1955-02-10T08:00:00"), ["birth_date"]),
        (person(record_date=None), ["record_date is missing"]),
        (person(record_date="2026-10-02"), ["record_date", "after today"]),
        (person(menopause_age="80"), ["menopause_age", "80"]),
        (person(sex='"male"', menopause_age="50"), ["menopause_age", "leave menopause_age out"]),
        (person(glucocorticoids="true"), ["'glucocorticoids'", "did you mean glucocorticoid"]),
        (person(glucocorticoid='"yes"'), ["person, glucocorticoid", "true or false"]),
        (person(dental_status='"fine"'), ["dental_status", "good"]),
        (person(prior_vertebral_fractures="-1"), ["prior_vertebral_fractures", "whole number"]),
        ("[[doses]]\n", ["person: id is missing"]),
        ("person = 3\n", ["person", "not a table"]),
        (person() + "doses = 3\n", ["'doses'"]),
        ("doses = 3\n" + person(), ["doses", "[[doses]]"]),
        (person() + "[[dose]]\n", ["no table called 'dose'", "doses"]),
    ],
)
def test_a_wrong_person_is_refused_with_place_and_hint(text, words):
    message = str(refusal(text))
    assert all(word in message for word in words), message
    assert message.count("\n") == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (dose(drug='"denosumb"'), ["a.toml, dose 1, drug", "denosumab"]),
        (dose(amount='"60"'), ["dose 1, amount", "no unit", "mg or ug"]),
        (dose(amount="60"), ["dose 1, amount", "no unit"]),
        (dose(amount='"60 ml"'), ["amount", "'ml'", "mg or ug"]),
        (dose(amount='"0 mg"'), ["amount", "zero"]),
        (dose(amount='"-60 mg"'), ["amount", "negative"]),
        (dose(amount='"nan mg"'), ["amount", "not a finite number"]),
        (dose(amount='"<60 mg"'), ["amount", "not one number"]),
        (dose(date="2026-09-16"), ["dose 1, date", "after the day of the record", "plan"]),
        (dose(date="1954-01-01"), ["dose 1, date", "before birth"]),
        (dose(date=None), ["dose 1", "date is missing"]),
        (dose(dat="2025-03-04"), ["dose 1", "key called 'dat'", "date"]),
        (dose(product='"Evenity"'), ["dose 1, product", "romosozumab, not denosumab"]),
        (dose() + dose(), ["dose 2", "denosumab is given twice on 2025-03-04"]),
        (dose() + dose(drug='"Prolia"'), ["dose 2", "given twice"]),
        (course() + course(from_="2022-01-03", to="2022-06-01"), ["dose 2", "alendronate is given twice"]),
        (course(to=None) + course(from_="2024-01-03", to="2024-06-01"), ["dose 2", "given twice"]),
        (course(to="2019-01-01"), ["dose 1, to", "before 2020-01-06"]),
        (course(every='"often"'), ["dose 1, every", "1 week"]),
        (course(every='"0 days"'), ["dose 1, every"]),
        (course(from_=None), ["no first day"]),
        (course(every=None), ["no interval"]),
        (course(date="2021-01-01"), ["a course has a date"]),
    ],
)
def test_a_wrong_dose_is_refused_with_place_and_hint(text, words):
    message = str(refusal(person() + text))
    assert all(word in message for word in words), message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (measured(test='"CTXX"'), ["measurement 1, test", "CTX"]),
        (measured(test='"ALT"', value='"20 mg/dL"'), ["value", "'mg/dL'", "U/L, ukat/L or nkat/L"]),
        (measured(value='"0.31 mmol/L"'), ["value", "'mmol/L'", "ng/mL, ng/L or pg/mL"]),
        (measured(value='"0.31"'), ["value", "no unit", "ng/mL, ng/L or pg/mL"]),
        (measured(value="0.31"), ["value", "0.31 has no unit"]),
        (measured(value='"310 ng/mL"'), ["value", "0.001 to 10 ng/mL"]),
        (measured(value='"<310 ng/mL"'), ["value", "0.001 to 10 ng/mL"]),
        (measured(value='"0,31 ng/mL"'), ["value", "comma"]),
        (measured(value='"0 ng/mL"'), ["value", "zero", "assay limit"]),
        (measured(value='"-0.3 ng/mL"'), ["value", "negative"]),
        (measured(value='"inf ng/mL"'), ["value", "not a finite number"]),
        (measured(value='"1e999 ng/mL"'), ["value", "not a finite number"]),
        (measured(value='"high"'), ["value", "'high' is not a number"]),
        (measured(value='""'), ["value", "is empty"]),
        (measured(date="2026-09-16"), ["measurement 1, date", "after the day of the record"]),
        (measured(date="1950-01-01"), ["measurement 1, date", "before birth"]),
        (measured(time='"25:00"'), ["measurement 1, time"]),
        (measured(fasting='"yes"'), ["measurement 1, fasting", "true or false"]),
        (measured(site='"LS"'), ["measurement 1, site", "a CTX has no site"]),
        (measured(t_score="-2.5"), ["measurement 1, t_score", "a CTX has no t_score"]),
        (measured(fastin="true"), ["measurement 1", "'fastin'", "fasting"]),
        (measured(reference_low='"0.6 ng/mL"', reference_high='"0.1 ng/mL"'), ["reference_low", "not below"]),
        (measured(BMD, site=None), ["measurement 1", "no site"]),
        (measured(BMD, site='"lumber spine"'), ["measurement 1, site", "lumbar spine"]),
        (measured(BMD, scanner='"Hologik"'), ["measurement 1, scanner", "Hologic"]),
        (measured(BMD, t_score="-26"), ["measurement 1, t_score", "-26 is not a T-score"]),
        (measured(BMD, t_score="nan"), ["measurement 1, t_score"]),
        (measured(BMD, value='"812 g/cm2"'), ["measurement 1, value", "0.1 to 3 g/cm2"]),
        (measured(BMD, value='"<0.8 g/cm2"'), ["measurement 1, value"]),
        (measured() + measured(), ["measurement 2", "twice"]),
    ],
)
def test_a_wrong_measurement_is_refused_with_place_and_hint(text, words):
    message = str(refusal(person() + text))
    assert all(word in message for word in words), message


def test_every_fault_is_kept_and_the_first_is_stated_with_the_number_of_others():
    error = refusal(person(height='"1 cm"') + dose(drug='"denosumb"') + measured(value='"5 mmol"'))
    assert [fault.place for fault in error.faults] == [
        "a.toml, person, height",
        "a.toml, dose 1, drug",
        "a.toml, measurement 1, value",
    ]
    assert "height" in str(error)
    assert str(error).endswith("the record has 2 more faults.")
    assert isinstance(error.faults[1], UnknownName)
    assert "denosumab" in error.faults[1].nearest


def test_each_dose_within_a_course_of_the_same_drug_is_a_fault():
    single = [dose(drug='"alendronate"', amount='"70 mg"', date=day) for day in ("2020-03-01", "2021-03-01")]
    places = [fault.place for fault in refusal(person() + course() + "".join(single)).faults]
    assert places == ["a.toml, dose 2", "a.toml, dose 3"]


def test_a_single_fault_does_not_speak_of_others():
    assert "more fault" not in str(refusal(person(sex='"x"')))


def test_the_search_for_faults_ends_at_a_hundred():
    assert len(refusal(person() + measured(value='"5 mmol"') * 300).faults) == 100


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"[person]\nid = \n", "line 2"),
        (b"\x7fELF\x00\x01", "not a text file"),
        ("[person]\n".encode("utf-16"), "not a text file"),
        (b"id = 1\n\xff\n", "line 2 is not UTF-8"),
        (b'{"resourceType": ', "line 1 column"),
        (b"a = " + b"[\n" * 5000, "nested too deep"),
        (b"a" + b".a" * 50_000 + b" = 1", "line 1 has 100005 characters"),
        (b"a = 3\n", "no table called 'a'"),
    ],
)
def test_a_file_that_is_no_record_is_refused(tmp_path, content, words):
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_patient(path, TODAY)
    assert str(path)[:20] in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_a_directory_and_an_impossible_path_are_refused(tmp_path):
    for path, words in ((tmp_path / "none.toml", "no such file"), (tmp_path, "directory"), ("a\0b", "not")):
        with pytest.raises(InputError, match=words):
            read_patient(path)


def test_a_file_of_50_mb_is_refused_without_being_read(tmp_path, monkeypatch):
    path = tmp_path / "big.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    monkeypatch.setattr(Path, "read_bytes", lambda self: pytest.fail("the file was read"))
    assert path.stat().st_size > LARGEST_FILE
    with pytest.raises(InputError, match="50 MB"):
        read_patient(path)


def test_a_byte_order_mark_and_windows_line_ends_are_read():
    text = (person() + dose()).replace("\n", "\r\n")
    assert read("\ufeff" + text) == read(person() + dose())


def test_the_completed_years_do_not_change_on_the_eve_of_the_birthday():
    her = read(person(birth_date="1955-01-01"))
    assert int(her.age_on(dt.date(2025, 12, 31))) == 70
    assert int(her.age_on(dt.date(2026, 1, 1))) == 71


def test_every_fact_that_the_code_asks_for_is_one_that_a_record_keeps():
    kept = {fact.kept_as for fact in known_facts().values()}
    source = Path(patients_room.__file__).parents[1]
    asked = {
        (path.name, name)
        for path in source.rglob("*.py")
        for name in re.findall(r'\.fact\("(\w+)"\)', path.read_text(encoding="utf-8"))
    }
    assert asked
    assert {(place, name) for place, name in asked if name not in kept} == set()
