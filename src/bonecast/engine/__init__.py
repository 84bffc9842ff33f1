"""The engine integrates systems of named states for one person or very many, and knows numbers only.

It owns the expression graph that equation functions leave when they run on nodes, its emitters (explicit SIMD
vectors through numba; plain Python for SciPy), the RODAS4 integrator with its step control, dosing events,
ensembles in threads and chunks, random streams, and the status of each run. It knows no bone, no drug and no
patient, and imports nothing of Bonecast but `errors` and `charts` (what a notebook shows of it).
"""

from __future__ import annotations

from bonecast.engine.ensemble import DEFAULT_RTOL, End, Runs, require_success, simulate, stop_all, stream
from bonecast.engine.events import Bolus, Event, Infusion, SetParameter, SetState, dose
from bonecast.engine.status import Status
from bonecast.engine.system import Route, System

__all__ = [
    "DEFAULT_RTOL",
    "Bolus",
    "End",
    "Event",
    "Infusion",
    "Route",
    "Runs",
    "SetParameter",
    "SetState",
    "Status",
    "System",
    "dose",
    "require_success",
    "simulate",
    "stop_all",
    "stream",
]
