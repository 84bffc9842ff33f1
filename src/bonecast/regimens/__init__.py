"""Regimens: treatment in words, as doses on an axis of days, as a history, and as the dose events of a model.

A plan reads like a note in a chart, "denosumab 60 mg every 6 months x 4, then nothing for 24 months". This
room owns the reading, the errors that point into the text, and the timing: which dose falls on which day and
when the cover of the last one ends. It lays what a record says was given on the same axis, places a strategy behind
it, and turns doses into the events of a model. It draws no picture and computes no curve.
"""

from bonecast.core import DAYS_IN
from bonecast.regimens.axis import future_days, history_days, is_single_dose
from bonecast.regimens.course import Dose, DoseCourse, Step
from bonecast.regimens.dose_events import PLACEBO, dose_events
from bonecast.regimens.errors import RegimenError
from bonecast.regimens.history import History, cover_d, history_of
from bonecast.regimens.parser import parse_regimen, parse_span
from bonecast.regimens.planned_strategy import PlannedStrategy, place_strategy
from bonecast.regimens.regimen import Regimen
from bonecast.regimens.span import Span, plain_number
from bonecast.regimens.supported_doses import COURSE_INTERVAL_D, supported_doses
from bonecast.regimens.timing import PlacedStep
from bonecast.regimens.treatment_phase import TreatmentPhase, drug_class, treatment_phase
from bonecast.regimens.unusual_courses import unusual_courses

__all__ = [
    "COURSE_INTERVAL_D",
    "DAYS_IN",
    "PLACEBO",
    "Dose",
    "DoseCourse",
    "History",
    "PlacedStep",
    "PlannedStrategy",
    "Regimen",
    "RegimenError",
    "Span",
    "Step",
    "TreatmentPhase",
    "cover_d",
    "dose_events",
    "drug_class",
    "future_days",
    "history_days",
    "history_of",
    "is_single_dose",
    "parse_regimen",
    "parse_span",
    "place_strategy",
    "plain_number",
    "supported_doses",
    "treatment_phase",
    "unusual_courses",
]
