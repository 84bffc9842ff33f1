"""Random streams: a person's number depends on seed, name and person only."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bonecast.engine.streams import normals


def test_a_longer_draw_begins_with_the_shorter_one():
    assert np.array_equal(normals(1, "height", 0, 5000)[:700], normals(1, "height", 0, 700))


@pytest.mark.parametrize("chunk", [1, 7, 100, 1023, 1024, 1025])
def test_chunks_give_the_same_numbers_as_the_whole(chunk):
    total = 3000 if chunk > 50 else 300
    parts = [normals(1, "height", first, min(chunk, total - first)) for first in range(0, total, chunk)]
    assert np.array_equal(np.concatenate(parts), normals(1, "height", 0, total))


@pytest.mark.parametrize("first", [0, 1, 1023, 1024, 1025, 99_999])
def test_a_person_has_one_number_wherever_the_draw_begins(first):
    whole = normals(3, "dropout", first, 5)
    assert [float(normals(3, "dropout", first + i, 1)[0]) for i in range(5)] == whole.tolist()


def test_the_same_call_gives_the_same_numbers():
    assert np.array_equal(normals(1, "height", 10, 2000), normals(1, "height", 10, 2000))


def test_no_persons_take_no_numbers():
    assert normals(1, "height", 0, 0).shape == (0,)
    assert normals(1, "height", 1024, 0).shape == (0,)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((1, "height", 0), (1, "weight", 0)),
        ((1, "height", 0), (2, "height", 0)),
        ((1, "height", 0), (1, "height", 1024)),
    ],
)
def test_streams_of_other_names_seeds_or_persons_do_not_correlate(one, other):
    count = 20_000 if one[2] == other[2] else 1024
    (a, b) = (normals(seed, name, first, count) for seed, name, first in (one, other))
    assert not np.any(a == b)
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(count)


def test_a_name_that_contains_the_separator_is_no_other_stream():
    assert not np.array_equal(normals(1, "a|1", 0, 3), normals(1, "a", 1024, 3))


def test_the_numbers_are_standard_normal():
    from scipy.stats import kstest

    assert kstest(normals(11, "effect", 0, 20_000), "norm").pvalue > 1e-3


def test_a_number_is_that_of_a_generator_of_its_own():
    key = hashlib.sha256(b"7|height|2").digest()[:16]
    fresh = np.random.Generator(np.random.Philox(key=np.frombuffer(key, np.uint64)))
    normals(7, "weight", 0, 5)  # what was drawn before leaves nothing behind
    assert np.array_equal(normals(7, "height", 2048, 1024), fresh.standard_normal(1024))


def test_threads_do_not_take_each_others_numbers():
    names = [f"decision {i % 5}" for i in range(200)]
    with ThreadPoolExecutor(4) as threads:
        drawn = list(threads.map(lambda name: normals(1, name, 0, 3000), names))
    alone = {name: normals(1, name, 0, 3000) for name in names}
    assert len(drawn) == 200
    assert all(np.array_equal(mine, alone[name]) for mine, name in zip(drawn, names, strict=True))
