"""A published arm as a virtual arm: people like the trial's, given the trial's plan, read as the trial read them.

This room owns how the baseline of a row becomes people (typical people fill what is blank), the treatment before
time zero, how each endpoint is read from a model's curves, and the interval around the figure. It does not know what
was published as the result: a row's value is never looked at, so that a prediction cannot lean on it.
"""

from bonecast.evidence.arm_baseline import Traits, traits_of
from bonecast.evidence.arm_people import People, draw_people
from bonecast.evidence.predict import predict_table, predicted_values

__all__ = [
    "People",
    "Traits",
    "draw_people",
    "predicted_values",
    "predict_table",
    "traits_of",
]
