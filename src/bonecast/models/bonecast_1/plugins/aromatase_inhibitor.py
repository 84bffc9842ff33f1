"""Aromatase inhibitor: takes the oestrogen that is left after menopause, and raises the set point of turnover."""

from __future__ import annotations

from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Plugin

PLUGIN = Plugin(
    name="aromatase inhibitor", action=lambda y, p: Action(turnover=p.sAI * p.aromatase_inhibitor)
)
