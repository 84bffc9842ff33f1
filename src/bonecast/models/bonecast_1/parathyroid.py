"""PTH: secreted in minutes by serum calcium, by a gland whose capacity follows over weeks.

    pth    = Gp (mn + (mx - mn)/(1 + (ca/cs)^mPTH))          relative to the person's own PTH0
    cs     = c0 ((mx - 1)/(1 - mn))^(-1/mPTH)                so that pth = 1 at ca = c0
    dGp/dt = kGp (1 + gG x - Gp),  x = u/(1 + u/2),  u = max(0, (c0/ca)^10 - 1)

Activity at kidney and gut: act = pth + what a PTH analogue adds.
"""

from __future__ import annotations

from bonecast.engine import Number, Values, maximum

LEAST = 0.08  # mn: secretion that calcium cannot suppress, share of PTH0


def initial(p: Values) -> dict[str, Number]:
    """The gland at rest."""
    return {"Gp": 1.0}


def pth(y: Values, p: Values) -> Number:
    """PTH relative to the person's own baseline."""
    cs = p.c0 * ((p.mx - 1) / (1 - LEAST)) ** (-1 / p.mPTH)
    return y.Gp * (LEAST + (p.mx - LEAST) / (1 + (y.ca / cs) ** p.mPTH))


def rates(y: Values, p: Values) -> dict[str, Number]:
    """Gland capacity, per day."""
    u = maximum((p.c0 / y.ca) ** 10 - 1, 0.0)
    return {"Gp": p.kGp * (1 + p.gG * u / (1 + u / 2) - y.Gp)}
