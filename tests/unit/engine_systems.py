"""Small systems that the engine's own tests run."""

from __future__ import annotations

from bonecast.engine import Route, System
from bonecast.engine.maths import abs, cos, exp, floor, log, maximum, minimum, sin, sqrt, switch, tanh, where

GROWTH = System(
    # size grows without bound in finite time where growth is above zero; argument stands still and goes through
    # exp and log on its way out.
    name="test-growth",
    time_unit="h",
    states=("size", "argument"),
    parameters={"growth": 0.0, "decay": 0.5, "size": 1.0, "argument": 1.0},
    initial=lambda p: {"size": p.size, "argument": p.argument},
    rates=lambda y, p: {"size": p.growth * y.size**2 - p.decay * y.size, "argument": 0.0},
    outputs=lambda y, p, start: {
        "size": y.size,
        **{f.__name__: f(y.argument) for f in (exp, log, sin, cos, floor, abs)},
    },
    output_names=("size", "exp", "log", "sin", "cos", "floor", "abs"),
    routes={"dose": Route("size", "mg")},
)


def _every_rate(y, p):
    u, v, w = y.u, y.v, y.w
    return {
        "u": p.a * u * v - u / (p.b + v) + exp(-p.a * u) + log(p.b + w) + 2.0,
        "v": sqrt(u + w) - v**p.n + (p.b * w) ** 2 - v**-3 + w**0.5 - (u * v) ** 1.3 + 1 / (u * p.a),
        "w": where(u, v, u * w, v / w)
        + switch(w, p.c, w * u, p.c * u)
        + tanh(u - v)
        + maximum(u, w) * minimum(v, p.b)
        + sin(u * w) * cos(p.a * v)
        + floor(u + v) * abs(u - w)
        - p.a ** (u / v),
    }


EVERY_OPERATION = System(
    # no meaning: each operation that an equation may use, in one place (nothing compiles it)
    name="test-every-operation",
    time_unit="h",
    states=("u", "v", "w"),
    parameters={"a": 0.7, "b": 1.9, "c": 1.0, "n": 2.7},
    initial=lambda p: {"u": 1.0, "v": p.a, "w": p.b},
    rates=_every_rate,
    outputs=lambda y, p, start: {"ratio": y.u / start.u, "sum": y.u + y.v * p.c},
    output_names=("ratio", "sum"),
)
