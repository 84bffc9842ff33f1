"""A scenario lays a person and a plan onto one model: parameters from the person, dose events from the plan.

This room owns the axis of days (day 0 is the first day of the history replayed), the due date of the next dose,
and the translation of doses into a model's time unit and routes. It draws no pictures and computes no curves.
"""

from bonecast.scenarios.axis import future_days, history_days, is_single_dose
from bonecast.scenarios.carried import carried
from bonecast.scenarios.history import History, history_of
from bonecast.scenarios.person import person_facts, person_parameters
from bonecast.scenarios.plan_events import plan_events
from bonecast.scenarios.way_on import WayOn, lay_out

__all__ = [
    "History",
    "WayOn",
    "carried",
    "future_days",
    "history_days",
    "history_of",
    "is_single_dose",
    "lay_out",
    "person_facts",
    "person_parameters",
    "plan_events",
]
