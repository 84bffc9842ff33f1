"""A published arm as a virtual arm: people like the trial's, given the trial's plan, read as the trial read them.

This room owns how the baseline of a row becomes people (`populations.toml` fills what is blank), the treatment before
time zero, how each endpoint is read from a model's curves, and the interval around the figure. It does not know what
was published as the result: a row's value is never looked at, so that a prediction cannot lean on it.
"""

from bonecast.arms.fill import Traits, traits_of
from bonecast.arms.people import People, draw_people
from bonecast.arms.population import Population, populations
from bonecast.arms.predict import default_model, figures, predict_table

__all__ = [
    "People",
    "Population",
    "Traits",
    "default_model",
    "draw_people",
    "figures",
    "populations",
    "predict_table",
    "traits_of",
]
