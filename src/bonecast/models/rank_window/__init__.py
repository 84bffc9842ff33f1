"""The RANK pathway in early breast cancer: one biopsy, two injections of 120 mg, one operation.

Owns the model `rank-window`, a proposal of this project and no published model: level of denosumab, RANKL signal in
the tumour, a suppressive brake, lymphocytes, Ki67 and caspase-3, and the effect of the biopsy itself, which acts in
every arm. Three explanations of why luminal B tumours gained most can be switched by `explanation`. It has no tumour
size, no relapse and no survival, on purpose: no trial showed a benefit there that it could rest on.
"""

from __future__ import annotations

from pathlib import Path

from bonecast.engine import Route, System
from bonecast.models.model import Model, Output
from bonecast.models.parameters import read_parameters
from bonecast.models.rank_window.body import STATES, initial, outputs, rates
from bonecast.models.variability import read_variability

__all__ = ["MODEL"]

HERE = Path(__file__).parent
PARAMETERS = read_parameters(HERE / "parameters.toml")

OUTPUTS = (
    Output("denosumab_ng_mL", "denosumab in serum", "ng/mL", "one compartment: too high after a month"),
    Output("RANKL_free_pct", "RANKL in serum that is free", "%"),
    Output("tumour_RANKL_signal_pct", "RANKL signal in the tumour", "% of before the drug"),
    Output("brake_pct", "suppressive myeloid and regulatory cells", "% of before the drug", "not measurable as such"),
    Output("TIL_biopsy_pct", "stromal lymphocytes in the biopsy, before wound and drug", "%"),
    Output("TIL_pct", "stromal lymphocytes, if the operation were on this day", "%"),
    Output("Ki67_biopsy_pct", "Ki67 in the biopsy, before wound and drug", "%"),
    Output("Ki67_pct", "Ki67, if the operation were on this day", "%"),
    Output("caspase3_pct_of_biopsy", "cleaved caspase-3", "% of the biopsy", "no level is known, only no effect"),
)  # fmt: skip

SYSTEM = System(
    name="rank-window",
    time_unit="d",
    states=STATES,
    parameters=PARAMETERS.values(),
    initial=initial,
    rates=rates,
    outputs=outputs,
    output_names=tuple(output.name for output in OUTPUTS),
    routes={"denosumab": Route("depot", "mg")},
    # levels act from about Kss on; the others are of the order of one
    scales={"depot": 1.0, "c": 0.1, "s": 0.1, "M": 1.0, "w": 1.0, "L": 1.0},
    sources=tuple(sorted(HERE.glob("*.py"))),
    may_change=(),
)

MODEL = Model(
    name="rank-window",
    title="RANK window: lymphocytes and proliferation between biopsy and surgery under denosumab 120 mg",
    summary=(
        "Denosumab level, RANKL signal in the tumour, suppressive brake, tumour-infiltrating lymphocytes, Ki67 and"
        " caspase-3 over the weeks from biopsy to surgery, with the effect of the biopsy in every arm."
    ),
    system=SYSTEM,
    parameter_set=PARAMETERS,
    outputs=OUTPUTS,
    limits=(
        "A proposal of this project, not a published model: structure and most values are assumptions.",
        "It says nothing about tumour size, response, relapse or survival: adjuvant and neoadjuvant trials of"
        " denosumab showed no gain in pathological response or bone-metastasis-free survival.",
        "One value before and one after cannot separate kM, kL and rho: only the shift at the end is informed.",
        "The effect by subtype (theta x ligand x receptor) is set to a reported order, not measured; no TIL"
        " percentage of the trial was at hand.",
        "Three explanations of the finding in luminal B fit alike: ligand x receptor, a ceiling of the reading,"
        " chance.",
        "No change within one arm can be distinguished from that of the biopsy: Ki67 rose by the same amount in both.",
        "Progesterone and menopause are inputs without effect by default: a direction is published, a size is not.",
        "Meant for days 0 to 28 after 120 mg; the level lacks target-mediated loss and is too high later.",
    ),
    equations=tuple(
        f"bonecast.models.rank_window.{unit}"
        for unit in ("pharmacokinetics", "rankl", "brake", "wound", "lymphocytes", "tumour_cells")
    ),
    variability=read_variability(HERE / "variability.toml"),
)
