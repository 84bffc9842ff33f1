"""The forecast of one person: pairing, learning from measurements, gaps, reproducibility, refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from unjudged import unjudged

from bonecast.errors import InputError, UnknownName
from bonecast.forecasts import forecast
from bonecast.interop import read_patient
from bonecast.records import GivenDose, Measurement, Patient
from bonecast.regimens import RegimenError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _every_strategy_is_followed() -> Iterator[None]:
    with unjudged():
        yield


SMALL = {"horizon": "2 years", "draws": 60}


@pytest.fixture(scope="module")
def late_dose() -> Patient:
    return read_patient("examples/late-dose.toml")


@pytest.fixture(scope="module")
def made(late_dose: Patient):
    return forecast(late_dose, **SMALL)


def test_the_default_strategies_are_on_time_late_stop_and_switch(made):
    assert [s.name for s in made.strategies] == [
        *("on time", "3 months late", "stop"),
        *("switch to alendronate", "switch to zoledronate"),
    ]


def test_history_is_the_same_under_every_strategy(made):
    names = ["on time", "3 months late", "stop"]
    bands = [made.band(n, "LS_BMD_pct_change") for n in names]
    common = [d for d in bands[0].dates if d <= made.now and all(d in b.dates for b in bands)]
    assert len(common) > 100
    for band in bands[1:]:
        rows = [band.dates.index(d) for d in common]
        base = [bands[0].dates.index(d) for d in common]
        np.testing.assert_allclose(band.quantiles[:, rows], bands[0].quantiles[:, base], rtol=1e-6, atol=1e-6)


def test_bmd_is_counted_from_the_first_scan_and_shown_in_its_unit(made, late_dose):
    first = late_dose.measured("BMD", "lumbar spine")[0]
    band, change = (made.band("on time", f"LS_BMD_{of}") for of in ("g_cm2", "pct_change"))
    np.testing.assert_allclose(change.quantiles, 100 * (band.quantiles / first.value - 1), atol=1e-9)
    assert change.unit == "% of first scan"
    on_zero = band.quantiles[:, band.dates.index(made.zero)]
    assert on_zero[0] < first.value < on_zero[-1]
    assert np.ptp(on_zero) < 4 * 0.0141  # surer than one scan alone
    assert made.band("on time", "LS_BMD_T_score").unit == "SD"


def test_the_persons_own_curve_is_narrower_than_before_the_measurements(made):
    for output in ("LS_BMD_pct_change", "CTX_ng_mL", "P1NP_ug_L"):
        prior, own = made.prior_bands[output], made.band("on time", output)
        assert prior.dates == own.dates
        assert np.ptp(own.quantiles[:, -1]) < np.ptp(prior.quantiles[:, -1]), output


def test_scans_without_a_gain_pull_the_persons_own_curve_down(late_dose):
    first = late_dose.measured("BMD", "lumbar spine")[0]
    flat = tuple(
        replace(m, value=first.value) if m.site == "lumbar spine" else m for m in late_dose.measurements
    )
    made = forecast(
        replace(late_dose, measurements=flat), {"stop": "nothing for 1 year"}, horizon="1 year", draws=200
    )
    prior, own = made.prior_bands["LS_BMD_pct_change"], made.band("stop", "LS_BMD_pct_change")
    day = own.dates.index(made.now)
    assert 0 < own.median[day] < prior.median[day] - 1


def test_the_notes_say_what_was_learned_and_what_conflicts(made):
    assert any("conditioned on 18 measurements" in note for note in made.notes)
    assert any("Her own values place CTX at" in note for note in made.notes)
    assert any("the 90 % range of lumbar spine BMD 24 months from now" in note for note in made.notes)
    conflicts = [one for one in made.diagnostics.measurements if one.odd]
    for one in conflicts:
        assert any(one.observation.label in note for note in made.notes)


def test_measurements_that_agree_with_the_forecast_do_not_move_it(late_dose):
    bare = replace(late_dose, measurements=tuple(m for m in late_dose.measurements if m.test == "creatinine"))
    plan = {"on time": "denosumab 60 mg every 6 months x 2"}
    before = forecast(bare, plan, horizon="1 year", draws=500)
    band = before.band("on time", "CTX_ng_mL")
    agreeing = tuple(
        Measurement("CTX", None, float(band.median[band.dates.index(day)]), "ng/mL", False, day, "CTX")
        for day in (band.dates[i] for i in (0, 30, 60))
    )
    after = forecast(
        replace(bare, measurements=(*bare.measurements, *agreeing)), plan, horizon="1 year", draws=500
    )
    for output in ("CTX_ng_mL", "LS_BMD_pct_change"):
        one, two = (f.band("on time", output) for f in (before, after))
        width = one.quantiles[-1, -1] - one.quantiles[0, -1]
        assert abs(two.median[-1] - one.median[-1]) < 0.15 * width, output


def test_a_model_may_be_taken_for_exact(late_dose):
    plan = {"stop": "nothing for 1 year"}
    bare = replace(late_dose, measurements=())
    sure, unsure = (
        forecast(bare, plan, horizon="1 year", draws=400, model_uncertainty=u) for u in (False, True)
    )
    widths = [np.ptp(f.band("stop", "LS_BMD_pct_change").quantiles[:, -1]) for f in (sure, unsure)]
    assert widths[0] != widths[1]
    assert sure.prior_bands == {}


def test_calcium_passes_near_the_last_measured_value(made, late_dose):
    measured = late_dose.latest("calcium")
    band = made.band("on time", "calcium_mmol_L")
    day = band.dates.index(measured.date)
    assert band.median[day] == pytest.approx(2.32, abs=0.02)  # 2.34 corrected for an albumin of 41 g/L


def test_stopping_loses_bone_and_raises_turnover_against_going_on(made):
    end = made.now + dt.timedelta(days=365)
    for output, sign in (("LS_BMD_pct_change", -1), ("TH_BMD_pct_change", -1), ("CTX_ng_mL", 1)):
        ways = [made.band(n, output) for n in ("stop", "on time")]
        at = [np.interp(end.toordinal(), [d.toordinal() for d in b.dates], b.median) for b in ways]
        assert sign * (at[0] - at[1]) > 0, output


def test_quantiles_are_in_order_and_finite(made):
    for of in made.bands.values():
        for band in of.values():
            assert np.isfinite(band.quantiles).all(), band.output
            assert (np.diff(band.quantiles, axis=0) >= -1e-12).all(), band.output


def test_our_own_model_leaves_no_gap_under_the_usual_strategies(made):
    assert made.gaps == ()


def test_what_a_model_does_not_carry_is_a_gap_with_its_reason_and_not_a_number(late_dose):
    published = forecast(late_dose, **SMALL, model="peterson-riggs-2010")
    gaps = {(g.strategy, g.endpoint.key): g.reason for g in published.gaps}
    assert "does not carry alendronate" in gaps["switch to alendronate", "LS_BMD"]
    assert "does not give it" in gaps["stop", "TH_BMD"]
    assert published.bands["switch to alendronate"] == {}
    assert "LS_BMD_pct_change" in published.bands["stop"]


def test_fractures_are_counted_per_1000_and_stopping_brings_more_vertebral_ones(made):
    by_name = {s.strategy: s.fractures for s in made.summaries}
    assert set(by_name["stop"]) == {
        (kind, months)
        for kind in ("vertebral", "multiple vertebral", "hip", "nonvertebral")
        for months in (12, 24)
    }
    for kind in ("vertebral", "multiple vertebral"):
        on, off = (by_name[name][kind, 24].median for name in ("on time", "stop"))
        assert 0 < on < off < 1000
    multiple, any_ = (by_name["stop"][kind, 24].median for kind in ("multiple vertebral", "vertebral"))
    assert multiple < any_


def test_a_worse_kidney_makes_the_calcium_nadir_deeper(late_dose, made):
    ill = replace(
        late_dose,
        measurements=tuple(
            replace(m, value=220.0, given="220 umol/L") if m.test == "creatinine" else m
            for m in late_dose.measurements
        ),
    )
    assert ill != late_dose
    made_ill = forecast(ill, {"on time": "denosumab 60 mg every 6 months x 4"}, **SMALL)
    well, poor = (f.summaries[0].calcium_nadir.median for f in (made, made_ill))
    assert poor < well - 0.02


def test_the_same_seed_gives_the_same_forecast_and_another_does_not(late_dose, made):
    again = forecast(late_dose, **SMALL)
    other = forecast(late_dose, **SMALL, seed=2)
    one, two, three = (f.band("stop", "CTX_ng_mL").quantiles for f in (made, again, other))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, three)


def test_adding_a_strategy_does_not_change_the_others(late_dose, made):
    alone = forecast(late_dose, {"stop": "nothing for 24 months"}, **SMALL)
    np.testing.assert_allclose(
        alone.band("stop", "LS_BMD_pct_change").quantiles,
        made.band("stop", "LS_BMD_pct_change").quantiles,
        rtol=1e-6,
        atol=1e-6,
    )


def test_the_table_is_long_and_has_the_promised_columns(made):
    table = made.table()
    columns = ["strategy", "date", "months_from_now", "output", "unit", "p05", "p25", "p50", "p75", "p95"]
    assert table.columns == columns
    assert table.height == sum(len(b.dates) for of in made.bands.values() for b in of.values())


def test_a_late_dose_is_marked_as_late(made):
    assert max(d.late_d for d in made.history) == 90
    assert made.strategies[1].doses[0].late_d == pytest.approx(91, abs=1)


def test_a_person_who_never_had_a_dose_starts_today(late_dose):
    naive = replace(late_dose, doses=(), measurements=())
    made = forecast(naive, **SMALL)
    assert made.due is None
    assert made.zero == made.now
    band = made.band("denosumab", "LS_BMD_pct_change")
    assert band.dates[0] == made.now
    assert band.median[0] == pytest.approx(0.0, abs=1e-9)
    assert "TH_BMD_g_cm2" not in made.bands["denosumab"]


def test_a_drug_given_long_before_is_left_out_with_a_note_by_a_model_without_it():
    record = read_patient("examples/long-denosumab.toml")
    plan = {"stop": "nothing for 1 year"}
    published = forecast(record, plan, **SMALL, model="peterson-riggs-2010")
    assert any("leaves out alendronate" in note for note in published.notes)
    assert "LS_BMD_pct_change" in published.bands["stop"]
    assert not any("leaves out" in note for note in forecast(record, plan, **SMALL).notes)


def test_a_drug_given_last_that_a_model_does_not_carry_is_a_gap(late_dose):
    switched = replace(
        late_dose, doses=(*late_dose.doses, GivenDose("romosozumab", 210.0, "mg", dt.date(2026, 9, 1)))
    )
    plan = {"stop": "nothing for 1 year"}
    published = forecast(switched, plan, **SMALL, model="peterson-riggs-2010")
    assert "romosozumab" in next(g.reason for g in published.gaps if g.endpoint.key == "LS_BMD")
    assert "LS_BMD_pct_change" in forecast(switched, plan, **SMALL).bands["stop"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"draws": 0}, "draws"),
        ({"horizon": "0 years"}, "horizon"),
        ({"horizon": "soon"}, "horizon"),
        ({"seed": -1}, "seed"),
        ({"model": "no-such"}, "no-such"),
        ({"strategies": {"x": "blosozumab 180 mg monthly x 3"}, "model": "no-such"}, "no-such"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(late_dose, arguments, said):
    with pytest.raises(InputError, match=said):
        forecast(late_dose, **arguments)


def test_a_plan_that_cannot_be_read_names_its_strategy(late_dose):
    with pytest.raises(RegimenError, match="strategy exit"):
        forecast(late_dose, {"exit": "denosumb 60 mg once"})


def test_nobody_under_18_gets_a_forecast(late_dose):
    child = replace(late_dose, birth_date=dt.date(2015, 1, 1))
    with pytest.raises(InputError, match="under 18"):
        forecast(child)


def test_unknown_bands_are_answered_with_the_nearest_names(made):
    with pytest.raises(UnknownName, match="stop"):
        made.band("stopp", "CTX_ng_mL")
    with pytest.raises(UnknownName, match="CTX_ng_mL"):
        made.band("stop", "CTX_ng_ml ")


def test_a_vertebral_fracture_before_raises_the_risk_of_another(late_dose):
    plan = {"stop": "nothing for 24 months"}
    # none, and not unknown: what is not known counts as the average of the population
    none = {"n_vertebral_fractures": 0, "n_fragility_fractures": 0}
    without = tuple((dict(late_dose.facts) | none).items())
    risks = [
        forecast(person, plan, **SMALL).summaries[0].fractures["vertebral", 24].median
        for person in (replace(late_dose, facts=without), late_dose)
    ]
    assert late_dose.fact("n_vertebral_fractures") == 1
    assert risks[1] > 2 * risks[0]
