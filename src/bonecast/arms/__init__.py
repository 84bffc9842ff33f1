"""A published arm as a virtual arm: people like the trial's, given the trial's plan, read as the trial read them.

This room owns how the baseline of a row becomes people (typical people fill what is blank), the treatment before
time zero, how each endpoint is read from a model's curves, and the interval around the figure. It does not know what
was published as the result: a row's value is never looked at, so that a prediction cannot lean on it.
"""

from bonecast.arms.fill import Traits, traits_of
from bonecast.arms.people import People, draw_people
from bonecast.arms.predict import figures, predict_table

__all__ = [
    "People",
    "Traits",
    "draw_people",
    "figures",
    "predict_table",
    "traits_of",
]
