"""Ibandronate, by mouth or into a vein: see `bisphosphonate` for the equations, and the cards for its kinetics."""

from __future__ import annotations

from dataclasses import replace

from bonecast.engine import Route
from bonecast.models.bonecast_1.plugins.bisphosphonate import bisphosphonate

_BY_MOUTH = bisphosphonate("ibandronate", "i", by_mouth=True)
PLUGIN = replace(_BY_MOUTH, routes={**_BY_MOUTH.routes, "ibandronate intravenous": Route("Pi", "mg")})
