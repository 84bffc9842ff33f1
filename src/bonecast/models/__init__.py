"""The library of published models: one folder per model, one equation file per physiological unit, and
beside them the parameters and the between-person spread with their sources. A model knows no person, no
plan and no file of the user; it offers states, rates, outputs and dose routes to the engine.
"""

from typing import TYPE_CHECKING

from bonecast.core import Source, lazy_exports
from bonecast.models.discrepancy import (
    ANY,
    ENDPOINTS,
    POPULATIONS,
    Discrepancy,
    DiscrepancyTable,
    discrepancy_rule,
    read_discrepancy,
    without_table,
)
from bonecast.models.export import EXPORT_SUFFIXES, EXPORTS, export_model
from bonecast.models.library import DEFAULT_MODEL, load_model, model_names, models_supporting, register_model
from bonecast.models.model import OWN_UNIT, Covariate, Model, Output
from bonecast.models.parameters import Alternative, Parameter, ParameterSet, read_parameters
from bonecast.models.posterior import CalibrationPosterior
from bonecast.models.summary import line, page
from bonecast.models.variability import RandomEffect, ResidualError, Variability, read_variability

if TYPE_CHECKING:
    from bonecast.models.bonecast_1 import with_daily_pulses

__all__ = [
    "ANY",
    "DEFAULT_MODEL",
    "ENDPOINTS",
    "EXPORTS",
    "EXPORT_SUFFIXES",
    "OWN_UNIT",
    "POPULATIONS",
    "Alternative",
    "CalibrationPosterior",
    "Covariate",
    "Discrepancy",
    "DiscrepancyTable",
    "Model",
    "Output",
    "Parameter",
    "ParameterSet",
    "RandomEffect",
    "ResidualError",
    "Source",
    "Variability",
    "discrepancy_rule",
    "export_model",
    "line",
    "load_model",
    "model_names",
    "models_supporting",
    "page",
    "read_discrepancy",
    "read_parameters",
    "read_variability",
    "register_model",
    "with_daily_pulses",
    "without_table",
]

# a model is imported when it is asked for
__getattr__, _ = lazy_exports(__name__, {"with_daily_pulses": "bonecast_1"})
