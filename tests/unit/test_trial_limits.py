"""Limits that decide what a trial counts: each is tried just below, at and just above."""

from __future__ import annotations

import numpy as np
import pytest
from bone_trials import small
from scipy.special import ndtri
from trial_outcomes import READ, VISITS

from bonecast.cohorts import Cohort, Trajectories
from bonecast.core import Faults
from bonecast.errors import InputError
from bonecast.models import load_model
from bonecast.regimens import Dose
from bonecast.trials.bone.adherence import Appointments, is_injection, late_and_missed
from bonecast.trials.bone.curves import DayGrid
from bonecast.trials.bone.skeletal import hazard_table, skeletal_events
from bonecast.trials.bone.visits import visit_days
from bonecast.trials.endpoints import read_endpoint
from bonecast.trials.power_size import sample_size

# Adherence


def counted(delay_d: float) -> list[int]:
    """Injections given, late and missed of one person whose second comes `delay_d` days after it was due."""
    planned = np.array([0.0, 183.0])
    given = np.array([[0.0, 183.0 + delay_d]])
    kept = Appointments(planned, given, planned[None], np.array([np.nan]))
    return [int(count[0]) for count in late_and_missed(kept, np.array([np.inf]))]


@pytest.mark.parametrize(("delay_d", "late"), [(27, 0), (28, 0), (29, 1)])
def test_an_injection_is_late_from_the_day_after_four_weeks(delay_d, late):
    assert counted(delay_d) == [2, late, 0]


@pytest.mark.parametrize(("delay_d", "missed"), [(182, 0), (183, 1), (184, 1), (365, 1), (366, 2)])
def test_an_interval_is_missed_once_it_has_passed_whole(delay_d, missed):
    assert counted(delay_d)[2] == missed


@pytest.mark.parametrize(("cover_d", "alone"), [(0.0, True), (20.0, False), (21.0, True), (22.0, True)])
def test_a_dose_that_covers_three_weeks_is_an_appointment_of_its_own(cover_d, alone):
    assert is_injection(Dose(0.0, "denosumab", 60.0, "mg", cover_d)) is alone


# Visits


@pytest.mark.parametrize(("away_d", "held"), [(-15, False), (-14, True), (14, True), (15, False)])
def test_a_visit_is_held_on_the_day_of_an_injection_up_to_the_end_of_its_window(away_d, held):
    design = small()
    visit = next(v for v in design.visits if v.name == "m9")
    assert visit.window_d == 14
    injection = float(visit.day + away_d)
    days = visit_days(design, np.array([[0.0, injection]]), lambda name: np.zeros(1))  # drawn: its middle day
    assert days[0, design.visits.index(visit)] == (injection if held else visit.day)


# Skeletal events


@pytest.mark.parametrize(("apart_d", "count"), [(20.5, 1), (20.99, 1), (21.01, 2), (21.5, 2)])
def test_a_skeletal_event_counts_from_21_days_after_the_one_before(apart_d, count):
    table = hazard_table()
    days = np.arange(0.0, 203.0, 7.0)
    cohort = Cohort(load_model("bonecast-1"), np.arange(1), {})
    on_zoledronate = np.full((1, len(days)), 100 * table["uNTX_on_zoledronate"])
    curves = Trajectories(cohort, days, {"uNTX_pct_of_baseline": on_zoledronate}, np.ones(1, bool))
    waits = {"skeletal event 1": 100.0, "skeletal event 2": apart_d}
    per_day = table["on_zoledronate"] / 365.25

    def stream(name: str) -> np.ndarray:
        """The normal number with which the next event comes after so many days."""
        return ndtri(np.exp([-per_day * waits.get(name, 1000.0)]))

    events = skeletal_events(DayGrid(days, np.ones(len(days), bool), 0.0), curves, stream)[0]
    expected = [100.0, 100.0 + apart_d][:count]
    assert events[np.isfinite(events)].tolist() == pytest.approx(expected, abs=1e-6)


# What may be asked for


@pytest.mark.parametrize(
    ("power", "place"), [(0.499, "power"), (0.5, "precision"), (0.99, "precision"), (0.991, "power")]
)
def test_a_power_from_one_half_to_99_percent_may_be_asked_for(power, place):
    """A precision of zero is refused next, before anything runs."""
    with pytest.raises(InputError) as refused:
        sample_size(None, None, None, power=power, precision=0.0)  # type: ignore[arg-type]
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("limit", "fits"), [(1.99, False), (2.0, False), (2.01, True), (2.39, True), (2.4, False), (2.41, False)]
)
def test_the_lower_limit_of_calcium_lies_between_2_0_and_2_4_mmol_per_litre(limit, fits):
    faults = Faults()
    lines = {"kind": "calcium-grade", "quantity": "calcium", "visit": "m12", "threshold": limit}
    found = read_endpoint(lines, "design", VISITS, READ, faults)
    assert (found is not None) is fits
    assert [fault.place for fault in faults.kept] == ([] if fits else ["design, threshold"])


@pytest.mark.parametrize(("interval_d", "fits"), [(84, False), (85, True), (86, True)])
def test_published_delays_are_those_of_injections_85_days_apart_or_more(interval_d, fits):
    changes = (
        ("[population]", '[adherence]\nprocess = "published"\n\n[population]'),
        ("denosumab 60 mg every 6 months x 3", f"denosumab 60 mg every {interval_d} days x 3"),
    )
    if fits:
        assert small(*changes).taking.process == "published"
    else:
        with pytest.raises(InputError, match="84 days apart"):
            small(*changes)
