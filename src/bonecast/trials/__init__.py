"""Virtual trials: a design in TOML, its people, the lot, the visits, the outcomes, and what an analysis finds in them.

This room owns designs and their presets, allocation, runs in chunks that survive being stopped, endpoints of a group,
operating characteristics over many trials, and their report. Outcomes of each person lie in Parquet; the analysis
reads them and runs nothing again. It knows models by their outputs only, and no patient's record.
"""

from bonecast.trials.characteristics import Characteristic, analyse_all, characteristics
from bonecast.trials.design import Design
from bonecast.trials.people import People, draw_people
from bonecast.trials.play import play
from bonecast.trials.reader import design_text, preset, presets, read_design
from bonecast.trials.report import report_trials
from bonecast.trials.run import Run, find_run, read_run, run_trials
from bonecast.trials.window import analyse

__all__ = [
    "Characteristic",
    "Design",
    "People",
    "Run",
    "analyse",
    "analyse_all",
    "characteristics",
    "design_text",
    "draw_people",
    "find_run",
    "play",
    "preset",
    "presets",
    "read_design",
    "read_run",
    "report_trials",
    "run_trials",
]
