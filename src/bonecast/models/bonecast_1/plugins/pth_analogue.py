"""What teriparatide and abaloparatide share: a daily dose, and what its pulse does to bone, kidney and gut.

da/dt = dose - k a                                        running mean of the daily dose, ug
T     = (1 + k) a/(a + k a20)                             effect: 1 at the labelled dose, at most 1 + k; k = 1
tone = 1 + eL T        more RANKL: resorption rises, late because recruitment takes months
stimulus = eA T        modelling, early
overfill = bT T        remodelling sites lay down more than was taken: most of its formation
pth_activity = PT T    kidney and gut
"""

from __future__ import annotations

from collections.abc import Callable

from bonecast.engine import Number, Route, Values, maximum
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Plugin

PER_DAY = 1.0  # k: forgets a dose in about a day


def pth_analogue(drug: str, letter: str, reach: Callable[[Values], Number] = lambda p: 1.0) -> Plugin:
    """The plug-in of one analogue: state `amount_x`, parameters half_x, eLx, eAx, bTx, PTx with its letter.

    reach : k, the dose with half of the greatest effect, in labelled doses.
    """
    state = f"amount_{letter}"

    def effect(y: Values, p: Values) -> Number:
        a = maximum(getattr(y, state), 0.0)
        k = reach(p)
        return (1 + k) * a / (a + k * getattr(p, f"half_{letter}"))

    def action(y: Values, p: Values) -> Action:
        T = effect(y, p)
        return Action(
            tone=1 + getattr(p, f"eL{letter}") * T,
            stimulus=getattr(p, f"eA{letter}") * T,
            overfill=getattr(p, f"bT{letter}") * T,
            pth_activity=getattr(p, f"PT{letter}") * T,
        )

    return Plugin(
        name=drug,
        action=action,
        initial=lambda p: {state: 0.0},
        rates=lambda y, p, bone: {state: -PER_DAY * getattr(y, state)},
        routes={drug: Route(state, "ug", lambda p: PER_DAY, given="spread")},
        scales={state: 20.0},
    )
