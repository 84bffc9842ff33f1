"""Virtual people: who differs from whom, and by how much.

This room owns the draws of parameters, baselines and covariates from published spread, who is eligible among the
people drawn, and the weights that bring them to a target table. The same seed gives the same people, whatever else is
drawn; a factor that two models share by name (clearance of denosumab) is one trait of one person. It knows nothing of
trials' statistics.
"""

from bonecast.cohorts.baselines import BASELINE_TRAITS, BASELINES, Baseline, baselines_of, draw_baselines
from bonecast.cohorts.catalogue import population, presets
from bonecast.cohorts.columns import Column, columns
from bonecast.cohorts.copula import correlation, correlations
from bonecast.cohorts.covariates import Covariates, facts_of
from bonecast.cohorts.eligibility import Eligibility, EligibilityError
from bonecast.cohorts.margin import Margin, margins
from bonecast.cohorts.people import draw_parameters, parameters_of
from bonecast.cohorts.person_parameters import person_facts, person_parameters
from bonecast.cohorts.population import Population, Share
from bonecast.cohorts.summary import summary
from bonecast.cohorts.target import Aim, read_target
from bonecast.cohorts.tilting import Tilting, effective_size, tilting, weights_to
from bonecast.cohorts.typical import Typical, typical, typical_people

__all__ = [
    "BASELINES",
    "BASELINE_TRAITS",
    "Aim",
    "Baseline",
    "Column",
    "Covariates",
    "Eligibility",
    "EligibilityError",
    "Margin",
    "Population",
    "Share",
    "Tilting",
    "Typical",
    "baselines_of",
    "columns",
    "correlation",
    "correlations",
    "draw_baselines",
    "draw_parameters",
    "effective_size",
    "facts_of",
    "margins",
    "parameters_of",
    "person_facts",
    "person_parameters",
    "population",
    "presets",
    "read_target",
    "summary",
    "tilting",
    "typical",
    "typical_people",
    "weights_to",
]
