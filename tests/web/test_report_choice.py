"""The choice on the page: the ranking, the dates, the next test, calcium, and the plans that were searched."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from report_example import example_forecast

from bonecast.decisions import ValueOfInformation, find_aim, rank
from bonecast.forecasts import Forecast, LatestDate, NextTest, Search
from bonecast.outcomes import CalciumTest, QuantileRange, TimeToThreshold
from bonecast.reports import content, render
from bonecast.reports.choice_grid import choice_grid, t_score_grid
from bonecast.reports.grid import Footnotes

PEOPLE = np.linspace(5.0, 9.0, 50)
EARLY, MIDDLE = dt.date(2026, 12, 1), dt.date(2027, 1, 10)


@pytest.fixture(scope="module")
def made() -> Forecast:
    """The invented forecast with an invented choice; alendronate is not ranked."""
    plain = example_forecast()
    values = {"on time": PEOPLE, "3 months late": PEOPLE + 1.5, "stop": PEOPLE + 40}
    time = TimeToThreshold(0.67, 0.8, EARLY, MIDDLE, None)
    first = replace(
        plain.summaries[0],
        turnover_threshold={"CTX": TimeToThreshold(0.67, 0.0, None, None, None)},
        calcium_below={2.0: 0.034, 1.9: 0.0},
        calcium_tests=(CalciumTest(dt.date(2026, 9, 1), "before the injection", ("PD-01",)),),
        t_score={
            ("LS_BMD", 12): QuantileRange(-2.4, -2.8, -2.0),
            ("LS_BMD", 24): QuantileRange(-2.3, -2.7, -1.9, (-2.5, -2.1)),
        },
    )
    stop = replace(plain.summaries[2], turnover_threshold={"CTX": time})
    plans = rank({"zoledronate, now": PEOPLE + 3, "go on": PEOPLE}, find_aim("vertebral"), 60)
    return replace(
        plain,
        summaries=(first, plain.summaries[1], stop, plain.summaries[3]),
        ranking=rank(values, find_aim("vertebral"), 60),
        latest=(LatestDate("more than 3 % of lumbar spine BMD is lost", "LS_BMD", time),),
        next_tests=(NextTest("CTX", "CTX", dt.date(2026, 9, 15), ValueOfInformation(0.3, 0.1, 2.0, 0.01)),),
        search=Search(
            plans, {"go on": "…", "zoledronate, now": "…"}, {}, {"stop <now>": "DC-01: do not stop"}
        ),
    )


def test_the_ranking_stands_beside_each_strategy_with_letters_and_paired_differences(made):
    notes = Footnotes()
    grid = choice_grid(made, notes)
    rows = {row.name: row.cells for row in grid.rows}
    assert [cell.text for cell in rows["on time"][:4]] == ["7.0", ">95", "first", "a"]
    assert [cell.text for cell in rows["3 months late"][:4]] == ["8.5", "<1", "+1.5", "a"]
    assert rows["stop"][3].text == "b"
    assert rows["switch to alendronate"][0].text == "—"
    assert rows["switch to alendronate"][0].footnote
    assert all(len(row.cells) == len(grid.heads) for row in grid.rows)


def test_dates_of_passing_say_never_where_some_never_do(made):
    rows = {row.name: row.cells for row in choice_grid(made, Footnotes()).rows}
    assert rows["on time"][4].text == "not within the forecast"
    assert (rows["stop"][4].text, rows["stop"][4].range) == ("2027-01-10", "2026-12-01 to never")
    assert [cell.text for cell in rows["on time"][5:]] == ["3", "<1"]


def test_t_scores_have_both_ranges_and_begin_at_two_years(made):
    grid = t_score_grid(made, Footnotes())
    assert [head.text.replace("\u00a0", " ") for head in grid.heads] == ["2 years"]
    cell = grid.rows[0].cells[0]
    assert (cell.text, cell.range, cell.half) == ("−2.3", "−2.7 to −1.9", "−2.5 to −2.1")


def test_the_page_tells_dates_tests_calcium_and_plans_and_escapes_them(made):
    page = render(made)
    assert (
        "half of people like this one pass the point at which more than 3 % of lumbar spine BMD is lost"
        in page
    )
    assert 'The most useful test before the decision is CTX on <span class="date">2026-09-15</span>' in page
    assert "before the injection (PD-01)" in page
    assert "zoledronate, now" in page
    assert "<strong>stop &lt;now&gt;</strong> is not possible: DC-01" in page


def test_a_forecast_without_a_choice_has_no_section_for_it():
    page = render(example_forecast())
    assert 'id="choice"' not in page
    assert "cannot be distinguished" not in page


def test_the_machine_gets_the_same_choice(made):
    found = content(made)
    assert [r["strategy"] for r in found["ranking"]["ranks"]] == ["on time", "3 months late", "stop"]
    assert found["ranking"]["ranks"][1]["behind_first"] == {"p05": 1.5, "p50": 1.5, "p95": 1.5}
    assert found["latest_dates"][0]["p95"] is None
    assert found["next_tests"][0]["tells"] is True
    assert found["search"]["forbidden"] == {"stop <now>": "DC-01: do not stop"}
    assert content(example_forecast())["ranking"] is None
