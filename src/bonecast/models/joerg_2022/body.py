"""The whole model, in the order in which the signal runs: age and drugs, cells, sclerostin, bone, markers.

Time is in days. A run begins at birth; time zero of a plan comes `age` years later.
"""

from __future__ import annotations

from types import SimpleNamespace

from bonecast.engine import Number, Values
from bonecast.models.joerg_2022.ageing import DAYS_PER_YEAR, ageing, oestradiol
from bonecast.models.joerg_2022.birth import birth
from bonecast.models.joerg_2022.bone_density import bone_rates, density, density_at_25, turnover
from bonecast.models.joerg_2022.cells import cell_rates, differentiation
from bonecast.models.joerg_2022.drug_actions import actions
from bonecast.models.joerg_2022.kpd import decay, levels
from bonecast.models.joerg_2022.markers import markers
from bonecast.models.joerg_2022.sclerostin import sclerostin_rates

STATES = (
    "age",  # y
    "Cp",  # pre-osteoclasts
    "Bp",  # pre-osteoblasts
    "C",  # osteoclasts
    "B",  # osteoblasts
    "Y",  # osteocytes
    "s",  # free sclerostin
    "sb",  # antibody-bound sclerostin
    "rb",  # bone density, 1 at birth
    "cb",  # mineral content, fraction
    "psi_denosumab",
    "psi_romosozumab",
    "psi_blosozumab",
    "psi_alendronate",
    "psi_teriparatide",
)


def initial(p: Values) -> dict[str, Number]:
    """The state at birth."""
    return birth(p)


def run_in(p: Values) -> Number:
    """Days from birth to time zero."""
    return p.age * DAYS_PER_YEAR


def rates(y: Values, p: Values) -> dict[str, Number]:
    """All rates, per day."""
    e = oestradiol(y, p)
    drug = actions(p, levels(y))
    flux = differentiation(y, p, e, drug)
    bone = turnover(p, y.B, y.C, y.s)
    return {
        "age": ageing(),
        **decay(y, p),
        **cell_rates(y, p, e, drug, flux),
        **sclerostin_rates(y, p, e, drug),
        **bone_rates(y, p, drug, bone),
    }


def outputs(y: Values, p: Values, start: Values) -> dict[str, Number]:
    """What can be seen: everything relative to time zero, except age, oestradiol and the drug levels."""
    newborn = SimpleNamespace(**birth(p))
    marker = markers(p, now=turnover(p, y.B, y.C, y.s), then=turnover(p, start.B, start.C, start.s))
    at_birth = turnover(p, newborn.B, newborn.C, newborn.s)
    return {
        "TH_BMD_pct_change": 100 * (density(y) / density(start) - 1),
        "TH_BMD_pct_of_age_25": 100 * density(y) / density_at_25(p, at_birth),
        "CTX_pct_of_baseline": marker.CTX,
        "P1NP_pct_of_baseline": marker.P1NP,
        "BSAP_pct_of_baseline": marker.BSAP,
        "preosteoclasts_pct_of_baseline": 100 * y.Cp / start.Cp,
        "osteoclasts_pct_of_baseline": 100 * y.C / start.C,
        "osteoblasts_pct_of_baseline": 100 * y.B / start.B,
        "sclerostin_free_pct_of_baseline": 100 * y.s / start.s,
        "oestradiol_pct_of_premenopausal": 100 * oestradiol(y, p),
        "age_y": y.age,
        "denosumab_psi": y.psi_denosumab,
        "romosozumab_psi": y.psi_romosozumab,
        "blosozumab_psi": y.psi_blosozumab,
        "alendronate_psi": y.psi_alendronate,
        "teriparatide_psi": y.psi_teriparatide,
    }
