"""What the measurements of a person taught, and how the history was replayed: the data behind a forecast's notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bonecast.cohorts import ReplayedHistory
from bonecast.inference import Posterior
from bonecast.models import Model
from bonecast.outcomes import TURNOVER, QuantileRange, Summary, range_of


@dataclass(frozen=True)
class Learning:
    """What the measurements taught, and how the history was replayed.

    Parameters
    ----------
    facts : mapping of str to float
        Facts of the record as the model takes them.
    observed : tuple of str
        Endpoint key of each measurement that was learned from.
    conflicts : tuple of str
        A sentence for each measurement that conflicts with others.
    levels : dict
        "CTX", "P1NP" to the level before treatment, where it was measured.
    turnover, prior_turnover : QuantileRange or None
        Turnover relative to a typical person's, with and without the measurements.
    prior_summary : Summary or None
        Of the first strategy, for similar people before their measurements were known.
    left_out : tuple of str
        Drugs of the history that the model leaves out.
    complete : bool
        Could the model follow every person of the ensemble?
    outdated : bool
        Was the history changed without learning again?
    """

    facts: Mapping[str, float]
    observed: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    levels: dict[str, QuantileRange] = field(default_factory=dict)
    turnover: QuantileRange | None = None
    prior_turnover: QuantileRange | None = None
    prior_summary: Summary | None = None
    left_out: tuple[str, ...] = ()
    complete: bool = True
    outdated: bool = False


def learning_of(
    facts: Mapping[str, float],
    model: Model,
    known: Posterior,
    past: ReplayedHistory | None,
    prior_summary: Summary | None = None,
    outdated: bool = False,
) -> Learning:
    """Collect what the notes of a forecast are written from. past : None where the model cannot follow the history."""
    observed = tuple(o.key for o in known.observations)
    markers = [key for key in TURNOVER if key in observed]
    typical = model.system.parameters.get("turnover")
    measured = bool(markers and typical and "turnover" in known.people)
    return Learning(
        facts=facts,
        observed=observed,
        conflicts=known.notes,
        levels={key: range_of(known.levels[key]) for key in markers},
        turnover=range_of(known.people["turnover"] / typical) if measured and typical else None,
        prior_turnover=range_of(known.prior_people["turnover"] / typical) if measured and typical else None,
        prior_summary=prior_summary,
        left_out=past.left_out if past is not None else (),
        complete=past is None or bool(past.trajectories.succeeded.all()),
        outdated=outdated,
    )
