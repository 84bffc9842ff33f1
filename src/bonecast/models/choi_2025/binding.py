"""Denosumab and RANKL at quasi-steady state: how much drug is free, how much target is bound."""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values, sqrt


class Binding(NamedTuple):
    """Concentrations in nmol/L."""

    Ct: Number  # total denosumab: what an assay reports
    C: Number  # free denosumab
    RC: Number  # complex of RANKL and denosumab


def binding(y: Values, p: Values, Vc: Number) -> Binding:
    """How much drug is free? The positive root of C^2 - (Ct - Rtot - Kss) C - Kss Ct = 0.

    The paper prints C = [d + sqrt(d^2 + 4 Kss Ct)] / 2 with d = Ct - Rtot - Kss. Here the same root is
    2 Kss Ct / [sqrt(d^2 + 4 Kss Ct) - d], because the printed form loses all digits once little drug is left.
    """
    Ct = y.Ac / Vc
    d = Ct - y.Rtot - p.Kss
    C = 2 * p.Kss * Ct / (sqrt(d**2 + 4 * p.Kss * Ct) - d)
    return Binding(Ct=Ct, C=C, RC=y.Rtot * C / (p.Kss + C))
