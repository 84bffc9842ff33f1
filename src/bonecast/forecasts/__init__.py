"""The forecast of one person: the history replayed, strategies run with the same people, bands and the table.

This room owns how a record and some plans become curves with ranges, on one path: prepare (learn from what was
measured, replay the history), follow each strategy, result. A `Forecast` is data; what draws and words it lies in
`reports`.
"""

from bonecast.forecasts.case import RTOL
from bonecast.forecasts.choice import LatestDate, NextTest, Search
from bonecast.forecasts.cohort import (
    JOURNAL,
    CohortForecasts,
    CohortSettings,
    check_settings,
    people_of,
    run_cohort,
)
from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.delay import MONTHS_LATE, OUTLOOK_MONTHS, DelayCost, delay_cost
from bonecast.forecasts.drivers import Driver
from bonecast.forecasts.follow_up import read_follow_up
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.injections import Injection, plan_on
from bonecast.forecasts.lateness import LATE_DRAWS, late_forecast, prepare_late
from bonecast.forecasts.learned_file import code_version
from bonecast.forecasts.learning import Learning
from bonecast.forecasts.oncology import indication_120, plans_120
from bonecast.forecasts.prepared import Prepared, learned_before, load_machine, prepare
from bonecast.forecasts.published import apart
from bonecast.forecasts.request import ForecastRequest, record_hash
from bonecast.forecasts.result import Band, DoseMark, Forecast, Gap, Strategy
from bonecast.forecasts.search import THROUGHOUT, exit_cell
from bonecast.forecasts.sequences import changes, sequences
from bonecast.forecasts.width import Width

__all__ = [
    "JOURNAL",
    "LATE_DRAWS",
    "MONTHS_LATE",
    "OUTLOOK_MONTHS",
    "RTOL",
    "THROUGHOUT",
    "Band",
    "CohortForecasts",
    "CohortSettings",
    "DelayCost",
    "DoseMark",
    "Driver",
    "Forecast",
    "ForecastRequest",
    "Gap",
    "Injection",
    "LatestDate",
    "Learning",
    "NextTest",
    "Prepared",
    "Search",
    "Strategy",
    "Width",
    "apart",
    "changes",
    "check_settings",
    "code_version",
    "default_strategies",
    "delay_cost",
    "exit_cell",
    "forecast",
    "indication_120",
    "late_forecast",
    "learned_before",
    "load_machine",
    "people_of",
    "plan_on",
    "plans_120",
    "prepare",
    "prepare_late",
    "read_follow_up",
    "record_hash",
    "run_cohort",
    "sequences",
]
