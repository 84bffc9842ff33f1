"""Bone trials: people of a population, treated at random, followed by a bone model, seen and counted as trials do it.

This part of the trials owns the design of such a trial, enrolment, adherence, dropout, visits and readings with their
errors, fractures and skeletal events, rescue and crossover, and the outcomes of each person. It knows a model by its
outputs and covariates, and no statistics: `trials.endpoints` analyses what is written here.
"""

from bonecast.trials.bone.columns import outcome_columns
from bonecast.trials.bone.design import BoneArm, BoneDesign, BoneVisit, VisitReading
from bonecast.trials.bone.looks import at_look
from bonecast.trials.bone.play import play_bone, play_people
from bonecast.trials.bone.roster import Roster, RosterPart, given_people, roster, roster_part
from bonecast.trials.bone.trajectories import trajectories

__all__ = [
    "BoneArm",
    "BoneDesign",
    "BoneVisit",
    "Roster",
    "RosterPart",
    "VisitReading",
    "at_look",
    "given_people",
    "outcome_columns",
    "play_bone",
    "play_people",
    "roster",
    "roster_part",
    "trajectories",
]
