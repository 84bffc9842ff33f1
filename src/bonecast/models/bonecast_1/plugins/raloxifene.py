"""Raloxifene: an oestrogen to bone, which lowers RANKL.

da/dt = dose - k a                                        running mean of the daily dose, mg
tone  = 1 - xR a/(a + a60)                                half of xR at 60 mg
"""

from __future__ import annotations

from bonecast.engine import Number, Route, Values, maximum
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Bone, Plugin

PER_DAY = 0.6  # k: half-life of 28 h (recalled)


def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
    """Running mean of the dose, mg per day."""
    return {"amount_x": -PER_DAY * y.amount_x}


def action(y: Values, p: Values) -> Action:
    """It lowers RANKL."""
    a = maximum(y.amount_x, 0.0)
    return Action(tone=1 - p.xR * a / (a + p.half_x))


PLUGIN = Plugin(
    name="raloxifene",
    action=action,
    initial=lambda p: {"amount_x": 0.0},
    rates=rates,
    routes={"raloxifene": Route("amount_x", "mg", lambda p: PER_DAY * p.adherence, given="spread")},
    scales={"amount_x": 60.0},
)
