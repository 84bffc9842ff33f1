"""Endpoints of a trial: what a design may ask, and what the outcomes of its people say to it.

This part of the trials owns the kinds of endpoint (`KINDS`), their lines in a design, the analysis of each, subgroups
and interim boundaries. It works on a table of outcomes, one row for each person, and on an arm list; it plays nothing,
knows no model and writes no file. Tests hold its statistics to those of statsmodels and lifelines.
"""

from bonecast.trials.endpoints.clustered import CLUSTER, IntraclusterCorrelation, intracluster
from bonecast.trials.endpoints.doses import injections_of
from bonecast.trials.endpoints.endpoint import EffectRow, TrialEndpoint
from bonecast.trials.endpoints.figures import with_figure
from bonecast.trials.endpoints.frame import arm_names, cut_column, groups, stratum_columns
from bonecast.trials.endpoints.grades import Grade, grades
from bonecast.trials.endpoints.kinds import EVENT_KINDS, KINDS, Kind, analyse
from bonecast.trials.endpoints.looks import boundaries, conditional_power, spent
from bonecast.trials.endpoints.multiplicity import Multiplicity, adjusted
from bonecast.trials.endpoints.needs import columns_of
from bonecast.trials.endpoints.reader import read_endpoint
from bonecast.trials.endpoints.response import response
from bonecast.trials.endpoints.subgroups import Effect, forest
from bonecast.trials.endpoints.survival import Incidence, at_risk, incidence
from bonecast.trials.endpoints.times import Times, times
from bonecast.trials.endpoints.tipping import tipping_point

__all__ = [
    "CLUSTER",
    "EVENT_KINDS",
    "KINDS",
    "Effect",
    "EffectRow",
    "Grade",
    "Incidence",
    "IntraclusterCorrelation",
    "Kind",
    "Multiplicity",
    "Times",
    "TrialEndpoint",
    "adjusted",
    "analyse",
    "arm_names",
    "at_risk",
    "boundaries",
    "columns_of",
    "conditional_power",
    "cut_column",
    "forest",
    "grades",
    "groups",
    "incidence",
    "injections_of",
    "intracluster",
    "read_endpoint",
    "response",
    "spent",
    "stratum_columns",
    "times",
    "tipping_point",
    "with_figure",
]
