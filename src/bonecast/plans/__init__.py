"""The plan grammar: the words of a treatment plan made into doses on an axis of days.

A plan reads like a note in a chart, "denosumab 60 mg every 6 months x 4, then nothing for 24 months". This
room owns the reading, the errors that point into the text, and the timing: which dose falls on which day and
when the cover of the last one ends. It asks `drugs` what a name means and knows no patient and no model.
"""

from bonecast.plans.course import Course, Dose, Step
from bonecast.plans.errors import PlanError
from bonecast.plans.parser import parse_plan, parse_span
from bonecast.plans.plan import Plan
from bonecast.plans.span import DAYS_IN, Span
from bonecast.plans.timing import PlacedStep

__all__ = [
    "DAYS_IN",
    "Course",
    "Dose",
    "PlacedStep",
    "Plan",
    "PlanError",
    "Span",
    "Step",
    "parse_plan",
    "parse_span",
]
