"""What a model says of one row: a figure with its 90 % interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass

from bonecast.evidence.interval import Spread


@dataclass(frozen=True)
class Prediction:
    """What a model predicts for one row.

    Parameters
    ----------
    id : str
        Id of the row.
    value : float or None
        In the unit of the endpoint; None where no prediction could be made.
    lo90 : float, optional
        Lower end of the 90 % interval.
    hi90 : float, optional
        Upper end of the 90 % interval.
    lo50 : float, optional
        Lower end of the 50 % interval.
    hi50 : float, optional
        Upper end of the 50 % interval.
    note : str
        Why there is none, or what to bear in mind.
    spread : Spread, optional
        What makes it uncertain.
    """

    id: str
    value: float | None
    lo90: float | None = None
    hi90: float | None = None
    lo50: float | None = None
    hi50: float | None = None
    note: str = ""
    spread: Spread | None = None

    def __post_init__(self) -> None:
        numbers = [x for x in (self.value, self.lo90, self.hi90, self.lo50, self.hi50) if x is not None]
        if not all(map(math.isfinite, numbers)) or (self.value is None and not self.note):
            raise ValueError(f"{self.id}: a prediction is a finite number, or a reason: {self}")
