"""Lines of an endpoint: what is refused, in one sentence each, and what is filled in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from trial_outcomes import READ, VISITS, endpoint

from bonecast.core import Faults
from bonecast.errors import InputError
from bonecast.trials.endpoints import KINDS, boundaries, read_endpoint, spent

SPINE = {"kind": "bmd-change", "quantity": "LS_BMD", "visit": "m36"}
FRACTURE = {"kind": "fracture", "quantity": "vertebral", "visit": "m36"}
SAME = {"kind": "equivalence", "quantity": "LS_BMD", "visit": "m12"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({**SPINE, "kind": "bmd-chagne"}, "did you mean bmd-change"),
        ({**SPINE, "quantity": "LS_BDM"}, "did you mean LS_BMD"),
        ({**SPINE, "visit": "m63"}, "there is no visit called 'm63'; did you mean m36"),
        ({**SPINE, "visit": "m0"}, "is not read at 'm0' after the first dose"),
        ({**SPINE, "method": "mrmm"}, "did you mean mmrm"),
        ({**SPINE, "estimand": "while-on"}, "did you mean while-on-treatment"),
        ({**SPINE, "margin": 1}, "bmd-change takes none"),
        ({**SPINE, "marign": 1}, "margin"),
        ({**FRACTURE, "quantity": "hipp"}, "did you mean hip"),
        ({**FRACTURE, "visit": "m0"}, "no time passes"),
        (SAME, "equivalence needs its limits"),
        ({**SAME, "margin": [0.5, 1.5]}, "does not hold 0"),
        ({**SAME, "quantity": "CTX", "margin": [0.8, 0.9]}, "does not hold 1"),
        ({**SPINE, "kind": "responders"}, "responders need it"),
        ({**SPINE, "kind": "marker-gmr", "quantity": "P1NP"}, "no reading called 'P1NP'"),
        ({**SPINE, "alpha": 1.5}, "alpha"),
    ],
)
def test_a_wrong_line_is_one_sentence(lines, said):
    faults = Faults()
    assert read_endpoint(lines, "design, endpoint 1", VISITS, READ, faults) is None
    assert said in str(faults.kept[0])
    assert str(faults.kept[0]).startswith("design, endpoint 1")


def test_what_is_not_said_is_filled_in():
    one = endpoint(**SPINE)
    assert (one.name, one.method, one.statistic, one.baseline, one.day) == (
        "LS_BMD m36",
        "ancova",
        "change",
        "m0",
        1096,
    )
    assert one.visits == ("m12", "m24", "m36")
    assert endpoint(**SAME, margin=1.45).margin == (-1.45, 1.45)
    ratio = endpoint(kind="equivalence", quantity="CTX", visit="m12", margin=1.25)
    assert ratio.margin == pytest.approx((0.8, 1.25))


LINES = {
    "kind": st.sampled_from([*KINDS, "nothing"]),
    "quantity": st.text(min_size=1, max_size=12) | st.sampled_from([*READ]),
    "visit": st.sampled_from([*VISITS, "w1"]),
    "margin": st.none() | st.floats() | st.lists(st.floats(), max_size=3),
}


@given(st.fixed_dictionaries(LINES))
def test_lines_of_any_kind_are_an_endpoint_or_a_fault(lines):
    faults = Faults()
    found = read_endpoint(lines, "design", VISITS, READ, faults)
    assert (found is None) == bool(faults.kept)
    assert all(isinstance(fault, InputError) for fault in faults.kept)


def test_at_two_looks_the_boundaries_are_crossed_with_the_chance_of_the_joint_normal_law():
    fractions = (0.5, 1.0)
    first, second = boundaries(0.05, fractions)
    assert 2 * stats.norm.sf(first) == pytest.approx(spent(0.05, 0.5), abs=2e-6)
    rho = np.sqrt(0.5)
    inside = stats.multivariate_normal(cov=[[1, rho], [rho, 1]], seed=1).cdf(
        [first, second], lower_limit=[-first, -second]
    )
    assert 1 - inside == pytest.approx(0.05, abs=2e-5)


@pytest.mark.parametrize("fractions", [(0.2, 0.4, 0.6, 0.8, 1.0), (0.3, 0.35, 0.9, 1.0)])
def test_walks_without_an_effect_cross_as_often_as_alpha_is_spent(fractions):
    edges, many = np.array(boundaries(0.05, fractions)), 400_000
    steps = np.random.default_rng(5).normal(size=(many, len(fractions)))
    walk = np.cumsum(steps * np.sqrt(np.diff(fractions, prepend=0.0)), axis=1)
    over = np.abs(walk / np.sqrt(fractions)) >= edges
    for k, fraction in enumerate(fractions):
        share, asked = over[:, : k + 1].any(axis=1).mean(), spent(0.05, fraction)
        assert abs(share - asked) < 4 * np.sqrt(asked * (1 - asked) / many) + 1e-6


@given(st.floats(0.001, 0.2), st.floats(0.05, 1.0))
def test_alpha_is_spent_slowly_and_wholly(alpha, fraction):
    assert 0 <= spent(alpha, fraction) <= alpha * 1.0000001
    assert spent(alpha, 1.0) == pytest.approx(alpha)
