"""The plan grammar: the words of a treatment plan made into doses on an axis of days.

A plan reads like a note in a chart, "denosumab 60 mg every 6 months x 4, then nothing for 24 months". This
room owns the reading, the errors that point into the text, and the timing: which dose falls on which day and
when the cover of the last one ends. It asks `drugs` what a name means and knows no patient and no model.
"""

from bonecast.regimens.course import Course, Dose, Step
from bonecast.regimens.errors import RegimenError
from bonecast.regimens.parser import parse_regimen, parse_span
from bonecast.regimens.regimen import Regimen
from bonecast.regimens.span import DAYS_IN, Span
from bonecast.regimens.timing import PlacedStep

__all__ = [
    "DAYS_IN",
    "Course",
    "Dose",
    "PlacedStep",
    "Regimen",
    "RegimenError",
    "Span",
    "Step",
    "parse_regimen",
    "parse_span",
]
