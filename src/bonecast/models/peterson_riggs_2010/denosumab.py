"""Denosumab: from under the skin into the central and peripheral volumes, and out by two ways.

SC, CENT and PER are amounts in ng, CENT/Vc is in ng/mL. The drug's own loss does not depend on RANKL.
Source of the numbers: Peterson et al. AAPS J 2004;6(4) abstract W4340, as credited in the published model
file.
"""

from __future__ import annotations

from bonecast.engine import Number, Values


def concentration(y: Values, p: Values) -> Number:
    """How much denosumab is in serum (ng/mL)?"""
    return y.CENT / p.Vc


def molar(y: Values, p: Values) -> Number:
    """How much denosumab is in serum (pM)?"""
    return concentration(y, p) / p.MWden * 1e6  # ng/mL over g/mol is umol/L: 1e6 pM each


def absorbed(p: Values) -> Number:
    """How many ng enter the depot for each mg given?"""
    return p.F * 1e6  # ng in one mg


def initial(p: Values) -> dict[str, Number]:
    """No drug at the start."""
    return {"SC": 0.0, "CENT": 0.0, "PER": 0.0}  # ng


def rates(y: Values, p: Values) -> dict[str, Number]:
    """How do the three amounts change (ng/h)?"""
    C = concentration(y, p)  # ng/mL
    absorption = p.ka * y.SC
    exchange = p.Qd * (C - y.PER / p.Vp)
    loss = (p.CL + p.Vmax / (p.Km + C)) * C
    return {
        "SC": -absorption,
        "CENT": absorption - exchange - loss,
        "PER": exchange,
    }
