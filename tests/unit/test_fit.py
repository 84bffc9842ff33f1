"""A fit of a model to a table: it finds what made the data, says how sure it is, and refuses what it cannot use."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest

import bonecast as bc

PLAN = "denosumab 60 mg every 6 months x 2"
LEVEL = "denosumab_ng_mL"


def table(truth: bc.SimulationResult, sd: float = 50.0, output: str = LEVEL) -> pl.DataFrame:
    """The curve as data, without error."""
    return pl.DataFrame({"time_d": truth["time_d"], "output": output, "value": truth[output], "sd": sd})


def made_with(**values: float) -> bc.SimulationResult:
    return bc.simulate("choi-2025", PLAN, every="20 days", set=values)


def test_the_parameters_that_made_the_data_are_found():
    found = bc.fit("choi-2025", table(made_with(CL=0.0045, Vc=2.0)), PLAN, ["CL", "Vc"])
    assert found.values == pytest.approx([0.0045, 2.0], rel=1e-4)
    assert found.cost < 1e-6
    assert found.converged
    assert found.model.system.parameters["CL"] == pytest.approx(0.0045, rel=1e-4)
    assert found.model.parameter_set.parameters["CL"].mark == "calibrated"
    assert found.model.parameter_set.parameters["ka"].mark != "calibrated"


def test_the_uncertainty_is_that_of_repeated_fits():
    truth, rng, cvs, values = made_with(CL=0.0045), np.random.default_rng(2), [], []
    for _ in range(12):
        data = table(truth, 300.0)
        noisy = data.with_columns(value=data["value"] + 300.0 * rng.standard_normal(data.height))
        found = bc.fit("choi-2025", noisy, PLAN, ["CL"])
        cvs.append(found.cv[0])
        values.append(math.log(found.values[0]))
    assert 0.5 < np.std(values) / np.mean(cvs) < 1.8


def test_half_the_error_is_half_the_uncertainty():
    truth = made_with(CL=0.0045)
    wide, narrow = (bc.fit("choi-2025", table(truth, sd), PLAN, ["CL"]).cv[0] for sd in (100.0, 50.0))
    assert wide / narrow == pytest.approx(2.0, rel=1e-3)


def test_a_prior_holds_a_parameter_of_which_the_data_say_nothing():
    data = {"time_d": [364.0], "output": ["LS_BMD_pct_change"], "value": [6.0], "sd": [1e6]}
    found = bc.fit("choi-2025", data, PLAN, ["kout"], prior_sd={"kout": 0.25})
    assert found.values == pytest.approx(found.start, rel=1e-6)
    assert found.cv[0] == pytest.approx(0.25, rel=1e-6)


def test_each_row_may_have_a_regimen_of_its_own():
    once = "denosumab 60 mg once"
    parts = [
        table(bc.simulate("choi-2025", plan, every="20 days", set={"CL": 0.0045})).with_columns(
            regimen=pl.lit(plan)
        )
        for plan in (PLAN, once)
    ]
    found = bc.fit("choi-2025", pl.concat(parts), parameters=["CL"])
    assert found.values[0] == pytest.approx(0.0045, rel=1e-4)
    assert len(found.plot().to_dict()["vconcat"]) == 2


def test_mappings_systems_and_starts_with_units_serve():
    data = table(made_with(CL=0.0045))
    system = bc.load_model("choi-2025").system
    same = bc.fit(system, data.to_dict(as_series=False), PLAN, ["CL"])
    other = bc.fit("choi-2025", data, PLAN, "CL", start={"CL": "5 mL/h"})
    assert other.start[0] == pytest.approx(0.005)
    assert same.values[0] == pytest.approx(other.values[0], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sd": 0.0}, r"row 1, sd: 0 cannot be used; give above zero"),
        ({"sd": None}, r"row 1, sd: nan cannot be used"),
        ({"value": math.inf}, r"row 1, value: inf cannot be used"),
        ({"time_d": -1.0}, r"row 1, time_d: -1 cannot be used; give zero or above"),
        ({"time_d": "soon"}, r"column time_d: it holds no numbers"),
        (
            {"output": "denosumab_ng_ml"},
            r"there is no output called 'denosumab_ng_ml'; did you mean denosumab_ng_mL",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_named(change, said):
    row = {"time_d": 10.0, "output": LEVEL, "value": 5000.0, "sd": 50.0, **change}
    with pytest.raises(bc.InputError, match=said):
        bc.fit("choi-2025", {name: [value] for name, value in row.items()}, PLAN, ["CL"])


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"parameters": []}, "fit, parameters: there are none"),
        ({"parameters": ["CLL"]}, "there is no parameter called 'CLL'"),
        ({"regimen": None}, "fit, regimen: there is none"),
        ({"start": {"CL": 0.0}}, "its start is not above zero"),
        ({"prior_sd": {"ka": 0.1}}, "there is no fitted parameter called 'ka'"),
        ({"prior_sd": {"CL": 0.0}}, "prior_sd of CL: 0 is not above zero"),
        ({"parameters": ["CL", "CL_race"]}, "the data do not determine CL, CL_race together"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(asked, said):
    given = {"regimen": PLAN, "parameters": ["CL"], **asked}
    with pytest.raises(bc.InputError, match=said):
        bc.fit("choi-2025", table(made_with(CL=0.0045)), **given)


def test_a_table_without_a_column_or_a_row_is_refused():
    whole = table(made_with(CL=0.0045))
    with pytest.raises(bc.InputError, match="there is no column 'sd'"):
        bc.fit("choi-2025", whole.drop("sd"), PLAN, ["CL"])
    with pytest.raises(bc.InputError, match="there are no rows"):
        bc.fit("choi-2025", whole.clear(), PLAN, ["CL"])
    with pytest.raises(bc.InputError, match="there are 1 rows for 2 parameters"):
        bc.fit("choi-2025", whole.head(1), PLAN, ["CL", "Vc"])
