"""One picture vocabulary: ranges, lines, points and marks, made into Altair charts, SVG and tables.

This room owns the plain data that a picture is made of (`Panel`, `Strip` and their parts), how series are
told apart (colour, dash and sign together), where axes begin and end, the drawing, the SVG, the table behind each
picture, and the card that a notebook shows of an object. It knows no medicine and reads no forecast.
"""

from bonecast.charts.agreement import Agreement, Pair, Pairs
from bonecast.charts.axes import linear_domain, linear_ticks, log_domain, log_ticks, x_ticks, y_span
from bonecast.charts.card import Card, card_html
from bonecast.charts.drawing import chart, specification, stack
from bonecast.charts.forest import Forest, Twig
from bonecast.charts.image import png, svg
from bonecast.charts.looks import LOOKS, Look, look
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
)
from bonecast.charts.picture import Picture
from bonecast.charts.rows import table
from bonecast.charts.sheet import Table
from bonecast.charts.small import Small, SmallCurve, SmallLane, SmallLanes, small_svg
from bonecast.charts.steps import Stair, Steps
from bonecast.charts.text import counted, number, place, probability, span, unit

__all__ = [
    "LOOKS",
    "Agreement",
    "Card",
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
    "SecondAxis",
    "Series",
    "Small",
    "SmallCurve",
    "SmallLane",
    "SmallLanes",
    "Stair",
    "Steps",
    "Strip",
    "Table",
    "Threshold",
    "Twig",
    "X",
    "card_html",
    "chart",
    "counted",
    "linear_domain",
    "linear_ticks",
    "log_domain",
    "log_ticks",
    "look",
    "number",
    "place",
    "png",
    "probability",
    "small_svg",
    "span",
    "specification",
    "stack",
    "svg",
    "table",
    "unit",
    "x_ticks",
    "y_span",
]
