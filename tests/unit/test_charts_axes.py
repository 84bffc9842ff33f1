"""Where axes begin and end, and where their ticks stand."""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bonecast.charts import Point, linear_domain, linear_ticks, log_domain, log_ticks, x_ticks, y_span

numbers = st.floats(-1e4, 1e4).map(lambda v: round(v, 4))


@given(numbers, st.floats(0.01, 1e4))
def test_a_linear_domain_holds_the_values_and_ends_on_ticks(low, width):
    first, last = linear_domain(low, low + width)
    assert first <= low + 1e-6
    assert last >= low + width - 1e-6
    assert last - first <= 3 * width
    assert 2 <= len(linear_ticks(first, last)) <= 9


@given(st.floats(1e-3, 1e3), st.floats(1.05, 1e3))
def test_a_log_domain_holds_the_values_and_ends_on_ticks(low, factor):
    first, last = log_domain(low, low * factor)
    assert 0 < first <= low * 1.00001
    assert last >= low * factor / 1.00001
    ticks = log_ticks(first, last)
    assert (ticks[0], ticks[-1]) == (first, last)
    assert all(round(t / 10 ** math.floor(math.log10(t) + 1e-9)) in (1, 2, 5) for t in ticks)


def test_a_change_far_from_zero_does_not_start_at_zero():
    assert linear_domain(52.0, 58.0)[0] > 40


@pytest.mark.parametrize(("years", "room"), [(1, 4), (7, 4), (12, 12), (60, 5)])
def test_dates_on_the_axis_fit_into_their_room(years, room):
    low = dt.date(2024, 3, 5)
    ticks = x_ticks(low, low.replace(year=low.year + years), room)
    assert 1 <= len(ticks) <= room + 1
    assert all(tick.day == 1 for tick in ticks)


def test_days_on_the_axis_are_round_and_inside():
    assert x_ticks(-14.0, 90.0, 8) == [-14.0, 0.0, 14.0, 28.0, 42.0, 56.0, 70.0, 84.0]


def test_the_span_reaches_over_errors_and_what_else_is_shown():
    points = (Point(0.0, 1.0, 0.5, 1.5), Point(1.0, 4.0))
    assert y_span((), points, (0.1, math.nan)) == (0.1, 4.0)
    assert y_span((), ()) == (0.0, 1.0)
