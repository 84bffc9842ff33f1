"""Hill functions whose half-point is fixed by the baseline, as systems models of bone write them.

A Hill function `H(x) = x^g / (x^g + h^g)` needs a half-point h. Where a paper states instead that the
function has the value f0 at the baseline x0, h follows from that, so a person's own baseline moves the
half-point along. All functions take floats or expression nodes; x, x0 and h share one unit, and so do f0,
a, b and E.

Source: Peterson MC, Riggs MM. Bone 2010;46:49-63, DOI 10.1016/j.bone.2009.08.053.
"""

from __future__ import annotations

from bonecast.engine import Number


def hill(x: Number, h: Number, g: Number) -> Number:
    """How far is x^g on its way to saturation (0 to 1), with the half-point h given in the unit of x?

    >>> hill(2.0, 2.0, 3.7)
    0.5
    """
    r = (x / h) ** g
    return r / (r + 1)


def rising(x: Number, x0: Number, f0: Number, a: Number, E: Number, g: Number) -> Number:
    """What is a + E*H(x), the rise from a (x = 0) to a + E (x large) that passes through f0 at x0?

    >>> rising(3.0, x0=3.0, f0=1.0, a=0.25, E=2.0, g=1.8)
    1.0
    """
    r = (x / x0) ** g
    return a + E * r / (r + (E / (f0 - a) - 1))


def saturating(x: Number, x0: Number, f0: Number, a: Number, E: Number) -> Number:
    """What is `rising` with exponent 1, which needs no power?

    >>> saturating(3.0, x0=3.0, f0=1.0, a=0.5, E=4.0)
    1.0
    """
    return a + E * x / (x + x0 * (E / (f0 - a) - 1))


def falling(x: Number, x0: Number, f0: Number, a: Number, b: Number, g: Number) -> Number:
    """What is a - (a-b)*H(x), the fall from a (x = 0) to b (x large) that passes through f0 at x0?

    >>> falling(3.0, x0=3.0, f0=1.0, a=3.0, b=0.5, g=2.0)
    1.0
    """
    r = (x / x0) ** g
    return a - (a - b) * r / (r + ((a - b) / (a - f0) - 1))
