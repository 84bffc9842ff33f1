"""Which columns of the outcomes an endpoint reads, so that a report takes no more than those into memory."""

from __future__ import annotations

from collections.abc import Container, Iterable

from bonecast.trials.endpoints.clustered import CLUSTER
from bonecast.trials.endpoints.endpoint import TrialEndpoint
from bonecast.trials.endpoints.frame import STOPS, cut_column
from bonecast.trials.endpoints.kinds import EVENT_KINDS


def columns_of(endpoint: TrialEndpoint, strata: Iterable[str], known: Container[str]) -> list[str]:
    """The columns among `known` that the analysis of this endpoint reads.

    >>> columns_of.__name__
    'columns_of'
    """
    asked = ["trial", "arm", "weight", *(cut_column(text) for text in (*strata, *endpoint.subgroups))]
    if endpoint.estimand != "treatment-policy":
        asked += [*STOPS, *(f"day_{visit}" for visit in (*endpoint.visits, *endpoint.samples))]
    if endpoint.kind in EVENT_KINDS:
        asked += ["followed_d", "left", *(f"{endpoint.quantity}_{end}" for end in ("d", "count", "days"))]
    elif endpoint.kind == "doses":
        asked += ["doses", "stopped_d", endpoint.quantity]
    else:
        visits = (endpoint.baseline, endpoint.visit, *endpoint.visits, *endpoint.samples)
        asked += [endpoint.column(endpoint.visit), *(f"{endpoint.quantity}_{visit}" for visit in visits)]
    if endpoint.method == CLUSTER:
        asked.append("centre")
    if endpoint.of_course:
        asked += [f"day_{visit}" for visit in endpoint.samples]
    return [name for name in dict.fromkeys(asked) if name in known]
