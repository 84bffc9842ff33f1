"""Bonecast forecasts bone, turnover and calcium under denosumab and its companion drugs.

Research and decision support, not a medical device; the clinician decides. This page is the whole public surface;
a name is imported when it is first used, so that `import bonecast` itself costs nothing.

>>> import bonecast as bc
>>> bc.parse_plan("denosumab 60 mg every 6 months x 4").end_d / 365.25
2.0
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bonecast.cohorts import Cohort, population
    from bonecast.drugs import all_drugs, find_drug
    from bonecast.errors import BonecastError, ComputeError, InputError, NotCarried, UnknownName
    from bonecast.forecasts import Forecast, forecast
    from bonecast.models import Model
    from bonecast.models import carriers as models_that_carry
    from bonecast.models import load as load_model
    from bonecast.models import names as model_names
    from bonecast.patients import Patient, read_patient
    from bonecast.plans import Plan, parse_plan
    from bonecast.simulation import SimulationResult, simulate

__version__ = "0.1.0"

# Public name to the room that owns it, and the name there.
_OWNERS = {
    "BonecastError": ("bonecast.errors", "BonecastError"),
    "Cohort": ("bonecast.cohorts", "Cohort"),
    "ComputeError": ("bonecast.errors", "ComputeError"),
    "Forecast": ("bonecast.forecasts", "Forecast"),
    "InputError": ("bonecast.errors", "InputError"),
    "Model": ("bonecast.models", "Model"),
    "NotCarried": ("bonecast.errors", "NotCarried"),
    "Patient": ("bonecast.patients", "Patient"),
    "Plan": ("bonecast.plans", "Plan"),
    "SimulationResult": ("bonecast.simulation", "SimulationResult"),
    "UnknownName": ("bonecast.errors", "UnknownName"),
    "all_drugs": ("bonecast.drugs", "all_drugs"),
    "find_drug": ("bonecast.drugs", "find_drug"),
    "forecast": ("bonecast.forecasts", "forecast"),
    "load_model": ("bonecast.models", "load"),
    "model_names": ("bonecast.models", "names"),
    "models_that_carry": ("bonecast.models", "carriers"),
    "parse_plan": ("bonecast.plans", "parse_plan"),
    "population": ("bonecast.cohorts", "population"),
    "read_patient": ("bonecast.patients", "read_patient"),
    "simulate": ("bonecast.simulation", "simulate"),
}

__all__ = [
    "BonecastError",
    "Cohort",
    "ComputeError",
    "Forecast",
    "InputError",
    "Model",
    "NotCarried",
    "Patient",
    "Plan",
    "SimulationResult",
    "UnknownName",
    "__version__",
    "all_drugs",
    "find_drug",
    "forecast",
    "load_model",
    "model_names",
    "models_that_carry",
    "parse_plan",
    "population",
    "read_patient",
    "simulate",
]


def __getattr__(name: str) -> Any:
    if name not in _OWNERS:
        raise AttributeError(f"module 'bonecast' has no attribute '{name}'")
    room, inside = _OWNERS[name]
    return getattr(import_module(room), inside)


def __dir__() -> list[str]:
    return sorted(__all__)
