"""Choi et al. 2025: serum denosumab, its target and lumbar spine BMD, with the spread between people.

Owns the model `choi-2025` (Front Pharmacol 2025;16:1631034, doi 10.3389/fphar.2025.1631034): two
compartments, target-mediated elimination at quasi-steady state and an indirect response of BMD, fitted to 615
people given 60 mg of a denosumab biosimilar or its reference. The defaults are postmenopausal women; the
healthy men of the same fit are the alternative set `healthy-men` beside the cards (ka = 0.014, Q = 1.13,
R0 = 0.98). Race acts through `CL_race`: 1 Caucasian, 1.15 Black, 1.2333 Asian. It describes levels well and
is unfit for what follows stopping.
"""

from __future__ import annotations

from pathlib import Path

from bonecast.engine import Route, System
from bonecast.models.choi_2025.body import STATES, dose_nmol_per_mg, initial, outputs, rates
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.parameters import read_parameters
from bonecast.models.variability import read_variability

__all__ = ["MODEL"]

HERE = Path(__file__).parent
PARAMETERS = read_parameters(HERE / "parameters.toml")

OUTPUTS = (
    Output("denosumab_ng_mL", "denosumab in serum, free and bound: what an assay reports", "ng/mL"),
    Output("denosumab_free_ng_mL", "free denosumab in serum", "ng/mL", "1 to 2 % below total at the peak"),
    Output(
        "RANKL_total_nmol_L",
        "RANKL as the drug sees it, free and bound",
        "nmol/L",
        "a lumped capacity, not soluble RANKL in serum",
    ),
    Output("LS_BMD_g_cm2", "lumbar spine BMD", "g/cm2"),
    Output(
        "LS_BMD_pct_change",
        "lumbar spine BMD, change since time zero",
        "%",
        "no rebound: after stopping it only falls back to baseline",
    ),
)

SYSTEM = System(
    name="choi-2025",
    time_unit="h",
    states=STATES,
    parameters=PARAMETERS.values(),
    initial=initial,
    rates=rates,
    outputs=outputs,
    output_names=tuple(output.name for output in OUTPUTS),
    routes={"denosumab": Route("A", "mg", dose_nmol_per_mg)},
    # amounts run from some 400 nmol down to traces that still act on BMD (hill 0.17), hence far below a dose
    scales={"A": 0.01, "Ac": 0.01, "P": 0.01},
    sources=tuple(sorted(HERE.glob("*.py"))),
    may_change=("weight",),
)

MODEL = Model(
    name="choi-2025",
    title="Choi 2025: levels of denosumab and lumbar spine BMD",
    summary=(
        "Two-compartment target-mediated kinetics of subcutaneous denosumab with weight and race, and lumbar"
        " spine BMD driven by the free level; between-person spread and residual error are published."
    ),
    system=SYSTEM,
    parameter_set=PARAMETERS,
    outputs=OUTPUTS,
    limits=(
        "Unfit for stopping or late doses: BMD falls back to baseline with a half-life of 160 d and nothing"
        " overshoots.",
        "The Hill exponent of 0.17 makes the effect on BMD nearly on or off, so dose hardly matters to it.",
        "RANKL here is a lumped capacity thousands of times above measured soluble RANKL: do not read it as a"
        " concentration.",
        "Fitted to 60 mg under the skin every 6 months; other doses and schedules are extrapolated.",
        "No bone markers, calcium, ageing or untreated bone loss.",
        "A typical person's AUC lies 9 % above the cohort's printed median.",
    ),
    equations=(
        "bonecast.models.choi_2025.body_size",
        "bonecast.models.choi_2025.binding",
        "bonecast.models.choi_2025.pharmacokinetics",
        "bonecast.models.choi_2025.spine_density",
    ),
    variability=read_variability(HERE / "variability.toml"),
    covariates={"weight": Covariate("weight", "kg")},
)
