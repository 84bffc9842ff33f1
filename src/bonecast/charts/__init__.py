"""One picture vocabulary: ranges, lines, points and marks, made into Altair charts, SVG and tables.

This room owns the plain data that a picture is made of (`Panel`, `Strip` and their parts), how series are
distinguished (colour, dash and sign together), where axes begin and end, the drawing, the SVG, the table behind each
picture, and the card that a notebook shows of an object. It knows no medicine and reads no forecast.
"""

from bonecast.charts.agreement import Agreement, Pair, Pairs
from bonecast.charts.axes import linear_domain, linear_ticks, log_domain, log_ticks, x_ticks, y_span
from bonecast.charts.card import Card, card_html
from bonecast.charts.data_tables import table
from bonecast.charts.forest import Forest, ForestRow
from bonecast.charts.formatting import counted, format_number, format_range, format_unit, place
from bonecast.charts.image import png, svg
from bonecast.charts.overlay import Overlay, curves
from bonecast.charts.panel import (
    Lane,
    Limits,
    Mark,
    Panel,
    Point,
    SecondAxis,
    Series,
    Strip,
    Threshold,
    X,
    along,
    held,
)
from bonecast.charts.picture import Picture
from bonecast.charts.scatter import Dot, Dots, Scatter, ScatterCell
from bonecast.charts.small import Small, SmallCurve, SmallLane, SmallLanes, small_svg
from bonecast.charts.steps import StepCurve, Steps
from bonecast.charts.styles import HISTORY_STYLE, STYLES, Style, style_of
from bonecast.charts.text_table import Table
from bonecast.charts.time_axis import TimeAxis, number_form, time_axis
from bonecast.charts.traces import JOINED, Trace, Traces
from bonecast.charts.vega_lite import chart, specification, stack

__all__ = [
    "HISTORY_STYLE",
    "JOINED",
    "STYLES",
    "Agreement",
    "Card",
    "Dot",
    "Dots",
    "Forest",
    "ForestRow",
    "Lane",
    "Limits",
    "Mark",
    "Overlay",
    "Pair",
    "Pairs",
    "Panel",
    "Picture",
    "Point",
    "Scatter",
    "ScatterCell",
    "SecondAxis",
    "Series",
    "Small",
    "SmallCurve",
    "SmallLane",
    "SmallLanes",
    "StepCurve",
    "Steps",
    "Strip",
    "Style",
    "Table",
    "Threshold",
    "TimeAxis",
    "Trace",
    "Traces",
    "X",
    "along",
    "card_html",
    "chart",
    "counted",
    "curves",
    "format_number",
    "format_range",
    "format_unit",
    "held",
    "linear_domain",
    "linear_ticks",
    "log_domain",
    "log_ticks",
    "number_form",
    "place",
    "png",
    "small_svg",
    "specification",
    "stack",
    "style_of",
    "svg",
    "table",
    "time_axis",
    "x_ticks",
    "y_span",
]
