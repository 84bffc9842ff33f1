"""A run that is ended and gone on with gives the same answer as one that never stopped, wherever it is split."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import CLEARANCE, RELAY

from bonecast.engine import Bolus, Infusion, SetParameter, SetState, simulate
from bonecast.errors import InputError

TIMES = np.linspace(0.0, 24.0, 49)
EVENTS = [
    Bolus(0.0, "oral", 2.0),
    Infusion(2.0, "iv", 3.0, 4.0),
    Bolus(4.0, "iv", 1.0),
    SetParameter(5.0, "k", 0.1),
    Infusion(6.0, "iv", 6.0, 8.0),
    SetParameter(6.0, "slope", -0.02),
    Bolus(7.0, "late", 4.0),  # enters at 9.5
    SetState(11.0, "central", 3.0),
    Bolus(18.0, "oral", 2.0),
]
MARKS = [2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.5, 10.0, 11.0, 14.0, 18.0, 21.0]


def split_run(system, events, times, at, parameters=None, **options):
    """The outputs of a run that is ended at each of `at` and gone on with."""
    end, parts, taken = None, [], 0
    for stop in [*sorted(at), np.inf]:
        mine = times[taken:][times[taken:] < stop]
        taken += len(mine)
        asked = mine if np.isinf(stop) else np.append(mine, stop)
        run = simulate(system, events, asked, None if end else parameters, begin=end, **options)
        parts.append(run.values[:, : len(mine)])
        end = run.end
    return np.concatenate(parts, axis=1)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(MARKS), st.floats(0.01, 23.9)), min_size=1, max_size=3, unique=True)
)
def test_a_run_split_anywhere_gives_the_same_answer(at):
    whole = simulate(CLEARANCE, EVENTS, TIMES, rtol=1e-9).values
    assert split_run(CLEARANCE, EVENTS, TIMES, at, rtol=1e-9) == pytest.approx(whole, abs=2e-7)


@pytest.mark.parametrize("mark", MARKS)
def test_a_run_split_at_an_event_has_it_once(mark):
    whole = simulate(CLEARANCE, EVENTS, TIMES, rtol=1e-9, at_dose="after").values
    split = split_run(CLEARANCE, EVENTS, TIMES, [mark], rtol=1e-9, at_dose="after")
    assert split == pytest.approx(whole, abs=2e-7)


def test_the_end_is_taken_before_the_events_at_its_time():
    end = simulate(CLEARANCE, [Bolus(4.0, "iv", 1.0)], [4.0], at_dose="after").end
    assert end.time == 4.0
    assert end.states[0] == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)


def test_a_run_that_ends_where_it_begins_can_be_gone_on_with():
    dose = Bolus(0.0, "iv", 1.0)
    end = simulate(CLEARANCE, [dose], [0.0]).end
    assert end.time == 0.0
    on = simulate(CLEARANCE, [dose], [0.0, 0.0], begin=end, at_dose=["before", "after"])
    assert on.output("central")[0] == pytest.approx([0.0, 1.0], abs=1e-9)


def test_events_before_the_end_have_happened_and_are_passed_over():
    end = simulate(CLEARANCE, [Bolus(1.0, "iv", 1.0), SetParameter(1.0, "k", 0.0)], [4.0]).end
    again = [
        Bolus(1.0, "iv", 1.0),
        SetParameter(1.0, "k", 5.0),
        SetState(2.0, "central", 9.0),
        Infusion(1.0, "iv", 5.0, 2.0),
    ]
    assert simulate(CLEARANCE, again, [24.0], begin=end).output("central")[0] == pytest.approx(
        [1.0], rel=1e-9
    )


def test_continuations_of_one_end_do_not_disturb_each_other():
    end = simulate(CLEARANCE, [Infusion(0.0, "iv", 8.0, 8.0)], [4.0], rtol=1e-9).end
    history = Infusion(0.0, "iv", 8.0, 8.0)
    first = simulate(CLEARANCE, [history], TIMES[10:], begin=end, rtol=1e-9).values
    simulate(CLEARANCE, [history, SetParameter(5.0, "k", 3.0), Bolus(6.0, "iv", 50.0)], TIMES[10:], begin=end)
    assert np.array_equal(simulate(CLEARANCE, [history], TIMES[10:], begin=end, rtol=1e-9).values, first)


def test_outputs_still_refer_to_time_zero_after_a_split():
    parameters = {"age": 10.0, "slope": 0.01}
    split = split_run(CLEARANCE, [], TIMES, [7.0], parameters, rtol=1e-9)
    assert split[0, :, 3] == pytest.approx(0.01 * TIMES, abs=1e-8)


def test_a_group_is_split_person_by_person():
    parameters = {"k": np.linspace(0.05, 0.9, 11)}
    whole = simulate(CLEARANCE, EVENTS, TIMES, parameters, rtol=1e-9).values
    assert split_run(CLEARANCE, EVENTS, TIMES, [3.0, 6.0, 9.5], parameters, rtol=1e-9) == pytest.approx(
        whole, abs=2e-6
    )


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from([1.0, 3.0, 5.0, 6.0]), st.floats(0.01, 23.9)),
        min_size=1,
        max_size=2,
        unique=True,
    )
)
def test_a_system_with_switches_may_be_split_anywhere_too(at):
    parameters = {"bar": 0.5, "feed": 0.3, "drain": -0.2}
    events = [Bolus(6.0, "fill", 0.5), Bolus(9.0, "kick", 0.1)]
    whole = simulate(RELAY, events, TIMES, parameters, rtol=1e-8).values
    assert split_run(RELAY, events, TIMES, at, parameters, rtol=1e-8) == pytest.approx(whole, abs=2e-6)


def test_a_run_that_goes_on_keeps_its_parameters():
    end = simulate(CLEARANCE, [], [4.0]).end
    with pytest.raises(InputError, match="Change"):
        simulate(CLEARANCE, [], [5.0], {"k": 1.0}, begin=end)


def test_outputs_before_the_beginning_are_refused():
    end = simulate(CLEARANCE, [], [4.0]).end
    with pytest.raises(InputError, match="before the run begins"):
        simulate(CLEARANCE, [], [3.0, 5.0], begin=end)
