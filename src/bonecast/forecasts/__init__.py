"""The forecast of one person: the history replayed, strategies run with the same people, bands and the table.

This room owns how a record and some plans become curves with ranges: which model follows which endpoint, the
learning from what was measured, the summaries, the choice between strategies, and cohorts of people. It draws no pages.
"""

from bonecast.forecasts.choice import CalciumTest, LatestDate, NextTest, Passing, Search
from bonecast.forecasts.cohort import Cohort, Settings, people_of, run_cohort
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Range, Strategy, Summary

__all__ = [
    "LEVELS",
    "Band",
    "CalciumTest",
    "Cohort",
    "DoseMark",
    "Forecast",
    "Gap",
    "LatestDate",
    "NextTest",
    "Passing",
    "Range",
    "Search",
    "Settings",
    "Strategy",
    "Summary",
    "default_strategies",
    "forecast",
    "people_of",
    "run_cohort",
]
