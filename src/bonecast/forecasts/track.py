"""One strategy followed: what the models and the person's levels make of it, person by person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

import numpy as np

from bonecast.forecasts.width import Width
from bonecast.outcomes import Columns, FractureRisk, Fractures
from bonecast.regimens import PlannedStrategy


@dataclass(frozen=True)
class Track:
    """One strategy, past and future.

    days : on the history's axis. columns : endpoint key to its columns over `days`. fractures : (kind, months) to
    probability[person]. succeeded : the people who could be followed. Columns and fractures are empty where the model
    cannot follow the strategy. exact : outcomes without the error of the model, by (kind of fracture or site, months
    from now): probability, or change of BMD from now in %.
    widths : how wide the ranges are, and why.
    beside : id of a published rate to the forecast's own figure[person].
    risk : the hazards of fracture with the error of the model, and without; None where they are not needed any more.
    """

    way: PlannedStrategy
    days: np.ndarray
    columns: dict[str, Columns]
    fractures: Fractures
    succeeded: np.ndarray
    exact: dict[tuple[str, int], np.ndarray] = field(default_factory=dict)
    widths: tuple[Width, ...] = ()
    beside: dict[str, np.ndarray] = field(default_factory=dict)
    risk: tuple[FractureRisk, FractureRisk] | None = None

    def only(self, outputs: Collection[str]) -> Track:
        """The same with these outputs alone: a track of a thousand people has tens of megabytes."""
        kept = {
            key: {name: of for name, of in found.items() if name in outputs}
            for key, found in self.columns.items()
        }
        columns = {key: found for key, found in kept.items() if found}
        return replace(self, columns=columns, fractures={}, risk=None)
