"""An invented forecast, made without any model: enough to draw every picture and fill every table."""

from __future__ import annotations

import datetime as dt

import numpy as np

from bonecast.forecasts import Band, DoseMark, Forecast, Gap, Strategy
from bonecast.outcomes import QuantileRange, Summary, endpoint
from bonecast.records import Measurement, Patient
from bonecast.regimens import parse_regimen

NOW = dt.date(2026, 9, 15)
ZERO = dt.date(2024, 6, 12)
HORIZON_D = 1826
PLANS = {
    "on time": "denosumab 60 mg every 6 months x 10",
    "3 months late": "nothing for 3 months, then denosumab 60 mg every 6 months x 9",
    "stop": "nothing for 60 months",
    "switch to alendronate": "alendronate 70 mg weekly for 60 months",
}
SHAPES = {
    "LS_BMD_pct_change": ("% of first scan", 6.0, 4.0, 2.0),
    "TH_BMD_pct_change": ("% of first scan", 3.0, 3.0, 1.5),
    "FN_BMD_pct_change": ("% of first scan", 2.0, 3.0, 1.5),
    "CTX_ng_mL": ("ng/mL", 0.2, 0.1, 0.03),
    "P1NP_ug_L": ("ug/L", 25.0, 10.0, 4.0),
    "calcium_mmol_L": ("mmol/L", 2.3, -0.05, 0.04),
    "PTH_pg_mL": ("pg/mL", 50.0, 15.0, 8.0),
}


def example_forecast(name: str = "E. M. (invented)", measured: bool = True) -> Forecast:
    """The forecast under four strategies; "switch to alendronate" has markers and the hip only."""
    patient = Patient(
        "A1",
        "female",
        dt.date(1955, 3, 9),
        NOW,
        61.0,
        name=name,
        measurements=_measurements() if measured else (),
    )
    strategies = tuple(Strategy(key, parse_regimen(text), _doses(key, text)) for key, text in PLANS.items())
    gaps = tuple(
        Gap("switch to alendronate", endpoint(key), "no-such-model does not carry alendronate.")
        for key in ("LS_BMD", "FN_BMD", "calcium", "PTH")
    )
    gone = {gap.endpoint.key for gap in gaps}
    bands = {
        strategy: {
            output: _band(output, position)
            for output in SHAPES
            if strategy != "switch to alendronate" or _key(output) not in gone
        }
        for position, strategy in enumerate(PLANS)
    }
    return Forecast(
        patient=patient,
        now=NOW,
        zero=ZERO,
        due=NOW,
        strategies=strategies,
        history=(
            DoseMark(ZERO, "denosumab", 60, "mg", False),
            DoseMark(dt.date(2024, 12, 13), "denosumab", 60, "mg", False, 1),
            DoseMark(dt.date(2025, 9, 12), "denosumab", 60, "mg", False, 91),
        ),
        bands=bands,
        gaps=gaps,
        summaries=tuple(_summary(strategy, gone) for strategy in PLANS),
        remarks=("This forecast is invented.",),
        models=("peterson-riggs-2010", "joerg-2022"),
        references=("Jörg DJ, et al. eLife 2022;11:e76228, doi 10.7554/eLife.76228", "A source without DOI"),
        draws=200,
        seed=1,
        horizon_d=float(HORIZON_D),
    )


def _key(output: str) -> str:
    return next(
        k for k in ("LS_BMD", "TH_BMD", "FN_BMD", "CTX", "P1NP", "calcium", "PTH") if output.startswith(k)
    )


def _band(output: str, position: int) -> Band:
    unit, level, rise, width = SHAPES[output]
    days = np.unique(
        np.r_[
            np.arange(0, 825, 14),
            np.arange(825, 1000, 2),
            np.arange(1000, 825 + HORIZON_D, 14),
            825 + HORIZON_D,
        ]
    )
    wave = level + rise * np.sin(days / 365.25 + position) * (days > 825)
    spread = width * (1 + np.maximum(days - 825, 0) / 2000)
    quantiles = wave + np.outer((-1.6, -0.7, 0.0, 0.7, 1.6), spread)
    if unit not in ("% of first scan",):
        quantiles = np.maximum(quantiles, 0.02)
    dates = tuple(ZERO + dt.timedelta(days=int(d)) for d in days)
    return Band(output, unit, endpoint(_key(output)), "no-such-model", dates, quantiles)


def _doses(strategy: str, text: str) -> tuple[DoseMark, ...]:
    late = 91 if strategy == "3 months late" else 0
    return tuple(
        DoseMark(NOW + dt.timedelta(days=round(d.time_d)), d.drug, d.amount, d.unit, True, 0 if i else late)
        for i, d in enumerate(parse_regimen(text).doses)
    )


def _summary(strategy: str, gone: set[str]) -> Summary:
    able = {"LS_BMD", "TH_BMD", "FN_BMD"} - (gone if strategy == "switch to alendronate" else set())
    gives = strategy in ("on time", "3 months late")
    return Summary(
        strategy,
        {(key, months): QuantileRange(-1.26, -3.0, 0.04) for key in sorted(able) for months in (12, 24)},
        dict.fromkeys(sorted(able), 0.634),
        {("CTX", 12): QuantileRange(0.213, 0.151, 0.302), ("P1NP", 12): QuantileRange(26.4, 20.2, 35.1)},
        QuantileRange(2.284, 2.181, 2.362) if gives else None,
        7 if gives else None,
    )


def _measurements() -> tuple[Measurement, ...]:
    def scan(site: str, value: float, t: float, date: dt.date) -> Measurement:
        return Measurement(
            "BMD", site, value, "g/cm2", False, date, f"{value:.3f} g/cm2", scanner="Hologic", t_score=t
        )

    first, second = dt.date(2024, 5, 28), dt.date(2026, 6, 8)
    return (
        scan("lumbar spine", 0.742, -2.8, first),
        scan("total hip", 0.706, -1.9, first),
        Measurement("CTX", None, 0.46, "ng/mL", False, dt.date(2024, 6, 12), "0.46 ng/mL"),
        Measurement("CTX", None, 0.05, "ng/mL", True, dt.date(2024, 12, 11), "<0.05 ng/mL"),
        scan("lumbar spine", 0.779, -2.4, second),
        scan("total hip", 0.727, -1.8, second),
        Measurement("calcium", None, 2.34, "mmol/L", False, dt.date(2026, 9, 10), "2.34 mmol/L"),
        Measurement("albumin", None, 41.0, "g/L", False, dt.date(2026, 9, 10), "41 g/L"),
    )  # fmt: skip
