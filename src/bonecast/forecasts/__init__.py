"""The forecast of one person: the history replayed, strategies run with the same people, bands and the table.

This room owns how a record and some plans become curves with ranges: which model follows which endpoint, the
learning from what was measured, the summaries, the choice between strategies, and cohorts of people. It draws no pages.
"""

from bonecast.forecasts.choice import CalciumTest, LatestDate, NextTest, Passing, Search
from bonecast.forecasts.cohort import CohortForecasts, Settings, people_of, run_cohort
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.lateness import late_forecast
from bonecast.forecasts.live import Prepared, prepare
from bonecast.forecasts.live_plan import Injection, plan_on
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Lapse, Range, Strategy, Summary
from bonecast.forecasts.sentences import Account

__all__ = [
    "LEVELS",
    "Account",
    "Band",
    "CalciumTest",
    "CohortForecasts",
    "DoseMark",
    "Forecast",
    "Gap",
    "Injection",
    "Lapse",
    "LatestDate",
    "NextTest",
    "Passing",
    "Prepared",
    "Range",
    "Search",
    "Settings",
    "Strategy",
    "Summary",
    "default_strategies",
    "forecast",
    "late_forecast",
    "people_of",
    "plan_on",
    "prepare",
    "run_cohort",
]
