"""Bonecast forecasts bone, turnover and calcium under denosumab and its companion drugs.

Research and decision support, not a medical device; the clinician decides. This page is the whole public surface;
a name is imported when it is first used, so that `import bonecast` itself costs nothing.

>>> import bonecast as bc
>>> bc.parse_regimen("denosumab 60 mg every 6 months x 4").end_d / 365.25
2.0
"""

from __future__ import annotations

import warnings
from importlib import import_module
from typing import TYPE_CHECKING, Any

from bonecast.presentation import register_presenter

if TYPE_CHECKING:
    from bonecast import drugs, errors
    from bonecast.care import check, leaflet, schedule
    from bonecast.cohorts import Cohort, Trajectories
    from bonecast.drugs import all_drugs, find_drug, register_drug
    from bonecast.economics import evaluate as value
    from bonecast.engine import Route, System
    from bonecast.errors import (
        BonecastError,
        ComputeError,
        InputError,
        OutsideRange,
        UnknownName,
        UnsupportedDrug,
    )
    from bonecast.evidence import Scorecard, evidence_score
    from bonecast.fitting import FitParameter, FitResidual, FitResult, fit
    from bonecast.forecasts import Forecast, forecast, prepare
    from bonecast.inference import ParameterFit, Posterior, condition
    from bonecast.interop import (
        PetabProblem,
        SbmlModel,
        read_patient,
        read_petab,
        read_sbml,
        write_antimony,
        write_sbml,
    )
    from bonecast.liver import assess as assess_liver
    from bonecast.models import (
        Model,
        Output,
        ParameterSet,
        load_model,
        model_names,
        models_supporting,
        register_model,
    )
    from bonecast.records import Patient
    from bonecast.regimens import Regimen, parse_regimen
    from bonecast.simulation import (
        GlobalSensitivities,
        LocalSensitivities,
        SimulationResult,
        global_sensitivity,
        sensitivities,
        simulate,
    )
    from bonecast.trials import design_power as power
    from bonecast.trials import design_size as sample_size
    from bonecast.trials import find_population as population
    from bonecast.trials import run_trials as run_trial

__version__ = "0.1.0"

# Public name to the room that owns it, and the name there; a module has none.
_OWNERS = {
    "BonecastError": ("bonecast.errors", "BonecastError"),
    "Cohort": ("bonecast.cohorts", "Cohort"),
    "ComputeError": ("bonecast.errors", "ComputeError"),
    "FitParameter": ("bonecast.fitting", "FitParameter"),
    "FitResidual": ("bonecast.fitting", "FitResidual"),
    "FitResult": ("bonecast.fitting", "FitResult"),
    "Forecast": ("bonecast.forecasts", "Forecast"),
    "GlobalSensitivities": ("bonecast.simulation", "GlobalSensitivities"),
    "InputError": ("bonecast.errors", "InputError"),
    "LocalSensitivities": ("bonecast.simulation", "LocalSensitivities"),
    "Model": ("bonecast.models", "Model"),
    "Output": ("bonecast.models", "Output"),
    "OutsideRange": ("bonecast.errors", "OutsideRange"),
    "ParameterFit": ("bonecast.inference", "ParameterFit"),
    "ParameterSet": ("bonecast.models", "ParameterSet"),
    "Patient": ("bonecast.records", "Patient"),
    "PetabProblem": ("bonecast.interop", "PetabProblem"),
    "Posterior": ("bonecast.inference", "Posterior"),
    "Regimen": ("bonecast.regimens", "Regimen"),
    "Route": ("bonecast.engine", "Route"),
    "SbmlModel": ("bonecast.interop", "SbmlModel"),
    "Scorecard": ("bonecast.evidence", "Scorecard"),
    "SimulationResult": ("bonecast.simulation", "SimulationResult"),
    "System": ("bonecast.engine", "System"),
    "Trajectories": ("bonecast.cohorts", "Trajectories"),
    "UnknownName": ("bonecast.errors", "UnknownName"),
    "UnsupportedDrug": ("bonecast.errors", "UnsupportedDrug"),
    "all_drugs": ("bonecast.drugs", "all_drugs"),
    "assess_liver": ("bonecast.liver", "assess"),
    "check": ("bonecast.care", "check"),
    "condition": ("bonecast.inference", "condition"),
    "drugs": ("bonecast.drugs", ""),
    "errors": ("bonecast.errors", ""),
    "evidence_score": ("bonecast.evidence", "evidence_score"),
    "find_drug": ("bonecast.drugs", "find_drug"),
    "fit": ("bonecast.fitting", "fit"),
    "forecast": ("bonecast.forecasts", "forecast"),
    "global_sensitivity": ("bonecast.simulation", "global_sensitivity"),
    "leaflet": ("bonecast.care", "leaflet"),
    "load_model": ("bonecast.models", "load_model"),
    "model_names": ("bonecast.models", "model_names"),
    "models_supporting": ("bonecast.models", "models_supporting"),
    "parse_regimen": ("bonecast.regimens", "parse_regimen"),
    "population": ("bonecast.trials", "find_population"),
    "power": ("bonecast.trials", "design_power"),
    "prepare": ("bonecast.forecasts", "prepare"),
    "read_patient": ("bonecast.interop", "read_patient"),
    "read_petab": ("bonecast.interop", "read_petab"),
    "read_sbml": ("bonecast.interop", "read_sbml"),
    "register_drug": ("bonecast.drugs", "register_drug"),
    "register_model": ("bonecast.models", "register_model"),
    "run_trial": ("bonecast.trials", "run_trials"),
    "sample_size": ("bonecast.trials", "design_size"),
    "schedule": ("bonecast.care", "schedule"),
    "sensitivities": ("bonecast.simulation", "sensitivities"),
    "simulate": ("bonecast.simulation", "simulate"),
    "value": ("bonecast.economics", "evaluate"),
    "write_antimony": ("bonecast.interop", "write_antimony"),
    "write_sbml": ("bonecast.interop", "write_sbml"),
}
# Names of the first release; they work for one more and warn.
_FORMER = {
    "NotCarried": "UnsupportedDrug",
    "Plan": "Regimen",
    "models_that_carry": "models_supporting",
    "parse_plan": "parse_regimen",
}

__all__ = [
    "BonecastError",
    "Cohort",
    "ComputeError",
    "FitParameter",
    "FitResidual",
    "FitResult",
    "Forecast",
    "GlobalSensitivities",
    "InputError",
    "LocalSensitivities",
    "Model",
    "Output",
    "OutsideRange",
    "ParameterFit",
    "ParameterSet",
    "Patient",
    "PetabProblem",
    "Posterior",
    "Regimen",
    "Route",
    "SbmlModel",
    "Scorecard",
    "SimulationResult",
    "System",
    "Trajectories",
    "UnknownName",
    "UnsupportedDrug",
    "__version__",
    "all_drugs",
    "assess_liver",
    "check",
    "condition",
    "drugs",
    "errors",
    "evidence_score",
    "find_drug",
    "fit",
    "forecast",
    "global_sensitivity",
    "leaflet",
    "load_model",
    "model_names",
    "models_supporting",
    "parse_regimen",
    "population",
    "power",
    "prepare",
    "read_patient",
    "read_petab",
    "read_sbml",
    "register_drug",
    "register_model",
    "run_trial",
    "sample_size",
    "schedule",
    "sensitivities",
    "simulate",
    "value",
    "write_antimony",
    "write_sbml",
]

register_presenter("forecast", "bonecast.reports.forecast_views")


def __getattr__(name: str) -> Any:
    if name in _FORMER:
        warnings.warn(f"bonecast.{name} is now bonecast.{_FORMER[name]}", DeprecationWarning, stacklevel=2)
        return __getattr__(_FORMER[name])
    if name not in _OWNERS:
        raise AttributeError(f"module 'bonecast' has no attribute '{name}'")
    room, inside = _OWNERS[name]
    return getattr(import_module(room), inside) if inside else import_module(room)


def __dir__() -> list[str]:
    return sorted(__all__)
