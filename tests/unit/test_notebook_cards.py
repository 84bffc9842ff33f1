"""What a notebook shows of the objects that people get in hand: short, well-formed, and nothing of the person."""

from __future__ import annotations

import re
import sys
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import bonecast as bc
from bonecast.care import check
from bonecast.charts import Card, Small, SmallCurve, Table, card_html, small_svg, style_of
from bonecast.cohorts import draw_arm, population
from bonecast.engine import Runs
from bonecast.engine import simulate as integrate
from bonecast.evidence import Prediction, calibration_rows, means_of, score
from bonecast.forecasts import CohortForecasts
from bonecast.forecasts.case import Case
from bonecast.forecasts.cohort import Person
from bonecast.forecasts.learned_file import key_of
from bonecast.liver import LiverCase, assess, read_case
from bonecast.models import Model
from bonecast.records import Patient
from bonecast.regimens import dose_events, history_of
from bonecast.trials import draw_people as draw_trial
from bonecast.trials import preset
from bonecast.trials.run import Run
from bonecast.web.jobs import forecasts as screens

ID, NAME, BORN = "ZQX-7781", "Wilhelmina Vandersteen", "1955-03-09"


@cache
def patient() -> Patient:
    return replace(bc.read_patient("examples/late-dose.toml"), id=ID, name=NAME)


@cache
def forecast() -> bc.Forecast:
    plans = {
        "on time": "denosumab 60 mg every 6 months x 2",
        "alendronate": "alendronate 70 mg weekly for 12 months",
    }
    return bc.forecast(patient(), plans, horizon="1 year", draws=20)


@cache
def run() -> bc.SimulationResult:
    return bc.simulate("choi-2025", "denosumab 60 mg every 6 months x 2, then nothing for 1 year")


@cache
def model() -> Model:
    return bc.load_model("bonecast-1")


@cache
def runs() -> Runs:
    weights = np.linspace(50.0, 90.0, 6)
    choi = bc.load_model("choi-2025")
    name = choi.covariates["weight"].parameter
    events = dose_events(choi, bc.parse_regimen("denosumab 60 mg every 6 months x 2").doses)
    return integrate(choi.system, events, np.linspace(0, 300, 30) * choi.system.per_day, {name: weights})


def liver_case() -> LiverCase:
    case = read_case("examples/liver-case.toml")
    return case.model_copy(update={"person": case.person.model_copy(update={"id": ID})})


def scorecard() -> Any:
    rows = [row for row in calibration_rows() if row.value is not None][:40]
    return score(rows, [Prediction(row.id, row.value) for row in rows[:20]])


def fitted() -> Any:
    regimen = "denosumab 60 mg every 6 months x 2"
    truth = bc.simulate("choi-2025", regimen, every="60 days", set={"CL": 0.004})
    count = len(truth["time_d"])
    data = {
        "time_d": truth["time_d"],
        "output": ["denosumab_ng_mL"] * count,
        "value": truth["denosumab_ng_mL"],
        "sd": [50.0] * count,
    }
    return bc.fit("choi-2025", data, regimen, ["CL"])


# What each public name gives: an object, or several.
GIVES: dict[str, Callable[[], Any]] = {
    "Forecast": forecast,
    "Model": lambda: [bc.load_model(name) for name in bc.model_names()],
    "Patient": patient,
    "Regimen": lambda: [
        bc.parse_regimen("denosumab 60 mg every 6 months x 4, then nothing for 2 years"),
        bc.parse_regimen("teriparatide 20 ug daily for 24 months with denosumab 60 mg every 6 months x 40"),
        bc.parse_regimen("nothing for 1 year"),
    ],
    "SimulationResult": run,
    "Cohort": lambda: bc.population("men").cohort(20),
    "ParameterFit": fitted,
    "Posterior": lambda: bc.condition(patient(), "choi-2025", draws=20),
    "Scorecard": scorecard,
    "Trajectories": lambda: bc.population("men").cohort(20).simulate("denosumab 60 mg once"),
    "ParameterSet": lambda: model().parameter_set,
    "System": lambda: [bc.load_model(name).system for name in bc.model_names()],
    "all_drugs": bc.all_drugs,
    "assess_liver": lambda: bc.assess_liver(liver_case()),
    "check": lambda: bc.check(patient(), None, "US"),
    "leaflet": lambda: bc.leaflet(patient(), "US"),
    "population": lambda: bc.population("men"),
    "schedule": lambda: bc.schedule(patient(), "US"),
    "find_drug": lambda: bc.find_drug("Prolia"),
    "forecast": forecast,
    "load_model": model,
    "parse_regimen": lambda: bc.parse_regimen("6 months after the last dose zoledronate 5 mg once"),
    "read_patient": patient,
    "simulate": run,
}
# Raised and shown as a traceback, plain text that needs no card, modules, and functions whose results have cards above.
WITHOUT = {
    "BonecastError", "ComputeError", "InputError", "OutsideRange", "UnknownName", "UnsupportedDrug",
    "__version__", "model_names", "models_supporting", "Output", "Route", "prepare",
    "register_drug", "register_model", "drugs", "errors",
    "condition", "evidence_score", "fit", "power", "run_trial", "sample_size", "value",
    "global_sensitivity", "sensitivities", "read_petab", "read_sbml", "write_antimony", "write_sbml",
    # what a fit is asked for, tables and problems with a line of their own; a fit's card is in test_fitting
    "FitParameter", "FitResidual", "FitResult", "GlobalSensitivities", "LocalSensitivities", "PetabProblem",
    "SbmlModel",
}  # fmt: skip
ROOMS: dict[str, Callable[[], Any]] = {
    "runs": runs,
    "one run": lambda: integrate(bc.load_model("choi-2025").system, [], [0.0, 10.0]),
    "end": lambda: runs().end,
    "system": lambda: [bc.load_model(name).system for name in bc.model_names()],
    "population": lambda: population("men"),
    "covariates": lambda: population("men").draw(1, 0, 500),
    "designs": lambda: [preset("window"), preset("freedom")],
    "run of a trial": lambda: Run(preset("freedom"), Path(f"/home/{NAME}"), 4, 1, 1200, 3.2),
    "liver case": liver_case,
    "liver assessment": lambda: assess(liver_case()),
    "check": lambda: check(patient(), None, "US"),
    "ranking": lambda: forecast().ranking,
    "cohort": lambda: CohortForecasts(({"id": ID, "strategy": "stop"},), 1, 0, ((ID, "no weight"),)),
}  # fmt: skip
PLAIN: dict[str, Callable[[], Any]] = {
    "spread": lambda: model().variability,
    "posterior": lambda: model().posterior,
    "people of an arm": lambda: draw_arm(means_of(calibration_rows()[0]), 50, 1),
    "people of a trial": lambda: draw_trial(preset("window"), 0, 1),
    "band": lambda: forecast().band("alendronate", "LS_BMD_pct_change"),
    "care case": lambda: check(patient(), None, "US").case,
    "person of a cohort": lambda: Person(f"/records/{NAME}.csv, line 2", (("name", NAME), ("id", ID))),
}


def objects(gives: Callable[[], Any]) -> list[Any]:
    given = gives()
    return list(given) if isinstance(given, (list, tuple)) else [given]


def refuse_personal(text: str) -> None:
    for word in (ID, *NAME.split(), BORN, "9 March 1955", "1955"):
        assert word not in text
    assert not re.search(r"https?:|www\.|src=|href=|url\(|<script|<style", text)


def test_every_public_name_gives_a_card_or_is_known_to_need_none():
    assert set(GIVES) | WITHOUT == set(bc.__all__)
    assert not set(GIVES) & WITHOUT


@pytest.mark.parametrize("name", [*GIVES, *ROOMS])
def test_a_card_is_small_well_formed_and_names_nobody(name: str):
    things = objects({**GIVES, **ROOMS}[name])
    assert things
    for thing in things:
        html = thing._repr_html_()
        assert len(html.encode()) < 10_000
        assert ElementTree.fromstring(html).tag == "div"
        assert len(re.sub("<[^>]+>", "", html)) > 20
        refuse_personal(html)


@pytest.mark.parametrize("name", [*GIVES, *ROOMS, *PLAIN])
def test_the_repr_is_one_short_line_that_names_nobody(name: str):
    things = objects({**GIVES, **ROOMS, **PLAIN}[name])
    assert things
    for thing in things:
        assert len(repr(thing)) <= 140
        assert "\n" not in repr(thing)
        assert repr(thing).startswith("<")
        refuse_personal(repr(thing))


def test_a_forecast_shows_median_and_range_at_the_horizon_of_each_strategy():
    html = forecast()._repr_html_()
    for strategy in ("on time", "alendronate"):
        low, median, high = (
            forecast().band(strategy, "LS_BMD_pct_change").quantiles[i][-1] for i in (0, 2, 4)
        )
        cell = f"{median:+.1f} ({low:+.1f} to {high:+.1f})".replace("-", "−")
        assert f">{cell}</td>" in html
    assert html.count("<polyline") == 4  # two pictures, two strategies


def test_a_model_says_its_size_its_drugs_and_its_limitations():
    html = model()._repr_html_()
    assert f"{len(model().system.states)} states, {len(model().parameter_set.parameters)} parameters" in html
    assert ", ".join(model().drugs) in html
    assert html.count("Limitation: ") >= 3


def test_a_record_shows_counts_and_kinds():
    html = patient()._repr_html_()
    assert f'<td style="text-align:left;padding:1px 12px 1px 0">{len(patient().doses)}</td>' in html
    recorded = patient().measurements
    assert recorded
    for measured in recorded:
        assert measured.test in html


def test_a_forecast_shows_no_day_and_no_value_that_was_measured():
    html = forecast()._repr_html_()
    recorded = patient().measurements
    assert recorded
    for measured in recorded:
        assert measured.date.isoformat() not in html


def test_a_curve_keeps_its_peak_in_a_small_picture():
    y = np.zeros(4000)
    y[1777] = 5.0
    svg = small_svg(Small("a", (SmallCurve("a", style_of(0), np.arange(4000.0), y),), ".0f", "days"))
    points = re.search(r'polyline points="([^"]+)"', svg)
    assert points is not None
    tops = [float(point.split(",")[1]) for point in points[1].split()]
    assert min(tops) == 8.0  # the top of the frame
    assert len(svg) < 2000


def test_a_card_of_too_much_is_cut_and_says_so():
    rows = tuple((str(i), "x" * 500, "<b>&") for i in range(500))
    html = card_html(Card("t" * 5000, ("l" * 5000,) * 50, table=Table(("a", "b", "c"), rows)))
    assert len(html.encode()) < 10_000
    assert re.search(r"and 4\d\d more", html)
    worst = card_html(
        Card("&" * 5000, ("&" * 5000,) * 50, table=Table(("&" * 99,) * 50, (("&" * 99,) * 50,) * 9))
    )
    assert len(worst.encode()) < 10_000
    ElementTree.fromstring(worst)


def test_what_people_write_stays_text_in_a_card():
    html = card_html(Card("<script>alert(1)</script>", ('"><img src=x>',)))
    assert "<script" not in html
    assert "<img" not in html


def test_two_records_with_one_repr_are_kept_apart_by_the_machine():
    """The repr of a record says little; what is kept of a person is found by the whole record."""
    her = patient()
    heavier = replace(her, weight_kg=(her.weight_kg or 60.0) + 1)
    assert repr(her) == repr(heavier)
    cases = [
        Case(who, history_of(who), {}, bc.load_model("choi-2025"), 365.0, 1e-3) for who in (her, heavier)
    ]
    assert key_of(cases[0], 10, 1) != key_of(cases[1], 10, 1)
    assert key_of(cases[0], 10, 1) == key_of(replace(cases[0], patient=replace(her, name="Another")), 10, 1)


def test_a_screen_keeps_the_people_of_each_record_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screens, "prepare", lambda *_, **__: object())
    monkeypatch.setattr(screens, "_ready", OrderedDict())
    her = patient()
    heavier = replace(her, weight_kg=(her.weight_kg or 60.0) + 1)
    first = screens._kept({}, her, True, None)
    assert screens._kept({}, heavier, True, None) is not first
    assert screens._kept({}, replace(her), True, None) is first


def test_a_column_of_time_and_pandas_frames():
    assert run()["time_d"] is run().times_d
    frame = run().to_pandas()
    assert list(frame.columns) == list(run().columns)
    assert np.array_equal(frame["time_d"], run().times_d)
    long = forecast().to_pandas()
    assert len(long) == forecast().table().height
    assert str(long["date"].dtype).startswith("datetime64")


def test_without_pandas_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(bc.InputError, match=r"pip install 'bonecast\[pandas\]'"):
        run().to_pandas()


def test_an_unknown_output_is_refused_with_the_nearest_names_in_a_picture_too():
    with pytest.raises(bc.UnknownName, match="LS_BMD_pct_change"):
        run().plot(["LS_BMD_pct_chang"])
