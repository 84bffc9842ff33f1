"""Body weight and race: how clearance and volumes of denosumab change with them."""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values


class Disposition(NamedTuple):
    """Apparent clearance and volumes of one person (absorbed share taken as 1)."""

    CL: Number  # L/h
    Vc: Number  # L
    Vp: Number  # L


def disposition(p: Values) -> Disposition:
    """What are this person's clearance and volumes? Powers of weight over 64 kg, race on clearance only."""
    size = p.weight / p.weight_ref
    return Disposition(
        CL=p.CL * p.CL_race * size**p.CL_weight,
        Vc=p.Vc * size**p.Vc_weight,
        Vp=p.Vp * size**p.Vp_weight,
    )
