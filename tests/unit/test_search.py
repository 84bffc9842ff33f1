"""The search by Gauss-Newton steps with corrected derivatives, on problems whose answer is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from bonecast.calibration import Targets
from bonecast.calibration.fit import GaussNewton
from bonecast.calibration.left_out import refits
from bonecast.evidence import Row

PRIOR_SD = np.array([5.0, 5.0])


@dataclass
class Curve:
    """Figures a exp(x) + b exp(y t) of five rows of as many studies; what a problem has, without a model."""

    targets: Targets
    bend: float = 1.0
    prior_sd = PRIOR_SD
    zero = np.zeros(2)
    names = ("x", "y")

    def figures(self, logs: np.ndarray) -> np.ndarray:
        t = np.arange(5.0)
        return np.array([np.exp(self.bend * x) + t * np.exp(self.bend * y) for x, y in logs]) / self.bend

    def progress(self, text: str) -> None: ...

    def by_log(self) -> np.ndarray:
        return np.array([[1.0, t] for t in np.arange(5.0)])


def curve(published: np.ndarray, bend: float = 1.0) -> Curve:
    rows = tuple(Row(f"r{i}", "LS_BMD_pct", study=f"s{i}", value=float(v)) for i, v in enumerate(published))
    return Curve(Targets(rows, published, np.full(5, 0.01)), bend)


def searched(asked: Curve, steps: int, own: np.ndarray | None = None) -> GaussNewton:
    start = asked.figures(np.zeros((1, 2)))[0]
    search = GaussNewton(asked, start, asked.by_log(), own)  # type: ignore[arg-type]
    for _ in range(steps):
        search.go(asked.figures(search.proposed[None])[0])
    return search


def test_it_comes_to_the_parameters_that_made_the_figures():
    truth = np.array([0.4, -0.3])
    asked = curve(Curve(None).figures(truth[None])[0])  # type: ignore[arg-type]
    assert searched(asked, 12).x == pytest.approx(truth, abs=2e-3)


def test_no_step_makes_the_cost_larger():
    asked = curve(np.array([3.0, 1.0, 2.0, 8.0, 2.0]), bend=2.0)
    costs = [searched(asked, n).cost for n in range(8)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < 0.9 * costs[0]


def test_a_study_left_out_is_not_missed_by_the_refit():
    truth = np.array([0.2, 0.1])
    published = Curve(None).figures(truth[None])[0]  # type: ignore[arg-type]
    published[4] += 3.0  # the last study alone is far off
    asked = curve(published)
    whole = searched(asked, 15)
    moved = Curve(asked.targets)
    moved.zero = whole.x
    moved.figures = lambda logs: asked.figures(logs + whole.x)  # type: ignore[method-assign]
    found = refits(moved, whole.figures, whole.by_log)  # type: ignore[arg-type]
    assert whole.x + found["s4"].change == pytest.approx(truth, abs=5e-3)
    assert found["s4"].left < 0.3
    assert found["s4"].moved > found["s1"].moved
