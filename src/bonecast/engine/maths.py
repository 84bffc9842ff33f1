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
    """Raise e to a power, for numbers and nodes.

    Parameters
    ----------
    x : float or Node
        The power.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> exp(0.0)
    1.0
    """
    return graph.exp(x) if isinstance(x, Node) else math.exp(x)


def log(x: Any) -> Any:
    """Take the natural logarithm, for numbers and nodes.

    Parameters
    ----------
    x : float or Node
        Above zero.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> log(1.0)
    0.0
    """
    return graph.log(x) if isinstance(x, Node) else math.log(x)


def sqrt(x: Any) -> Any:
    """Take the square root, for numbers and nodes.

    Parameters
    ----------
    x : float or Node
        Zero or above.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> sqrt(4.0)
    2.0
    """
    return graph.sqrt(x) if isinstance(x, Node) else math.sqrt(x)


def tanh(x: Any) -> Any:
    """Take the hyperbolic tangent, for numbers and nodes.

    Parameters
    ----------
    x : float or Node
        Any number.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> tanh(0.0)
    0.0
    """
    return 1 - 2 / (exp(2 * x) + 1) if isinstance(x, Node) else math.tanh(x)


def sin(x: Any) -> Any:
    """Sine of an angle in radians.

    Parameters
    ----------
    x : float or Node
        The angle.

    Returns
    -------
    float or Node
    """
    return graph.sin(x) if isinstance(x, Node) else math.sin(x)


def cos(x: Any) -> Any:
    """Cosine of an angle in radians.

    Parameters
    ----------
    x : float or Node
        The angle.

    Returns
    -------
    float or Node
    """
    return graph.cos(x) if isinstance(x, Node) else math.cos(x)


def floor(x: Any) -> Any:
    """Take the greatest whole number that is not above x. Its jumps are not located: in a rate, write `switch`.

    Parameters
    ----------
    x : float or Node
        Any number.

    Returns
    -------
    float or Node
    """
    return graph.floor(x) if isinstance(x, Node) else float(math.floor(x))


def abs(x: Any) -> Any:
    """The size of a number. Over states its bend is not located: in a rate that needs it, write `kink`."""
    return where(x, 0.0, x, -x)


def where(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """Select one of two values, for guards and outputs.

    Parameters
    ----------
    x : float or Node
        Compared with the threshold.
    threshold : float or Node
        The threshold.
    above : float or Node
        Value where x is above the threshold.
    below : float or Node
        Value otherwise.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> where(2.0, 1.0, 10.0, 20.0)
    10.0
    """
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.where(x, threshold, above, below)
    return above if x > threshold else below


def switch(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """Select one of two values in a rate that jumps; the integrator locates the crossing.

    Parameters
    ----------
    x : float or Node
        Compared with the threshold.
    threshold : float or Node
        The threshold.
    above : float or Node
        Value where x is above the threshold.
    below : float or Node
        Value otherwise.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> switch(0.0, 1.0, 10.0, 20.0)
    20.0
    """
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.switch(x, threshold, above, below)
    return above if x > threshold else below


def kink(x: Any, threshold: Any, above: Any, below: Any) -> Any:
    """Select one of two values in a rate whose sides meet at the threshold.

    As `switch`, but the crossing need not be located as closely.

    Parameters
    ----------
    x : float or Node
        Compared with the threshold.
    threshold : float or Node
        The threshold.
    above : float or Node
        Value where x is above the threshold.
    below : float or Node
        Value otherwise.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> kink(2.0, 1.0, 10.0, 20.0)
    10.0
    """
    if any(isinstance(v, Node) for v in (x, threshold, above, below)):
        return graph.switch(x, threshold, above, below, jump=False)
    return above if x > threshold else below


def maximum(a: Any, b: Any) -> Any:
    """Take the larger of two, for numbers and nodes.

    Parameters
    ----------
    a, b : float or Node
        The two.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> maximum(1.0, 2.0)
    2.0
    """
    return where(a, b, a, b)


def minimum(a: Any, b: Any) -> Any:
    """Take the smaller of two, for numbers and nodes.

    Parameters
    ----------
    a, b : float or Node
        The two.

    Returns
    -------
    float or Node

    Examples
    --------
    >>> minimum(1.0, 2.0)
    1.0
    """
    return where(a, b, b, a)
