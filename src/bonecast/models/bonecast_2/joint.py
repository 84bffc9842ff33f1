"""What two actions do to one another, which no plug-in can know of by itself.

    stimulus -= mB covered                        a covered surface starts less modelling
    refill    = 1 - (1 - refill)/(1 + nG overfill)  PTH analogues undo what a glucocorticoid takes from osteoblasts
"""

from __future__ import annotations

from dataclasses import replace

from bonecast.engine import Values
from bonecast.models.bonecast_1.action import Action
from bonecast.models.bonecast_2 import osteoclasts


def action(p: Values, alone: Action) -> Action:
    """The summed action of all plug-ins, and what they do to one another."""
    return replace(
        alone,
        stimulus=alone.stimulus - p.mB * osteoclasts.covered(p, alone.load),
        refill=1 - (1 - alone.refill) / (1 + p.nG * alone.overfill),
    )
