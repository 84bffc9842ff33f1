"""Glucocorticoid: osteoblasts lay down less on remodelling sites, and RANKL rises a little."""

from __future__ import annotations

from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Plugin

PLUGIN = Plugin(
    name="glucocorticoid",
    action=lambda y, p: Action(refill=1 - p.sGC * p.glucocorticoid, tone=1 + p.rGC * p.glucocorticoid),
)
