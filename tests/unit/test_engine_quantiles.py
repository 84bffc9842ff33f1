"""Quantiles from a histogram against those of all values."""

from __future__ import annotations

import numpy as np
import pytest

from bonecast.engine.quantiles import BINS, QuantileSketch

LEVELS = [0.05, 0.25, 0.5, 0.75, 0.95]


def sketch_of(*chunks):
    sketch = QuantileSketch()
    for chunk in chunks:
        sketch.add(chunk)
    return sketch


def exact(values):
    return np.quantile(values, LEVELS, axis=0)


def skewed(persons, seed=0):
    rng = np.random.default_rng(seed)
    return np.exp(rng.normal(size=(persons, 3, 2)) * 0.5 + np.arange(3)[:, None])


def test_quantiles_of_skewed_data_are_off_by_a_bin_at_most():
    values = skewed(20_000)
    width = 2 * (values.max(axis=0) - values.min(axis=0)) / BINS  # half the range is left free on each side
    gap = np.abs(sketch_of(values).quantiles(LEVELS) - exact(values))
    assert np.all(gap <= 1.5 * width)


def test_a_growing_range_costs_precision_only_by_the_range():
    values = skewed(20_000)
    order = np.sort(values, axis=0)  # the first chunk holds the smallest values only
    found = sketch_of(*np.array_split(order, 20)).quantiles(LEVELS)
    width = 4 * (values.max(axis=0) - values.min(axis=0)) / BINS
    assert np.all(np.abs(found - exact(values)) <= 1.5 * width)


def test_a_range_that_grows_downwards_is_taken_in_too():
    values = -skewed(20_000)
    order = np.sort(values, axis=0)[::-1]
    found = sketch_of(*np.array_split(order, 20)).quantiles(LEVELS)
    width = 4 * (values.max(axis=0) - values.min(axis=0)) / BINS
    assert np.all(np.abs(found - exact(values)) <= 1.5 * width)


def test_no_value_is_lost_when_the_range_grows():
    values = np.concatenate([np.linspace(0, 1, 500), np.linspace(-900, 900, 500)]).reshape(-1, 1, 1)
    sketch = sketch_of(values[:500], values[500:])
    assert sketch.persons == 1000
    assert sketch.quantiles([0.0, 1.0])[:, 0, 0] == pytest.approx([-900, 900], abs=4)


def test_persons_whose_run_failed_are_left_out():
    values = skewed(2000)
    with_failures = values.copy()
    with_failures[::4, 1:, :] = np.nan
    kept = np.delete(values, np.s_[::4], axis=0)
    sketch = sketch_of(with_failures)
    assert sketch.persons == 1500
    assert np.array_equal(sketch.quantiles(LEVELS), sketch_of(kept).quantiles(LEVELS))


def test_a_chunk_of_failures_alone_changes_nothing():
    values = skewed(500)
    sketch = sketch_of(values, np.full_like(values, np.nan))
    assert np.array_equal(sketch.quantiles(LEVELS), sketch_of(values).quantiles(LEVELS))


@pytest.mark.parametrize("value", [0.0, 7.0, -1e12])
def test_a_value_that_all_share_is_every_quantile(value):
    found = sketch_of(np.full((100, 1, 1), value)).quantiles(LEVELS)
    assert found[:, 0, 0] == pytest.approx(np.full(5, value), rel=1e-8, abs=1e-8)


def test_quantiles_do_not_fall_with_their_level():
    found = sketch_of(skewed(300)).quantiles(np.linspace(0, 1, 21).tolist())
    assert np.all(np.diff(found, axis=0) >= 0)


def test_no_values_have_no_quantiles():
    with pytest.raises(ValueError, match="no values"):
        QuantileSketch().quantiles([0.5])


def test_a_bin_is_a_4096th_of_twice_the_range_of_the_first_chunk():
    """Values of one bin are spread evenly over it: what lies between two of its quantiles tells its width."""
    values = np.concatenate([[0.0, 1.0], np.full(998, 0.3)]).reshape(-1, 1, 1)
    low, high = sketch_of(values).quantiles([0.1, 0.9])[:, 0, 0]
    assert (high - low) / 0.8 == pytest.approx(2 / BINS, rel=0.01)
