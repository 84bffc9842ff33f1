"""When is a measurement odd, an outlier, or in conflict with another? Each limit is tried on both sides."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import ndtri

from bonecast.inference.observations import Observation
from bonecast.inference.posterior_predictive import MeasurementCheck, PredictiveCheck, predictive_checks
from bonecast.inference.sentences import conflicts
from bonecast.records import Measurement

PEOPLE = MeasurementCheck(np.zeros((50, 2)), {})


def observation(value: float, day: float, below: bool = False) -> Observation:
    when = dt.date(2026, 1, 1) + dt.timedelta(days=day)
    measured = Measurement("CTX", None, value, "ng/mL", below, when, f"{value} ng/mL")
    return Observation(
        "CTX", "CTX_pct_of_baseline", day, value, below, "residual", 1.0, 0.0, ("", ""), measured
    )


class Two:
    """Two measurements. The first lies at `tail` of what the other lets expect, at `ordinary` without the other."""

    def __init__(
        self, tail: float, ordinary: float = 0.5, outlier_probability: float = 0.0, below: bool = False
    ) -> None:
        self.observations = (observation(1.0, 10.0, below), observation(1.0, 20.0))
        self._tail, self._ordinary, self._outlier = tail, ordinary, outlier_probability

    def places(self, key: str) -> list[int]:
        return [0, 1]

    def scaled(self, i: int) -> float:
        return 0.0

    def share_of(self, which, seen, levels) -> np.ndarray:
        return np.zeros(len(seen))

    def outlier_probability(self, i: int, seen, levels) -> np.ndarray:
        return np.full(len(seen), self._outlier if i == 0 else 0.0)

    def predicted(self, i: int, seen, levels, without) -> tuple[np.ndarray, np.ndarray]:
        tail = 0.5 if i == 1 else (self._ordinary if len(without) > 1 else self._tail)
        return np.full(len(seen), -ndtri(tail)), np.ones(len(seen))


def first(**how) -> PredictiveCheck:
    return predictive_checks(Two(**how), PEOPLE, PEOPLE, 1)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tail", "odd"), [(0.0049, True), (0.0051, False), (0.5, False), (0.9949, False), (0.9951, True)]
)
def test_beyond_99_of_100_people_a_value_is_odd_and_its_conflict_is_named(tail, odd):
    found = first(tail=tail)
    assert found.tail == pytest.approx(tail)
    assert found.odd is odd
    assert (found.against is not None) is odd
    assert bool(list(conflicts([found]))) is odd


@pytest.mark.parametrize(("tail", "odd"), [(0.0049, True), (0.9951, False)])
def test_a_value_below_the_limit_of_its_assay_is_odd_only_where_it_would_be_higher(tail, odd):
    found = first(tail=tail, below=True)
    assert (found.odd, found.against is not None) == (odd, odd)


@pytest.mark.parametrize(("outlier_probability", "outlier"), [(0.49, False), (0.5, False), (0.51, True)])
def test_what_more_likely_than_not_does_not_belong_is_an_outlier_and_weighs_little(
    outlier_probability, outlier
):
    found = first(tail=0.5, outlier_probability=outlier_probability)
    assert found.outlier is outlier
    assert ["weighs little" in said for said in conflicts([found])] == [True] * outlier


@pytest.mark.parametrize(
    ("tail", "outlier"), [(0.00049, True), (0.00051, False), (0.99951, True), (0.99949, False)]
)
def test_ten_times_beyond_odd_is_an_outlier_that_keeps_its_usual_error(tail, outlier):
    found = first(tail=tail)
    assert (found.odd, found.outlier) == (True, outlier)
    (said,) = conflicts([found])
    assert "is counted with its usual error" in said


@pytest.mark.parametrize("outlier_probability", [0.51, 0.59])
def test_the_weight_that_is_stated_is_the_one_that_it_has(outlier_probability):
    (said,) = conflicts([first(tail=0.0001, outlier_probability=outlier_probability)])
    assert "weighs little" in said


@pytest.mark.parametrize(
    ("ordinary", "named"), [(0.049, False), (0.051, True), (0.949, True), (0.951, False)]
)
def test_a_conflict_is_with_a_value_without_which_it_would_be_ordinary(ordinary, named):
    found = first(tail=0.001, ordinary=ordinary)
    assert found.odd
    assert (found.against is not None) is named


def test_scans_that_speak_of_no_other_are_never_odd():
    two = Two(tail=0.0001)
    two.observations = tuple(replace(o, scale="absolute") for o in two.observations)
    two.places = lambda key: [0]
    found = predictive_checks(two, PEOPLE, PEOPLE, 1)[0]  # type: ignore[arg-type]
    assert (found.odd, found.tail, found.against) == (False, 0.5, None)
