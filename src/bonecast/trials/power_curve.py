"""The power of a design over its size."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import polars as pl

from bonecast.charts import Panel, Series, chart, style_of
from bonecast.core import Progress, TableResult
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.design import Design
from bonecast.trials.endpoints import TrialEndpoint
from bonecast.trials.power import power
from bonecast.trials.sizing import ready

SIZES = (0.25, 0.5, 0.75, 1.0, 1.5)  # of the people of the design
Z95 = 1.6448536269514722


@dataclass(frozen=True)
class PowerCurve(TableResult):
    """The share of trials that succeed, by the people of a trial.

    Parameters
    ----------
    endpoint : TrialEndpoint
        The endpoint.
    people : tuple of int
        Sizes.
    share : tuple of float
        Share of trials that succeed at each.
    error : tuple of float
        Its standard error, of the simulation and of the pool.
    trials : int
        Trials at each size.
    """

    endpoint: TrialEndpoint
    people: tuple[int, ...]
    share: tuple[float, ...]
    error: tuple[float, ...]
    trials: int

    def __repr__(self) -> str:
        return f"<PowerCurve of {self.endpoint.name}: {self.people[0]} to {self.people[-1]} people>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import curve_html

        return curve_html(self)

    def table(self) -> pl.DataFrame:
        """Return one row for each size.

        Returns
        -------
        polars.DataFrame
            people, share, error.
        """
        return pl.DataFrame({"people": self.people, "share": self.share, "error": self.error})

    def panel(self) -> Panel:
        """Make the picture: the power with its 90 % range.

        Returns
        -------
        Panel
            The picture as data.
        """
        bands = [
            tuple(100 * min(1.0, max(0.0, s + z * e)) for s, e in zip(self.share, self.error, strict=True))
            for z in (-Z95, -0.6745, 0.0, 0.6745, Z95)
        ]
        x = tuple(float(n) for n in self.people)
        said = ", ".join(f"{100 * s:.0f} % with {n:,}" for n, s in zip(self.people, self.share, strict=True))
        return Panel(
            key="power",
            title=f"Power: {self.endpoint.name}",
            description=f"{said} people.",
            y_title="trials that succeed, %",
            x_title="people of a trial",
            x_domain=(0.0, x[-1]),
            y_domain=(0.0, 100.0),
            form=".0f",
            series=(Series("power", style_of(0), x, tuple(bands)),),
            rows_at=x,
            note=f"{self.trials:,} trials of each size; 50 and 90 % range of the simulation.",
        )

    def plot(self) -> Any:
        """Draw the curve.

        Returns
        -------
        altair.Chart
            Shown offline in a notebook; `.save("f.svg")` writes it.
        """
        return chart(self.panel())


def design_power_curve(
    design: str | os.PathLike[str] | Design | BoneDesign,
    endpoint: str | None = None,
    *,
    people: tuple[int, ...] = (),
    trials: int = 200,
    pool: str | os.PathLike[str] | int = 2_000,
    workers: int = 1,
    progress: Progress | None = None,
) -> PowerCurve:
    """Estimate the power of a bone trial at several sizes, from one pool.

    Parameters
    ----------
    design : str, path, Design or BoneDesign
        As in `design_power`.
    endpoint : str, optional
        Name of the endpoint; the first primary one by default.
    people : tuple of int
        Sizes; a quarter to one and a half of the design's by default.
    trials : int
        Trials that are drawn at each size.
    pool : str, path or int
        As in `design_power`.
    workers : int
        Parts of the pool that are simulated in parallel.
    progress : callable, optional
        Called with the share done and what is being done.

    Returns
    -------
    PowerCurve
        The power at each size.

    Raises
    ------
    InputError
        If the design is no bone trial, or a number is out of range.
    UnknownName
        If there is no such endpoint.

    Examples
    --------
    >>> found = design_power_curve("biosimilar", people=(100, 400), trials=20, pool=300)
    >>> found.share[0] <= found.share[1]
    True
    """
    known, judged, drawn = ready(design, endpoint, pool, workers, False, progress)
    asked = tuple(sorted(people)) or tuple(max(6, round(known.people * part)) for part in SIZES)
    found = [power(known, judged, drawn, trials, count) for count in asked]
    return PowerCurve(
        judged, asked, tuple(one.share for one in found), tuple(one.error for one in found), trials
    )
