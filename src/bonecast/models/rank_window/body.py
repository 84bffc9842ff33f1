"""The whole model, in the order in which the signal runs: drug, RANKL, brake, wound, lymphocytes, tumour cells.

Time is in days from the first dose; the biopsy was taken `tb` days before.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.rank_window.brake import brake_rate
from bonecast.models.rank_window.lymphocytes import at_biopsy, at_first_dose, lymphocyte_rate, read_share
from bonecast.models.rank_window.pharmacokinetics import free_rankl, level_rates
from bonecast.models.rank_window.rankl import signal_rate
from bonecast.models.rank_window.tumour_cells import dividing, dividing_at_biopsy, dying, share
from bonecast.models.rank_window.wound import wound_at_first_dose, wound_rate

STATES = (
    "depot",  # mg
    "c",  # ug/mL
    "s",  # RANKL signal, 1 before the drug
    "M",  # brake, 1 before the drug
    "w",  # wound, 0 at the biopsy, 1 at last
    "L",  # logit of the stromal TIL share
)


def initial(p: Values) -> dict[str, Number]:
    """Day 0, before the first dose."""
    return {"depot": 0.0, "c": 0.0, "s": 1.0, "M": 1.0, "w": wound_at_first_dose(p), "L": at_first_dose(p)}


def rates(y: Values, p: Values) -> dict[str, Number]:
    """All rates, per day."""
    return {
        **level_rates(y, p),
        "s": signal_rate(y, p),
        "M": brake_rate(y, p),
        "w": wound_rate(y, p),
        "L": lymphocyte_rate(y, p),
    }


def outputs(y: Values, p: Values, start: Values) -> dict[str, Number]:
    """What can be seen in serum and in the two specimens."""
    return {
        "denosumab_ng_mL": 1000 * y.c,
        "RANKL_free_pct": 100 * free_rankl(y, p),
        "tumour_RANKL_signal_pct": 100 * y.s,
        "brake_pct": 100 * y.M,
        "TIL_biopsy_pct": read_share(p, at_biopsy(p)),
        "TIL_pct": read_share(p, y.L),
        "Ki67_biopsy_pct": share(dividing_at_biopsy(p)),
        "Ki67_pct": share(dividing(y, p)),
        "caspase3_pct_of_biopsy": 100 * dying(y, p),
    }
