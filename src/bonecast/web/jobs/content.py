"""A forecast as a page needs it: its numbers, its charts with their words and tables, and its sentences."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from bonecast.charts import Picture, specification, table
from bonecast.forecasts import Forecast
from bonecast.reports import accounts, content, latest_sentence, panels, width_rows

WIDTHS = 3  # strategies whose ranges are taken apart


def content_of(made: Forecast, charts: Collection[str] | None = None) -> dict[str, Any]:
    """Everything that a page shows of this forecast, in JSON's terms. charts : the keys of those wanted; None: all."""
    return {
        "forecast": content(made),
        "charts": [chart_of(p) for p in panels(made) if charts is None or p.key in charts],
        "accounts": [
            {"strategy": one.strategy, "outcome": one.outcome, "reason": one.reason} for one in accounts(made)
        ],
        "latest": [latest_sentence(one, made.now) for one in made.latest],
        "widths": [asdict(row) for row in width_rows(made, WIDTHS)],
    }


def chart_of(picture: Picture) -> dict[str, Any]:
    """One picture: its specification without the title, which the page sets, and the table behind it."""
    behind = table(picture)
    return {
        "key": picture.key,
        "title": picture.title,
        "description": picture.description,
        "note": picture.note,
        "spec": spec_text(specification(picture, titled=False)),
        "table": {"columns": list(behind.columns), "rows": [list(row) for row in behind.rows]},
    }


def spec_text(spec: Mapping[str, Any]) -> str:
    """A specification as JSON text: a page that shows no chart of a result then has little of it to read."""
    return json.dumps(spec, separators=(",", ":"), allow_nan=False)


def spec_texts(charts: Iterable[Mapping[str, Any]]) -> str:
    """The specifications of these charts as one JSON object, by key.

    >>> spec_texts([{"key": "a", "spec": '{"mark":"line"}'}])
    '{"a":{"mark":"line"}}'
    """
    return "{" + ",".join(f"{json.dumps(chart['key'])}:{chart['spec']}" for chart in charts) + "}"
