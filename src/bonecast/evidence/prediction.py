"""What a model says of one row: a figure with its 90 % interval, or the reason why there is none."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Prediction:
    """`value` is None where no prediction could be made, and `note` then says why, in one sentence."""

    id: str
    value: float | None
    lo90: float | None = None
    hi90: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        numbers = [x for x in (self.value, self.lo90, self.hi90) if x is not None]
        if not all(map(math.isfinite, numbers)) or (self.value is None and not self.note):
            raise ValueError(f"{self.id}: a prediction is a finite number, or a reason: {self}")
