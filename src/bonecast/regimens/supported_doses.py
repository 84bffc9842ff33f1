"""Which of the doses given so far a model can replay."""

from __future__ import annotations

from bonecast.models import Model
from bonecast.regimens.course import Dose
from bonecast.regimens.history import History

COURSE_INTERVAL_D = 31  # days: drugs taken at least monthly are a course, not single doses


def supported_doses(model: Model, history: History) -> tuple[tuple[Dose, ...], tuple[str, ...]] | None:
    """Select the doses of a history that a model can replay.

    A drug may be left out if its cover ended before the first dose of a supported drug (a course of alendronate long
    before denosumab).

    Parameters
    ----------
    model : Model
        The model.
    history : History
        The history.

    Returns
    -------
    tuple of (tuple of Dose, tuple of str) or None
        The doses, and the drugs that are left out; None where the model cannot follow this person.
    """
    mine = tuple(d for d in history.doses if d.drug in model.drugs)
    others = [d for d in history.doses if d.drug not in model.drugs and d.drug != "placebo"]
    if others and not mine:
        return None
    if any(d.time_d + d.cover_d > mine[0].time_d + COURSE_INTERVAL_D for d in others):
        return None
    return mine, tuple(dict.fromkeys(d.drug for d in others))
