"""What a drug or a state of the body may do to bone: the only words in which a plug-in speaks to the body.

Each field has a value that does nothing. The body multiplies the factors and adds the sums of all plug-ins, so that
no plug-in needs to know of another.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bonecast.engine import Number


@dataclass(frozen=True)
class Action:
    """The action of one plug-in, all relative to the untreated body.

    tone : factor on the RANKL that bone makes (1 = as untreated).
    bound : antibody against RANKL in bone, in units of the level that halves free RANKL.
    activity : factor on what each osteoclast resorbs, its number unchanged (1 = as untreated).
    load : bisphosphonate on the surface, in units of the amount at which it doubles osteoclast death.
    stimulus : added to the anabolic stimulus of modelling (0 = as untreated).
    overfill : share of matrix that remodelling sites lay down beyond the usual.
    refill : factor on what remodelling sites lay down (1 = as untreated).
    turnover : added to the set point of turnover, supply of precursors and of sites (0 = as untreated).
    pth_activity : added to PTH at kidney and gut, in units of the person's own PTH.
    """

    tone: Number = 1.0
    bound: Number = 0.0
    activity: Number = 1.0
    load: Number = 0.0
    stimulus: Number = 0.0
    overfill: Number = 0.0
    refill: Number = 1.0
    turnover: Number = 0.0
    pth_activity: Number = 0.0


def together(actions: Iterable[Action]) -> Action:
    """What do several plug-ins do at once? Factors multiply, the rest adds up.

    >>> together([Action(tone=0.5, load=1.0), Action(tone=2.0, load=2.0)])  # doctest: +ELLIPSIS
    Action(tone=1.0, bound=0.0, activity=1.0, load=3.0, ...)
    """
    whole = Action()
    for a in actions:
        whole = Action(
            tone=whole.tone * a.tone,
            bound=whole.bound + a.bound,
            activity=whole.activity * a.activity,
            load=whole.load + a.load,
            stimulus=whole.stimulus + a.stimulus,
            overfill=whole.overfill + a.overfill,
            refill=whole.refill * a.refill,
            turnover=whole.turnover + a.turnover,
            pth_activity=whole.pth_activity + a.pth_activity,
        )
    return whole
