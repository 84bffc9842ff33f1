"""Forecasts of strategies that nobody is offered, for tests of the numbers alone: the judge has tests of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bonecast.care import StrategyCheck
from bonecast.records import Patient
from bonecast.regimens import Regimen


@contextmanager
def unjudged() -> Iterator[None]:
    """The care rules block no strategy of a forecast."""

    def allowed(name: str, plan: Regimen, patient: Patient) -> StrategyCheck:
        return StrategyCheck(name, ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bonecast.forecasts.request.check_strategy", allowed)
        yield
