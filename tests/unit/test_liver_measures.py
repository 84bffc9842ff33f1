"""What liver values say: limits and their edges, three values of truth, days that belong together."""

import datetime as dt

import polars as pl
import pytest

from bonecast.liver.laboratory import ROWS, check_values
from bonecast.liver.measures import measure

DAY = dt.datetime(2026, 1, 1)
ULN = {"ALT": 40.0, "AST": 40.0, "ALP": 120.0, "GGT": 45.0, "bilirubin": 1.2}
UNITS = {"bilirubin": "mg/dL", "INR": "", "albumin": "g/L", "eosinophils": "%"}


def found(*panels: tuple[float, dict[str, float]], before: tuple = (), **known: object) -> dict:
    """What panels (day, multiples of the limit) of one person come to; `before` are panels of before treatment."""
    rows = []
    for baseline, listed in ((None, panels), (True, before)):
        for day, values in listed:
            for test, x in values.items():
                uln = ULN.get(test)
                row = (
                    len(rows),
                    "A",
                    DAY + dt.timedelta(days=day),
                    test,
                    x * (uln or 1.0),
                    UNITS.get(test, "U/L"),
                )
                rows.append((*row, uln, None, baseline))
    values = check_values(pl.DataFrame(rows, schema=ROWS, orient="row"), str)
    return measure(values, pl.DataFrame([{"person": "A", **known}])).to_dicts()[0]


def one(**values: float) -> dict:
    """What one panel comes to."""
    return found((0, values))


@pytest.mark.parametrize(
    ("test", "column", "edges"),
    [
        ("ALT", "ctcae_alt", [(1, 0), (1.01, 1), (3, 1), (3.01, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)]),
        ("AST", "ctcae_ast", [(1, 0), (3, 1), (5, 2), (20, 3), (20.01, 4)]),
        ("ALP", "ctcae_alp", [(1, 0), (2.5, 1), (2.51, 2), (5, 2), (5.01, 3), (20, 3), (20.01, 4)]),
        ("bilirubin", "ctcae_bili", [(1, 0), (1.5, 1), (1.51, 2), (3, 2), (3.01, 3), (10, 3), (10.01, 4)]),
    ],
)
def test_an_upper_limit_of_ctcae_belongs_to_the_lower_grade(test, column, edges):
    assert [one(**{test: x})[column] for x, _ in edges] == [grade for _, grade in edges]


@pytest.mark.parametrize(
    ("test", "column", "edges"),
    [
        ("ALT", "ctcae_alt", [(1.49, 0), (1.5, 1), (3, 1), (3.01, 2), (20.01, 4)]),
        ("ALP", "ctcae_alp", [(1.99, 0), (2, 1), (2.5, 1), (2.51, 2)]),
        ("bilirubin", "ctcae_bili", [(1, 0), (1.01, 1), (1.5, 1), (1.51, 2)]),
    ],
)
def test_a_raised_baseline_is_graded_in_multiples_of_itself(test, column, edges):
    seen = [found((0, {test: 2 * x}), before=((-9, {test: 2.0}),))[column] for x, _ in edges]
    assert seen == [grade for _, grade in edges]


def test_the_case_limit_of_alt_runs_over_a_raised_baseline():
    panel = {"ALT": 6.0, "ALP": 0.5, "bilirubin": 0.5}
    assert found((0, panel))["dili"] is True
    assert found((0, panel), before=((-9, {"ALT": 2.0}),))["dili"] is False
    assert found((0, panel), before=((-9, {"ALT": 0.9}),))["dili"] is True


@pytest.mark.parametrize(
    ("panel", "is_case"),
    [
        ({"ALT": 5.0}, True),
        ({"ALT": 4.99, "ALP": 1.0, "bilirubin": 1.0}, False),
        ({"ALT": 4.99, "ALP": 1.0, "bilirubin": 2.0}, False),
        ({"ALT": 3.0, "ALP": 1.0, "bilirubin": 2.01}, True),
        ({"ALT": 2.99, "ALP": 1.0, "bilirubin": 9.0}, False),
        ({"ALT": 1.0, "ALP": 2.0}, True),
        ({"ALT": 1.0, "ALP": 1.99, "bilirubin": 1.0}, False),
        ({"ALT": 1.0, "bilirubin": 1.0}, None),
        ({"ALT": 3.5, "ALP": 1.0}, None),
        ({"INR": 1.0}, None),
    ],
)
def test_case_thresholds_and_what_cannot_be_known(panel, is_case):
    assert one(**panel)["dili"] is is_case


@pytest.mark.parametrize(
    ("panel", "upper_right", "hy", "by_r"),
    [
        ({"ALT": 6.0, "ALP": 1.0, "bilirubin": 3.0}, True, True, True),
        ({"ALT": 6.0, "ALP": 1.99, "bilirubin": 3.0}, True, True, False),
        ({"ALT": 6.0, "ALP": 2.0, "bilirubin": 3.0}, True, False, False),
        ({"ALT": 6.0, "bilirubin": 3.0}, True, None, None),
        ({"ALT": 6.0, "ALP": 1.0}, None, None, None),
        ({"ALT": 2.9, "bilirubin": 3.0}, False, False, False),
        ({"ALT": 2.9, "AST": 3.0, "ALP": 1.0, "bilirubin": 3.0}, True, True, False),
        ({"bilirubin": 3.0}, None, None, None),
        ({"bilirubin": 2.0}, False, False, False),
    ],
)
def test_hys_law_is_unknown_only_where_a_missing_value_could_decide(panel, upper_right, hy, by_r):
    seen = one(**panel)
    assert (seen["upper_right"], seen["hy_biochem"], seen["hy_by_r"]) == (upper_right, hy, by_r)


@pytest.mark.parametrize(("excluded", "hy"), [(True, True), (False, False), (None, None)])
def test_the_third_step_of_hys_law_takes_a_word_on_other_causes(excluded, hy):
    panel = {"ALT": 6.0, "ALP": 1.0, "bilirubin": 3.0}
    assert found((0, panel), causes_excluded=excluded)["hy_law"] is hy


@pytest.mark.parametrize(("days", "together"), [(30, True), (31, False), (-30, True), (-31, False)])
def test_bilirubin_belongs_to_an_alt_within_thirty_days(days, together):
    seen = found((40, {"ALT": 6.0, "ALP": 1.0, "bilirubin": 0.5}), (40 + days, {"bilirubin": 3.0}))
    assert seen["upper_right"] is together
    assert seen["edish"] == ("hy" if together else "temple")


def test_alp_for_r_is_drawn_within_two_days_of_the_onset_or_r_is_unknown():
    assert found((0, {"ALT": 10.0}), (2, {"ALP": 2.0}))["R"] == 5.0
    assert found((0, {"ALT": 10.0}), (3, {"ALP": 2.0}))["R"] is None


def test_r_is_of_the_onset_and_not_of_the_peak():
    seen = found(
        (0, {"ALT": 1.0, "ALP": 1.0}), (9, {"ALT": 6.0, "ALP": 2.0}), (20, {"ALT": 30.0, "ALP": 2.5})
    )
    assert (seen["R"], seen["onset"].day, seen["alt_peak_x"]) == (3.0, 10, 30.0)


@pytest.mark.parametrize(
    ("bili_mg_dl", "inr", "facts", "certain", "possible"),
    [
        (2.4, 1.4, {}, 1, 5),
        (2.5, 1.4, {}, 2, 5),
        (2.4, 1.5, {}, 2, 5),
        (2.5, 1.5, {}, 4, 5),
        (2.4, 1.4, {"hospitalised": True}, 3, 5),
        (2.5, 1.0, {"ascites": True}, 4, 5),
        (2.4, 1.0, {"ascites": True, "hospitalised": False, "death_or_transplant": False}, 1, 1),
        (2.4, 1.0, {"death_or_transplant": True}, 5, 5),
    ],
)
def test_dilin_severity_takes_the_first_grade_that_is_true_from_above(
    bili_mg_dl, inr, facts, certain, possible
):
    seen = found((0, {"ALT": 6.0, "bilirubin": bili_mg_dl / 1.2, "INR": inr}), **facts)
    assert (seen["dilin"], seen["dilin_possible"]) == (certain, possible)


def test_the_international_scale_asks_for_jaundice_or_symptoms_before_liver_failure():
    assert found((0, {"ALT": 6.0, "bilirubin": 1.9, "INR": 1.6}), symptoms=False)["international"] == 1
    assert found((0, {"ALT": 6.0, "bilirubin": 2.0, "INR": 1.0}))["international"] == 2
    assert found((0, {"ALT": 6.0, "bilirubin": 2.0, "INR": 1.5}))["international"] == 3
    ascites = {"ascites": True, "symptoms": True}
    assert found((0, {"ALT": 6.0}), **ascites, cirrhosis=False)["international"] == 3
    assert found((0, {"ALT": 6.0}), **ascites, cirrhosis=True)["international"] == 2


def test_bilirubin_alone_has_no_severity():
    seen = one(ALT=0.6, ALP=0.6, bilirubin=3.0)
    assert (seen["dilin"], seen["international"], seen["R_meaningful"]) == (None, None, False)


@pytest.mark.parametrize(
    ("panels", "rule"),
    [
        ([(0, {"ALT": 8.01})], "stop_high"),
        ([(0, {"ALT": 5.01}), (15, {"AST": 5.01})], "stop_lasting"),
        ([(0, {"ALT": 3.01, "bilirubin": 2.01})], "stop_jaundice"),
        ([(0, {"ALT": 3.01, "INR": 1.51})], "stop_jaundice"),
        ([(0, {"ALT": 3.01, "eosinophils": 5.1})], "stop_symptoms"),
    ],
)
def test_each_stopping_rule_is_met_by_its_own_case(panels, rule):
    seen = found(*panels)
    assert seen[rule] is True
    assert seen["stop"] is True


def test_two_weeks_above_five_are_not_yet_more_than_two_weeks_and_a_dip_ends_them():
    quiet = {"symptoms": False}
    assert found((0, {"ALT": 6.0}), (14, {"ALT": 6.0}), **quiet)["stop_lasting"] is False
    assert found((0, {"ALT": 6.0}), (8, {"ALT": 5.0}), (16, {"ALT": 6.0}), **quiet)["stop_lasting"] is False


def test_values_of_before_the_first_dose_are_counted_as_baseline_and_as_nothing_else():
    seen = found((-5, {"ALT": 9.0}), (5, {"ALT": 1.0}), start=DAY)
    assert (seen["alt_peak_x"], seen["alt_base"], seen["values_before"]) == (1.0, 9.0, 1)


def test_a_person_without_values_has_a_row_of_unknowns():
    none = check_values(pl.DataFrame([], schema=ROWS), str)
    seen = measure(none, pl.DataFrame({"person": ["A"]})).to_dicts()[0]
    assert all(seen[name] is None for name in ("dili", "R", "edish", "hy_biochem", "dilin", "stop"))
