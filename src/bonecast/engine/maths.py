"""The functions that equation files may use beside `+ - * / **`: they take floats or expression nodes.

On floats they are `math`; on nodes they build the graph that becomes the kernel. `switch` is for a rate
that jumps, `kink` for one that bends (a flow that stops at zero): the integrator locates the crossing and ends a
step on it, very closely for a jump. `where` only selects, and is for guards and outputs; a step may run over it.
"""

from __future__ import annotations

import math
from typing import Any

from bonecast.engine import graph
from bonecast.engine.graph import Node


def exp(x: Any) -> Any:
    """e to the power x."""
    return graph.exp(x) if isinstance(x, Node) else math.exp(x)


def log(x: Any) -> Any:
    """Natural logarithm of a positive number."""
    return graph.log(x) if isinstance(x, Node) else math.log(x)


def sqrt(x: Any) -> Any:
    """Square root of a number that is not negative."""
    return graph.sqrt(x) if isinstance(x, Node) else math.sqrt(x)


def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    return 1 - 2 / (exp(2 * x) + 1) if isinstance(x, Node) else math.tanh(x)


def sin(x: Any) -> Any:
    """Sine of an angle in radians."""
    return graph.sin(x) if isinstance(x, Node) else math.sin(x)


def cos(x: Any) -> Any:
    """Cosine of an angle in radians."""
    return graph.cos(x) if isinstance(x, Node) else math.cos(x)


def floor(x: Any) -> Any:
    """The greatest whole number that is not above x. Its jumps are not located: in a rate, write `switch`."""
    return graph.floor(x) if isinstance(x, Node) else float(math.floor(x))


def abs(x: Any) -> Any:
    """The size of a number. Over states its bend is not located: in a rate that needs it, write `kink`."""
    return where(x, 0.0, x, -x)


def where(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """`above` where x > threshold, else `below`: a plain selection, for guards and outputs."""
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.where(x, threshold, above, below)
    return above if x > threshold else below


def switch(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """`above` where x > threshold, else `below`: a jump of a rate, whose crossing the integrator locates."""
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.switch(x, threshold, above, below)
    return above if x > threshold else below


def kink(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """As `switch`, for a rate whose two sides meet at the threshold: the crossing need not be met as closely."""
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.switch(x, threshold, above, below, jump=False)
    return above if x > threshold else below


def maximum(a: Any, b: Any) -> Any:
    """The larger of two."""
    return where(a, b, a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller of two."""
    return where(a, b, b, a)
