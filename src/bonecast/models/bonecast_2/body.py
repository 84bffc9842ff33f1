"""The whole body of `bonecast-2`: that of `bonecast-1`, with osteoclasts and joint actions of its own."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import body, rankl
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.body import Plugins
from bonecast.models.bonecast_2 import joint, mineral, osteoclasts

__all__ = ["action", "initial", "outputs", "rates"]


def initial(p: Values, plugins: Plugins) -> dict[str, Number]:
    """Where does a person start, in every state?"""
    return body.initial(p, plugins, mineral)


def action(y: Values, p: Values, plugins: Plugins) -> Action:
    """What do all drugs and states of this person do at this moment, together?"""
    return joint.action(p, body.action(y, p, plugins))


def rates(y: Values, p: Values, plugins: Plugins) -> dict[str, Number]:
    """All rates, per day."""
    act = action(y, p, plugins)
    L = rankl.free(p, act, mineral.pth(y, p))
    return {
        **body.rates(y, p, plugins, act, mineral),
        **osteoclasts.rates(y, p, act, L, 1 + act.turnover),
    }


def outputs(y: Values, p: Values, start: Values, plugins: Plugins) -> dict[str, Number]:
    """What is measured, and what the fracture outcome needs."""
    return body.outputs(y, p, start, plugins, action(y, p, plugins), mineral)
