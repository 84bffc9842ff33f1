"""Virtual trials: a design in TOML, its people, the lot, the visits, the outcomes, and what an analysis finds in them.

This room owns designs and their presets, allocation, runs in chunks that survive being stopped, endpoints of a group,
operating characteristics over many trials, and their report. Outcomes of each person lie in Parquet; the analysis
reads them and runs nothing again. It knows models by their outputs only, and no patient's record.
"""

from bonecast.trials.adam import AnalysisDatasets, analysis_datasets, datasets_of_run
from bonecast.trials.analysis import TrialAnalysis
from bonecast.trials.assurance import Assurance
from bonecast.trials.bone.design import BoneDesign, CentreRates
from bonecast.trials.bone.strategies import StrategyEvents, strategy_events
from bonecast.trials.bone.trajectories import trajectories
from bonecast.trials.characteristics import Characteristic, analyse_all, characteristics
from bonecast.trials.clusters import trial_icc
from bonecast.trials.design import Design
from bonecast.trials.digest import design_hash
from bonecast.trials.endpoints import EffectRow, IntraclusterCorrelation, TrialEndpoint
from bonecast.trials.enrolment import EnrolmentForecast, design_enrolment
from bonecast.trials.people import People, draw_people
from bonecast.trials.play import play
from bonecast.trials.populations import find_population
from bonecast.trials.power import Power, named, power
from bonecast.trials.power_joint import JointPower
from bonecast.trials.power_pool import Pool, of_run, simulated
from bonecast.trials.power_size import Size, sample_size
from bonecast.trials.reader import design_of, design_text, preset, preset_text, presets, read_design
from bonecast.trials.report import report_trials
from bonecast.trials.run import Run, run_trials
from bonecast.trials.run_files import DESIGN, find_run, read_run
from bonecast.trials.sizing import design_assurance, design_joint_power, design_power, design_size
from bonecast.trials.synopsis import trial_synopsis
from bonecast.trials.window import analyse

__all__ = [
    "DESIGN",
    "AnalysisDatasets",
    "Assurance",
    "BoneDesign",
    "CentreRates",
    "Characteristic",
    "Design",
    "EffectRow",
    "EnrolmentForecast",
    "IntraclusterCorrelation",
    "JointPower",
    "People",
    "Pool",
    "Power",
    "Run",
    "Size",
    "StrategyEvents",
    "TrialAnalysis",
    "TrialEndpoint",
    "analyse",
    "analyse_all",
    "analysis_datasets",
    "characteristics",
    "datasets_of_run",
    "design_assurance",
    "design_enrolment",
    "design_hash",
    "design_joint_power",
    "design_of",
    "design_power",
    "design_size",
    "design_text",
    "draw_people",
    "find_population",
    "find_run",
    "named",
    "of_run",
    "play",
    "power",
    "preset",
    "preset_text",
    "presets",
    "read_design",
    "read_run",
    "report_trials",
    "run_trials",
    "sample_size",
    "simulated",
    "strategy_events",
    "trajectories",
    "trial_icc",
    "trial_synopsis",
]
