"""Virtual people and what becomes of them: cohorts whose parameters, random effects and covariates stay together.

This room owns the draws of covariates and random effects from published variability, who is eligible among the people
drawn, the weights that bring them to a target table, and the one runner from a cohort and a regimen to trajectories.
The same seed gives the same people, whatever else is drawn and no matter who is selected; a factor that two models
share by name (clearance of denosumab) is one random effect of one person. It knows nothing of trials' statistics.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.cohorts.arm import ArmMeans, draw_arm
    from bonecast.cohorts.baselines import BASELINE_TRAITS, BASELINES, Baseline, baselines_of, draw_baselines
    from bonecast.cohorts.catalogue import population, presets
    from bonecast.cohorts.cohort import Cohort, check_people, draw_cohort
    from bonecast.cohorts.column import Column, columns
    from bonecast.cohorts.copula import correlation, correlations, pairs
    from bonecast.cohorts.covariates import Covariates, facts_of, on_secondary_drug
    from bonecast.cohorts.describe import summary
    from bonecast.cohorts.eligibility import Eligibility, EligibilityError
    from bonecast.cohorts.history import ReplayedHistory, replay
    from bonecast.cohorts.margin import Margin, margins
    from bonecast.cohorts.own_people import own_population, people_rows
    from bonecast.cohorts.own_table import cohort_of_table
    from bonecast.cohorts.patient_parameters import person_facts, person_parameters
    from bonecast.cohorts.pictures import output_panel
    from bonecast.cohorts.runner import AnyRegimen, Events, simulate
    from bonecast.cohorts.source import Population, Share
    from bonecast.cohorts.target import TargetValue, read_target
    from bonecast.cohorts.trajectories import Trajectories
    from bonecast.cohorts.typical_kinds import Typical, typical, typical_people, weight_of_women
    from bonecast.cohorts.variability import individual_parameters, random_effects
    from bonecast.cohorts.vpc import ComparedOutput, VisualPredictiveCheck, compare_quantiles
    from bonecast.cohorts.weighting import Tilting, effective_size, tilting, weights_to

__all__ = [
    "BASELINES",
    "BASELINE_TRAITS",
    "AnyRegimen",
    "ArmMeans",
    "Baseline",
    "Cohort",
    "Column",
    "ComparedOutput",
    "Covariates",
    "Eligibility",
    "EligibilityError",
    "Events",
    "Margin",
    "Population",
    "ReplayedHistory",
    "Share",
    "TargetValue",
    "Tilting",
    "Trajectories",
    "Typical",
    "VisualPredictiveCheck",
    "baselines_of",
    "check_people",
    "cohort_of_table",
    "columns",
    "compare_quantiles",
    "correlation",
    "correlations",
    "draw_arm",
    "draw_baselines",
    "draw_cohort",
    "effective_size",
    "facts_of",
    "individual_parameters",
    "margins",
    "on_secondary_drug",
    "output_panel",
    "own_population",
    "pairs",
    "people_rows",
    "person_facts",
    "person_parameters",
    "population",
    "presets",
    "random_effects",
    "read_target",
    "replay",
    "simulate",
    "summary",
    "tilting",
    "typical",
    "typical_people",
    "weight_of_women",
    "weights_to",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "TargetValue": "target",
        "AnyRegimen": "runner",
        "ArmMeans": "arm",
        "BASELINES": "baselines",
        "BASELINE_TRAITS": "baselines",
        "Baseline": "baselines",
        "Cohort": "cohort",
        "Column": "column",
        "ComparedOutput": "vpc",
        "Covariates": "covariates",
        "Eligibility": "eligibility",
        "EligibilityError": "eligibility",
        "Events": "runner",
        "Margin": "margin",
        "Population": "source",
        "ReplayedHistory": "history",
        "Share": "source",
        "Tilting": "weighting",
        "Trajectories": "trajectories",
        "Typical": "typical_kinds",
        "VisualPredictiveCheck": "vpc",
        "baselines_of": "baselines",
        "cohort_of_table": "own_table",
        "columns": "column",
        "compare_quantiles": "vpc",
        "correlation": "copula",
        "correlations": "copula",
        "draw_arm": "arm",
        "draw_baselines": "baselines",
        "draw_cohort": "cohort",
        "check_people": "cohort",
        "effective_size": "weighting",
        "facts_of": "covariates",
        "individual_parameters": "variability",
        "margins": "margin",
        "on_secondary_drug": "covariates",
        "output_panel": "pictures",
        "own_population": "own_people",
        "pairs": "copula",
        "people_rows": "own_people",
        "person_facts": "patient_parameters",
        "person_parameters": "patient_parameters",
        "population": "catalogue",
        "presets": "catalogue",
        "random_effects": "variability",
        "read_target": "target",
        "replay": "history",
        "simulate": "runner",
        "summary": "describe",
        "tilting": "weighting",
        "typical": "typical_kinds",
        "typical_people": "typical_kinds",
        "weight_of_women": "typical_kinds",
        "weights_to": "weighting",
    },
)
