"""RANKL, its receptor RANK and its decoy OPG: binding, turnover, and denosumab taking RANKL away.

    L + RNK <-> M      L + O <-> N

Model units throughout; they are not serum concentrations. Source: Peterson & Riggs, Bone 2010;46:49-63;
the loss to denosumab: Peterson & Riggs, CPT Pharmacometrics Syst Pharmacol 2012;1:e14.
"""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010.signals import BoneSignals, Plasma, complex_baseline


def decoy_baseline(p: Values) -> Number:
    """How much OPG-RANKL complex is there at baseline (model units)?"""
    return p.k1 * p.O0 * p.L0 / p.k2


def initial(p: Values) -> dict[str, Number]:
    """The baseline: both bindings at equilibrium."""
    return {"L": p.L0, "RNK": p.RNK0, "O": p.O0, "M": complex_baseline(p), "N": decoy_baseline(p)}


def rankl_production(p: Values, bone: BoneSignals, plasma: Plasma, plasma0: Plasma) -> Number:
    """How fast is RANKL made, by osteoblasts and under PTH (model units/h)?"""
    osteoblasts = bone.ob**p.gL
    PTH50 = (p.Lpth_E - 1) * plasma0.PTHc  # pM
    LpthEff = p.Lpth_E * plasma.PTHc / (PTH50 * osteoblasts + plasma.PTHc)  # 1 at baseline
    return p.koutL * p.L0 * osteoblasts * LpthEff


def opg_production(p: Values, bone: BoneSignals, plasma: Plasma, plasma0: Plasma) -> Number:
    """How fast is OPG made, by responding osteoblasts and against PTH (model units/h)?"""
    return p.kO * p.O0 * bone.rob * (plasma.PTHc + plasma0.PTHc * bone.rob) / (2 * plasma.PTHc)


def rank_production(p: Values, bone: BoneSignals) -> Number:
    """How fast is RANK made, under active TGF-beta (model units/h)?"""
    binding, release = p.k3 * p.RNK0 * p.L0, p.k4 * complex_baseline(p)
    return (p.koutRNK * p.RNK0 + binding - release) * bone.tgf**p.gRNK


def rates(
    y: Values, p: Values, bone: BoneSignals, plasma: Plasma, plasma0: Plasma, DENMOL: Number
) -> dict[str, Number]:
    """How do the free and bound forms change (model units/h)? DENMOL is serum denosumab in pM."""
    to_RANK = p.k3 * y.RNK * y.L - p.k4 * y.M  # net binding of RANKL to RANK
    to_OPG = p.k1 * y.O * y.L - p.k2 * y.N  # net binding of RANKL to OPG
    to_denosumab = p.kdenosl * DENMOL * y.L
    return {
        "L": rankl_production(p, bone, plasma, plasma0) - p.koutL * y.L - to_OPG - to_RANK - to_denosumab,
        "RNK": rank_production(p, bone) - p.koutRNK * y.RNK - to_RANK,
        "O": opg_production(p, bone, plasma, plasma0) - to_OPG - p.kO * y.O,
        "M": to_RANK,
        "N": to_OPG,
    }
