"""One call from a model and a regimen, in words, as events or as a table, to the curves of one person or of many.

This room owns `simulate` and its result, the table of it, and the pictures of it; and what the rows of an event table
do to a model. It knows no record and no forecast.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.simulation.local_sensitivity import LocalSensitivities, sensitivities
    from bonecast.simulation.pictures import OWN, SET, curve_panel, thinned
    from bonecast.simulation.run import SUFFIXES, SimulationResult, simulate

__all__ = [
    "OWN",
    "SET",
    "SUFFIXES",
    "LocalSensitivities",
    "SimulationResult",
    "curve_panel",
    "sensitivities",
    "simulate",
    "thinned",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "LocalSensitivities": "local_sensitivity",
        "OWN": "pictures",
        "SET": "pictures",
        "SUFFIXES": "run",
        "SimulationResult": "run",
        "curve_panel": "pictures",
        "sensitivities": "local_sensitivity",
        "simulate": "run",
        "thinned": "pictures",
    },
)
