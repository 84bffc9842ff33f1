"""Serum markers as powers of formation and resorption, relative to those at time zero (Eq 20)."""

from __future__ import annotations

from typing import NamedTuple

from bonecast.engine import Number, Values
from bonecast.models.joerg_2022.bone_density import Turnover


class Markers(NamedTuple):
    """Markers in percent of their value at time zero."""

    CTX: Number
    P1NP: Number
    BSAP: Number


def markers(p: Values, now: Turnover, then: Turnover) -> Markers:
    """Where are the markers now, in percent of `then`? CTX follows resorption, P1NP and BSAP formation."""
    formation = now.formation / then.formation
    return Markers(
        CTX=100 * (now.resorption / then.resorption) ** p.q_CTX,
        P1NP=100 * formation**p.q_P1NP,
        BSAP=100 * formation**p.q_BSAP,
    )
