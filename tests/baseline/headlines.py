"""The headline numbers: what a reader of the README would notice if it changed."""

from __future__ import annotations

import numpy as np
from unjudged import unjudged

from bonecast.engine import simulate
from bonecast.forecasts import forecast
from bonecast.interop import read_patient
from bonecast.models import load_model, model_names
from bonecast.regimens import dose_events, parse_regimen

PLAN = "denosumab 60 mg every 6 months x 4, then nothing for 12 months"
MONTHS = (6, 12, 24, 30, 36)
SHOWN = ("LS_BMD_pct_change", "TH_BMD_pct_change", "CTX_pct_of_baseline", "calcium_mmol_L", "denosumab_ng_mL")


def headlines() -> dict[str, dict[str, list[float]]]:
    """{what: {output: values}} for every model under one plan, and for the forecast of the example."""
    found: dict[str, dict[str, list[float]]] = {}
    for name in model_names():
        model = load_model(name)
        unit = model.system.per_day
        events = dose_events(model, parse_regimen(PLAN).doses)
        runs = simulate(model.system, events, np.array(MONTHS) * 30.4375 * unit)
        outputs = [o for o in SHOWN if o in model.system.output_names]
        found[name] = {o: [round(float(v), 4) for v in runs.output(o)[0]] for o in outputs}
    with unjudged():
        made = forecast(read_patient("examples/late-dose.toml"), horizon="2 years", draws=100)
    for row in made.summaries:
        found[f"late-dose, {row.strategy}"] = {
            f"{key} change at {month} months": [round(r.median, 3), round(r.low, 3), round(r.high, 3)]
            for (key, month), r in row.change.items()
        }
    return found
