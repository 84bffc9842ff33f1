"""Pictures without any medicine: what is drawn, in what look, and the table behind it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re

import pytest

from bonecast.charts import (
    STYLES,
    Lane,
    Limits,
    Mark,
    Panel,
    Point,
    Series,
    Strip,
    Threshold,
    chart,
    format_number,
    png,
    specification,
    stack,
    style_of,
    svg,
    table,
)

START, TODAY, END = dt.date(2024, 1, 1), dt.date(2025, 1, 1), dt.date(2028, 1, 1)
DAYS = tuple(START + dt.timedelta(days=30 * i) for i in range(49))


def curve(name: str, position: int, slope: float) -> Series:
    quantiles = tuple(tuple(slope * i / 10 + shift for i in range(len(DAYS))) for shift in (-2, -1, 0, 1, 2))
    marks = (Mark(START, "D", "done thing"), Mark(dt.date(2026, 1, 1), "D", "planned thing", "planned"))
    return Series(name, style_of(position), DAYS, quantiles, marks)


def panel(*series: Series, **changes) -> Panel:
    made = Panel(
        key="height",
        title="Height",
        description="Height of the water under two plans.",
        y_title="m",
        x_title="date",
        x_domain=(START, END),
        y_domain=(-5.0, 10.0),
        form="+.1f",
        series=series or (curve("up", 0, 1.0), curve("down", 1, -0.5)),
        rows_at=(TODAY, DAYS[-1]),
        points=(Point(START, 0.0, note="first"), Point(dt.date(2024, 7, 1), 1.0, 0.5, 1.5)),
        today=TODAY,
    )
    return dataclasses.replace(made, **changes)


def layers(node) -> list[dict]:
    """Every layer with a mark in a specification."""
    if isinstance(node, dict):
        found = [node] if isinstance(node.get("mark"), dict) else []
        return found + [layer for value in node.values() for layer in layers(value)]
    return [layer for item in node for layer in layers(item)] if isinstance(node, list) else []


def marked(spec: dict, kind: str) -> list[dict]:
    return [layer for layer in layers(spec) if layer["mark"]["type"] == kind]


def test_each_series_has_a_column_with_its_two_ranges_in_its_own_colour():
    columns = specification(panel())["hconcat"]
    assert len(columns) == 2
    for column, look_ in zip(columns, STYLES, strict=False):
        areas = [area["mark"]["color"] for area in marked(column, "area")]
        assert areas.count(look_.colour) == 2
        assert len(areas) == 4  # two more, in grey, for the past


def test_the_past_ends_and_the_future_begins_on_the_last_day_before_today():
    column = specification(panel(curve("up", 0, 1.0)))["hconcat"][0]
    past, future = (
        [row["x"] for row in area["data"]["values"]]
        for area in marked(column, "area")
        if area["encoding"]["y"]["field"] == "p05"
    )
    assert past[-1] == future[0] <= TODAY.isoformat() < future[1]


def test_the_other_medians_are_thin_and_grey_in_every_column():
    columns = specification(panel())["hconcat"]
    assert len(columns) >= 2
    for column in columns:
        widths = sorted(line["mark"]["strokeWidth"] for line in marked(column, "line"))
        assert widths == [0.9, 2, 2]


def test_the_last_value_is_written_with_its_range():
    words = [t["mark"]["text"] for t in marked(specification(panel()), "text") if "text" in t["mark"]]
    assert f"{DAYS[-1]}: +4.8 (+2.8 to +6.8)" in words
    assert "−2.4" in words


def test_looks_differ_in_colour_dash_and_sign_all_three():
    for part in ("colour", "dash", "shape"):
        assert len({getattr(entry, part) for entry in STYLES}) == len(STYLES)


def test_two_dozen_series_each_have_a_look_of_their_own():
    assert len({style_of(i) for i in range(25)}) == 25


def test_a_run_in_the_past_is_grey_and_a_planned_one_has_the_colour_of_its_series():
    runs = (Mark(START, "A", "run", until=TODAY), Mark(TODAY, "B", "run", "planned", until=END))
    spec = specification(panel(dataclasses.replace(curve("up", 1, 1.0), marks=runs)))
    bars = [rule["mark"]["color"] for rule in marked(spec, "rule") if rule["mark"].get("strokeWidth") == 4]
    assert bars == ["#595959", style_of(1).colour]


def test_every_colour_of_a_line_has_a_contrast_of_three_to_one_on_white():
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    for entry in STYLES:
        assert 1.05 / (luminance(entry.colour) + 0.05) >= 3


def test_values_beyond_the_axis_stay_inside_it():
    spec = specification(panel(y_domain=(0.0, 2.0)))
    areas = marked(spec, "area")
    assert areas
    assert all(area["data"]["values"] for area in areas)
    for area in areas:
        for row in area["data"]["values"]:
            assert all(0.0 <= row[name] <= 2.0 for name in ("p05", "p25", "p75", "p95"))


def test_a_log_panel_has_ticks_at_one_two_five():
    spec = specification(panel(log=True, y_domain=(0.1, 2.0), form=".2f"))
    y = marked(spec["hconcat"][0], "area")[0]["encoding"]["y"]
    assert y["scale"]["type"] == "log"
    assert y["axis"]["values"] == [0.1, 0.2, 0.5, 1.0, 2.0]


def test_a_value_below_the_limit_is_an_arrow_down_without_a_bar():
    point = Point(START, 0.05, 0.01, 0.09, below=True)
    spec = specification(panel(curve("up", 0, 1.0), points=(point,), y_domain=(0.01, 2.0)))
    arrows = [p for p in marked(spec, "point") if p["mark"].get("shape") == "arrow"]
    assert [a["mark"]["angle"] for a in arrows] == [180]
    assert not [r for r in marked(spec, "rule") if "y2" in r["encoding"]]


def test_limits_and_thresholds_are_drawn_and_labelled_once():
    spec = specification(panel(reference=Limits(0.0, 2.0, "usual"), thresholds=(Threshold(1.0, "ask"),)))
    assert len(marked(spec, "rect")) == 2
    words = [t["mark"].get("text") for t in marked(spec, "text")]
    assert (words.count("usual"), words.count("ask")) == (1, 1)


def test_a_series_without_a_curve_keeps_its_column_and_says_why():
    absent = Series("none", style_of(2), (), (), absent="nobody computes it")
    spec = specification(panel(curve("up", 0, 1.0), absent))
    empty = spec["hconcat"][1]
    assert not marked(empty, "area")
    assert ["nobody computes it"] in [t["mark"].get("text") for t in marked(empty, "text")]
    assert table(panel(curve("up", 0, 1.0), absent)).rows[-1][-1] == ""


@pytest.mark.parametrize(("count", "rows"), [(1, [1]), (4, [4]), (5, [3, 2]), (6, [3, 3]), (9, [3, 3, 3])])
def test_many_series_stand_in_even_rows(count, rows):
    spec = specification(panel(*(curve(f"way {i}", i, 0.1 * i) for i in range(count))))
    found = [len(row["hconcat"]) for row in spec.get("vconcat", [spec])]
    assert found == rows


def strip() -> Strip:
    late = Mark(TODAY, "A", "event", due=dt.date(2024, 10, 1), label="92 d late")
    run = Mark(TODAY, "B", "run", "planned", until=dt.date(2040, 1, 1))
    lanes = (Lane("past", style_of(0), (late,)), Lane("a long name for a lane", style_of(1), (run,)))
    return Strip(
        "events", "Events", "Two lanes.", "date", (START, END), (*lanes, Lane("no", style_of(2), (), "none"))
    )


def test_a_strip_draws_done_planned_late_runs_and_empty_lanes():
    spec = specification(strip())
    fills = [p["mark"].get("fill") for p in marked(spec, "point")]
    assert fills.count("white") == 1
    late, run = sorted(marked(spec, "rule"), key=lambda r: r["mark"]["strokeWidth"])
    assert late["data"]["values"][0]["due"] == "2024-10-01"
    assert run["data"]["values"][0]["until"] == END.isoformat()  # cut at the end of the axis
    assert [t for t in marked(spec, "text") if t["mark"].get("text") == "none"]


def test_the_table_of_a_panel_holds_points_and_chosen_days():
    made = table(panel())
    assert made.columns == ("date", "measured", "up", "down")
    assert [row[0] for row in made.rows] == ["2024-01-01", "2024-07-01", "2025-01-01", DAYS[-1].isoformat()]
    assert made.rows[0][1] == "0.0 (first)"
    assert made.rows[-1][2] == "+4.8 (+2.8 to +6.8)"


def test_the_table_of_a_strip_holds_every_mark():
    assert table(strip()).rows == (
        ("2025-01-01", "past", "event, 92 d late"),
        ("2025-01-01 to 2040-01-01", "a long name for a lane", "run"),
    )


def test_the_svg_is_named_described_stable_and_has_ids_of_its_own():
    first, second = svg(panel()), svg(panel(key="other"))
    assert first == svg(panel())
    assert '<title id="height-title">Height</title>' in first
    assert "Height of the water under two plans." in first
    ids = [set(re.findall(r'\bid="([^"]+)"', text)) for text in (first, second)]
    assert ids[0].isdisjoint(ids[1])
    assert set(re.findall(r"\(#([^)]+)\)", first)) <= ids[0]


def test_words_with_markup_are_escaped_in_the_svg():
    drawn = svg(panel(curve("<script>1</script>", 0, 1.0), title="<b>", description="<i>"))
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "<i>" not in drawn


def test_the_altair_chart_is_the_same_picture_and_valid():
    made = chart(panel()).to_dict(validate=True)
    assert [layer["mark"] for layer in layers(made)] == [
        layer["mark"] for layer in layers(specification(panel()))
    ]
    assert len(json.dumps(made)) > 1000


def test_a_stack_holds_every_picture_under_one_another():
    assert len(stack([strip(), panel()]).to_dict(validate=False)["vconcat"]) == 2


def test_a_png_is_an_image():
    assert png(strip(), scale=1).startswith(b"\x89PNG")


@pytest.mark.parametrize(("value", "text"), [(-0.04, "0.0"), (0.04, "0.0"), (-1.25, "−1.2"), (3.0, "+3.0")])
def test_a_number_that_rounds_to_zero_has_no_sign(value, text):
    assert format_number(value, "+.1f") == text


def test_an_outline_adds_two_dotted_lines_to_its_own_column_only():
    plain = curve("up", 0, 1.0)
    outlined = dataclasses.replace(plain, outline=curve("before", 0, 2.0))
    dotted = [
        sum(
            one["mark"].get("strokeDash") == [1, 2]
            for one in layers(specification(panel(series, curve("down", 1, -0.5))))
        )
        for series in (plain, outlined)
    ]
    assert dotted == [0, 2]
