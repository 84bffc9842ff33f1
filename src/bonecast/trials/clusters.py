"""How alike the people of a centre are in a trial that was played, and how many more people that asks for."""

from __future__ import annotations

import polars as pl

from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.endpoints import IntraclusterCorrelation, injections_of, intracluster, response
from bonecast.trials.power import named


def trial_icc(
    design: BoneDesign, outcomes: pl.DataFrame, endpoint: str | None = None
) -> IntraclusterCorrelation:
    """Estimate the intracluster correlation of an endpoint, and its design effect.

    Parameters
    ----------
    design : BoneDesign
        The design, with centres.
    outcomes : polars.DataFrame
        Outcomes of one trial, as a run gives them.
    endpoint : str, optional
        Name of the endpoint; the first primary one by default. It is a change, a reading or of injections.

    Returns
    -------
    IntraclusterCorrelation
        Within arms, by analysis of variance.

    Raises
    ------
    UnknownName
        If there is no such endpoint.
    """
    asked = named(design, endpoint)
    y = injections_of(asked, outcomes) if asked.kind == "doses" else response(asked, outcomes, asked.visit).y
    return intracluster(asked.name, y, outcomes["arm"].to_numpy(), outcomes["centre"].to_numpy())
