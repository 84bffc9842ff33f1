"""What a notebook shows of the forecasts of many people: how many, never who."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, card_html, counted

if TYPE_CHECKING:
    from bonecast.forecasts.cohort import CohortForecasts


def cohort_html(cohort: CohortForecasts) -> str:
    """The card of a cohort's run: how many, never who."""
    people = counted(cohort.done, "person", "people")
    counts = f"{people} done now, {cohort.kept} kept from before, {len(cohort.failed)} failed"
    size = f"{counted(len(cohort.rows), 'row')} of {counted(len(cohort.columns), 'column')}"
    return card_html(Card("Cohort forecast", (counts, size)))
