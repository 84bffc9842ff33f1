"""Limits of the liver rules: each is tried just below, at and just above."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from bonecast.liver.criteria import (
    dilin_grades,
    highest_grade,
    hy_by_r,
    international_grades,
    pattern,
    quadrant,
    stop_any,
    stop_lasting,
    stop_on_a_day,
    upper_right_on_a_day,
)


def said(expression: pl.Expr, **columns):
    """What an expression says of one row."""
    return pl.DataFrame({name: [value] for name, value in columns.items()}).select(expression).item()


@pytest.mark.parametrize(
    ("r", "rucam", "livertox"),
    [
        (1.99, "cholestatic", "cholestatic"),
        (2.0, "cholestatic", "mixed"),
        (2.01, "mixed", "mixed"),
        (4.99, "mixed", "mixed"),
        (5.0, "hepatocellular", "mixed"),
        (5.01, "hepatocellular", "hepatocellular"),
    ],
)
def test_the_two_conventions_differ_at_an_r_of_2_and_of_5_only(r, rucam, livertox):
    assert said(pattern("r", "rucam-2016"), r=r) == rucam
    assert said(pattern("r", "livertox"), r=r) == livertox


@pytest.mark.parametrize(("alt", "raised"), [(2.99, False), (3.0, True), (3.01, True)])
def test_an_aminotransferase_of_three_times_the_limit_is_raised(alt, raised):
    assert said(upper_right_on_a_day(), amt_x=alt, bili_near_x=3.0) is raised


@pytest.mark.parametrize(("bilirubin", "upper"), [(1.99, False), (2.0, False), (2.01, True)])
def test_bilirubin_above_twice_the_limit_is_jaundice_of_hys_law(bilirubin, upper):
    assert said(upper_right_on_a_day(), amt_x=4.0, bili_near_x=bilirubin) is upper


@pytest.mark.parametrize(("r", "law"), [(4.99, False), (5.0, True), (5.01, True)])
def test_hys_law_by_r_begins_at_5(r, law):
    assert said(hy_by_r(), upper_right=True, R=r) is law


@pytest.mark.parametrize(
    ("alt", "bilirubin", "quarter"),
    [
        (2.99, 2.0, "normal"),
        (3.0, 2.0, "temple"),
        (2.99, 2.01, "cholestasis"),
        (3.0, 2.01, "hy"),
    ],
)
def test_on_its_line_alt_counts_as_right_and_bilirubin_as_below(alt, bilirubin, quarter):
    assert said(quadrant("alt", "bili"), alt=alt, bili=bilirubin) == quarter


def severity(grades, **found) -> int:
    """The certain grade of somebody with a raised ALT of whom the rest is denied."""
    names = (
        "ascites",
        "encephalopathy",
        "other_organ_failure",
        "death_or_transplant",
        "hospitalised",
        "symptoms",
    )
    known = {
        "alt_peak_x": 5.0,
        "alp_peak_x": 1.0,
        "bili_peak_mg_dl": 0.5,
        "bili_peak_x": 0.5,
        "inr_peak": 1.0,
    }
    return said(
        highest_grade(grades(), unknown_counts=False),
        **dict.fromkeys((*names, "cirrhosis"), False),
        **{**known, **found},
    )


@pytest.mark.parametrize(("bilirubin", "grade"), [(2.49, 1), (2.5, 2), (2.51, 2)])
def test_the_second_grade_of_dilin_begins_at_2_5_mg_per_dl(bilirubin, grade):
    assert severity(dilin_grades, bili_peak_mg_dl=bilirubin) == grade


@pytest.mark.parametrize(("inr", "dilin", "international"), [(1.49, 2, 2), (1.5, 4, 3), (1.51, 4, 3)])
def test_an_inr_of_1_5_is_failure_of_the_liver(inr, dilin, international):
    assert severity(dilin_grades, bili_peak_mg_dl=3.0, inr_peak=inr) == dilin
    assert severity(international_grades, bili_peak_x=3.0, inr_peak=inr) == international


@pytest.mark.parametrize(("bilirubin", "grade"), [(1.99, 1), (2.0, 2), (2.01, 2)])
def test_the_second_international_grade_begins_at_twice_the_limit(bilirubin, grade):
    assert severity(international_grades, bili_peak_x=bilirubin) == grade


@pytest.mark.parametrize(("alt", "injured"), [(1.0, False), (1.01, True)])
def test_only_above_the_upper_limit_is_there_an_injury_to_grade(alt, injured):
    assert (severity(dilin_grades, alt_peak_x=alt) == 1) is injured


# When a trial stops the drug


@pytest.mark.parametrize(("alt", "stops"), [(7.99, False), (8.0, False), (8.01, True)])
def test_a_peak_above_eight_times_the_limit_stops_the_drug(alt, stops):
    assert said(stop_any()["stop_high"], amt_peak_x=alt) is stops


@pytest.mark.parametrize(
    ("alt", "bilirubin", "inr", "stops"),
    [
        (3.0, 2.5, 1.0, False),
        (3.01, 2.5, 1.0, True),
        (4.0, 2.0, 1.0, False),
        (4.0, 2.01, 1.0, True),
        (4.0, 1.0, 1.5, False),
        (4.0, 1.0, 1.51, True),
    ],
)
def test_above_three_times_the_limit_jaundice_or_clotting_stops_the_drug(alt, bilirubin, inr, stops):
    assert said(stop_on_a_day()["stop_jaundice"], amt_x=alt, bili_near_x=bilirubin, inr_near=inr) is stops


@pytest.mark.parametrize(("eosinophils", "stops"), [(4.9, False), (5.0, False), (5.1, True)])
def test_eosinophils_above_5_percent_stop_the_drug(eosinophils, stops):
    rule = stop_on_a_day()["stop_symptoms"]
    assert said(rule, amt_x=4.0, symptoms=False, eosinophils_near=eosinophils) is stops


@pytest.mark.parametrize(
    ("alt", "days", "stops"), [(5.0, 30, False), (5.01, 14, False), (5.01, 15, True), (5.01, 13, False)]
)
def test_more_than_two_weeks_above_five_times_the_limit_stop_the_drug(alt, days, stops):
    first = dt.datetime(2026, 1, 1)
    panels = pl.DataFrame(
        {"pid": ["a", "a"], "at": [first, first + dt.timedelta(days=days)], "amt_x": [alt, alt]}
    )
    assert stop_lasting(panels)["stop_lasting"].to_list() == [stops]
