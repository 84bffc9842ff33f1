"""Many persons: the same numbers in any order, any number of threads and lanes, and any chunks."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from engine_systems import GROWTH

from bonecast.engine import Bolus, simulate, stream
from bonecast.errors import InputError, UnknownName

pytestmark = pytest.mark.slow

TIMES = np.linspace(0.0, 10.0, 21)
DOSES = [Bolus(2.0, "dose", 1.0), Bolus(5.0, "dose", 2.0)]


def people(count, seed=0):
    rng = np.random.default_rng(seed)
    return {"decay": rng.uniform(0.1, 2.0, count), "size": rng.uniform(0.5, 5.0, count)}


def closed_form(parameters, times=TIMES):
    k, size = (parameters[n][:, None] for n in ("decay", "size"))
    doses = sum(d.amount * np.where(times > d.time, np.exp(-k * (times - d.time)), 0.0) for d in DOSES)
    return size * np.exp(-k * times) + doses


def test_every_person_follows_their_own_parameters():
    parameters = people(50)
    runs = simulate(GROWTH, DOSES, TIMES, parameters, rtol=1e-8)
    assert runs.values.shape == (50, 21, len(GROWTH.output_names))
    assert runs.output("size") == pytest.approx(closed_form(parameters), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_every_number_of_lanes_agrees(lanes):
    parameters = people(21)  # not a multiple of any number of lanes
    runs = simulate(GROWTH, DOSES, TIMES, parameters, lanes=lanes, rtol=1e-7)
    assert runs.output("size") == pytest.approx(closed_form(parameters), rel=1e-4, abs=1e-6)
    one_by_one = simulate(GROWTH, DOSES, TIMES, parameters, lanes=1, rtol=1e-7)
    assert runs.values == pytest.approx(one_by_one.values, rel=1e-9, abs=1e-10)


def test_the_order_of_persons_does_not_matter():
    parameters, order = people(40), np.random.default_rng(1).permutation(40)
    runs = simulate(GROWTH, DOSES, TIMES, parameters)
    shuffled = simulate(GROWTH, DOSES, TIMES, {n: v[order] for n, v in parameters.items()})
    assert np.array_equal(shuffled.values, runs.values[order])
    assert np.array_equal(shuffled.steps, runs.steps[order])


def test_one_and_two_threads_give_the_same_numbers():
    parameters = people(700)
    one, two = (simulate(GROWTH, DOSES, TIMES, parameters, threads=n) for n in (1, 2))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.end.states, two.end.states)
    assert np.array_equal(one.steps, two.steps)


@pytest.mark.parametrize("chunk", [1, 30, 100, 1000])
def test_chunks_of_a_stream_are_the_whole_in_pieces(chunk):
    parameters = people(100)
    whole = simulate(GROWTH, DOSES, TIMES, parameters)
    parts = list(stream(GROWTH, DOSES, TIMES, parameters, chunk=chunk))
    assert [p.first for p in parts] == list(range(0, 100, chunk))
    assert np.array_equal(np.concatenate([p.values for p in parts]), whole.values)
    assert np.array_equal(np.concatenate([p.status for p in parts]), whole.status)


def test_a_stream_takes_events_of_each_person():
    lists = [[Bolus(float(i % 7), "dose", float(i))] for i in range(40)]
    parameters = people(40)
    parts = stream(GROWTH, lists, TIMES, parameters, chunk=16)
    whole = simulate(GROWTH, lists, TIMES, parameters)
    assert np.array_equal(np.concatenate([p.values for p in parts]), whole.values)


def test_the_memory_of_a_stream_is_that_of_its_chunks():
    times, parameters = np.linspace(0.0, 1.0, 300), people(8 * 256)

    def peak(persons):
        some = {n: v[:persons] for n, v in parameters.items()}
        tracemalloc.start()
        try:
            for runs in stream(GROWTH, [], times, some, chunk=256, threads=1):
                assert len(runs.values) == 256
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(256)  # the first call also loads the kernel
    two, eight = peak(2 * 256), peak(8 * 256)
    assert two > 256 * 300 * 3 * 8, "a chunk's numbers are seen"
    assert eight < 1.2 * two


def test_outputs_are_those_asked_for_in_that_order():
    both = simulate(GROWTH, DOSES, TIMES, outputs=["log", "size"])
    assert both.outputs == ("log", "size")
    assert np.array_equal(both.values[:, :, 1], simulate(GROWTH, DOSES, TIMES).output("size"))


def test_output_times_may_repeat():
    runs = simulate(GROWTH, [], [1.0, 1.0, 2.0, 2.0])
    size = runs.output("size")[0]
    assert size[0] == size[1]
    assert size[2] == size[3]
    assert size == pytest.approx(np.exp([-0.5, -0.5, -1.0, -1.0]), rel=1e-4)


def test_more_output_times_do_not_move_the_answer():
    few = simulate(GROWTH, DOSES, [5.0, 10.0], rtol=1e-6)
    many = simulate(GROWTH, DOSES, TIMES, rtol=1e-6)
    assert np.array_equal(many.values[0, [10, 20]], few.values[0])
    assert many.steps[0] == few.steps[0]


def test_a_tighter_tolerance_gives_a_smaller_error():
    parameters = people(30)
    errors = [
        np.abs(
            simulate(GROWTH, DOSES, TIMES, parameters, rtol=r).output("size") - closed_form(parameters)
        ).max()
        for r in (1e-3, 1e-5, 1e-7, 1e-9)
    ]
    assert errors == sorted(errors, reverse=True)
    assert errors[1] < 1e-3
    assert errors[3] < 1e-7


@pytest.mark.parametrize("rtol", [0.0, 1e-13, 0.2, -1e-5, float("nan")])
def test_a_tolerance_outside_its_limits_is_refused(rtol):
    with pytest.raises(InputError, match="rtol"):
        simulate(GROWTH, [], TIMES, rtol=rtol)


@pytest.mark.parametrize("times", [[], [1.0, 0.5], [-1.0, 2.0], [0.0, float("nan")], [float("inf")]])
def test_output_times_that_cannot_be_are_refused(times):
    with pytest.raises(InputError, match="output times"):
        simulate(GROWTH, [], times)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UnknownName) as refusal:
        simulate(GROWTH, [], TIMES, {"dekay": 1.0})
    assert refusal.value.nearest == ["decay"]
    with pytest.raises(UnknownName, match="output"):
        simulate(GROWTH, [], TIMES, outputs=["sise"])
    with pytest.raises(UnknownName, match="output"):
        simulate(GROWTH, [], TIMES).output("sise")
    with pytest.raises(UnknownName, match="parameter"):
        next(stream(GROWTH, [], TIMES, {"dekay": np.ones(5)}))


def test_parameters_that_are_not_numbers_or_not_one_for_each_are_refused():
    with pytest.raises(InputError, match="finite"):
        simulate(GROWTH, [], TIMES, {"decay": np.array([1.0, np.inf])})
    with pytest.raises(InputError, match="different lengths"):
        simulate(GROWTH, [], TIMES, {"decay": np.ones(3), "size": np.ones(4)})


@pytest.mark.parametrize("at_dose", ["befor", ["before", "after", "aftre"], ["before"]])
def test_words_that_are_not_before_or_after_for_each_time_are_refused(at_dose):
    with pytest.raises(InputError):
        simulate(GROWTH, [], [1.0, 2.0, 3.0], at_dose=at_dose)


@pytest.mark.parametrize("decay", [np.ones(0), np.ones((2, 2))])
def test_no_persons_and_tables_of_parameters_are_refused(decay):
    with pytest.raises(InputError):
        simulate(GROWTH, [], TIMES, {"decay": decay})


def test_what_the_caller_gives_is_not_changed():
    parameters = people(10)
    before = {n: v.copy() for n, v in parameters.items()}
    simulate(GROWTH, DOSES, TIMES, parameters)
    assert list(parameters) == list(before) != []
    assert all(np.array_equal(parameters[n], before[n]) for n in before)


def test_a_state_that_starts_at_zero_needs_a_scale():
    from dataclasses import replace

    from bonecast.engine.ensemble import tolerances

    with pytest.raises(ValueError, match="need a scale: size"):
        tolerances(replace(GROWTH, parameters={**GROWTH.parameters, "size": 0.0}), 1e-5)
    sized = replace(GROWTH, scales={"size": 50.0})
    assert tolerances(sized, 1e-5) == pytest.approx([50e-7, 1e-7])
