"""One call from a model and a regimen, in words, as events or as a table, to the curves of one person or of many.

This room owns `simulate` and its result, the table of it, and the pictures of it; and what the rows of an event table
do to a model. It knows no record and no forecast.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.simulation.pictures import OWN, SET, curve_panel, thinned
    from bonecast.simulation.run import SUFFIXES, SimulationResult, simulate

__all__ = [
    "OWN",
    "SET",
    "SUFFIXES",
    "SimulationResult",
    "curve_panel",
    "simulate",
    "thinned",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "OWN": "pictures",
        "SET": "pictures",
        "SUFFIXES": "run",
        "SimulationResult": "run",
        "curve_panel": "pictures",
        "simulate": "run",
        "thinned": "pictures",
    },
)
