"""The picture of the first page: spine density of the example patient under denosumab, and if alendronate follows."""

from __future__ import annotations

from pathlib import Path

import bonecast as bc
from bonecast.charts import svg
from bonecast.reports import panels

EXAMPLE = Path(__file__).parents[1] / "examples" / "late-dose.toml"
STRATEGIES = {
    "continue denosumab": "denosumab 60 mg every 6 months x 4",
    "switch to alendronate": "alendronate 70 mg weekly for 24 months",
}
DRAWS = 60  # a picture of a first page is no forecast to act on


def picture(name: str) -> str:
    """`{{ picture first-forecast }}`: the panel of the lumbar spine; KeyError for another name.

    It stands inside the page, so that it is set in the fonts of the page.
    """
    return f"<figure class='forecast'>{PICTURES[name]()}</figure>"


def _first_forecast() -> str:
    forecast = bc.forecast(bc.read_patient(EXAMPLE), STRATEGIES, horizon="2 years", draws=DRAWS)
    return svg(next(panel for panel in panels(forecast) if panel.key == "LS_BMD"), titled=True)


PICTURES = {"first-forecast": _first_forecast}
