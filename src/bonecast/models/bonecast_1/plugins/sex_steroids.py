"""Menopause after time zero, removal of the ovaries, androgen deprivation: turnover without sex steroids.

    turnover = sO (e(age0) - e(age) (1 - hypogonadism))

e is the level of sex steroids (`ageing`). Without them more precursors are supplied and more sites are activated, for
as long as it lasts: the set point of turnover rises, and with it what each turn of remodelling leaves unfilled. Those
who passed menopause before time zero have it in their baseline.
"""

from __future__ import annotations

from bonecast.engine import Values
from bonecast.models.bonecast_1 import ageing
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Plugin


def action(y: Values, p: Values) -> Action:
    """It raises the set point of turnover."""
    before, now = ageing.oestrogen(p.age, p), ageing.oestrogen(y.age, p) * (1 - p.hypogonadism)
    return Action(turnover=p.sO * (before - now))


PLUGIN = Plugin(name="sex steroids", action=action)
