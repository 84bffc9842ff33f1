"""Bonecast's own model: one body for denosumab and its companion drugs.

Owns the model `bonecast-1`: RANKL, osteoclasts and the cells and sites that wait, osteoblasts with their lag,
modelling, young and mature bone at four sites, markers, calcium, phosphate, PTH and calcitriol, age, sex and
menopause; and one plug-in for each drug or state of the body, none of which knows another. Its free parameters are
calibrated by named rows of published trials (`docs/calibration.md`). Other packages add drugs of their own: `extended`
makes a new model with further plug-ins.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.assembly import assembled, extended
from bonecast.models.bonecast_1.plugin import Bone, Plugin
from bonecast.models.bonecast_1.plugins import PLUGINS
from bonecast.models.bonecast_1.pulses import with_daily_pulses
from bonecast.models.discrepancy import read_discrepancy
from bonecast.models.model import Covariate, Model, Output
from bonecast.models.parameters import read_parameters
from bonecast.models.posterior import read_posterior
from bonecast.models.variability import read_variability

__all__ = ["MODEL", "Action", "Bone", "Plugin", "extended", "with_daily_pulses"]

HERE = Path(__file__).parent
CARDS = (  # the files of its parameters
    *(HERE / f"{unit}.toml" for unit in ("cells", "sites", "mineral")),
    *sorted((HERE / "plugins").glob("*.toml")),
)
PARAMETERS = read_parameters(*CARDS, fitted=HERE / "calibrated.toml")
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
    Output("LS_matrix_pct_change", "bone matrix of the lumbar spine, change since time zero", "%"),
    Output("TH_matrix_pct_change", "bone matrix of the total hip, change since time zero", "%"),
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
    Output("free_sclerostin_pct_of_baseline", "sclerostin that no drug holds", "% of untreated"),
)
SYSTEM = replace(
    assembled("bonecast-1", PLUGINS, PARAMETERS, OUTPUTS), sources=tuple(sorted(HERE.rglob("*.py")))
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
    parameter_set=PARAMETERS,
    outputs=OUTPUTS,
    limits=(
        "Calibrated to one table of published trials, mostly of postmenopausal women of 60 to 80 years: men, younger"
        " women, glucocorticoids, androgen deprivation and aromatase inhibitors rest on assumptions.",
        "Many rows of that table are recalled, not read; the report of the calibration names what no row decides.",
        "Osteocytes are not counted: the sclerostin that they make is constant until a drug holds it.",
        "Untreated turnover is each person's own and steady, but for menopause: no seasons, no illness, no immobility.",
        "What an anabolic drug does after a bisphosphonate, or beside one, follows from one assumed exponent (nN).",
        "Risedronate, ibandronate, abaloparatide, raloxifene, calcitriol and calcium are scaled from their relatives or"
        " from memory; no row fits them.",
        "Spine BMD over 65 years is blurred by degeneration, which is not modelled.",
        "Calcium is set to published falls, not fitted to patients: dialysis, magnesium, acid-base and"
        " hypoparathyroidism are not in it.",
        "In CKD 5 the fall without treatment is a plateau of weeks; the published ones are of treated people.",
        "Bone metastases raise mineral turnover and nothing else; hypercalcaemia of malignancy is not modelled.",
        "Peaks after zoledronate and the first days of markers are of a typical laboratory; assay floors differ.",
    ),
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
    variability=read_variability(HERE / "variability.toml"),
    posterior=read_posterior(HERE / "posterior.csv", PARAMETERS),
    discrepancy=read_discrepancy(HERE / "discrepancy.csv"),
    covariates={
        "age": Covariate("age", "y"),
        "sex": Covariate("sex", "0 woman, 1 man"),
        "weight": Covariate("weight", "kg"),
        "menopause age": Covariate("am", "y"),
        "eGFR": Covariate("GFR", "mL/min"),
        "vitamin D": Covariate("D25", "nmol/L"),
        "calcium intake": Covariate("intake", "mg/d"),
        "LS T-score": Covariate("T_LS", "SD"),
        "TH T-score": Covariate("T_TH", "SD"),
        "FN T-score": Covariate("T_FN", "SD"),
        "adherence": Covariate("adherence", "share"),
        "hypogonadism": Covariate("hypogonadism", "0 to 1"),
        "aromatase inhibitor": Covariate("aromatase_inhibitor", "0 or 1"),
        "glucocorticoid": Covariate("glucocorticoid", "0 or 1"),
        "bone metastases": Covariate("metastases", "extent"),
    },
    plugins=PLUGINS,
)
