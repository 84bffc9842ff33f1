"""What the units tell each other: concentrations in plasma, cell numbers and the RANK-RANKL complex."""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values


class Plasma(NamedTuple):
    """Concentrations in the extracellular volume V1."""

    Ca: Number  # calcium, mM
    C2: Number  # phosphate, mM
    PTHc: Number  # PTH, pM
    C8: Number  # calcitriol, pM


def plasma(y: Values, p: Values) -> Plasma:
    """What are the concentrations now (mM, mM, pM, pM)?"""
    return Plasma(Ca=y.PCa / p.V1, C2=y.ECPhos / p.V1, PTHc=y.PTH / p.V1, C8=y.B / p.V1)


def plasma_baseline(p: Values) -> Plasma:
    """At which concentrations are the set points fixed (mM, mM, pM, pM)?"""
    return Plasma(Ca=p.PCa0 / p.V1, C2=p.ECPhos0 / p.V1, PTHc=p.PTH0 / p.V1, C8=p.B0 / p.V1)


class BoneSignals(NamedTuple):
    """Cells and the complex that drives osteoclasts, each as a multiple of its baseline."""

    ob: Number  # active osteoblasts, fast and slow together
    rob: Number  # responding osteoblasts
    oc: Number  # active osteoclasts
    m: Number  # RANK-RANKL complex
    tgf: Number  # active TGF-beta


def osteoblasts(y: Values) -> Number:
    """How many active osteoblasts are there, fast and slow together (model units)?"""
    return y.OBf + y.OBs


def complex_baseline(p: Values) -> Number:
    """How much RANK-RANKL complex is there at baseline, where binding and release are equal (model units)?"""
    return p.k3 * p.RNK0 * p.L0 / p.k4


def bone(y: Values, p: Values) -> BoneSignals:
    """How do cells and signals in bone stand against their baseline (1 at baseline)?"""
    return BoneSignals(
        ob=osteoblasts(y) / p.OB0,
        rob=y.ROB / p.ROB0,
        oc=y.OC / p.OC0,
        m=y.M / complex_baseline(p),
        tgf=y.TGFa / p.Pic0,
    )
