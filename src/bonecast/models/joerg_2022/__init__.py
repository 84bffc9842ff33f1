"""Jörg et al. 2022: a remodelling unit of cells, sclerostin and bone under five drugs in any order.

Owns the model `joerg-2022` (eLife 2022;11:e76228, doi 10.7554/eLife.76228): postmenopausal women, total hip,
from birth through menopause into treatment with denosumab, romosozumab, blosozumab, alendronate or
teriparatide, alone, in sequence or together. Its strength is what comes after denosumab: precursors that pile
up under the drug mature when it wears off, and a drug that kills osteoclasts at that time damps the rebound.
The paper's competing interests name a patent application, WO 2021/231374 A1 ("Virtual Osteoporosis Clinic");
check it before commercial use.
"""

from __future__ import annotations

from pathlib import Path

from bonecast.engine import Route, System
from bonecast.models.joerg_2022.body import STATES, initial, outputs, rates, run_in
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.parameters import read_parameters
from bonecast.models.variability import read_variability

__all__ = ["MODEL"]

HERE = Path(__file__).parent
PARAMETERS = read_parameters(HERE / "parameters.toml")

OUTPUTS = (
    Output("TH_BMD_pct_change", "total hip BMD, change since time zero", "%"),
    Output("TH_BMD_pct_of_age_25", "total hip BMD relative to age 25", "%"),
    Output(
        "CTX_pct_of_baseline",
        "CTX in serum",
        "% of time zero",
        "falls too slowly after denosumab: about half at one month, where trials see over 80 % within days",
    ),
    Output(
        "P1NP_pct_of_baseline",
        "P1NP in serum",
        "% of time zero",
        "follows CTX without the lag of months that is seen under antiresorptive drugs",
    ),
    Output("BSAP_pct_of_baseline", "bone-specific alkaline phosphatase in serum", "% of time zero"),
    Output("preosteoclasts_pct_of_baseline", "pool of pre-osteoclasts", "% of time zero"),
    Output("osteoclasts_pct_of_baseline", "osteoclasts", "% of time zero"),
    Output("osteoblasts_pct_of_baseline", "osteoblasts", "% of time zero"),
    Output("sclerostin_free_pct_of_baseline", "free sclerostin", "% of time zero"),
    Output("oestradiol_pct_of_premenopausal", "oestradiol relative to before menopause", "%"),
    Output("age_y", "age", "y"),
    Output("denosumab_psi", "effect level of denosumab", "1", "half of the greatest effect at 1"),
    Output("romosozumab_psi", "effect level of romosozumab", "1", "at 1 as much is bound as cleared"),
    Output("blosozumab_psi", "effect level of blosozumab", "1", "at 1 as much is bound as cleared"),
    Output("alendronate_psi", "effect level of alendronate", "1", "half of the greatest effect at 1"),
    Output("teriparatide_psi", "effect level of teriparatide", "1", "half of the greatest effect at 1"),
)

SYSTEM = System(
    name="joerg-2022",
    time_unit="d",
    states=STATES,
    parameters=PARAMETERS.values(),
    initial=initial,
    rates=rates,
    outputs=outputs,
    output_names=tuple(output.name for output in OUTPUTS),
    routes={
        "denosumab": Route("psi_denosumab", "mg", lambda p: p.E_denosumab),
        "romosozumab": Route("psi_romosozumab", "mg", lambda p: p.E_romosozumab),
        "blosozumab": Route("psi_blosozumab", "mg", lambda p: p.E_blosozumab),
        "alendronate": Route("psi_alendronate", "mg", lambda p: p.E_alendronate, given="spread"),
        "teriparatide": Route("psi_teriparatide", "ug", lambda p: p.E_teriparatide, given="spread"),
    },
    # psi matters around 1 (teriparatide 0.3 and alendronate 0.07 at usual doses); bound sclerostin is of the
    # order of the free one, 1e4
    scales={
        "age": 1.0,
        "sb": 1e3,
        "psi_denosumab": 1.0,
        "psi_romosozumab": 1.0,
        "psi_blosozumab": 1.0,
        "psi_alendronate": 0.05,
        "psi_teriparatide": 0.1,
    },
    run_in=run_in,
    sources=tuple(sorted(HERE.glob("*.py"))),
    may_change=(),
)

MODEL = Model(
    name="joerg-2022",
    title="Jörg 2022: remodelling under sequences of osteoporosis drugs",
    summary=(
        "Precursors, osteoclasts, osteoblasts, osteocytes, sclerostin and bone density from birth through"
        " menopause, with five drugs in any order; total hip BMD and markers relative to time zero."
    ),
    system=SYSTEM,
    parameter_set=PARAMETERS,
    outputs=OUTPUTS,
    limits=(
        "Postmenopausal women and the total hip only: no calcium, PTH, kidney, weight or fractures.",
        "The denosumab effect escapes: CTX at the end of an interval is nearly back at baseline by year 10 of"
        " treatment, where real suppression persists.",
        "The rebound of markers after denosumab is a structural prediction that was not fitted, and it grows"
        " without bound with the length of treatment (CTX +254 % after 10 years).",
        "Markers answer denosumab too slowly (CTX -48 % at one month), and P1NP follows CTX without a lag.",
        "Bone density has no restoring force, so errors of balance add up: compare with the untreated run.",
        "Romosozumab gains about 2 % at 12 months, well below trials; its potency is printed to one digit.",
        "Teriparatide after denosumab gives a transient loss with CTX +200 %; the authors' own error for CTX"
        " in that sequence is 103 %.",
        "Values are printed to two or three digits, and eta_C within its rounding decides bone balance.",
        "The paper's competing interests name a patent application, WO 2021/231374 A1; check it before"
        " commercial use.",
    ),
    equations=(
        "bonecast.models.joerg_2022.ageing",
        "bonecast.models.joerg_2022.kpd",
        "bonecast.models.joerg_2022.drug_actions",
        "bonecast.models.joerg_2022.cells",
        "bonecast.models.joerg_2022.sclerostin",
        "bonecast.models.joerg_2022.bone_density",
        "bonecast.models.joerg_2022.markers",
        "bonecast.models.joerg_2022.birth",
    ),
    variability=read_variability(HERE / "variability.toml"),
    covariates={"age": Covariate("age", "y")},
)
