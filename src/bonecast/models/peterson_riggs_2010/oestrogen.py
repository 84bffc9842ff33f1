"""Oestrogen: one state, relative to the model's baseline, that tends to the level a person has.

The published model's input by age and menopause is known in outline only and is left out; the level enters
as the parameter EST_target. The set points of the model belong to level 1, where the run starts. Source of
the loss and of the exponents: Peterson & Riggs, Bone 2010;46:49-63, by the published model file.
"""

from __future__ import annotations

from bonecast.engine import Number, Values


def initial(p: Values) -> dict[str, Number]:
    """The level at which the set points are fixed."""
    return {"EST": 1.0}


def rates(y: Values, p: Values) -> dict[str, Number]:
    """How does the level change (1/h)?"""
    return {"EST": p.kEST * (p.EST_target - y.EST)}
