"""Fits to event tables: the 24 people whose likelihood and maximum are known, one person, and what is refused."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl
import pytest
from compartment_systems import compartments

import bonecast as bc
from bonecast.errors import InputError, UnknownName
from bonecast.fitting import FitParameter, FitResidual, FitWarning, marginal, read_specification
from bonecast.fitting.marginal import Coordinates

DATA = Path(__file__).parents[1] / "data" / "event_tables"
KNOWN = json.loads((DATA / "population.json").read_text("utf-8"))
TRUTH, MAXIMUM = KNOWN["truth"], KNOWN["maximum_likelihood_M3"]
ORAL = compartments("oral1")
SYSTEM = replace(ORAL, parameters={**ORAL.parameters, "WT_on_CL": 0.75, "WT_on_V": 1.0})
NAMES = ("CL", "V", "KA")
LABELS = {"CL": "CL", "V": "V", "KA": "KA", **{f"omega {n}": f"omega_{n}" for n in NAMES}}
LABELS |= {"additive CONC": "add", "proportional CONC": "prop"}


def people():
    table = pl.read_csv(DATA / "population.csv", null_values=["."])
    return table.with_columns(pl.lit(KNOWN["LLOQ"]).alias("LLOQ"))


def parameters(at=TRUTH):
    return {name: FitParameter(at[name], omega=at[f"omega_{name}"]) for name in NAMES}


def residual(at=TRUTH):
    return {"CONC": FitResidual(at["add"], at["prop"])}


@pytest.fixture(scope="module")
def fitted():
    return bc.fit(SYSTEM, people(), parameters=parameters(), residual=residual())


@pytest.mark.parametrize(("blq", "want"), [("m3", "M3"), ("m1", "M1")])
def test_the_likelihood_at_the_truth_is_the_known_one(blq, want):
    found = bc.fit(SYSTEM, people(), parameters=parameters(), residual=residual(), blq=blq, estimate=False)
    assert found.log_likelihood == pytest.approx(KNOWN["log_likelihood_at_truth"][want], abs=0.02)


def test_the_maximum_is_the_known_one(fitted):
    assert fitted.converged
    assert fitted.log_likelihood == pytest.approx(KNOWN["log_likelihood_at_maximum_M3"], abs=0.01)
    for label, key in LABELS.items():
        assert fitted.values[label] == pytest.approx(MAXIMUM[key], rel=0.005), label


def test_the_card_of_a_fit_is_small_and_well_formed(fitted):
    html = fitted._repr_html_()
    assert len(html.encode()) < 10_000
    assert ElementTree.fromstring(html).tag == "div"


def test_importance_sampling_agrees_with_the_quadrature(fitted):
    value, error = fitted.importance_log_likelihood(400)
    assert 0 < error < 0.5
    assert value == pytest.approx(fitted.log_likelihood, abs=4 * error)


def test_diagnostics_of_a_right_model_look_right(fitted):
    rows = fitted.rows()
    assert rows.height == fitted.predictions.observed.count == 264
    assert rows["below"].sum() == KNOWN["blq"]
    assert abs(rows["npde"].mean()) < 0.25
    assert 0.8 < rows["npde"].std() < 1.2
    assert 0.7 < rows["iwres"].drop_nulls().std() < 1.1
    assert np.corrcoef(rows["dv"], rows["ipred"])[0, 1] > np.corrcoef(rows["dv"], rows["pred"])[0, 1] > 0.9
    check = fitted.vpc(100)
    assert check.share_inside > 0.7
    assert all(-0.2 < share < 0.5 for share in fitted.shrinkage.values())


def test_the_people_of_a_fit_are_near_those_who_were_simulated(fitted):
    own = fitted.individuals()
    assert own.columns == ["id", *NAMES, *(f"eta {name}" for name in NAMES)]
    assert own["eta CL"].std() == pytest.approx(MAXIMUM["omega_CL"], rel=0.3)


def test_a_fit_goes_on_into_people_with_its_estimates_and_spread(fitted):
    model = fitted.model
    assert model.system.parameters["CL"] == pytest.approx(fitted.values["CL"])
    assert {f.name: f.sd for f in model.variability.factors}["V"] == pytest.approx(fitted.values["omega V"])
    assert model.posterior.names == NAMES
    draws = fitted.draws(500)
    assert draws["CL"].std() == pytest.approx(fitted.table()["se"][0], rel=0.15)


def test_slopes_of_the_likelihood_agree_with_differences(fitted):
    nodes, x = fitted.found.nodes, fitted.found.x + 0.05
    slope = nodes.objective(x)[1]
    steps = 1e-5 * np.eye(len(x))
    differences = [(nodes.objective(x + step)[0] - nodes.objective(x - step)[0]) / 2e-5 for step in steps]
    np.testing.assert_allclose(slope, differences, rtol=1e-4, atol=1e-4)


def test_nodes_of_importance_sampling_and_of_quadrature_give_one_likelihood(monkeypatch):
    monkeypatch.setattr(marginal, "MOST_PRODUCT", 2)
    found = bc.fit(SYSTEM, people(), parameters=parameters(), residual=residual(), estimate=False, nodes=256)
    assert found.found.nodes.z.shape[1] == 256
    assert found.log_likelihood == pytest.approx(KNOWN["log_likelihood_at_truth"]["M3"], abs=0.3)


def one_person(noise=0.0, **options):
    times = np.array([0.5, 1, 2, 4, 8, 12, 24.0])
    run = bc.simulate(ORAL, {"TIME": [0, *times], "AMT": [100, *[None] * 7], "CMT": [1, *[2] * 7]}, **options)
    values = run["CONC"][1:] * (1 + noise * np.random.default_rng(3).standard_normal(7))
    return {"TIME": [0, *times], "AMT": [100, *[None] * 7], "CMT": [1, *[2] * 7], "DV": [None, *values]}


def test_one_person_without_random_effects_is_fitted_exactly():
    data = one_person(set={"CL": 2.0, "V": 20.0})
    start = {"CL": 4.0, "V": FitParameter(35.0, bounds=(1.0, 100.0), scale="logit")}
    found = bc.fit(ORAL, data, parameters=start, residual={"CONC": FitResidual(0.05, fixed=True)})
    assert found.values["CL"] == pytest.approx(2.0, rel=1e-4)
    assert found.values["V"] == pytest.approx(20.0, rel=1e-4)
    row = found.table().row(0, named=True)
    low, high = found.profile("CL")
    assert low == pytest.approx(row["low90"], rel=0.02)
    assert high == pytest.approx(row["high90"], rel=0.02)
    assert low < 2.0 < high


def test_what_the_data_do_not_determine_is_named_and_a_prior_helps():
    data, error = one_person(0.02), {"CONC": FitResidual(0.05, fixed=True)}
    with pytest.warns(FitWarning, match=r"do not determine CL and V and F1 together"):
        found = bc.fit(ORAL, data, parameters={"CL": 3.0, "V": 27.0, "F1": 1.0}, residual=error)
    assert np.isinf(found.sd_on_scale()[:3]).all()
    with pytest.raises(InputError, match="not identified"):
        found.draws(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error", FitWarning)
        start = {"CL": 3.0, "V": 27.0, "F1": FitParameter(1.0, prior=(0.9, 0.1))}
        found = bc.fit(ORAL, data, parameters=start, residual=error)
    assert found.values["F1"] == pytest.approx(0.9, rel=0.01)


def test_an_estimate_at_its_bound_is_named():
    data = one_person(set={"CL": 2.0})
    with pytest.warns(FitWarning, match="CL rests on its bound 2.5"):
        bc.fit(
            ORAL, data, parameters={"CL": FitParameter(3.0, bounds=(2.5, 9.0))},
            residual={"CONC": FitResidual(0.05, fixed=True)},
        )  # fmt: skip


def test_heavy_tails_and_further_starts_resist_an_outlier():
    data = one_person(0.02)
    data["DV"][4] *= 3
    normal = bc.fit(ORAL, data, parameters={"CL": 4.0, "V": 40.0}, residual={"CONC": FitResidual(0.0, 0.1)})
    heavy = bc.fit(
        ORAL,
        data,
        parameters={"CL": 4.0, "V": 40.0},
        residual={"CONC": FitResidual(0.0, 0.1, df=1.5)},
        starts=2,
    )
    assert abs(heavy.values["V"] / 27.0 - 1) < 0.1 < abs(normal.values["V"] / 27.0 - 1)


def test_a_lag_is_fitted_by_differences():
    data = one_person(set={"ALAG1": 0.3})
    found = bc.fit(
        ORAL,
        data,
        parameters={"ALAG1": FitParameter(0.2)},
        residual={"CONC": FitResidual(0.05, fixed=True)},
    )
    assert not found.predictions.smooth
    assert found.values["ALAG1"] == pytest.approx(0.3, rel=1e-3)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[parameter.CL]\nstart = 1", "parameters"),
        ("[parameters.CL]\nstrat = 1", "start"),
        ('[parameters.CL]\nstart = "x"', "parameters.CL, start: 'x' cannot be used"),
        ("[parameters.CL]\nbounds = [1]", "parameters.CL, bounds: it is no pair"),
        ("[parameters.CL]\ncovariates.WT = {power = 1}", "covariates.WT: it is no pair"),
        ("[residual.CONC]\nfixed = 1", "residual.CONC, fixed: 1 cannot be used"),
    ],
)
def test_a_file_of_parameters_that_cannot_be_read_is_refused_with_its_place(text, says, tmp_path):
    path = tmp_path / "fit.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_specification(path)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"CLL": 1.0}, "CLL"),
        ({"CL": -1.0}, "start -1 is not above zero"),
        ({"CL": FitParameter(1.0, bounds=(2.0, 3.0))}, "not between its bounds"),
        ({"CL": FitParameter(1.0, omega=0.3)}, "the data have one person"),
        ({"CL": FitParameter(1.0, covariates={"AGE": (1.0, 70.0)})}, "no such column"),
        ({"CL": FitParameter(1.0, scale="logit")}, "a logit scale has no bounds"),
        ({}, "there are none"),
    ],
)
def test_what_cannot_be_fitted_is_refused_by_name(given, says):
    with pytest.raises((InputError, UnknownName)) as raised:
        bc.fit(ORAL, one_person(), parameters=given, residual={"CONC": FitResidual(0.1)})
    assert says in str(raised.value)


def test_two_outputs_need_a_column_that_tells_them_apart():
    data = one_person()
    errors = {"CONC": FitResidual(0.1, dvid="1", fixed=True), "A1": FitResidual(1.0, dvid="2", fixed=True)}
    with pytest.raises(InputError, match="column DVID"):
        bc.fit(ORAL, data, parameters={"CL": 3.0}, residual=errors)
    depot = bc.simulate(ORAL, data, outputs="A1")["A1"]
    table = {name: [*cells, *cells[1:]] for name, cells in data.items()}
    table["DV"] = [None, *data["DV"][1:], *depot[1:]]
    table["DVID"] = [None, *[1] * 7, *[2] * 7]
    order = np.argsort(table["TIME"], kind="stable")
    table = {name: [cells[i] for i in order] for name, cells in table.items()}
    found = bc.fit(ORAL, table, parameters={"KA": 1.5}, residual=errors)
    assert found.values["KA"] == pytest.approx(0.9, rel=1e-3)


def test_a_covariate_of_the_fit_is_that_of_the_model():
    plain = {n: FitParameter(TRUTH[n], omega=TRUTH[f"omega_{n}"], covariates=c) for n, c in
             zip(NAMES, ({"weight": (0.75, 70.0)}, {"weight": (1.0, 70.0)}, {}), strict=True)}  # fmt: skip
    table = people().rename({"WT": "weight"}).filter(pl.col("ID") <= 4)
    found = bc.fit(ORAL, table, parameters=plain, residual=residual(), estimate=False)
    want = bc.fit(
        SYSTEM,
        people().filter(pl.col("ID") <= 4),
        parameters=parameters(),
        residual=residual(),
        estimate=False,
    )
    assert found.log_likelihood == pytest.approx(want.log_likelihood, abs=1e-6)


def test_a_shared_parameter_is_searched_with_those_that_differ():
    few = people().filter(pl.col("ID") <= 8)
    shared = {**parameters(), "KA": FitParameter(1.0)}
    found = bc.fit(SYSTEM, few, parameters=shared, residual=residual(), nodes=5)
    nodes = found.found.nodes
    slope = nodes.objective(found.found.x)[1]
    assert found.converged
    assert np.abs(slope[Coordinates.of(nodes.problem.specification).free]).max() < 0.5
