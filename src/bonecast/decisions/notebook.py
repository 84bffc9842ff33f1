"""What a notebook shows of a ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html, format_number, format_range

if TYPE_CHECKING:
    from bonecast.decisions.ranking import Ranking


def html(ranking: Ranking) -> str:
    """The card of a ranking: each option with its distance from the first."""
    form = ".3g"
    rows = tuple(
        (
            rank.option,
            format_number(rank.mean, form),
            f"{format_number(rank.behind[1], form)} ({format_range(rank.behind[0], rank.behind[2], form)})",
            rank.best_of_100,
            rank.bracket,
        )
        for rank in ranking.ranks
    )
    columns = (
        "option",
        "mean",
        "difference from the first (90 % range)",
        "best, of 100",
        "group",
    )
    title = f"Ranking by {ranking.aim.title}, {ranking.aim.unit}, over {ranking.months} months"
    return card_html(Card(title, table=Table(columns, rows)))
