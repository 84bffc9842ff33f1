"""Choosing between options of which each person of an ensemble has a value: ranking, brackets, delays, next tests.

This room owns the arithmetic of a choice under uncertainty: the same people under every option, so that differences
are paired; the chance that an option is the best; which options cannot be distinguished; what a
measurement would change. It knows arrays only: no drug, no record, no model, no date.
"""

from bonecast.decisions.aims import AIMS, Aim, find_aim
from bonecast.decisions.ranking import Rank, Ranking, of_100, rank
from bonecast.decisions.value_of_information import PlannedReading, ValueOfInformation, value_of_information

__all__ = [
    "AIMS",
    "Aim",
    "PlannedReading",
    "Rank",
    "Ranking",
    "ValueOfInformation",
    "find_aim",
    "of_100",
    "rank",
    "value_of_information",
]
