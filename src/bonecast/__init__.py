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
    from bonecast.errors import BonecastError, ComputeError, InputError, UnknownName, UnsupportedDrug
    from bonecast.forecasts import Forecast, forecast
    from bonecast.interop import read_patient
    from bonecast.models import Model
    from bonecast.models import load_model as load_model
    from bonecast.models import model_names as model_names
    from bonecast.models import models_supporting as models_that_carry
    from bonecast.records import Patient
    from bonecast.regimens import Regimen, parse_regimen
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
    "Patient": ("bonecast.records", "Patient"),
    "Plan": ("bonecast.regimens", "Plan"),
    "SimulationResult": ("bonecast.simulation", "SimulationResult"),
    "UnknownName": ("bonecast.errors", "UnknownName"),
    "all_drugs": ("bonecast.drugs", "all_drugs"),
    "find_drug": ("bonecast.drugs", "find_drug"),
    "forecast": ("bonecast.forecasts", "forecast"),
    "load_model": ("bonecast.models", "load"),
    "model_names": ("bonecast.models", "names"),
    "models_that_carry": ("bonecast.models", "carriers"),
    "parse_plan": ("bonecast.regimens", "parse_plan"),
    "population": ("bonecast.cohorts", "population"),
    "read_patient": ("bonecast.records", "read_patient"),
    "simulate": ("bonecast.simulation", "simulate"),
}

__all__ = [
    "BonecastError",
    "Cohort",
    "ComputeError",
    "Forecast",
    "InputError",
    "Model",
    "UnsupportedDrug",
    "Patient",
    "Regimen",
    "SimulationResult",
    "UnknownName",
    "__version__",
    "all_drugs",
    "find_drug",
    "forecast",
    "load_model",
    "model_names",
    "models_that_carry",
    "parse_regimen",
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
