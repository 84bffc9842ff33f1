"""One call from a model and a regimen, in words, as events or as a table, to the curves of one person or of many.

This room owns `simulate` and its result, the table of it, and the pictures of it; and what the rows of an event table
do to a model. It knows no record and no forecast.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports

if TYPE_CHECKING:
    from bonecast.simulation.event_runs import EventRun, moves_events
    from bonecast.simulation.local_sensitivity import LocalSensitivities, sensitivities
    from bonecast.simulation.pictures import OWN, SET, curve_panel, runs_overlay, thinned
    from bonecast.simulation.run import (
        SUFFIXES,
        SimulationResult,
        TimeUnit,
        simulate,
        time_unit_of,
        with_outputs,
    )
    from bonecast.simulation.variance_shares import GlobalSensitivities, global_sensitivity

__all__ = [
    "OWN",
    "SET",
    "SUFFIXES",
    "EventRun",
    "GlobalSensitivities",
    "LocalSensitivities",
    "SimulationResult",
    "TimeUnit",
    "curve_panel",
    "global_sensitivity",
    "moves_events",
    "runs_overlay",
    "sensitivities",
    "simulate",
    "thinned",
    "time_unit_of",
    "with_outputs",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "EventRun": "event_runs",
        "GlobalSensitivities": "variance_shares",
        "LocalSensitivities": "local_sensitivity",
        "OWN": "pictures",
        "SET": "pictures",
        "SUFFIXES": "run",
        "SimulationResult": "run",
        "TimeUnit": "run",
        "curve_panel": "pictures",
        "runs_overlay": "pictures",
        "global_sensitivity": "variance_shares",
        "moves_events": "event_runs",
        "sensitivities": "local_sensitivity",
        "simulate": "run",
        "thinned": "pictures",
        "time_unit_of": "run",
        "with_outputs": "run",
    },
)
