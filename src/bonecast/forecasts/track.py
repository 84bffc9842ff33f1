"""One strategy followed: what the models and the person's levels make of it, person by person."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bonecast.forecasts.fractures import Fractures
from bonecast.forecasts.levels import Columns
from bonecast.scenarios import WayOn


@dataclass(frozen=True)
class Track:
    """One strategy, past and future.

    days : on the history's axis. columns : endpoint key to its columns over `days`. fractures : (kind, months) to
    probability[person]. whole : the people who could be followed. Columns and fractures are empty where the model
    cannot follow the strategy.
    """

    way: WayOn
    days: np.ndarray
    columns: dict[str, Columns]
    fractures: Fractures
    whole: np.ndarray
