"""Bone density and its mineral: what osteoblasts lay down less what osteoclasts take (Eqs 7-9, 16-17).

Bone density rb has no restoring force: it sums formation less resorption over a whole life, so a small
imbalance shows. Always compare a treated run with an untreated one.
"""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values
from bonecast.models.joerg_2022.ageing import DAYS_PER_YEAR
from bonecast.models.joerg_2022.drug_actions import Actions
from bonecast.models.joerg_2022.saturation import falling, rising


class Turnover(NamedTuple):
    """Bone formed and resorbed, in parts of peak bone density per day."""

    formation: Number  # bplus
    resorption: Number  # bminus


def turnover(p: Values, B: Number, C: Number, s: Number) -> Turnover:
    """How much bone is formed and resorbed each day? Eqs 7 and 16, with the resorption signal r = C.

    Sclerostin s slows osteoblasts B; resorption by osteoclasts C calls them to work.
    """
    lambda_B = p.lambda_B * falling(s / p.s_Om) * (1 + p.nu_Om * rising(C / p.r_Om))  # 1/d per osteoblast
    return Turnover(formation=lambda_B * B, resorption=p.lambda_C * C)


def bone_rates(y: Values, p: Values, drug: Actions, bone: Turnover) -> dict[str, Number]:
    """Eqs 7-8: bone density rb (1 at birth) and its mineral content cb (fraction), per day."""
    return {
        "rb": bone.formation - bone.resorption,
        "cb": p.gamma * (drug.c0 - y.cb),
    }


def density(y: Values) -> Number:
    """Eq 9: BMD = density times mineral content, in units of density at birth."""
    return y.rb * y.cb


def density_at_25(p: Values, at_birth: Turnover) -> Number:
    """BMD at age 25, the paper's reference: until menopause the bone changes at the constant rate of birth.

    Holds while menopause (t_e) comes after 25.
    """
    return (1 + (at_birth.formation - at_birth.resorption) * 25 * DAYS_PER_YEAR) * p.c0
