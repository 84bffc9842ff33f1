"""What actions do to one another, which no plug-in can know of by itself, and what a state does beside its plug-in.

    refill   = 1 - (1 - refill)/(1 + nG overfill)
    turnover = turnover - tGC glucocorticoid

A glucocorticoid lets osteoblasts die early, and a PTH analogue keeps them alive: it gives back part of what the
glucocorticoid takes from the refill of remodelling sites. In those who stay on it fewer sites are remodelled, so that
there is less for any drug against resorption to stop.
"""

from __future__ import annotations

from dataclasses import replace

from bonecast.engine import Values
from bonecast.models.bonecast_1.action import Action


def action(p: Values, alone: Action) -> Action:
    """The summed action of all plug-ins, and what they do to one another."""
    return replace(
        alone,
        refill=1 - (1 - alone.refill) / (1 + p.nG * alone.overfill),
        turnover=alone.turnover - p.tGC * p.glucocorticoid,
    )
