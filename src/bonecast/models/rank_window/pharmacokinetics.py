"""Denosumab 120 mg under the skin: a depot and one compartment, and the RANKL in serum that stays free.

A one-compartment reading of the values of Gibiansky 2012. The target is so small beside 120 mg that it does not bend
the level over the four weeks of a window trial; it does at 60 mg and in the months after the last dose.
"""

from __future__ import annotations

from bonecast.engine import Number, Values


def level_rates(y: Values, p: Values) -> dict[str, Number]:
    """Absorption from the depot (mg) and clearance of the level c (ug/mL, which is mg/L), per day."""
    return {
        "depot": -p.ka * y.depot,
        "c": p.F * p.ka * y.depot / p.V - p.CL / p.V * y.c,
    }


def free_rankl(y: Values, p: Values) -> Number:
    """f, the share of serum RANKL that no antibody holds: Kss / (Kss + c)."""
    return p.Kss / (p.Kss + y.c)
