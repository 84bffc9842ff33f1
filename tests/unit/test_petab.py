"""Parameter estimation problems in PEtab: likelihoods of small problems in closed form, priors, refusals, the suite."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np
import pytest
from sbml_text import apply, assignment, ci, compartment, parameter, rule, sbml, species
from scipy import stats
from scipy.optimize import minimize

import bonecast as bc
from bonecast.fitting import FitWarning

pytest.importorskip("libsbml", reason="python-libsbml is not installed: the extra petab")
pytest.importorskip("yaml", reason="pyyaml is not installed: the extra petab")

SUITE = os.environ.get("BONECAST_PETAB_SUITE", "")
MODEL = sbml(  # A' = s - k A from a0
    Parameters="".join(parameter(n, v, True) for n, v in (("k", 0.5), ("s", 0.0), ("a0", 8.0)))
    + parameter("A"),
    InitialAssignments=assignment("A", ci("a0")),
    Rules=rule("rate", "A", apply("minus", ci("s"), apply("times", ci("k"), ci("A")))),
)
PARAMETERS_1 = "parameterId\tparameterScale\tlowerBound\tupperBound\tnominalValue\testimate\n"
PARAMETERS_2 = (
    "parameterId\tlowerBound\tupperBound\tnominalValue\testimate\tpriorDistribution\tpriorParameters\n"
)


def written(folder: Path, version: int, model: str = MODEL, **tables: str) -> Path:
    """Write a problem; tables by kind, with spaces for tabs."""
    for kind, text in tables.items():
        (folder / f"{kind}.tsv").write_text(text.replace("   ", "\t"), "utf-8")
    (folder / "model.xml").write_text(model, "utf-8")
    names = {kind: f"[{kind}.tsv]" for kind in tables}
    if version == 1:
        lines = [
            "format_version: 1",
            "parameter_file: parameters.tsv",
            "problems:",
            "- sbml_files: [model.xml]",
        ]
        lines += [
            f"  {kind}_files: {names[f'{kind}s']}" for kind in ("condition", "measurement", "observable")
        ]
    else:
        lines = ["format_version: 2.0.0", "model_files: {m: {location: model.xml, language: sbml}}"]
        lines += [f"{kind[:-1]}_files: {name}" for kind, name in names.items()]
    (folder / "problem.yaml").write_text("\n".join(lines), "utf-8")
    return folder / "problem.yaml"


def first_version(
    folder: Path, measurements: str, observable: str, conditions: str = "conditionId\nc\n"
) -> bc.PetabProblem:
    rows = "k   log10   0.01   10   0.25   1\nscale   lin   0   10   2   1\nsd   lin   0   9   0.5   0\n"
    return bc.read_petab(
        written(
            folder,
            1,
            parameters=PARAMETERS_1 + rows,
            conditions=conditions,
            observables="observableId\tobservableFormula\tnoiseFormula\tobservableTransformation\tnoiseDistribution\n"
            + observable,
            measurements="observableId\tpreequilibrationConditionId\tsimulationConditionId\ttime\tmeasurement\t"
            "observableParameters\tnoiseParameters\n" + measurements,
        )
    )


def test_a_likelihood_of_version_1_has_placeholders_and_values_of_the_parameter_table(tmp_path):
    problem = first_version(
        tmp_path,
        "o\t\tc\t2\t9\t3;scale\tsd\no\t\tc\t4\t8\t3;1\t0.25\n",
        "o   observableParameter1_o + A * observableParameter2_o   noiseParameter1_o   lin   normal\n",
    )
    want = stats.norm.logpdf(9, 3 + 2 * 8 * math.exp(-0.5), 0.5) + stats.norm.logpdf(
        8, 3 + 8 * math.exp(-1), 0.25
    )
    assert problem.log_likelihood() == pytest.approx(want, rel=1e-7)
    faster = stats.norm.logpdf(9, 3 + 2 * 8 * math.exp(-1), 0.5) + stats.norm.logpdf(
        8, 3 + 8 * math.exp(-2), 0.25
    )
    assert problem.log_likelihood({"k": 0.5}) == pytest.approx(faster, rel=1e-7)
    assert problem.free == ("k", "scale")
    assert problem.bounds[0].tolist() == [-2.0, 0.0]
    assert problem.scaled() == pytest.approx([math.log10(0.25), 2.0])
    with pytest.raises(bc.InputError, match="no parameter called 'kk'"):
        problem.log_likelihood({"kk": 1.0})


@pytest.mark.parametrize(("scale", "factor"), [("log", 1.0), ("log10", math.log(10))])
def test_noise_on_a_logarithmic_scale_counts_in_the_unit_of_the_measurement(tmp_path, scale, factor):
    problem = first_version(tmp_path, "o\t\tc\t2\t9\t\t\n", f"o   A   0.2   {scale}   normal\n")
    want = stats.norm.logpdf(math.log(9) / factor, math.log(8 * math.exp(-0.5)) / factor, 0.2) - math.log(
        9 * factor
    )
    assert problem.log_likelihood() == pytest.approx(want, rel=1e-7)


def test_a_preequilibration_ends_in_the_steady_state_from_which_the_simulation_starts(tmp_path):
    conditions = "conditionId\ts\nbefore\t3\nafter\t0\n"
    problem = first_version(
        tmp_path, "o\tbefore\tafter\t4\t5\t\t\n", "o   A   0.5   lin   laplace\n", conditions
    )
    want = stats.laplace.logpdf(5, 3 / 0.25 * math.exp(-1), 0.5)
    assert problem.log_likelihood() == pytest.approx(want, rel=1e-6)


DECAY = "".join(
    f"o\t\tc\t{t}\t{8 * math.exp(-0.5 * t) + e}\t\t\n" for t, e in ((0, 0.1), (1, -0.1), (2, 0.1), (4, 0.0))
)
AMOUNT = "o   A   0.5   lin   normal\n"


def test_a_problem_is_fitted_from_several_starts_and_its_intervals_are_those_of_the_curvature(tmp_path):
    problem = first_version(tmp_path, DECAY, "o   scale / 2 * A   0.5   lin   normal\n")
    found = bc.fit(problem, starts=3, seed=2)
    free = minimize(problem.objective, found.vector + 0.05, method="Nelder-Mead", options={"xatol": 1e-7})
    assert found.vector == pytest.approx(free.x, abs=1e-4)
    assert found.converged
    assert found.notes == ()
    assert len(found.ends) == 3
    assert max(found.ends) - min(found.ends) < 1e-5
    times, k, factor = np.array([0, 1, 2, 4]), found.values["k"], found.values["scale"]
    by_k = -8 * factor / 2 * times * np.exp(-k * times) * k * math.log(10)
    slopes = np.stack([by_k, 4 * np.exp(-k * times)], axis=1) / 0.5
    sd = np.sqrt(np.diag(np.linalg.inv(slopes.T @ slopes)))
    half = (found["high90"][1] - found["low90"][1]) / 2
    assert half == pytest.approx(1.645 * sd[1], rel=0.05)
    assert math.log10(found["high90"][0] / k) == pytest.approx(1.645 * sd[0], rel=0.05)
    assert found["parameter"].tolist() == ["k", "scale"]
    assert found.values["sd"] == 0.5


def test_what_a_problem_does_not_determine_and_what_rests_on_a_bound_is_named(tmp_path):
    steep = first_version(tmp_path, "o\t\tc\t1\t0\t\t\no\t\tc\t2\t0\t\t\n", AMOUNT)
    with pytest.warns(FitWarning) as said:
        found = bc.fit(steep)
    assert tuple(str(one.message) for one in said) == found.notes
    assert "determine scale" in found.notes[0]
    assert "These rest on a bound: k." in found.notes
    assert found.values["k"] == pytest.approx(10.0)
    assert np.isnan(found["low90"]).all()
    assert found["at_bound"].tolist() == [True, False]


def test_a_problem_takes_no_data_beside_its_own_and_may_be_evaluated_only(tmp_path):
    problem = first_version(tmp_path, DECAY, AMOUNT)
    with pytest.raises(bc.InputError, match="has its data"):
        bc.fit(problem, {"TIME": [0.0]})
    with pytest.warns(match="do not determine scale"):
        found = bc.fit(problem, estimate=False)
    assert found.values["k"] == 0.25
    assert found.log_likelihood == problem.log_likelihood()


def test_a_model_in_sbml_is_fitted_to_an_event_table(tmp_path):
    (tmp_path / "model.xml").write_text(MODEL, "utf-8")
    model = bc.read_sbml(tmp_path / "model.xml")
    table = {"TIME": [0.0, 1.0, 2.0, 4.0], "DV": [8.1, 4.75, 3.04, 1.08], "CMT": ["A"] * 4}
    found = bc.fit(
        model,
        table,
        parameters={"k": bc.FitParameter(0.3)},
        residual={"A": bc.FitResidual(additive=0.5, fixed=True)},
    )
    assert found.values["k"] == pytest.approx(0.5, abs=0.02)


def second_version(folder: Path, model: str = MODEL, **tables: str) -> bc.PetabProblem:
    usual = {
        "parameters": PARAMETERS_2 + "k\t0\t10\t0.25\ttrue\t\t\n",
        "observables": "observableId\tobservableFormula\tnoiseFormula\tnoiseDistribution\no\tA\t0.5\tnormal\n",
        "measurements": "observableId\texperimentId\ttime\tmeasurement\no\te\t6\t4\n",
    }
    return bc.read_petab(written(folder, 2, model, **{**usual, **tables}))


def test_a_condition_of_version_2_changes_a_state_from_its_time_on(tmp_path):
    problem = second_version(
        tmp_path,
        conditions="conditionId\ttargetId\ttargetValue\nmore\tA\tA + 2 * k\n",
        experiments="experimentId\ttime\tconditionId\ne\t0\t\ne\t4\tmore\n",
        measurements="observableId\texperimentId\ttime\tmeasurement\no\te\t4\t4\no\te\t6\t4\n",
    )
    there = 8 * math.exp(-1) + 0.5
    assert problem.predict()[:, 0] == pytest.approx([there, there * math.exp(-0.5)], rel=1e-7)


def test_a_new_volume_leaves_concentrations_as_they_are(tmp_path):
    model = sbml(
        Compartments=compartment(size=2.0), Species=species("A", 'initialConcentration="3"'),
        Parameters=parameter("k", 1.0, True),
    )  # fmt: skip
    problem = second_version(
        tmp_path, model,
        conditions="conditionId\ttargetId\ttargetValue\nlarge\tC\t5\n",
        experiments="experimentId\ttime\tconditionId\ne\t0\t\ne\t4\tlarge\n",
        observables="observableId\tobservableFormula\tnoiseFormula\no\tA * C\t1\n",
    )  # fmt: skip
    assert problem.predict()[0, 0] == pytest.approx(15.0)


def test_priors_of_version_2_are_truncated_at_the_bounds(tmp_path):
    problem = second_version(
        tmp_path,
        parameters=PARAMETERS_2 + "k\t0\t1\t0.25\ttrue\tnormal\t0.5;0.4\ns\t1\t5\t2\ttrue\t\t\n",
        experiments="experimentId\ttime\tconditionId\ne\t0\t\n",
    )
    law = stats.norm(0.5, 0.4)
    want = law.logpdf(0.25) - math.log(law.cdf(1) - law.cdf(0)) - math.log(4)
    assert problem.log_prior() == pytest.approx(want, rel=1e-12)
    assert problem.log_posterior() == pytest.approx(problem.log_likelihood() + want)
    assert problem.log_prior({"k": 2.0}) == -math.inf


def test_an_optimiser_finds_the_maximum_by_the_objective(tmp_path):
    rows = "".join(f"o\t\tc\t{t}\t{8 * math.exp(-0.7 * t)}\t\t\n" for t in (1, 2, 3))
    problem = first_version(tmp_path, rows, "o   A * scale   0.1   lin   normal\n")
    low, high = problem.bounds
    found = minimize(problem.objective, problem.scaled(), bounds=list(zip(low, high, strict=True)), tol=1e-12)
    assert problem.unscaled(found.x) == pytest.approx({"k": 0.7, "scale": 1.0}, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-2^2", -4.0), ("2^3^2", 512.0), ("2^-1", 0.5), ("1 - 2 - 3", -4.0), ("--3", 3.0), ("log(8, 2)", 3.0),
        ("log10(100) + ln(1)", 2.0), ("true || false && false", 0.0), ("piecewise(1, 2 > 3, 4)", 4.0), ("!0 + 1", 2.0),
        ("sign(-7)", -1.0), ("max(1, 3, 2)", 3.0), ("1e-2 * .5", 0.005),
    ],
)  # fmt: skip
def test_formulas_follow_the_precedence_of_petab(tmp_path, text, value):
    problem = first_version(tmp_path, "o\t\tc\t0\t1\t\t\n", f"o   {text}   1   lin   normal\n")
    assert problem.predict()[0, 0] == pytest.approx(value)


@pytest.mark.parametrize(
    ("observable", "measurement", "cause"),
    [
        (
            "o   A + wrong(2)   1   lin   normal\n",
            "o\t\tc\t0\t1\t\t\n",
            "observableFormula, character .*'wrong'",
        ),
        ("o   (A   1   lin   normal\n", "o\t\tc\t0\t1\t\t\n", "character 3: a parenthesis is not closed"),
        (
            "o   A   1   lin   normal\n",
            "o\t\td\t0\t1\t\t\n",
            "measurements.tsv, line 2: there is no condition 'd'",
        ),
        ("o   A   1   lin   normal\n", "o\t\tc\tlate\t1\t\t\n", "line 2, time: 'late' is no number"),
        ("o   A   1   lin   normal\n", "o\t\tc\t0\t1\t3\t\n", "1 values are given for 0 placeholders"),
        ("o   A * lost   1   lin   normal\n", "o\t\tc\t0\t1\t\t\n", "'lost' has no value"),
        ("o   A   1   lin   cauchy\n", "o\t\tc\t0\t1\t\t\n", "noise of the kind 'cauchy'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_with_its_place(tmp_path, observable, measurement, cause):
    with pytest.raises(bc.InputError, match=cause):
        first_version(tmp_path, measurement, observable).log_likelihood()


def test_the_petab_test_suite_agrees():
    if not SUITE:
        pytest.skip("the suite is not here: BONECAST_PETAB_SUITE names no folder")
    import petab_suite

    folders = [path for version in sorted(Path(SUITE).glob("v*.0.0")) for path in sorted(version.iterdir())]
    outcomes = [petab_suite.try_problem(path)[0] for path in folders if path.is_dir()]
    assert np.array(outcomes).tolist() == ["pass"] * len(outcomes)
    assert outcomes
