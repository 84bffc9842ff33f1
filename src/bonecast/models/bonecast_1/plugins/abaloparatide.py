"""Abaloparatide: see `pth_analogue` for the equations, and the cards beside for its strength."""

from __future__ import annotations

from bonecast.models.bonecast_1.plugins.pth_analogue import pth_analogue

PLUGIN = pth_analogue("abaloparatide", "b")
