"""Alendronate: see `bisphosphonate` for the equations, and the cards beside for its affinity and kinetics."""

from __future__ import annotations

from bonecast.models.bonecast_1.plugins.bisphosphonate import bisphosphonate

PLUGIN = bisphosphonate("alendronate", "a", by_mouth=True)
