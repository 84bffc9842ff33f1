"""On which days the doses of a plan fall."""

import pytest

from bonecast.regimens import parse_regimen

MONTH = 30.4375


def months(plan):
    return [dose.time_d / MONTH for dose in plan.doses]


def test_x_times_gives_that_many_doses_and_ends_one_interval_after_the_last():
    plan = parse_regimen("denosumab 60 mg every 6 months x 4")
    assert months(plan) == [0, 6, 12, 18]
    assert plan.end_d == 24 * MONTH
    assert plan.last_dose_d == 18 * MONTH


def test_for_a_span_gives_the_doses_strictly_before_its_end():
    assert months(parse_regimen("denosumab 60 mg every 6 months for 2 years")) == [0, 6, 12, 18]
    assert months(parse_regimen("denosumab 60 mg every 6 months for 25 months")) == [0, 6, 12, 18, 24]


@pytest.mark.parametrize(
    ("interval", "span", "count"), [("0.1", "0.3", 3), ("0.7", "2.1", 3), ("1.1", "3.3", 3)]
)
def test_rounding_adds_no_dose_at_the_end_of_a_span(interval, span, count):
    assert len(parse_regimen(f"denosumab 60 mg every {interval} days for {span} days").doses) == count


def test_the_first_dose_is_given_however_short_the_span():
    assert months(parse_regimen("denosumab 60 mg every 100 years for 0.00001 days")) == [0]


def test_a_span_shorter_than_the_interval_has_one_dose_and_ends_with_the_span():
    plan = parse_regimen("denosumab 60 mg every 6 months for 1 month, then zoledronate 5 mg once")
    assert months(plan) == [0, 1]


def test_weekly_for_months_ends_with_the_months_though_the_last_dose_covers_a_week():
    plan = parse_regimen("alendronate 70 mg weekly for 24 months")
    assert (len(plan.doses), plan.last_dose_d, plan.end_d) == (105, 728, 730.5)
    assert plan.doses[-1].cover_d == 7


def test_once_has_no_cover_so_that_the_next_step_starts_on_its_day():
    plan = parse_regimen("denosumab 60 mg once, then zoledronate 5 mg once")
    assert [(dose.drug, dose.time_d, dose.cover_d) for dose in plan.doses] == [
        ("denosumab", 0, 0),
        ("zoledronate", 0, 0),
    ]
    assert plan.end_d == 0


def test_a_step_without_a_wait_starts_when_the_cover_before_it_ends():
    plan = parse_regimen(
        "denosumab 60 mg every 6 months x 2, then zoledronate 5 mg once, then nothing for 24 months"
    )
    assert months(plan) == [0, 6, 12]
    assert plan.end_d == 36 * MONTH


def test_a_wait_counts_from_the_last_dose_and_not_from_the_end_of_its_cover():
    text = "denosumab 60 mg every 6 months x 9, then 7 months after the last dose zoledronate 5 mg once"
    plan = parse_regimen(text + ", then nothing for 24 months")
    assert months(plan)[-2:] == [48, 55]
    assert plan.end_d == 79 * MONTH


def test_a_wait_may_start_a_step_inside_the_cover_before_it():
    text = "denosumab 60 mg every 6 months x 2, then 2 months after the last dose teriparatide 20 ug once"
    plan = parse_regimen(text)
    assert months(plan) == [0, 6, 8]
    assert plan.end_d == 12 * MONTH


def test_a_wait_reaches_back_over_a_pause_to_the_last_dose():
    text = (
        "Evenity 210 mg once, then nothing for 6 months, then 18 months after the last dose Prolia 60 mg once"
    )
    assert months(parse_regimen(text)) == [0, 18]


def test_a_wait_after_joined_courses_counts_from_the_latest_dose_of_them_all():
    text = (
        "denosumab 60 mg every 6 months x 2 with zoledronate 5 mg once, "
        "then 6 months after the last dose romosozumab 210 mg once"
    )
    assert months(parse_regimen(text)) == [0, 0, 6, 12]


def test_joined_courses_start_together_and_end_with_the_longest():
    text = "teriparatide 20 ug daily for 24 months with denosumab 60 mg every 6 months x 6"
    plan = parse_regimen(text + ", then nothing for 1 month")
    assert plan.end_d == 37 * MONTH
    assert [dose.drug for dose in plan.doses[:2]] == ["teriparatide", "denosumab"]


def test_doses_of_one_moment_keep_the_order_of_the_text():
    text = (
        "zoledronate 5 mg every 6 months x 2 with denosumab 60 mg every 3 months x 3 with placebo 1 mg once"
    )
    at_zero = [dose.drug for dose in parse_regimen(text).doses if dose.time_d == 0]
    at_six = [dose.drug for dose in parse_regimen(text).doses if dose.time_d == 6 * MONTH]
    assert at_zero == ["zoledronate", "denosumab", "placebo"]
    assert at_six == ["zoledronate", "denosumab"]


def test_a_first_step_that_waits_starts_on_day_0_and_tells_its_wait():
    plan = parse_regimen("6 months after the last dose zoledronate 5 mg once, then nothing for 24 months")
    assert plan.starts_after_last_dose_d == 6 * MONTH
    assert months(plan) == [0]
    assert plan.end_d == 24 * MONTH


def test_a_plan_that_begins_at_once_waits_for_nothing():
    plan = parse_regimen("denosumab 60 mg once, then 1 year after the last dose zoledronate 5 mg once")
    assert plan.starts_after_last_dose_d is None


def test_a_plan_without_doses_has_an_end_and_no_last_dose():
    plan = parse_regimen("nothing for 24 months, then nothing for 1 year")
    assert (plan.doses, plan.last_dose_d, plan.drugs) == ((), None, ())
    assert plan.end_d == 36 * MONTH


def test_the_longest_plans_that_are_allowed_are_laid_out():
    assert len(parse_regimen("teriparatide 20 ug daily x 20000").doses) == 20_000
    assert parse_regimen("denosumab 60 mg every 1 year x 100").end_d == 36525
