"""A published arm as a virtual arm: people like the trial's, given the trial's plan, read as the trial read them.

This room owns what a row says of its people (`cohorts` draws them), the treatment before time zero, how each endpoint
is read from a model's trajectories, and the interval around the figure. It does not know what was published as the
result: a row's value is never looked at, so that a prediction cannot lean on it.
"""

from bonecast.arms.means import means_of
from bonecast.evidence.predict import predict_table, predicted_values

__all__ = ["predicted_values", "means_of", "predict_table"]
