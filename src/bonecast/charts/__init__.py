"""One picture vocabulary: ranges, lines, points and marks, made into Altair charts, SVG and tables.

This room owns the plain data that a picture is made of (`Panel`, `Strip` and their parts), how series are
told apart (colour, dash and sign together), where axes begin and end, the drawing, the SVG, and the table
behind each picture. It knows no medicine and reads no forecast.
"""

from bonecast.charts.agreement import Agreement, Pair, Pairs
from bonecast.charts.axes import linear_domain, linear_ticks, log_domain, log_ticks, x_ticks, y_span
from bonecast.charts.drawing import chart, specification, stack
from bonecast.charts.forest import Forest, Twig
from bonecast.charts.image import png, svg
from bonecast.charts.looks import LOOKS, PAST, Look, look
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
from bonecast.charts.rows import table
from bonecast.charts.scatter import Cell, Dot, Dots, Scatter
from bonecast.charts.sheet import Table
from bonecast.charts.steps import Stair, Steps
from bonecast.charts.text import number, place, span, unit
from bonecast.charts.traces import JOINED, Trace, Traces

__all__ = [
    "JOINED",
    "LOOKS",
    "PAST",
    "Agreement",
    "Cell",
    "Dot",
    "Dots",
    "Forest",
    "Lane",
    "Limits",
    "Look",
    "Mark",
    "Pair",
    "Pairs",
    "Panel",
    "Picture",
    "Point",
    "Scatter",
    "SecondAxis",
    "Series",
    "Stair",
    "Steps",
    "Strip",
    "Table",
    "Threshold",
    "Trace",
    "Traces",
    "Twig",
    "X",
    "chart",
    "held",
    "linear_domain",
    "linear_ticks",
    "log_domain",
    "log_ticks",
    "look",
    "number",
    "place",
    "png",
    "span",
    "specification",
    "stack",
    "svg",
    "table",
    "unit",
    "x_ticks",
    "y_span",
]
