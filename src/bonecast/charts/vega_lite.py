"""From pictures to Vega-Lite specifications and Altair charts; all share one appearance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bonecast.charts.agreement import Agreement, agreement
from bonecast.charts.encodings import Spec
from bonecast.charts.event_strip import lanes
from bonecast.charts.forest import Forest, forest
from bonecast.charts.multiples import multiples
from bonecast.charts.overlay import Overlay, overlay
from bonecast.charts.panel import Panel, Strip
from bonecast.charts.picture import Picture
from bonecast.charts.scatter import Scatter, scatter
from bonecast.charts.steps import Steps, steps
from bonecast.charts.styles import INK
from bonecast.charts.traces import Traces, traces
from bonecast.core import current_language
from bonecast.fonts import FAMILY

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
FONT = f"{FAMILY}, Arial, Helvetica, sans-serif"
CONFIG: Spec = {
    "font": FONT,
    "aria": False,  # the whole picture has one description; its hundred lines need none
    "view": {"stroke": "#d0d0d0", "strokeWidth": 0.6},
    "axis": {
        "labelFontSize": 10.5,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": "#ececec",
        "tickColor": "#999999",
        "domain": False,
        "tickSize": 4,
    },
}


def chart(picture: Picture) -> Any:
    """Draw a picture as an Altair chart, about 700 pixels wide.

    A `Panel` becomes small multiples, one for each series, with the other medians thin behind it: ranges of several
    series over one another cannot be distinguished in grey.

    Parameters
    ----------
    picture : Picture
        The picture.

    Returns
    -------
    altair.Chart
    """
    return _altair(specification(picture))


def stack(pictures: Iterable[Picture]) -> Any:
    """Draw several pictures, one under the other, as one Altair chart.

    Parameters
    ----------
    pictures : iterable of Picture
        The pictures.

    Returns
    -------
    altair.Chart
    """
    return _altair(_dressed({"vconcat": [_drawn(p, titled=True) for p in pictures], "spacing": 26}))


def specification(picture: Picture, titled: bool = True) -> Spec:
    """Return a picture as a Vega-Lite specification, its data inside.

    Parameters
    ----------
    picture : Picture
        The picture.
    titled : bool
        Whether the title stands above it.

    Returns
    -------
    dict
    """
    return _dressed({**_drawn(picture, titled), "description": picture.description})


def _drawn(picture: Picture, titled: bool) -> Spec:
    match picture:
        case Strip():
            body = lanes(picture)
        case Panel():
            body = multiples(picture)
        case Scatter():
            body = scatter(picture)
        case Traces():
            body = traces(picture)
        case Steps():
            body = steps(picture)
        case Forest():
            body = forest(picture)
        case Agreement():
            body = agreement(picture)
        case Overlay():
            body = overlay(picture)
    if not titled:
        return body
    title = {"text": picture.title, "anchor": "start", "fontSize": 13.5, "color": INK, "offset": 10}
    return {**body, "title": title}


def _dressed(body: Spec) -> Spec:
    config, decimal = CONFIG, current_language().decimal
    if decimal != ".":
        number = {"decimal": decimal, "thousands": "\u202f", "grouping": [3], "currency": ["", ""]}
        config = {**CONFIG, "locale": {"number": number}}
    return {"$schema": SCHEMA, **body, "config": config, "padding": 2, "background": "white"}


def _altair(spec: Spec) -> Any:
    """An Altair chart of a specification, its data named: Altair walks through everything else many times."""
    # Altair takes half a second to import, and a page of SVG does without it.
    from altair.utils.schemapi import debug_mode

    datasets: Spec = dict(spec.get("datasets", {}))
    with debug_mode(False):
        made = _built(_named({k: v for k, v in spec.items() if k not in ("$schema", "datasets")}, datasets))
    made.datasets = datasets
    return made


def _built(spec: Spec) -> Any:
    import altair as alt

    from bonecast.charts.offline import Chart, HConcatChart, LayerChart, VConcatChart

    kinds = {"vconcat": VConcatChart, "hconcat": HConcatChart, "layer": LayerChart}
    for key, kind in kinds.items():
        if key in spec:
            rest = {k: v for k, v in spec.items() if k != key}
            return kind(**{key: [_built(part) for part in spec[key]]}, **rest)
    encoding = alt.FacetedEncoding(**spec["encoding"])
    more = {name: spec[name] for name in ("params",) if name in spec}
    return Chart(alt.NamedData(spec["data"]["name"]), mark=spec["mark"], encoding=encoding, **more)


def _named(node: Any, datasets: Spec) -> Any:
    """The specification with its inline data taken out, into `datasets`."""
    if isinstance(node, list):
        return [_named(item, datasets) for item in node]
    if not isinstance(node, dict):
        return node
    if "values" in node and set(node) == {"values"}:
        name = f"data-{len(datasets)}"
        datasets[name] = node["values"]
        return {"name": name}
    return {key: _named(value, datasets) for key, value in node.items()}
