"""The engine integrates systems of named states for one person or very many, and knows numbers only.

It owns the expression graph that equation functions leave when they run on nodes, its emitters (explicit SIMD
vectors through LLVM; plain Python for SciPy), the RODAS4 integrator with its step control, dosing events,
ensembles in threads and chunks, random streams, and the status of each run. It knows no bone, no drug and no
patient, and imports nothing of Bonecast but `errors` and `charts` (what a notebook shows of it).
"""

from __future__ import annotations

from bonecast.engine.emit_python import function, python_program
from bonecast.engine.ensemble import (
    DEFAULT_RTOL,
    End,
    Runs,
    simulate,
    stop_all,
    stream,
    tolerances,
)
from bonecast.engine.equation_text import Dialect, EquationWriter, TracedSystem, traced, traced_routes
from bonecast.engine.events import (
    SAME_TIME,
    Bolus,
    Event,
    Infusion,
    SetParameter,
    SetState,
    dose,
    on_one_time,
)
from bonecast.engine.graph import PERSON, STATE, ZERO, Node, in_order
from bonecast.engine.kernel import kernel, simd_lanes
from bonecast.engine.kernel_cache import cache_folder
from bonecast.engine.maths import cos, exp, floor, kink, log, maximum, minimum, sin, sqrt, switch, tanh, where
from bonecast.engine.notices import listen
from bonecast.engine.outline import outline_of
from bonecast.engine.program import (
    Equations,
    Program,
    kernel_parameters,
    rate_parameter,
    trace,
    traced_equations,
)
from bonecast.engine.quantiles import QuantileSketch
from bonecast.engine.reference import simulate_reference
from bonecast.engine.status import Status
from bonecast.engine.steady_state import steady
from bonecast.engine.streams import normals, normals_at
from bonecast.engine.system import Number, Route, System, Values
from bonecast.engine.tangent import (
    SensitivityRun,
    moving,
    sensitivities,
    tangent,
    timing_parameters,
    with_tangents,
)
from bonecast.engine.threads import usual_threads

__all__ = [
    "DEFAULT_RTOL",
    "PERSON",
    "SAME_TIME",
    "STATE",
    "ZERO",
    "Bolus",
    "Dialect",
    "End",
    "EquationWriter",
    "Equations",
    "Event",
    "Infusion",
    "Node",
    "Number",
    "Program",
    "QuantileSketch",
    "Route",
    "Runs",
    "SensitivityRun",
    "SetParameter",
    "SetState",
    "Status",
    "System",
    "TracedSystem",
    "Values",
    "cache_folder",
    "cos",
    "dose",
    "exp",
    "floor",
    "function",
    "in_order",
    "kernel",
    "kernel_parameters",
    "kink",
    "listen",
    "log",
    "maximum",
    "minimum",
    "moving",
    "normals",
    "normals_at",
    "on_one_time",
    "outline_of",
    "python_program",
    "rate_parameter",
    "sensitivities",
    "simd_lanes",
    "simulate",
    "simulate_reference",
    "sin",
    "sqrt",
    "steady",
    "stop_all",
    "stream",
    "switch",
    "tangent",
    "tanh",
    "timing_parameters",
    "tolerances",
    "trace",
    "traced",
    "traced_equations",
    "traced_routes",
    "usual_threads",
    "where",
    "with_tangents",
]
