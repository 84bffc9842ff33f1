"""What the grammar takes, and what it means."""

from pathlib import Path

import pytest

from bonecast.regimens import DoseCourse, Span, Step, parse_regimen, parse_span

PLANS = (Path(__file__).parents[1] / "data" / "plans.txt").read_text(encoding="utf-8").splitlines()
MONTH = 30.4375


@pytest.mark.parametrize("text", PLANS)
def test_every_plan_of_the_published_trials_is_read_and_said_back_unchanged(text):
    assert str(parse_regimen(text)) == text


def test_a_plan_becomes_steps_and_courses():
    plan = parse_regimen("denosumab 60 mg every 6 months x 4, then nothing for 24 months")
    course = DoseCourse("denosumab", 60.0, "mg", Span(6.0, "months"), count=4)
    assert plan.steps == (Step((course,)), Step(pause=Span(24.0, "months")))


@pytest.mark.parametrize(
    "spelling",
    [
        "Denosumab 60 MG Every 6 Months X 4",
        "  denosumab   60\tmg every\n6 months   x 4  ",
        "denosumab 60mg every 6months x4",
        "denosumab 60.0 mg every 6.0 month x 4",
        "denosumab 60 mg every 6 months × 4",
        "Prolia 60 mg every 6 months x 4",
        "denosumab-bbdz 60 mg every 6 months x 4",
        "JUBBONTI 60 mg every 6 months x 4",
    ],
)
def test_spelling_does_not_change_the_plan(spelling):
    plan = parse_regimen(spelling)
    assert plan == parse_regimen("denosumab 60 mg every 6 months x 4")
    assert plan.text == spelling
    assert plan.doses[0].drug == "denosumab"


@pytest.mark.parametrize("unit", ["ug", "UG", "mcg", "µg", "μg"])
def test_micrograms_are_read_in_every_usual_spelling(unit):
    assert parse_regimen(f"teriparatide 20 {unit} daily x 2").doses[0].unit == "ug"


def test_a_name_of_two_words_is_read_whole():
    assert parse_regimen("zoledronic acid 5 mg once").drugs == ("zoledronate",)


@pytest.mark.parametrize(
    ("words", "days"),
    [("daily", 1), ("weekly", 7), ("monthly", MONTH), ("every 2 weeks", 14), ("every 1 year", 365.25)],
)
def test_a_rhythm_has_its_length_in_days(words, days):
    first, second = parse_regimen(f"denosumab 60 mg {words} x 2").doses
    assert (second.time_d - first.time_d, first.cover_d) == (days, days)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("10 years", 3652.5),
        ("7 days", 7),
        ("1 day", 1),
        ("2 WEEKS", 14),
        ("6months", 182.625),
        (".5 year", 182.625),
        ("100 years", 36525),
    ],
)
def test_a_span_becomes_days(text, days):
    assert parse_span(text) == days


def test_drugs_come_in_the_order_of_the_text_and_once_each():
    text = "placebo 1 mg once with Prolia 60 mg once, then zoledronate 5 mg once, then denosumab 60 mg once"
    assert parse_regimen(text).drugs == ("placebo", "denosumab", "zoledronate")


def test_the_sentence_tells_counts_words_and_months():
    text = (
        "denosumab 60 mg every 6 months x 1, then 12 months after the last dose zoledronate 5 mg once"
        " with teriparatide 20 ug daily for 2 years, then nothing for 1 year"
    )
    assert parse_regimen(text).describe() == (
        "1 dose of denosumab 60 mg every 6 months, until month 6; then 12 months after the last dose, "
        "one dose of zoledronate 5 mg together with 731 doses of teriparatide 20 ug daily, "
        "from month 12 until month 36; then nothing for 1 year, until month 48."
    )
