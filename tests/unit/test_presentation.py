"""A result is data: the room that draws and words it is named by the package and found when it is asked."""

from __future__ import annotations

import subprocess
import sys

from bonecast.forecasts.result import ForecastPresenter
from bonecast.presentation import presenter_of


def test_the_reports_offer_every_view_that_a_forecast_has():
    views = [name for name in vars(ForecastPresenter) if not name.startswith("_")]
    assert {"accounts", "explain", "notes", "plot"} <= set(views)
    presenter = presenter_of("forecast")
    assert [name for name in views if not callable(getattr(presenter, name, None))] == []


def test_a_forecast_can_be_made_without_the_room_that_shows_it():
    code = "import sys, bonecast.forecasts; sys.exit('bonecast.reports' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
