"""A scenario lays a person and a plan onto one model: parameters from the person, dose events from the plan.

This room owns the axis of days (day 0 is the first day of the history replayed), the due date of the next dose,
and the translation of doses into a model's time unit and routes. It draws no pictures and computes no curves.
"""

from bonecast.cohorts.person_parameters import person_facts, person_parameters
from bonecast.regimens.dose_events import dose_events
from bonecast.regimens.history import History, history_of
from bonecast.regimens.planned_strategy import PlannedStrategy, place_strategy
from bonecast.regimens.supported_doses import supported_doses
from bonecast.scenarios.axis import future_days, history_days, is_single_dose

__all__ = [
    "History",
    "PlannedStrategy",
    "supported_doses",
    "future_days",
    "history_days",
    "history_of",
    "is_single_dose",
    "place_strategy",
    "person_facts",
    "person_parameters",
    "dose_events",
]
