"""Two small systems whose answers can be written down: what the dosing contract is tested on."""

from __future__ import annotations

import numpy as np

from bonecast.engine import Route, System
from bonecast.engine.maths import switch

KA, K, F, LAG = 1.2, 0.3, 0.5, 2.5


def _clearance_rates(y, p):
    absorbed = p.ka * y.depot
    return {
        "depot": -absorbed,
        "central": absorbed - p.k * y.organ * y.central,
        "organ": p.slope,
    }


CLEARANCE = System(
    # A depot that empties into a compartment, which an organ clears; the organ's strength runs linearly in time.
    name="test-clearance",
    time_unit="h",
    states=("depot", "central", "organ"),
    parameters={"ka": KA, "k": K, "F": F, "organ": 1.0, "slope": 0.0, "lag": LAG, "age": 0.0},
    initial=lambda p: {"depot": 0.0, "central": 0.0, "organ": p.organ},
    rates=_clearance_rates,
    outputs=lambda y, p, start: {
        "depot": y.depot,
        "central": y.central,
        "organ": y.organ,
        "organ_change": y.organ - start.organ,
    },
    output_names=("depot", "central", "organ", "organ_change"),
    routes={
        "iv": Route("central", "mg"),
        "oral": Route("depot", "mg", amount=lambda p: p.F),
        "late": Route("depot", "mg", amount=lambda p: p.F, lag=lambda p: p.lag),
    },
    scales={"depot": 1.0, "central": 1.0},
    run_in=lambda p: p.age,
)


def _relay_rates(y, p):
    return {
        "x": y.v,
        "v": switch(y.x, p.level, -1.0, 1.0),
        "tank": p.feed + switch(y.tank, p.brim, -p.drain, p.drain),
        "swing": y.tilt,
        "tilt": -y.swing,
        "above": switch(y.swing, p.bar, 1.0, 0.0),
    }


RELAY = System(
    # Three switches: a force that changes its side (x, v), a tank held at its brim, and the time that an
    # oscillation spends above a bar.
    name="test-relay",
    time_unit="h",
    states=("x", "v", "tank", "swing", "tilt", "above"),
    parameters={"level": 0.0, "x": 0.5, "feed": 0.0, "drain": 0.0, "brim": 1.0, "bar": 2.0},
    initial=lambda p: {"x": p.x, "v": 0.0, "tank": 0.0, "swing": 1.0, "tilt": 0.0, "above": 0.0},
    rates=_relay_rates,
    outputs=lambda y, p, start: {"x": y.x, "v": y.v, "tank": y.tank, "swing": y.swing, "above": y.above},
    output_names=("x", "v", "tank", "swing", "above"),
    routes={"kick": Route("x", "mg"), "fill": Route("tank", "mg")},
    scales={"v": 1.0, "tank": 1.0, "tilt": 1.0, "above": 1.0},
)


def after_oral(t, dose=1.0, k=K):
    """Amount in the compartment `t` after a dose into the depot (Bateman's function); zero before it."""
    late = np.maximum(t, 0.0)
    return F * dose * KA / (KA - k) * (np.exp(-k * late) - np.exp(-KA * late))


def after_infusion(t, dose, duration, k=K):
    """Amount `t` after the start of an infusion into the compartment."""
    running, since_end = np.clip(t, 0.0, duration), np.maximum(t - duration, 0.0)
    return -dose / duration / k * np.expm1(-k * running) * np.exp(-k * since_end)


def arcs(t, x):
    """Position at `t` of what starts at rest at `x` > 0 under a unit force towards zero: period 4 sqrt(2x)."""
    quarter = np.sqrt(2.0 * x)
    since_top = np.mod(t, 4.0 * quarter)
    since_zero = np.mod(since_top - quarter, 2.0 * quarter)
    arc = quarter * since_zero - since_zero**2 / 2.0
    return np.where((since_top < quarter) | (since_top >= 3.0 * quarter), arc, -arc)
