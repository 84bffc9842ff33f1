"""What a notebook shows of a score: the hits of each class of endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html

if TYPE_CHECKING:
    from bonecast.evidence.score import Scorecard


def html(scorecard: Scorecard) -> str:
    """The card of a score."""
    rows = tuple(
        (c.name, str(c.rows), str(c.with_plan), str(c.predicted), str(c.hits), _share(c.share_of_predicted))
        for c in scorecard.classes
    )
    return card_html(
        Card(
            f"Predicted against published: {len(scorecard.rows)} rows",
            table=Table(("class", "rows", "with a plan", "predicted", "hits", "hits of predicted"), rows),
        )
    )


def _share(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"
