"""The mineral half of the body: kidney, gut, glands, serum and skeleton together, as the body calls them."""

from __future__ import annotations

from bonecast.engine import Number, Values
from bonecast.models.bonecast_1 import calcitriol, kidney, parathyroid, serum, skeleton
from bonecast.models.bonecast_1.action import Action


def initial(p: Values) -> dict[str, Number]:
    """Serum, calcitriol and gut, gland, and skeletal mineral at rest."""
    b = kidney.baseline(p)
    return {
        **serum.initial(p, b),
        **calcitriol.initial(p, b),
        **parathyroid.initial(p),
        **skeleton.initial(p, b),
    }


def pth(y: Values, p: Values) -> Number:
    """PTH relative to the person's own baseline."""
    return parathyroid.pth(y, p)


def pth_at_rest(p: Values) -> Number:
    """PTH before treatment, pg/mL."""
    return kidney.baseline(p).PTH


def rates(y: Values, p: Values, act: Action, activity: Number) -> dict[str, Number]:
    """All rates of the mineral states, per day; `activity` is PTH with what an analogue adds."""
    b = kidney.baseline(p)
    return {
        **serum.rates(y, p, b, act, activity),
        **calcitriol.rates(y, p, b, activity),
        **parathyroid.rates(y, p),
    }
