"""Altair charts that a notebook shows without a network: drawn here as SVG, saved with the scripts inside.

Altair itself asks an address outside for its scripts, once in each notebook and in each page that it saves.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from bonecast.charts.drawing import svg_of


class Offline:
    """What a chart does in our way: it stands before the class of Altair."""

    def _repr_mimebundle_(self, *_: Any, **__: Any) -> dict[str, str]:
        """The chart as one SVG image; nothing is fetched and no script runs, so that it stays when it is saved."""
        spec = self.to_dict(validate=False)  # type: ignore[attr-defined]
        return {"image/svg+xml": svg_of(spec), "text/plain": repr(self)}

    def __repr__(self) -> str:
        return "<chart; .save('chart.html'), .svg, .png and .pdf write it>"

    def to_html(self, *args: Any, inline: bool = True, **options: Any) -> str:
        """Altair's `to_html`, with the scripts inside the page."""
        return super().to_html(*args, inline=inline, **options)  # type: ignore[misc]

    def save(self, *args: Any, inline: bool = True, **options: Any) -> None:
        """Altair's `save`; a page has the scripts inside."""
        super().save(*args, inline=inline, **options)  # type: ignore[misc]


class Chart(Offline, alt.Chart):
    """One picture."""


class LayerChart(Offline, alt.LayerChart):
    """Pictures over one another."""


class HConcatChart(Offline, alt.HConcatChart):
    """Pictures side by side."""


class VConcatChart(Offline, alt.VConcatChart):
    """Pictures one under the other."""
