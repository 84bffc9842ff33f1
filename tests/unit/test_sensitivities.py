"""Forward sensitivities: against differences, closed forms and the ways in which doses reach a system."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bonecast as bc
from bonecast.engine import Bolus, Infusion, Route, System, sensitivities, switch, tangent, trace
from bonecast.errors import InputError, UnknownName

ORAL = System(
    name="oral-nonlinear",
    time_unit="h",
    states=("D", "C", "M"),
    parameters={
        "CL": 3.0,
        "V": 30.0,
        "KA": 1.2,
        "F1": 0.8,
        "VM": 4.0,
        "KM": 2.0,
        "lag": 0.5,
        "M0": 1.0,
        "W": 70.0,
    },
    initial=lambda p: {"D": 0.0, "C": 0.0, "M": p.M0 / p.KM},
    rates=lambda y, p: {
        "D": -p.KA * y.D,
        "C": p.KA * y.D - (p.CL * (p.W / 70) ** 0.75 + p.VM / (p.KM + y.C / p.V)) * y.C / p.V,
        "M": p.M0 - p.KM * y.M / (1 + y.C / p.V),
    },
    outputs=lambda y, p, start: {"CONC": y.C / p.V, "change": 100 * (y.M / start.M - 1)},
    output_names=("CONC", "change"),
    routes={"oral": Route("D", "mg", lambda p: p.F1), "vein": Route("C", "mg")},
    scales={"D": 100.0, "C": 100.0},
)
NAMES = ["CL", "V", "KA", "F1", "VM", "KM", "M0", "W"]
TABLE = {
    "ID": ["1"] * 9,
    "TIME": [0, 2, 12, 12, 14, 24, 30, 40, 44],
    "EVID": [1, 0, 0, 1, 2, 0, 4, 1, 0],
    "AMT": [100, None, None, 50, None, None, 60, 30, None],
    "CMT": [1, 2, 2, 2, 2, 2, 1, 1, 2],
    "II": [12, None, None, None, None, None, None, None, None],
    "SS": [1, 0, 0, 0, 0, 0, 0, 0, 0],
    "RATE": [None, None, None, 10, None, None, None, None, None],
    "W": [70, 70, 70, 70, 80, 80, 80, 80, 80],
}


def differences(model, regimen, names, h=1e-3, **options):
    base = dict(bc.load_model(model).system.parameters)
    runs = {}
    for name in names:
        sides = []
        for step in (h, -h, 2 * h, -2 * h):
            run = bc.simulate(model, regimen, set={name: base[name] * (1 + step)}, rtol=1e-11, **options)
            sides.append(run.values)
        runs[name] = (8 * (sides[0] - sides[1]) - (sides[2] - sides[3])) / (12 * h * base[name])
    return runs


def agree(found, expected, values, at, tolerance=1e-5):
    size = np.maximum(np.abs(expected).max(axis=0), np.abs(values).max(axis=0) / abs(at))
    return bool(np.all(np.abs(found - expected) <= tolerance * size))


@pytest.mark.parametrize(
    ("model", "regimen", "names"),
    [
        ("choi-2025", "denosumab 60 mg every 6 months x 2", ["CL", "Vc", "kout"]),
        pytest.param(
            "bonecast-1",
            "denosumab 60 mg every 6 months x 2, then zoledronate 5 mg once",
            ["GFR", "half_t", "turnover"],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_derivatives_of_library_models_agree_with_differences(model, regimen, names):
    times = [0, 30, 181, 200, 300]
    found = bc.sensitivities(model, regimen, names, times=times, rtol=1e-9)
    for k, (name, slope) in enumerate(differences(model, regimen, names, times=times).items()):
        assert agree(found.derivatives[k], slope, found.values, found.at[k]), name
    assert np.abs(found.derivatives[0]).max() > 0


def test_derivatives_through_infusions_and_starts_agree_with_differences():
    events = [Infusion(1.0, "vein", 50.0, 3.0), Infusion(6.0, "oral", 50.0, 1.0)]
    times = [1.0, 3.0, 5.0, 12.0]
    found = bc.sensitivities(ORAL, events, NAMES, times=times, time_unit="h", rtol=1e-10)
    slopes = differences(ORAL, events, NAMES, times=times, time_unit="h")
    right = [
        agree(found.derivatives[k], slopes[name], found.values, found.at[k]) for k, name in enumerate(NAMES)
    ]
    assert right == [True] * len(NAMES)


def test_derivatives_through_a_table_with_steady_state_reset_and_covariate_agree_with_differences():
    names = [name for name in NAMES if name not in ("W", "F1")]
    found = bc.sensitivities(ORAL, TABLE, [*names, "F1"], rtol=1e-10)
    assert found.by_differences == ("F1",)
    assert found.values.shape[0] == 9
    for k, (name, slope) in enumerate(differences(ORAL, TABLE, [*names, "F1"]).items()):
        assert agree(found.derivatives[k], slope, found.values, found.at[k]), name
    with pytest.raises(InputError, match="column W: it sets W"):
        bc.sensitivities(ORAL, TABLE, ["W"])


def test_a_lag_is_left_to_differences_and_still_right():
    late = replace(ORAL, routes={"oral": Route("D", "mg", lambda p: p.F1, lag=lambda p: p.lag)})
    events = [Bolus(0.0, "oral", 100.0)]
    found = sensitivities(late, events, [2.0, 6.0], ["lag", "CL"], outputs="CONC", rtol=1e-10)
    earlier = sensitivities(ORAL, events, [1.5, 5.5], ["CL"], outputs="CONC", rtol=1e-10)
    assert found.by_differences == ("lag",)
    np.testing.assert_allclose(found.derivatives[1], earlier.derivatives[0], rtol=1e-6)
    assert found.derivatives[0, 0, 0] < 0 < found.derivatives[0, 1, 0]


def test_a_jump_that_a_parameter_moves_adds_its_share():
    jumping = replace(
        ORAL,
        parameters={**ORAL.parameters, "level": 60.0},
        rates=lambda y, p: {**ORAL.rates(y, p), "M": switch(y.C, p.level, 5.0 * p.M0, -p.KM * y.M)},
    )
    events, names = [Bolus(0.0, "oral", 100.0)], ["CL", "KA", "level", "M0"]
    options = {"times": [0.5, 2.0, 6.0, 12.0], "time_unit": "h"}
    found = bc.sensitivities(jumping, events, names, rtol=1e-10, **options)
    slopes = differences(jumping, events, names, **options)
    # a crossing is located to 1e-7 of a step's change: differences over a thousandth are no closer than 1e-4
    right = [
        agree(found.derivatives[k], slopes[n], found.values, found.at[k], 1e-4) for k, n in enumerate(names)
    ]
    assert found.by_differences == ()
    assert right == [True] * len(names)
    assert np.abs(found.derivatives[2, :, 1]).max() > 1e-3


def test_the_closed_form_of_decay_is_met_by_value_and_table():
    run = bc.sensitivities(ORAL, [], ["M0"], outputs="M", times=[0.0, 1.0], time_unit="h")
    table = run.table()
    assert table.columns == ["time_d", "output", "parameter", "value", "derivative", "elasticity"]
    np.testing.assert_allclose(table["elasticity"].to_numpy(), 1.0, atol=1e-7)


def test_tangents_share_the_factors_of_their_states():
    plain, doubled = trace(ORAL), trace(tangent(ORAL))
    below = [entry for entry in doubled.factors if entry[0] >= len(ORAL.states)]
    assert len(doubled.factors) == len(plain.factors) + len(below)
    assert all(column < len(ORAL.states) for _, column in below)


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="KA"):
        bc.sensitivities(ORAL, [], ["KAA"])
    with pytest.raises(InputError, match="there are none"):
        bc.sensitivities(ORAL, [], [])
