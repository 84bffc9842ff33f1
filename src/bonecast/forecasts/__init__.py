"""The forecast of one person: the history replayed, strategies run with the same people, bands and the table.

This room owns how a record and some plans become curves with ranges: which model follows which endpoint, the
anchoring on measured levels, the summaries. It writes no files and draws no pages.
"""

from bonecast.forecasts.defaults import default_strategies
from bonecast.forecasts.forecast import forecast
from bonecast.forecasts.result import LEVELS, Band, DoseMark, Forecast, Gap, Range, Strategy, Summary

__all__ = [
    "LEVELS",
    "Band",
    "DoseMark",
    "Forecast",
    "Gap",
    "Range",
    "Strategy",
    "Summary",
    "default_strategies",
    "forecast",
]
