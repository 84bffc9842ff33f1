"""Constants that decide numbers and pictures: molar masses, the benchmark, the calibration, rows of a table, axes."""

from __future__ import annotations

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pytest
from engine_systems import GROWTH

import bonecast as bc
from bonecast.bench import MATCHED, BenchTiming, problem, ratios
from bonecast.calibration import targets
from bonecast.charts import Dot, Dots, Scatter, specification, style_of, table, x_ticks
from bonecast.engine import Infusion
from bonecast.engine.events import DOSE, RATE, START, on_one_time
from bonecast.engine.events import table as event_table
from bonecast.engine.rodas4 import GAMMA, ORDER, A, C
from bonecast.errors import InputError
from bonecast.evidence import t_score_site
from bonecast.models import load_model
from bonecast.models.posterior import CalibrationPosterior
from bonecast.simulation.pictures import curve_panel
from bonecast.simulation.run import row_times

SYSTEM = load_model("bonecast-1").system

# Models


@pytest.mark.parametrize(("drug", "nmol"), [("denosumab", 1e3 / 147), ("romosozumab", 1e3 / 149)])
def test_a_milligram_of_an_antibody_has_as_many_nanomoles_as_its_molar_mass_says(drug, nmol):
    """147 kDa (label of denosumab) and 149 kDa (label of romosozumab); the part that is absorbed beside."""
    absorbed = SYSTEM.parameters["romo_F"] if drug == "romosozumab" else 1.0
    assert SYSTEM.routes[drug].amount(SYSTEM.named_parameters()) == pytest.approx(absorbed * nmol, rel=1e-12)


@pytest.mark.parametrize(
    ("drug", "state", "output", "per_mg_and_litre"),
    [("denosumab", "Dc", "denosumab_ng_mL", 1000.0), ("romosozumab", "Mc", "romosozumab_ug_mL", 1.0)],
)
def test_a_milligram_in_serum_is_read_as_a_milligram(drug, state, output, per_mg_and_litre):
    p = SYSTEM.named_parameters()
    mass_kDa, litres = {
        "denosumab": (147, p.Vc * (p.weight / 64) ** p.Vc_weight),
        "romosozumab": (149, p.romo_Vc),
    }[drug]
    start = SYSTEM.initial(p)
    y = SimpleNamespace(**{**start, state: 1e3 / mass_kDa})
    assert SYSTEM.outputs(y, p, SimpleNamespace(**start))[output] == pytest.approx(per_mg_and_litre / litres)


# The benchmark


def timed(engine: str, error: float, ms: float, people: int = 1) -> BenchTiming:
    return BenchTiming(engine, problem.TITLE, people, 1, 1e-5, ms, error)


@pytest.mark.parametrize(("error", "counts"), [(4.9e-4, True), (5e-4, True), (5.1e-4, False)])
def test_engines_are_compared_where_their_error_is_5e_4_at_most(error, counts):
    assert MATCHED == 5e-4
    own = [timed("bonecast", 1e-5, 4.0, people=1000), timed("bonecast", 1e-5, 1.0)]
    assert ratios([*own, timed("peer", error, 8.0)]) == ({"peer": 2.0} if counts else {})
    ours = ratios([timed("bonecast", error, 4.0, people=1000), timed("peer", 1e-5, 8.0)])
    assert ours == ({"peer": 2.0} if counts else {})


def test_rates_in_the_benchmark_vary_by_30_percent_between_people():
    many = problem.people(40_000)
    assert set(many) == set(problem.VARIED)
    for name in problem.VARIED:
        rest = many[name][1:]
        assert rest.std() / rest.mean() == pytest.approx(0.3, abs=0.01)


# The calibration


def test_a_row_is_met_no_nearer_than_the_scatter_between_trials():
    """0.45 points of BMD, 5 points of a marker; rows from memory weigh half as much."""
    found = targets()
    least: dict[tuple[str, str], float] = {}
    for row, sd in zip(found.rows, found.sd, strict=True):
        if t_score_site(row.endpoint) is None:
            key = (row.endpoint_class, "memory" if row.seen == "memory" else "read")
            least[key] = min(sd, least.get(key, math.inf))
    assert least == {
        ("BMD", "read"): pytest.approx(0.45),
        ("BMD", "memory"): pytest.approx(0.45 * math.sqrt(2)),
        ("marker", "read"): pytest.approx(5.0),
        ("marker", "memory"): pytest.approx(5.0 * math.sqrt(2)),
    }


# One simulation


def test_a_table_has_a_step_for_each_of_a_million_rows_at_most():
    assert len(row_times([0.0], 0.0, "100 days", "0.0001 days")) == 1_000_001
    with pytest.raises(InputError, match="1,000,000 are the limit"):
        row_times([0.0], 0.0, "100.00011 days", "0.0001 days")


@pytest.mark.parametrize(("apart", "bars"), [(44, 1), (45, 1), (46, 2)])
def test_doses_of_a_simulation_up_to_45_days_apart_are_drawn_as_one_bar(apart, bars):
    run = bc.simulate("choi-2025", f"denosumab 60 mg every {apart} days x 2", until="200 days")
    (series,) = curve_panel(load_model("choi-2025").output("LS_BMD_pct_change"), run).series
    assert len(series.marks) == bars


# Pictures


def test_a_month_of_a_time_axis_is_a_twelfth_of_365_25_days():
    """365 days are fewer than twelve of them, and 366 days more."""
    assert len(x_ticks(dt.date(2023, 1, 1), dt.date(2024, 1, 1), 12)) == 13
    assert len(x_ticks(dt.date(2024, 1, 1), dt.date(2025, 1, 1), 12)) == 5


@pytest.mark.parametrize(("count", "single"), [(49, True), (50, True), (51, False)])
def test_up_to_50_points_are_drawn_large_and_listed_one_by_one(count, single):
    dots = tuple(Dot(float(x), 1.0) for x in np.linspace(0.2, 8, count))
    drawn = Scatter(
        *("key", "title", "description", "x", "y"),
        *((0.1, 10.0), (0.1, 10.0), 3.0, 2.0, ("a", "b", "c", "d")),
        (Dots("people", style_of(0), dots),),
    )
    assert len(table(drawn).rows) == (count if single else 1)
    sizes = {
        one["mark"].get("size")
        for one in specification(drawn)["layer"]
        if len(one["data"]["values"]) == count
    }
    assert sizes == {110 if single else 20}


# The engine


def rodas4(y: float, end: float, steps: int) -> float:
    """y' = -y**2 from 0 to `end`, in steps of one length, by the coefficients of the engine."""
    h = end / steps
    for _ in range(steps):
        left = 1 / (GAMMA * h) + 2 * y  # I/(gamma h) - J
        k: list[float] = []
        for a, c in zip(A, C, strict=True):
            at = y + sum(x * one for x, one in zip(a, k, strict=True))
            k.append((-(at**2) + sum(x * one for x, one in zip(c, k, strict=True)) / h) / left)
        y += sum(x * one for x, one in zip(A[-1], k, strict=False)) + k[-1]
    return y


def test_half_the_step_makes_the_error_of_the_method_sixteen_times_smaller():
    coarse, fine = (abs(rodas4(1.0, 1.0, steps) - 0.5) for steps in (8, 16))
    assert coarse < 1e-5
    assert coarse / fine == pytest.approx(2.0**ORDER, rel=0.2)


@pytest.mark.parametrize(("normal", "held"), [(-2.6, -2.5), (-2.4, -2.4), (2.4, 2.4), (2.5, 2.5), (2.6, 2.5)])
def test_uncertain_parameters_are_drawn_up_to_2_5_sds_away(normal, held):
    uncertain = CalibrationPosterior(("aLS",), np.array([[0.04]]), np.zeros(1), np.full(1, np.inf))
    (factor,) = uncertain.factors({"posterior aLS": np.array([normal])})["aLS"]
    assert math.log(factor) == pytest.approx(0.2 * held, rel=1e-6)


@pytest.mark.parametrize(("apart", "one"), [(0.9e-7, True), (1.1e-7, False)])
def test_events_up_to_1e_7_time_units_apart_happen_at_one_time(apart, one):
    assert on_one_time([1.0, 1.0 + apart]) == [1.0, 1.0 if one else 1.0 + apart]


@pytest.mark.parametrize(("length", "kinds"), [(1.9e-7, {DOSE}), (2.1e-7, {RATE})])
def test_an_infusion_of_up_to_2e_7_time_units_is_a_bolus(length, kinds):
    laid_out = event_table(GROWTH, [Infusion(1.0, "dose", 5.0, length)], 1)
    assert {int(kind) for kind in laid_out.kind} - {START} == kinds
