"""Curves of the model against published points, drawn when the documentation is built.

`curves.toml` says what is drawn. A panel with `like` follows people like those of that row of the calibration table,
under its plan, with the interval in which a trial of that size would lie; the points are rows of the same table. A
panel with `output` follows the typical person, without any range, where nothing was published to lay on it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

import bonecast as bc
from bonecast.charts import (
    Mark,
    Panel,
    Point,
    Series,
    format_number,
    linear_domain,
    specification,
    style_of,
    y_span,
)
from bonecast.evidence import Prediction, Row, calibration_rows, half_interval, is_hit, predict_table
from bonecast.regimens import DAYS_IN, Regimen, parse_regimen

HERE = Path(__file__).parent
MODEL = "bonecast-1"
DAYS = {"days": 1.0, "months": DAYS_IN["months"], "years": DAYS_IN["years"]}
STEPS = 60  # of a curve, where the picture does not say otherwise
WIDTH, GAP, MARGIN = 660.0, 12.0, 46.0  # pixels: the sheet, between columns, for the labels of one y axis
MOST_POINTS = 250  # of a curve: a daily drug has a row for each dose
RUN_D = 45.0  # doses closer than this are one bar
MONTHS = DAYS_IN["months"]


@dataclass(frozen=True)
class Picture:
    """One picture of the documentation: its SVG, what it shows in words, and the table of its points."""

    name: str
    title: str
    svg: str
    description: str
    note: str
    points: str


@cache
def descriptions() -> dict[str, dict[str, Any]]:
    """What `curves.toml` asks for, by name of the picture."""
    return tomllib.loads((HERE / "curves.toml").read_text(encoding="utf-8"))


@cache
def published() -> dict[str, Row]:
    """The rows of the calibration table by id."""
    return {row.id: row for row in calibration_rows()}


@cache
def pictures() -> dict[str, Picture]:
    """All pictures, drawn; the rows of all of them are predicted together, so that each arm is run once."""
    asked = descriptions()
    panels = [(name, i, panel) for name, one in asked.items() for i, panel in enumerate(one["panel"])]
    curves = {
        (name, i): _curve_rows(asked[name], panel, f"{name} {i}")
        for name, i, panel in panels
        if "like" in panel
    }
    wanted = {id: published()[id] for *_, panel in panels for id in panel.get("points", ())}
    rows = [row for curve in curves.values() for row in curve] + list(wanted.values())
    said = {p.id: p for p in predict_table(rows, MODEL)}
    made = {}
    for name, one in asked.items():
        drawn = [
            _against_points(one, panel, [said[row.id] for row in curves[name, i]], f"{name}-{i}")
            if "like" in panel
            else _typical(one, panel, f"{name}-{i}")
            for i, panel in enumerate(one["panel"])
        ]
        drawn = _on_one_scale(drawn) if one.get("one_scale", True) else drawn
        ids = [id for panel in one["panel"] for id in panel.get("points", ())]
        points = _points_table([(published()[id], said[id]) for id in ids]) if ids else ""
        words = " ".join(panel.description for panel in drawn)
        svg = _svg(drawn, one, words)
        made[name] = Picture(name, one["title"], svg, words, one.get("note", ""), points)
    return made


def curve(name: str) -> str:
    """The picture in its frame, as Markdown: the image, what it is, and the table of its published points."""
    one = pictures()[name]
    words = one.description.replace("[", "(").replace("]", ")")
    caption = f"**{one.title}.** {one.note}"
    return f"![{words}](curves/{name}.svg)\n{{: .curve }}\n\n{caption}\n{{: .caption }}\n\n{one.points}"


def _grid(one: dict[str, Any]) -> list[float]:
    """The positions of a curve, in the unit of its axis."""
    if "at" in one:
        return [float(x) for x in one["at"]]
    return np.linspace(0, one["until"], one.get("steps", STEPS) + 1).tolist()


def _curve_rows(one: dict[str, Any], panel: dict[str, Any], name: str) -> list[Row]:
    """The row that the curve is like, once for each position."""
    row = published()[panel["like"]]
    plan = parse_regimen(panel["plan"]) if "plan" in panel else row.plan
    row = replace(row, plan=plan, endpoint=panel.get("endpoint", row.endpoint))
    months = [x * DAYS[one["x"]] / MONTHS for x in _grid(one)]
    return [replace(row, id=f"{name} {i}", month=month) for i, month in enumerate(months)]


def _against_points(one: dict[str, Any], panel: dict[str, Any], said: list[Prediction], key: str) -> Panel:
    row = published()[panel["like"]]
    plan = parse_regimen(panel["plan"]) if "plan" in panel else row.plan
    found = np.array([(p.lo90, p.value, p.hi90) for p in said], dtype=float)
    found[0] = found[0, 1]  # a change since time zero is none at time zero, in every trial
    low, middle, high = (tuple(column.tolist()) for column in found.T)
    x = tuple(_grid(one))
    marks = _doses(plan, one) if plan and one.get("doses", True) else ()
    series = Series(panel["title"], style_of(0), x, (low, middle, middle, middle, high), marks)
    points = tuple(_point(published()[id], one) for id in panel["points"])
    answer = f"{panel['title']}: from {middle[0]:.1f} to {middle[-1]:.1f} at {x[-1]:g} {one['x']}"
    measured = "; ".join(f"{p.y:g} at {p.x:.3g}" for p in points)
    words = f"{answer}; published {measured}." if points else f"{answer}."
    return _panel(one, panel, key, (series,), points, words)


def _typical(one: dict[str, Any], panel: dict[str, Any], key: str) -> Panel:
    output, series = panel["output"], []
    days = one["until"] * DAYS[one["x"]]
    for i, who in enumerate(one["series"]):
        changed = {name: value for name, value in who.items() if name not in ("name", "plan")}
        every = f"{days / one.get('steps', STEPS * 2):.4f} days"
        run = bc.simulate(MODEL, who["plan"], until=f"{days:.4f} days", every=every, set=changed)
        kept = np.unique(np.searchsorted(run.times_d, np.linspace(0, days * (1 - 1e-9), MOST_POINTS)))
        values = tuple(run[output][kept].tolist())
        marks = _doses(parse_regimen(who["plan"]), one) if one.get("doses", True) else ()
        x = tuple((run.times_d[kept] / DAYS[one["x"]]).tolist())
        name = who["name"] if len(one["series"]) > 1 else panel["title"]
        series.append(Series(name, style_of(i), x, (values,) * 5, marks))
    form = panel.get("form", one.get("form", ".1f"))
    answer = ", ".join(
        f"{s.name} from {format_number(min(s.median), form)} to {format_number(max(s.median), form)}"
        for s in series
    )
    return _panel(one, panel, key, tuple(series), (), f"{panel['title']} in the typical woman: {answer}.")


def _panel(
    one: dict[str, Any],
    panel: dict[str, Any],
    key: str,
    series: tuple[Series, ...],
    points: tuple[Point, ...],
    words: str,
) -> Panel:
    low, high = y_span(series, points, panel.get("also", one.get("also", ())))
    return Panel(
        key=key,
        title=panel["title"],
        description=words,
        y_title=panel.get("y", one.get("y", "")),
        x_title=one["x"],
        x_domain=(0.0, float(one["until"])),
        y_domain=linear_domain(low, high),
        form=panel.get("form", one.get("form", "+.1f")),
        series=series,
        rows_at=(),
        points=points,
        x_word=f"{one['x'].removesuffix('s')} ",
        height=one.get("height", 150),
    )


def _point(row: Row, one: dict[str, Any]) -> Point:
    assert row.month is not None, row.id
    assert row.value is not None, row.id
    half = half_interval(row)
    ends = (row.value - half, row.value + half) if half else (None, None)
    if row.ci_type == "range":
        ends = row.ci_low, row.ci_high
    return Point(row.month * MONTHS / DAYS[one["x"]], row.value, *ends)


def _doses(plan: Regimen, one: dict[str, Any]) -> tuple[Mark, ...]:
    """Doses as marks; those that follow one another closely become a bar."""
    marks: list[Mark] = []
    last = -np.inf
    for dose in plan.doses:
        x = dose.time_d / DAYS[one["x"]]
        if marks and dose.time_d - last <= RUN_D:
            marks[-1] = replace(marks[-1], until=x)
        else:
            marks.append(Mark(x, dose.drug[0].upper(), dose.drug))
        last = dose.time_d
    return tuple(marks)


def _on_one_scale(panels: list[Panel]) -> list[Panel]:
    """Panels of one picture are compared: they share their y axis."""
    low, high = min(p.y_domain[0] for p in panels), max(p.y_domain[1] for p in panels)
    return [replace(panel, y_domain=linear_domain(low, high)) for panel in panels]


def _svg(panels: list[Panel], one: dict[str, Any], words: str) -> str:
    """All panels of a picture on one sheet, as the charts draw them: single curves side by side, others below."""
    import vl_convert

    columns = min(len(panels), one.get("columns", 3)) if len(panels[0].series) == 1 else 1
    specs = [specification(panel, titled=columns == 1 and len(panels[0].series) > 1) for panel in panels]
    width = (WIDTH - GAP * (columns - 1)) / columns - MARGIN if len(panels[0].series) == 1 else None
    for panel, spec in zip(panels, specs, strict=True):
        for cell in spec["hconcat"]:
            _fitted(cell, width, one, ranged="output" not in one["panel"][panels.index(panel)])
    dress = {k: specs[0][k] for k in ("$schema", "config", "padding", "background")}
    bodies = [{k: v for k, v in spec.items() if k not in dress} for spec in specs]
    rows = [
        {"hconcat": bodies[i : i + columns], "spacing": GAP} if columns > 1 else bodies[i]
        for i in range(0, len(bodies), columns)
    ]
    drawn = vl_convert.vegalite_to_svg({**dress, "vconcat": rows, "spacing": 22}, allowed_base_urls=[])
    head, rest = drawn[drawn.index("<svg") :].split(">", 1)
    return f"{head} role='img'><title>{escape(one['title'])}</title><desc>{escape(words)}</desc>{rest}"


def _fitted(cell: dict[str, Any], width: float | None, one: dict[str, Any], ranged: bool) -> None:
    """A column with the ticks that the picture names and the unit of its axis; without a range, no words of one."""
    cell["width"] = width or cell["width"]
    for layer in cell["layer"]:
        x = layer["encoding"].get("x", {})
        if "axis" in x:
            x["title"] = one["x"]
            x["axis"]["values"] = one.get("ticks", x["axis"]["values"])
        text = layer["mark"].get("text")
        if not ranged and isinstance(text, str):
            layer["mark"]["text"] = text.split(" (")[0] if text.endswith(")") else text


def _points_table(found: Iterable[tuple[Row, Prediction]]) -> str:
    """What was published, and what the model says of the same people: the table behind the points."""
    found = list(dict.fromkeys(found))
    lines, hits = [], 0
    for row, said in found:
        assert row.month is not None, row.id
        assert row.value is not None, row.id
        assert said.value is not None, (row.id, said.note)
        hit = is_hit(row, said.value)
        hits += hit
        whole = f"{format_number(row.value, '+.1f')}"
        if row.ci_low is not None and row.ci_high is not None:
            whole += (
                f" ({format_number(row.ci_low, 'g')} to {format_number(row.ci_high, 'g')}, {row.ci_type})"
            )
        against = ", minus placebo" if row.is_difference else ""
        recalled = "recalled, unverified" if row.seen == "memory" else "read in the text"
        cells = (
            f"{row.study}: {row.arm}",
            f"{row.endpoint.removesuffix('_pct').replace('_', ' ')}{against}",
            f"{row.month:g}",
            whole,
            f"{format_number(said.value, '+.1f')}",
            "yes" if hit else "no",
            f"{row.citation}; {recalled}",
        )
        lines.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    heads = ("trial and arm", "change in %", "month", "published", "model", "hit", "source")
    head = "".join(f"<th>{word}</th>" for word in heads)
    answer = (
        f"The points, and the model's figure for the same people: {hits} of {len(found)} are hits"
        " (rows that the calibration saw)"
    )
    return (
        f"<details class='points'><summary>{answer}</summary><div class='cards'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div></details>"
    )
