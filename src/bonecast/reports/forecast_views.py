"""The presenter of a forecast: how `Forecast` is drawn and worded (`bonecast.forecasts.result.ForecastPresenter`)."""

from __future__ import annotations

from typing import Any

from bonecast.charts import stack
from bonecast.forecasts import Forecast
from bonecast.reports.accounts import accounts
from bonecast.reports.explanation import explain
from bonecast.reports.forecast_card import card
from bonecast.reports.not_considered import not_considered
from bonecast.reports.notes import notes
from bonecast.reports.panels import panels
from bonecast.reports.would_change import would_change

__all__ = ["accounts", "card", "explain", "not_considered", "notes", "plot", "would_change"]


def plot(forecast: Forecast) -> Any:
    """Draw the charts of the report, one under the other, as one Altair chart."""
    return stack(panels(forecast))
