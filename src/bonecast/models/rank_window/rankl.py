"""RANKL in the tumour: its signal under the drug, its supply, and how far it holds up the brake.

The supply of ligand follows hormones in direction only: progesterone raises RANKL, and it is lower in older women.
No size is published, so both slopes are zero until somebody sets them.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, minimum, where
from bonecast.models.rank_window.pharmacokinetics import free_rankl


def signal_rate(y: Values, p: Values) -> Number:
    """s, the signal relative to before the drug, follows the free share of serum: kt (f - s), per day."""
    return p.kt * (free_rankl(y, p) - y.s)


def ligand(p: Values) -> Number:
    """RANKL of the tumour relative to the reference: times 1 + gP progesterone before menopause, 1 - gM after."""
    premenopausal = 1 + p.gP * p.progesterone
    return p.ligand * where(p.postmenopausal, 0.5, 1 - p.gM, premenopausal)


def held_by_rankl(p: Values) -> Number:
    """rho, the share of the brake that RANKL holds up, under the explanation chosen.

    1, ligand x receptor: a tumour needs both. 2, the same share in every tumour (a ceiling of the reading then makes
    subtypes differ). 3, chance: none, the drug does not touch the brake.
    """
    product = minimum(ligand(p) * p.receptor, 1.0)
    return where(p.explanation, 2.5, 0.0, where(p.explanation, 1.5, p.rho_shared, product))
