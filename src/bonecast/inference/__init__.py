"""Conditioning: what a person's own measurements say of parameters and levels, with its uncertainty.

This room owns the likelihood of every kind of measurement, the sampler, and the naming of measurements that conflict.
It knows no strategy and no picture, and it does not forecast: it passes on people, as the population does.
"""

from bonecast.inference.condition import Diagnostics, Method, Posterior, condition, require_method
from bonecast.inference.fit import ParameterFit, fit
from bonecast.inference.observations import Observation, observations_of
from bonecast.inference.posterior_predictive import PredictiveCheck
from bonecast.inference.prior import Prior
from bonecast.inference.smc import TemperingStep

__all__ = [
    "Diagnostics",
    "Method",
    "Observation",
    "ParameterFit",
    "Posterior",
    "PredictiveCheck",
    "Prior",
    "TemperingStep",
    "condition",
    "fit",
    "observations_of",
    "require_method",
]
