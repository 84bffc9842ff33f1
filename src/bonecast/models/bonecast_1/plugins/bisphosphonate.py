"""What all bisphosphonates share: to the bone's open surface, from there into bone, and off again with resorption.

    surf   = (R + F)/2                                        open surface, 1 at rest
    k      = f0/(1 - f0) (GFR0/GFR);  fu = k surf/(1 + k surf)    share taken up by bone; the rest is lost in urine
    dP/dt  = -kp P                                            drug in plasma, on its way (mg)
    dS/dt  = fu (kp P + krB R B) - (krS R + kd + kb F) S      on the surface: active
    dB/dt  = kb F S - krB R B                                 buried: silent until resorption frees it
    load   = S/K

So a bone under denosumab takes up less, and a bone in rebound takes up more and loses it faster. F is formation on
remodelling sites. krS and kd are net of what binds again beside the place that it left. Each drug has its own K, kd
and f0; krS, kb and krB are shared.
"""

from __future__ import annotations

from bonecast.engine import Number, Route, Values
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_1.plugin import Bone, Plugin

PER_DAY_FROM_PLASMA = 4.0  # kp: plasma half-lives are hours; days later the drug is on bone or in urine
GFR_REFERENCE = 85.0  # mL/min, of the people in whom f0 was measured


def bisphosphonate(drug: str, letter: str, by_mouth: bool) -> Plugin:
    """The plug-in of one bisphosphonate: states P, S and B with its letter, parameters K, kd, f0 with its letter."""
    P, S, B = (f"{pool}{letter}" for pool in "PSB")

    def taken_up(p: Values, bone: Bone) -> Number:
        f0 = getattr(p, f"f0{letter}")
        k = f0 / (1 - f0) * GFR_REFERENCE / bone.GFR * (bone.resorption + bone.formation) / 2
        return k / (1 + k)

    def rates(y: Values, p: Values, bone: Bone) -> dict[str, Number]:
        plasma, surface, buried = (getattr(y, name) for name in (P, S, B))
        off = p.krS * bone.resorption + getattr(p, f"kd{letter}")
        freed = p.krB * bone.resorption * buried
        covered = p.kb * bone.formation * surface
        arriving = PER_DAY_FROM_PLASMA * plasma + freed
        return {
            P: -PER_DAY_FROM_PLASMA * plasma,
            S: taken_up(p, bone) * arriving - off * surface - covered,
            B: covered - freed,
        }

    def absorbed(p: Values) -> Number:
        return getattr(p, f"F{letter}") * p.adherence if by_mouth else 1.0

    return Plugin(
        name=drug,
        action=lambda y, p: Action(load=getattr(y, S) / getattr(p, f"K{letter}")),
        initial=lambda p: {P: 0.0, S: 0.0, B: 0.0},
        rates=rates,
        routes={drug: Route(P, "mg", absorbed, given="spread" if by_mouth else "bolus")},
        scales={P: 0.1, S: 0.1, B: 0.1},
    )
