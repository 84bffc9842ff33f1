"""One RODAS4 step in all lanes, and what is needed between steps, as LLVM vector code around the model's functions.

attempt     y, c, m, g, ih, tol, rtol -> y1, k, error     stages k1..k6, new state, squared error per lane
dense       k -> d                                         coefficients of the interpolant
between     theta, y, y1, d -> b                           the state at a share theta of the step
polish      theta, ih, g, y, y1, d, c, m, w -> b           fast states of an interpolated point put on course
"""

from __future__ import annotations

from typing import Any

from bonecast.engine import rodas4
from bonecast.engine.vector_maths import Vectors

Call = Any  # call(name, *pointers): emits a call of one of the model's functions


def attempt(size: int, v: Vectors, call: Call, args: list[Any]) -> None:
    """All stages of one step; `error` is the sum over the states of (k6 / (tol + rtol max(|y|, |y1|)))**2."""
    y, c, m, g, ih, f, w, q, y1, k, tol, rtol, error = args
    stages = [v.part(k, s * size) for s in range(6)]
    per_h = v.load(ih, 0)

    call("factor", y, c, m, g, f, w, q)
    with v.each(size) as i:
        v.store(v.load(f, i), stages[0], i)
    call("solve", w, stages[0])
    for s in range(1, 6):
        with v.each(size) as i:
            if s == 5:
                v.store(v.add(v.load(y1, i), v.load(stages[4], i)), y1, i)
            else:
                known = [v.load(stages[j], i) for j in range(s)]
                v.store(v.sum_of(v.load(y, i), rodas4.A[s], known), y1, i)
        call("rates", y1, c, m, f)
        with v.each(size) as i:
            known = [v.load(stages[j], i) for j in range(s)]
            history = v.mul(per_h, v.sum_of(None, rodas4.C[s], known))
            v.store(v.add(v.load(f, i), history), stages[s], i)
        call("solve", w, stages[s])

    share = v.load(rtol, 0)
    v.store(v.constant(0.0), error, 0)
    with v.each(size) as i:
        last = v.load(stages[5], i)
        new = v.add(v.load(y1, i), last)
        v.store(new, y1, i)
        largest = v.larger(v.magnitude(new), v.magnitude(v.load(y, i)))
        e = v.div(last, v.add(v.load(tol, i), v.mul(share, largest)))
        v.store(v.add(v.load(error, 0), v.mul(e, e)), error, 0)


def dense(size: int, v: Vectors, call: Call, args: list[Any]) -> None:
    """d0 and d1 of the interpolant."""
    k, d = args
    with v.each(size) as i:
        known = [v.load(v.part(k, j * size), i) for j in range(5)]
        v.store(v.sum_of(None, rodas4.H[0], known), d, i)
        v.store(v.sum_of(None, rodas4.H[1], known), v.part(d, size), i)


def between(size: int, v: Vectors, call: Call, args: list[Any]) -> None:
    """(1-theta) y + theta (y1 + (1-theta) (d0 + theta d1))"""
    theta, y, y1, d, b = args
    th = v.load(theta, 0)
    rest = v.sub(v.constant(1.0), th)
    with v.each(size) as i:
        bend = v.add(v.load(d, i), v.mul(th, v.load(v.part(d, size), i)))
        late = v.mul(th, v.add(v.load(y1, i), v.mul(rest, bend)))
        v.store(v.add(v.mul(rest, v.load(y, i)), late), b, i)


def polish(size: int, v: Vectors, call: Call, args: list[Any]) -> None:
    """Put the fast states of an interpolated point back on their course.

    The interpolant is of order 3 for slow states only. With the defect D = f(b) - b', the step's own factors give
    W^-1 D, right for fast states; W^-1 D - g W^-2 D leaves the slow ones as they are. Nothing moves at theta = 1.
    """
    theta, ih, g, y, y1, d, c, m, w, f, correction, b = args
    th, one, two = v.load(theta, 0), v.constant(1.0), v.constant(2.0)
    first = v.sub(one, v.mul(two, th))
    second = v.mul(th, v.sub(two, v.mul(v.constant(3.0), th)))
    per_h, scale = v.load(ih, 0), v.load(g, 0)
    call("rates", b, c, m, f)
    with v.each(size) as i:
        slope = v.sub(v.load(y1, i), v.load(y, i))
        slope = v.add(slope, v.mul(first, v.load(d, i)))
        slope = v.add(slope, v.mul(second, v.load(v.part(d, size), i)))
        v.store(v.sub(v.load(f, i), v.mul(per_h, slope)), f, i)
    call("solve", w, f)
    with v.each(size) as i:
        v.store(v.load(f, i), correction, i)
    call("solve", w, correction)
    with v.each(size) as i:
        move = v.sub(v.load(f, i), v.mul(scale, v.load(correction, i)))
        was = v.load(b, i)
        v.store(v.where(one, th, v.add(was, move), was), b, i)


STEP_FUNCTIONS = {
    "attempt": (attempt, 13),
    "dense": (dense, 2),
    "between": (between, 5),
    "polish": (polish, 12),
}
