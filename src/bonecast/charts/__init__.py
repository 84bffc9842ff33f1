"""One picture vocabulary: ranges, lines, points and marks, made into Altair charts, SVG and tables.

This room owns the plain data that a picture is made of (`Panel`, `Strip` and their parts), how series are
told apart (colour, dash and sign together), where axes begin and end, the drawing, the SVG, and the table
behind each picture. It knows no medicine and reads no forecast.
"""

from bonecast.charts.agreement import Agreement, Pair, Pairs
from bonecast.charts.axes import linear_domain, linear_ticks, log_domain, log_ticks, x_ticks, y_span
from bonecast.charts.data_tables import table
from bonecast.charts.forest import Forest, ForestRow
from bonecast.charts.formatting import format_number, format_range, format_unit, place
from bonecast.charts.image import png, svg
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
    held,
)
from bonecast.charts.picture import Picture
from bonecast.charts.scatter import Cell, Dot, Dots, Scatter
from bonecast.charts.steps import StepCurve, Steps
from bonecast.charts.styles import HISTORY_STYLE, STYLES, Style, style_of
from bonecast.charts.text_table import Table
from bonecast.charts.traces import JOINED, Trace, Traces
from bonecast.charts.vega_lite import chart, specification, stack

__all__ = [
    "JOINED",
    "STYLES",
    "HISTORY_STYLE",
    "Agreement",
    "Cell",
    "Dot",
    "Dots",
    "Forest",
    "Lane",
    "Limits",
    "Style",
    "Mark",
    "Pair",
    "Pairs",
    "Panel",
    "Picture",
    "Point",
    "Scatter",
    "SecondAxis",
    "Series",
    "StepCurve",
    "Steps",
    "Strip",
    "Table",
    "Threshold",
    "Trace",
    "Traces",
    "ForestRow",
    "X",
    "chart",
    "held",
    "linear_domain",
    "linear_ticks",
    "log_domain",
    "log_ticks",
    "style_of",
    "format_number",
    "place",
    "png",
    "format_range",
    "specification",
    "stack",
    "svg",
    "table",
    "format_unit",
    "x_ticks",
    "y_span",
]
