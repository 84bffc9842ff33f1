"""The two saturating functions of the paper: every regulation in this model is a product of them."""

from __future__ import annotations

from bonecast.engine import Number


def rising(u: Number) -> Number:
    """gp(u) = u / (1 + u): from 0 at u = 0 to 1, half at u = 1.

    >>> rising(1.0)
    0.5
    """
    return u / (1 + u)


def falling(u: Number) -> Number:
    """gm(u) = 1 / (1 + u): from 1 at u = 0 to 0, half at u = 1.

    >>> falling(3.0)
    0.25
    """
    return 1 / (1 + u)
