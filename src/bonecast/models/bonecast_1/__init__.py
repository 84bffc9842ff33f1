"""Bonecast's own model: one body for denosumab and its companion drugs.

Owns the model `bonecast-1`: RANKL, osteoclasts and the cells and sites that wait, osteoblasts with their lag,
modelling, young and mature bone at four sites, markers, calcium, phosphate, PTH and calcitriol, age, sex and
menopause; and one plug-in for each drug or state of the body, none of which knows another. Its free parameters are
calibrated by named rows of published trials (`docs/calibration.md`).
"""

from __future__ import annotations

from pathlib import Path

from bonecast.engine.system import System
from bonecast.models.bonecast_1.body import initial, outputs, rates
from bonecast.models.bonecast_1.plugins import PLUGINS
from bonecast.models.cards import read_deck
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.spread import read_spread

__all__ = ["MODEL"]

HERE = Path(__file__).parent
DECK = read_deck(
    *(HERE / f"{unit}.toml" for unit in ("cells", "sites", "mineral")),
    *sorted((HERE / "plugins").glob("*.toml")),
    fitted=HERE / "calibrated.toml",
)
OUTPUTS = (
    Output("CTX_pct_of_baseline", "CTX in serum", "% of untreated"),
    Output("uNTX_pct_of_baseline", "NTX in urine, per creatinine", "% of untreated"),
    Output("TRACP5b_pct_of_baseline", "TRACP-5b in serum", "% of untreated"),
    Output("P1NP_pct_of_baseline", "P1NP in serum", "% of untreated"),
    Output("BSAP_pct_of_baseline", "bone-specific alkaline phosphatase in serum", "% of untreated"),
    Output("LS_BMD_pct_change", "lumbar spine BMD, change since time zero", "%"),
    Output("TH_BMD_pct_change", "total hip BMD, change since time zero", "%"),
    Output("FN_BMD_pct_change", "femoral neck BMD, change since time zero", "%"),
    Output("R13_BMD_pct_change", "distal third of the radius BMD, change since time zero", "%"),
    Output("LS_BMD_untreated_pct_change", "lumbar spine BMD without any drug", "%"),
    Output("TH_BMD_untreated_pct_change", "total hip BMD without any drug", "%"),
    Output("resorption_pct_of_baseline", "resorption", "% of untreated"),
    Output("formation_pct_of_baseline", "formation", "% of untreated"),
    Output("calcium_mmol_L", "calcium in serum, albumin-corrected", "mmol/L"),
    Output("phosphate_mmol_L", "phosphate in serum", "mmol/L"),
    Output("PTH_pg_mL", "PTH in serum", "pg/mL"),
    Output("calcitriol_pmol_L", "calcitriol in serum", "pmol/L"),
    Output("free_RANKL_pct_of_baseline", "free RANKL in bone", "% of untreated"),
    Output("waiting_cells_pct_of_baseline", "precursors and recycled osteoclasts", "% of untreated"),
    Output("activation_sites_pct_of_baseline", "surface whose remodelling is overdue", "% of untreated"),
    Output("age_y", "age", "y"),
    Output("denosumab_ng_mL", "denosumab in serum, free and bound", "ng/mL"),
    Output("romosozumab_ug_mL", "romosozumab in serum", "ug/mL"),
)
_START = initial(DECK.namespace())

SYSTEM = System(
    name="bonecast-1",
    time_unit="d",
    states=tuple(_START),
    parameters=DECK.values(),
    initial=initial,
    rates=rates,
    outputs=outputs,
    output_names=tuple(output.name for output in OUTPUTS),
    routes={name: route for plugin in PLUGINS for name, route in plugin.routes.items()},
    scales={state: size for plugin in PLUGINS for state, size in plugin.scales.items()},
    sources=tuple(sorted(HERE.rglob("*.py"))),
)

MODEL = Model(
    name="bonecast-1",
    title="Bonecast 1: one body for denosumab and its companions",
    summary=(
        "RANKL, osteoclasts and osteoblasts with what waits and what lags, bone mineral at spine, hip, neck and"
        " radius, five markers, calcium, phosphate, PTH and calcitriol, under ten drugs in any order; for women"
        " and men of any age, weight, kidney function and vitamin D."
    ),
    system=SYSTEM,
    deck=DECK,
    outputs=OUTPUTS,
    limits=("To be written.",),
    equations=tuple(
        f"bonecast.models.bonecast_1.{unit}"
        for unit in (
            "rankl",
            "osteoclasts",
            "osteoblasts",
            "sites",
            "ageing",
            "markers",
            "serum",
            "parathyroid",
            "calcitriol",
            "kidney",
            "skeleton",
            "action",
        )
    )
    + tuple(
        f"bonecast.models.bonecast_1.plugins.{path.stem}"
        for path in sorted((HERE / "plugins").glob("[!_]*.py"))
    ),
    spread=read_spread(HERE / "spread.toml"),
    covariates={
        "age": Covariate("age", "y"),
        "sex": Covariate("sex", "0 woman, 1 man"),
        "weight": Covariate("weight", "kg"),
        "menopause age": Covariate("am", "y"),
        "eGFR": Covariate("GFR", "mL/min"),
        "vitamin D": Covariate("D25", "nmol/L"),
        "LS T-score": Covariate("T_LS", "SD"),
        "TH T-score": Covariate("T_TH", "SD"),
        "FN T-score": Covariate("T_FN", "SD"),
        "adherence": Covariate("adherence", "share"),
        "hypogonadism": Covariate("hypogonadism", "0 to 1"),
        "aromatase inhibitor": Covariate("aromatase_inhibitor", "0 or 1"),
        "glucocorticoid": Covariate("glucocorticoid", "0 or 1"),
        "bone metastases": Covariate("metastases", "extent"),
    },
)
