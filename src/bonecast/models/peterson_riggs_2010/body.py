"""The whole body: the units in the order in which the signal runs, from the dose to bone density."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.peterson_riggs_2010 import (
    bmd,
    calcitriol,
    calcium,
    denosumab,
    gut,
    kidney,
    oestrogen,
    osteoblasts,
    osteoclasts,
    phosphate,
    pth,
    rankl,
    signals,
    survival,
    tgf_beta,
)

STATES = (
    *("SC", "CENT", "PER"),  # denosumab, ng
    *("L", "RNK", "O", "M", "N"),  # RANKL, RANK, OPG, RANK-RANKL, OPG-RANKL, model units
    "OC",  # osteoclasts, model units
    *("TGFB", "TGFa"),  # TGF-beta, latent and active, model units
    *("RX2", "CREB", "BCL2", "HAp"),  # survival signals, model units; hydroxyapatite formation, 1 at baseline
    *("ROB", "OBf", "OBs"),  # responding, fast and slow osteoblasts, model units
    *("PCa", "Q", "Qbone"),  # calcium in plasma, exchangeable and fixed in bone, mmol
    *("T", "R"),  # gut calcium, mmol; absorption state
    *("GFR", "UCa"),  # filtration, mL/min; calcium lost in urine, mmol
    *("PTH", "S", "PTmax", "TERI"),  # PTH, pmol; gland state and capacity; teriparatide depot, pmol
    *("B", "AOH"),  # calcitriol, pmol; its making, pmol/h
    *("ECPhos", "PhosGut", "IntraPO"),  # phosphate, mmol
    "EST",  # oestrogen, 1 at baseline
    *("LSden", "LS", "FN"),  # BMD, % of baseline
)


def initial(p: Values) -> dict[str, Number]:
    """Where does a person start, in every state?"""
    return {
        **denosumab.initial(p),
        **rankl.initial(p),
        **osteoclasts.initial(p),
        **tgf_beta.initial(p),
        **survival.initial(p),
        **osteoblasts.initial(p),
        **calcium.initial(p),
        **gut.initial(p),
        **kidney.initial(p),
        **pth.initial(p),
        **calcitriol.initial(p),
        **phosphate.initial(p),
        **oestrogen.initial(p),
        **bmd.initial(p),
    }


def rates(y: Values, p: Values) -> dict[str, Number]:
    """How fast does every state change, per hour?"""
    bone = signals.bone(y, p)
    plasma, plasma0 = signals.plasma(y, p), signals.plasma_baseline(p)

    J14, J15 = calcium.from_bone(p, bone), calcium.into_bone(y, p)  # mmol/h, bone to plasma and back
    J40 = gut.absorption(y, p)  # mmol/h, gut to plasma
    J27 = kidney.calcium_excretion(y, p, plasma, plasma0)  # mmol/h, plasma to urine
    J48 = kidney.phosphate_excretion(y, p, plasma)  # mmol/h, plasma to urine

    return {
        **denosumab.rates(y, p),
        **rankl.rates(y, p, bone, plasma, plasma0, denosumab.molar(y, p)),
        **osteoclasts.rates(y, p, bone),
        **tgf_beta.rates(y, p, bone),
        **survival.rates(y, p, bone, plasma, plasma0),
        **osteoblasts.rates(y, p, survival.loss_held_off(y, p)),
        **calcium.rates(y, p, J14, J15, J27, J40),
        **gut.rates(y, p, plasma, plasma0, J40),
        **kidney.rates(p, J27),
        **pth.rates(y, p, plasma, plasma0),
        **calcitriol.rates(y, p, plasma, plasma0),
        **phosphate.rates(y, p, plasma, J14, J15, J48),
        **oestrogen.rates(y, p),
        **bmd.rates(y, p, bone),
    }


def outputs(y: Values, p: Values, start: Values) -> dict[str, Number]:
    """What is measured? `start` holds the states on the first day, to which per cents refer."""
    plasma = signals.plasma(y, p)
    return {
        "CTX_pct_of_baseline": 100 * y.OC / start.OC,
        "BSAP_pct_of_baseline": 100 * signals.osteoblasts(y) / signals.osteoblasts(start),
        "LS_BMD_pct_change": bmd.change(y.LSden, start.LSden),
        "FN_BMD_pct_change": bmd.change(y.FN, start.FN),
        "calcium_mmol_L": plasma.Ca,
        "PTH_pg_mL": plasma.PTHc * p.PTH_pg,
        "phosphate_mmol_L": plasma.C2,
        "calcitriol_pmol_L": plasma.C8,
        "denosumab_ng_mL": denosumab.concentration(y, p),
        "GFR_mL_min": y.GFR,
        "LS_general_BMD_pct_change": bmd.change(y.LS, start.LS),
        "urine_calcium_mmol": y.UCa - start.UCa,
        "TGFb_active_pct_of_baseline": 100 * y.TGFa / start.TGFa,
        "responding_OB_pct_of_baseline": 100 * y.ROB / start.ROB,
        "RANKL_model_units": y.L,
        "OPG_model_units": y.O,
        "RANK_model_units": y.RNK,
        "RANK_RANKL_model_units": y.M,
        "OPG_RANKL_model_units": y.N,
        "BCL2_model_units": y.BCL2,
        "oestrogen_relative": y.EST,
    }
