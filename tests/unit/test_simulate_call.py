"""The one call: people, times, outputs, measurement errors, and tables of events with their faults."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest
from compartment_systems import compartments

import bonecast as bc
from bonecast.cohorts import draw_cohort
from bonecast.engine import Bolus
from bonecast.errors import InputError, UnknownName
from bonecast.interop import read_event_table

MODEL, PLAN, LEVEL = "choi-2025", "denosumab 60 mg every 6 months x 2", "denosumab_ng_mL"
IV, ORAL = compartments("iv1"), compartments("oral1")
BOLUS = {"TIME": [0, 4, 8], "AMT": [100, None, None]}


def quiet(*args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bc.simulate(*args, **options)


def test_people_of_one_call_are_those_of_a_cohort():
    days = [0.0, 3.5, 30.0, 400.0]
    run = bc.simulate(MODEL, PLAN, people=5, times=days, outputs=LEVEL, seed=4)
    cohort = draw_cohort(bc.load_model(MODEL), 5, seed=4)
    assert np.array_equal(run[LEVEL].reshape(5, 4), cohort.simulate(PLAN, days)[LEVEL])
    assert run.columns == ("id", "time_d", LEVEL)
    assert run["id"][::4].tolist() == cohort.ids
    same = bc.simulate(MODEL, PLAN, people=cohort, times=days, outputs=LEVEL)
    assert np.array_equal(same.values, run.values)


def test_times_may_be_in_hours_and_are_given_back_in_hours():
    hours = bc.simulate(MODEL, PLAN, times=[0, 12, 36], time_unit="h", outputs=LEVEL)
    days = bc.simulate(MODEL, PLAN, times=[0, 0.5, 1.5], outputs=LEVEL)
    assert np.allclose(hours.values, days.values, rtol=1e-12)
    assert hours.table()["time_h"].to_list() == [0, 12, 36]
    assert hours["time_d"].tolist() == [0, 0.5, 1.5]


def test_a_state_may_stand_among_the_outputs():
    run = bc.simulate(
        IV, [Bolus(0.0, "dose central", 100.0)], times=[1.0], outputs=["central", "CONC"], rtol=1e-10
    )
    amount = 100 * np.exp(-3.1 / 27)
    assert run["central"][0] == pytest.approx(amount, rel=1e-8)
    assert run["CONC"][0] == pytest.approx(amount / 27, rel=1e-8)


def test_the_long_table_has_a_row_for_each_output_with_its_unit():
    run = bc.simulate(MODEL, PLAN, people=2, times=[0, 7], outputs=[LEVEL, "LS_BMD_pct_change"])
    long = run.long()
    assert long.columns == ["id", "time_d", "output", "unit", "value"]
    assert long.height == 8
    assert set(long["unit"]) == {"ng/mL", "%"}
    assert sorted(long["value"].to_list()) == sorted(run.values.ravel().tolist())


def test_measured_values_scatter_as_published_and_end_at_the_limit():
    run = bc.simulate(MODEL, PLAN, people=400, times=[30.0, 300.0], outputs=LEVEL, residual=True)
    error = run[f"{LEVEL}_observed"] - run[LEVEL]
    assert np.std(error / np.hypot(105.84, 0.07 * run[LEVEL])) == pytest.approx(1.0, abs=0.1)
    limited = bc.simulate(
        MODEL, PLAN, people=400, times=[30.0, 300.0], outputs=LEVEL, residual=True, lloq={LEVEL: 200.0}
    )
    low = run[f"{LEVEL}_observed"] < 200.0
    assert 0 < low.sum() < 800
    assert np.array_equal(limited[f"{LEVEL}_blq"], low)
    assert np.all(limited[f"{LEVEL}_observed"][low] == 200.0)
    own = quiet(IV, BOLUS, residual={"CONC": (0.0, 0.0)})
    assert np.array_equal(own["CONC_observed"], own["CONC"])


def test_times_replace_the_rows_of_a_table_before_or_after_its_doses():
    rows = {"TIME": [0, 8], "AMT": [100, 100]}
    before = bc.simulate(IV, rows, times=[0, 8], outputs="central")["central"]
    after = bc.simulate(IV, rows, times=[0, 8], outputs="central", after_dose=True)["central"]
    assert before == pytest.approx([0.0, 100 * np.exp(-8 * 3.1 / 27)], rel=1e-7, abs=1e-9)
    assert after == pytest.approx(before + 100, rel=1e-7)


def test_people_follow_the_only_individual_of_a_table_or_one_each():
    one = bc.simulate(IV, BOLUS, people={"id": ["A", "B"], "CL": [3.1, 6.2]}, outputs="CONC")
    assert one["id"].tolist() == ["A"] * 3 + ["B"] * 3
    assert one["CONC"][5] == pytest.approx(100 / 27 * np.exp(-8 * 6.2 / 27), rel=1e-7)
    two = {"ID": [7, 7, 9, 9], "TIME": [0, 8, 0, 8], "AMT": [100, None, 100, None]}
    each = bc.simulate(IV, two, people={"CL": [3.1, 6.2]}, outputs="CONC")
    assert each["id"].tolist() == ["7", "7", "9", "9"]
    assert each["CONC"][[1, 3]] == pytest.approx(one["CONC"][[2, 5]], rel=1e-8)
    with pytest.raises(InputError, match=r"people: there are 3 people for 2 individuals of the table"):
        bc.simulate(IV, two, people={"CL": [1.0, 2.0, 3.0]})


def test_many_people_in_several_chunks_are_as_alone(monkeypatch):
    clearances = np.linspace(1.0, 9.0, 17)
    table = {"TIME": [0, 5, 9, 9, 20], "AMT": [100, None, 50, None, None]}
    together = bc.simulate(IV, table, people={"CL": clearances}, outputs="CONC")
    monkeypatch.setattr("bonecast.simulation.event_runs._CHUNK_VALUES", 50)
    apart = bc.simulate(IV, table, people={"CL": clearances}, outputs="CONC")
    assert np.allclose(apart.values, together.values, rtol=1e-7)
    assert apart["id"].tolist() == together["id"].tolist()


def test_a_drug_of_the_library_is_named_and_its_unit_is_that_of_its_route():
    table = {"TIME": [0, 28], "AMT": [60, None], "CMT": ["Denosumab", None]}
    run = bc.simulate(MODEL, table, time_unit="d", outputs=LEVEL)
    assert run[LEVEL][1] == pytest.approx(
        bc.simulate(MODEL, "denosumab 60 mg once", times=[28], rtol=1e-9)[LEVEL][0], rel=1e-6
    )


def test_a_covariate_of_the_model_is_found_by_its_fact():
    table = {"TIME": [0, 672], "AMT": [60, None], "CMT": ["denosumab", None], "Weight": [90, 90]}
    heavy = bc.simulate(MODEL, table, outputs=LEVEL)[LEVEL][1]
    assert heavy == pytest.approx(
        bc.simulate(MODEL, {**table, "Weight": [None] * 2}, outputs=LEVEL, set={"weight": 90})[LEVEL][1]
    )
    assert heavy < bc.simulate(MODEL, {**table, "Weight": [50, 50]}, outputs=LEVEL)[LEVEL][1]


def test_columns_that_are_no_parameter_are_named():
    with pytest.warns(UserWarning, match="No parameter of iv1 has the name of these columns: SHOE"):
        assert bc.simulate(IV, {**BOLUS, "SHOE": [38, 38, 38]}).notes


def test_the_picture_shows_people_side_by_side_and_a_shared_grid_as_a_range():
    table = {"ID": [1, 1, 2, 2], "TIME": [0, 8, 0, 9], "AMT": [100, None, 100, None]}
    beside = bc.simulate(IV, table, outputs="CONC").plot().to_dict()
    assert '"1"' in json.dumps(beside)
    assert '"2"' in json.dumps(beside)
    shared = bc.simulate(MODEL, PLAN, people=3, times=[0, 7], outputs=LEVEL).plot().to_dict()
    assert '"3 people"' in json.dumps(shared)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"outputs": []}, "outputs: there are none"),
        ({"outputs": "CNC"}, "there is no output called 'CNC'; did you mean CONC"),
        ({"times": [3, 1]}, "times: they are empty, not finite or out of order"),
        ({"times": []}, "times: they are empty"),
        ({"times": ["x"]}, "times: they cannot be read as numbers"),
        ({"time_unit": "s"}, "time_unit: there is no unit 's'; write h or d"),
        ({"covariates": "linear"}, "covariates: there is no way 'linear'"),
        ({"people": 0}, "people: 0 is no number of people"),
        ({"people": True}, "people: a bool is neither a number of people nor a table"),
        ({"residual": True}, "residual: no measurement error is known of CONC, A1"),
        ({"residual": {"CONC": 0.1}}, "residual, CONC: this is no error"),
        ({"residual": {"CONC": (-1, 0)}}, "residual, CONC: an SD is negative"),
        ({"residual": {"A1": (1, 0)}, "lloq": {"CONC": 1.0}}, "lloq, CONC: it has no residual error"),
        ({"until": "1 year"}, "until: a table of events says itself when it ends"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_sentence(options, sentence):
    with pytest.raises(InputError, match=sentence):
        bc.simulate(IV, BOLUS, **options)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"AMT": [100, 5, None], "EVID": [1, 0, 0]},
            r"row 2, column AMT: 5 is an amount in a row that is no dose",
        ),
        ({"RATE": [-3, None, None]}, r"row 1, column RATE: -3 is no rate"),
        ({"ADDL": [1.5, None, None], "II": [8, None, None]}, r"row 1, column ADDL: 1.5 is no whole number"),
        (
            {"ADDL": [10**6, None, None], "II": [8, None, None]},
            r"column ADDL: there are 1,000,000 further doses",
        ),
        ({"TIME": [0, None, 8]}, r"row 2, column TIME: it is empty"),
        ({"TIME": [0, float("inf"), 8]}, r"row 2, column TIME: 'inf' is not a number"),
        ({"CMT": ["liver", None, None]}, r"row 1, column CMT: there is no compartment called 'liver'"),
        ({"CMT": [1, 5, None]}, r"row 2, column CMT: 5 is no compartment of iv1, which has 1"),
        ({"MDV": [1, 2, 0]}, r"row 2, column MDV: 2 is neither 0 nor 1"),
        ({"BLQ": [0, 1, 0]}, r"row 2, column LLOQ: BLQ is 1 and no limit stands"),
        ({"ID": [1, None, 1]}, r"row 2, column ID: it is empty"),
        (
            {"SS": [1, None, None], "RATE": [5, None, None]},
            r"row 1, column II: 0 is the interval of a steady state",
        ),
        ({"ALAG1": [-1, -1, -1]}, r"row 1, column CMT: the lag is -1"),
        ({"AMT": []}, "its columns have different lengths"),
        ({"time": [0, 1, 2]}, "column TIME: there are two of them"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_column(change, sentence):
    with pytest.raises(InputError, match=sentence):
        bc.simulate(IV, {**BOLUS, **change})


def test_all_faults_of_a_table_are_kept_in_order():
    with pytest.raises(InputError) as raised:
        read_event_table({"TIME": [0, "x", "y"], "AMT": ["a", None, None]})
    places = [fault.place.split(", ", 1)[1] for fault in raised.value.faults]
    assert places == ["row 1, column AMT", "row 2, column TIME", "row 3, column TIME"]
    assert "the table has 2 more faults" in str(raised.value)


@pytest.mark.parametrize(
    ("column", "days", "hours"),
    [
        ("DATE", ["28/02/2024", "29/02/2024"], 24.0),
        ("DATE", ["02/28/2024", "03/01/2024"], 48.0),
        ("DATE", ["2024-02-28", "2024-03-01"], 48.0),
        ("DAT1", ["01/02/24", "01/03/24"], 29 * 24.0),
        ("DAT2", ["24/01/02", "24/01/03"], 24.0),
        ("DAT3", ["2024/01/02", "2024/01/03"], 29 * 24.0),
        ("DATE", [1, 3], 48.0),
    ],
)
def test_dates_and_clocks_become_hours_from_the_first_row(column, days, hours):
    rows = read_event_table({column: days, "TIME": ["08:30", "09:00"], "AMT": [100, None]})
    assert rows.clock
    assert rows.time.tolist() == pytest.approx([0.0, hours + 0.5])


def test_dates_that_two_orders_fit_are_refused_until_the_order_is_said():
    table = {"DATE": ["03/04/2024", "05/06/2024"], "TIME": ["8:00", "8:00"], "AMT": [100, None]}
    with pytest.raises(
        InputError, match=r"column DATE: the dates may be read as day, month, year or as month, day, year"
    ):
        read_event_table(table)
    assert read_event_table(table, date_order="dmy").time[1] == 63 * 24.0
    with pytest.raises(InputError, match=r"row 1, column DAT1: 31/02/2024 is no day \(day, month, year\)"):
        read_event_table({"DAT1": ["31/02/2024"], "TIME": ["8:00"], "AMT": [100]})


def test_a_covariate_that_is_fixed_for_a_run_may_not_change_in_time():
    from dataclasses import replace

    fixed = replace(IV, may_change=("CL",))
    with pytest.raises(
        InputError, match=r"column V: V changes in time, and in iv1 it is fixed for a whole run"
    ):
        bc.simulate(fixed, {**BOLUS, "V": [27, 27, 30]})


def test_people_of_another_model_and_an_empty_likelihood_are_refused():
    with pytest.raises(InputError, match="they are people of choi-2025, and the model is iv1"):
        bc.simulate(IV, BOLUS, people=draw_cohort(bc.load_model(MODEL), 2, seed=1))
    with pytest.raises(InputError, match="the table has no observations"):
        bc.simulate(IV, BOLUS).log_likelihood("CONC", 1.0)
    seen = bc.simulate(IV, {**BOLUS, "DV": [None, 2.0, 1.0]})
    with pytest.raises(InputError, match="there is no residual error"):
        seen.log_likelihood("CONC")
    with pytest.raises(UnknownName):
        seen["row_number"]
