"""Peterson & Riggs 2010: calcium, phosphate, PTH, calcitriol and bone remodelling as one body.

Owns the model `peterson-riggs-2010` (Bone 2010;46:49-63, doi 10.1016/j.bone.2009.08.053) with the bone-
density extension of 2012 (CPT Pharmacometrics Syst Pharmacol 2012;1:e14, doi 10.1038/psp.2012.15):
denosumab takes RANKL away, osteoclasts fall, calcium and PTH answer, and after the last dose turnover
rebounds out of the cells themselves. Written from the equations and numbers; it meets trajectories of the
openly published model file.
"""

from __future__ import annotations

from pathlib import Path

from bonecast.engine import Route, System
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.parameters import read_parameters
from bonecast.models.peterson_riggs_2010 import denosumab, pth
from bonecast.models.peterson_riggs_2010.body import STATES, initial, outputs, rates
from bonecast.models.variability import read_variability

__all__ = ["MODEL"]

HERE = Path(__file__).parent
PARAMETERS = read_parameters(HERE / "parameters.toml")
MODEL_UNITS = "not a serum concentration"

OUTPUTS = (
    Output("CTX_pct_of_baseline", "serum CTX", "% of baseline", "osteoclast number stands for it"),
    Output(
        "BSAP_pct_of_baseline",
        "bone alkaline phosphatase",
        "% of baseline",
        "osteoblast number stands for it",
    ),
    Output(
        "LS_BMD_pct_change",
        "lumbar spine BMD, change",
        "%",
        "the spine fitted to denosumab; not for teriparatide",
    ),
    Output("FN_BMD_pct_change", "femoral neck BMD, change", "%", "hardly falls after stopping"),
    Output(
        "calcium_mmol_L",
        "calcium in plasma",
        "mmol/L",
        "its fall after denosumab is about three times too deep",
    ),
    Output("PTH_pg_mL", "PTH in plasma, own and given", "pg/mL"),
    Output("phosphate_mmol_L", "phosphate in plasma", "mmol/L"),
    Output("calcitriol_pmol_L", "calcitriol in plasma", "pmol/L"),
    Output("denosumab_ng_mL", "denosumab in serum", "ng/mL", "exposure is 55 % above the label's"),
    Output("GFR_mL_min", "glomerular filtration rate", "mL/min"),
    Output(
        "LS_general_BMD_pct_change",
        "lumbar spine BMD, change, the spine not fitted to denosumab",
        "%",
        "gives +18.7 % six months after one dose of 60 mg",
    ),
    Output("urine_calcium_mmol", "calcium lost in urine since the first day", "mmol"),
    Output("TGFb_active_pct_of_baseline", "active TGF-beta in bone", "% of baseline"),
    Output("responding_OB_pct_of_baseline", "responding osteoblasts", "% of baseline"),
    Output("RANKL_model_units", "free RANKL", "model units", MODEL_UNITS),
    Output("OPG_model_units", "free OPG", "model units", MODEL_UNITS),
    Output("RANK_model_units", "free RANK", "model units", MODEL_UNITS),
    Output("RANK_RANKL_model_units", "RANK-RANKL complex", "model units", MODEL_UNITS),
    Output("OPG_RANKL_model_units", "OPG-RANKL complex", "model units", MODEL_UNITS),
    Output("BCL2_model_units", "BCL2 in osteoblasts", "model units", MODEL_UNITS),
    Output("oestrogen_relative", "oestrogen, relative to the model's baseline", "1"),
)

SYSTEM = System(
    name="peterson-riggs-2010",
    time_unit="h",
    states=STATES,
    parameters=PARAMETERS.values(),
    initial=initial,
    rates=rates,
    outputs=outputs,
    output_names=tuple(output.name for output in OUTPUTS),
    routes={
        "denosumab": Route("SC", "mg", denosumab.absorbed),
        "teriparatide": Route("TERI", "ug", pth.absorbed),
    },
    # Denosumab acts down to some 100 ng/mL, 1e6 ng being 430 ng/mL; 5000 pmol is one dose of teriparatide;
    # 100 mmol is about a month of urine calcium.
    scales={"SC": 1e6, "CENT": 1e6, "PER": 1e6, "TERI": 5000.0, "UCa": 100.0},
    sources=(*sorted(HERE.glob("*.py")), HERE.parent / "hill.py"),
    # kidney function moves by its slope, oestrogen by its target
    may_change=("GFR_slope", "EST_target"),
)

MODEL = Model(
    name="peterson-riggs-2010",
    title="Peterson-Riggs 2010/2012: calcium homeostasis and bone remodelling",
    summary=(
        "A body of mineral balance and remodelling: denosumab, teriparatide, kidney function and oestrogen"
        " act through RANKL, PTH and TGF-beta on osteoclasts and osteoblasts, and these on calcium and BMD;"
        " the rebound after stopping denosumab arises from the cells themselves."
    ),
    system=SYSTEM,
    parameter_set=PARAMETERS,
    outputs=OUTPUTS,
    limits=(
        "CTX escapes under long treatment: before the next dose it stands at -74 % after 1 year, -56 %"
        " after 5 and -40 % after 10, and spine BMD flattens at +10.8 % after 5 years where +13.7 % was"
        " published.",
        "Denosumab exposure is high: AUC over 16 weeks after 60 mg is 491 ug.d/mL, 55 % above 316"
        " (recalled, from the label), and the peak 8.5 ug/mL, 26 % above 6.75 (recalled).",
        "CTX falls about 4 days late: -52 % on day 3, where -85 % was published.",
        "Calcium falls three times too deep and too early: -6.2 % on day 6 after the first dose with a"
        " normal kidney, where about -2 % on day 10 is expected (recalled).",
        "A lowered GFR is not a steady state and not kidney disease: at 30 mL/min without a drug calcium"
        " rises to 2.62 mmol/L and CTX to 304 % in 2 years, where calcium should be low to normal.",
        "Teriparatide has the wrong sign: spine BMD falls by 0.2 to 0.3 % (general spine 2.5 to 3.9 %) at"
        " 6 to 24 months, where +9 to +11 % is expected (recalled), and resorption rises before formation.",
        "After stopping at 2 years CTX is still 126 % of baseline 24 months after the missed dose, where"
        " it was published to be back, and 2.4 of the 3.95 % gained at the femoral neck are left after 3"
        " years.",
        "Oestrogen is an outline: its level may be set, but the published course with age and menopause is"
        " not known, and no trajectory checks its effects.",
        "There is no ageing: without a drug nothing changes, and after stopping BMD returns to baseline,"
        " not below.",
        "The two lumbar spines have parameters of their own, so that no single spine serves both denosumab"
        " and other drugs.",
    ),
    equations=tuple(
        f"bonecast.models.peterson_riggs_2010.{unit}"
        for unit in (
            "signals",
            "denosumab",
            "rankl",
            "osteoclasts",
            "tgf_beta",
            "survival",
            "osteoblasts",
            "calcium",
            "gut",
            "kidney",
            "pth",
            "calcitriol",
            "phosphate",
            "oestrogen",
            "bmd",
            "body",
        )
    ),
    variability=read_variability(HERE / "variability.toml"),
    covariates={
        "eGFR": Covariate(
            "GFR", "mL/min", state="GFR", slope="GFR_slope", unfit="a lower GFR brings false hypercalcaemia"
        ),
        "oestrogen": Covariate("EST_target", "relative to the model's baseline"),
    },
)
