"""What a run is asked for: any array-like, one name or many; what cannot be read is one sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import polars as pl
import pytest
from edited_systems import BASE

from bonecast.engine import Bolus, simulate, stream
from bonecast.errors import InputError, UnknownName
from bonecast.models import load_model

EVENTS = [Bolus(1.0, "oral", 4.0)]
TIMES = np.array([0.0, 1.0, 3.0, 9.0])
STRIDED, READ_ONLY = np.repeat(TIMES, 2)[::2], TIMES.copy()
READ_ONLY.flags.writeable = False
SERIES = {
    "list": TIMES.tolist(), "tuple": tuple(TIMES), "integers": [0, 1, 3, 9], "strided": STRIDED, "read-only": READ_ONLY,
    "single precision": TIMES.astype(np.float32), "big-endian": TIMES.astype(">f8"), "polars": pl.Series(TIMES),
    "pandas": pd.Series(TIMES, index=[7, 3, 5, 1]), "an iterator": "iterator", "backwards": TIMES[::-1][::-1],
}  # fmt: skip


@pytest.fixture(scope="module")
def usual():
    return simulate(BASE, EVENTS, TIMES, lanes=1).values


@pytest.mark.parametrize("kind", SERIES)
def test_output_times_may_be_any_array_like(kind, usual):
    times = iter(TIMES) if kind == "an iterator" else SERIES[kind]
    assert np.array_equal(simulate(BASE, EVENTS, times, lanes=1).values, usual)


@pytest.mark.parametrize(
    "times",
    ["30", ["1", "2"], [None], [1.0, None], {"a": 1}, {1.0, 2.0}, [[1.0], [2.0]], [1j], [],
     np.array(["2026-01-01"], "M8[D]"),
     np.ma.masked_array([1.0, 2.0], [False, True]), pl.Series([1.0, None]), [2.0, 1.0], [np.nan], object()],
)  # fmt: skip
def test_times_that_are_not_numbers_in_order_are_refused_in_one_sentence(times):
    with pytest.raises(InputError, match=r"^output times: .*; give"):
        simulate(BASE, EVENTS, times)


def test_values_of_persons_may_be_any_array_like():
    own = np.array([0.1, 0.2, 0.3])
    runs = [
        simulate(BASE, EVENTS, TIMES, {"k": values}, lanes=1).values
        for values in (
            own,
            own.tolist(),
            np.repeat(own, 2)[::2],
            pl.Series(own),
            pd.Series(own, index=[2, 1, 0]),
        )
    ]
    assert len(runs) == 5
    assert all(np.array_equal(run, runs[0]) for run in runs)


@pytest.mark.parametrize("value", ["fast", [[1.0]], [0.1, None], {"a": 1}, [np.nan]])
def test_a_value_that_is_no_number_is_refused_by_the_name_of_its_parameter(value):
    with pytest.raises(InputError, match=r"^parameter k: "):
        simulate(BASE, EVENTS, TIMES, {"k": value})


def test_one_output_may_be_named_without_a_list(usual):
    run = simulate(BASE, EVENTS, TIMES, outputs="level", lanes=1)
    assert run.outputs == ("level",)
    assert np.array_equal(run.values, usual)
    with pytest.raises(UnknownName, match="did you mean level"):
        simulate(BASE, EVENTS, TIMES, outputs="levle")
    with pytest.raises(InputError, match=r"^outputs: there are none; name at least one"):
        next(stream(BASE, EVENTS, TIMES, {"k": [0.1, 0.2]}, outputs=[]))


def test_one_event_or_a_generator_of_events_is_taken(usual):
    assert np.array_equal(simulate(BASE, EVENTS[0], TIMES, lanes=1).values, usual)
    assert np.array_equal(simulate(BASE, (e for e in EVENTS), TIMES, lanes=1).values, usual)


@pytest.mark.parametrize("events", ["dose", 5, {"a": 1}, ["dose"], [(1.0, "oral", 4.0)], [5], [None], [[5]]])
def test_what_is_no_event_is_refused_in_one_sentence(events):
    with pytest.raises(InputError, match=r"^events: .*; give"):
        simulate(BASE, events, TIMES)


@pytest.mark.parametrize(
    "event", [Bolus("1", "oral", 4.0), Bolus(1.0, "oral", None), Bolus(1.0, "oral", [4.0])]
)
def test_an_event_of_other_types_is_refused(event):
    with pytest.raises(InputError, match="a time or amount is not a finite number"):
        simulate(BASE, [event], TIMES)
    with pytest.raises(UnknownName):
        simulate(BASE, [Bolus(1.0, 7, 4.0)], TIMES)


@pytest.mark.parametrize(
    "option",
    [{"rtol": "small"}, {"rtol": 0}, {"threads": 0}, {"threads": 1.5}, {"lanes": -1}, {"max_steps": 0}, {"at_dose": 5},
     {"at_dose": "later"}, {"at_dose": ["before", 3]}, {"parameters": [1.0]}],
)  # fmt: skip
def test_an_option_that_cannot_be_used_is_named(option):
    with pytest.raises(InputError, match=f"^{next(iter(option))}: "):
        simulate(BASE, EVENTS, TIMES, **option)


def test_a_model_in_place_of_its_system_is_refused_with_what_to_give():
    with pytest.raises(InputError, match="a Model is no System; give the system of a model"):
        simulate(load_model("choi-2025"), [], TIMES)


def test_a_chunk_of_no_persons_is_refused():
    with pytest.raises(InputError, match=r"^chunk: "):
        stream(BASE, EVENTS, TIMES, {"k": [0.1, 0.2]}, chunk=0)


@pytest.mark.parametrize("times", [[1.0], [1.0, 1.0], [1.0, 1.0 + 1e-9]])
def test_after_and_before_of_one_time_are_given_in_the_order_asked(times):
    system = replace(BASE, outputs=lambda y, p, start: {"level": y.depot})
    doses = [Bolus(1.0, "oral", 4.0)]
    after, before = simulate(system, doses, times, at_dose=["after", "before"], lanes=1).values[0, :, 0]
    assert (after, before) == (pytest.approx(2.0), 0.0)
    before, after = simulate(system, doses, times, at_dose=["before", "after"], lanes=1).values[0, :, 0]
    assert (after, before) == (pytest.approx(2.0), 0.0)
