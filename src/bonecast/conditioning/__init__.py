"""Conditioning: what a person's own measurements say of parameters and levels, with how sure it is.

This room owns the likelihood of every kind of measurement, the sampler, and the naming of measurements that conflict.
It knows no strategy and no picture, and it does not forecast: it hands on people, as the population does.
"""

from bonecast.conditioning.checked import Checked
from bonecast.conditioning.condition import Conditioned, Diagnostics, condition
from bonecast.conditioning.observations import Observation, observations_of
from bonecast.conditioning.sampler import Course

__all__ = [
    "Checked",
    "Conditioned",
    "Course",
    "Diagnostics",
    "Observation",
    "condition",
    "observations_of",
]
