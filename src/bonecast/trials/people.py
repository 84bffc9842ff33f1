"""The people of a trial: kinds, days of their visits, own deviations; each decision a stream keyed by the person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from bonecast.cohorts import Cohort, draw_cohort
from bonecast.engine import normals_at
from bonecast.trials.allocation import allocate
from bonecast.trials.design import Design, Trait

IDS = 1024  # ids of one trial: a multiple of this, so that a larger trial holds the same first people


@dataclass(frozen=True)
class People:
    """The people of some trials, one after the other.

    Parameters
    ----------
    trial : ndarray of int, shape (person,)
        Number of the trial.
    person : ndarray of int, shape (person,)
        Number within the trial.
    arm : ndarray of int, shape (person,)
        Number of the arm.
    words : mapping of str to ndarray
        Trait or label to its word for each person.
    days : mapping of str to ndarray
        Visit to its day for each person.
    evaluable : ndarray
        Whether the specimens can be used.
    cohort : Cohort
        Parameters before any scenario.
    errors : mapping of tuple of (str, str) to ndarray
        (assay, visit) to a standard normal number for each person.
    """

    trial: np.ndarray
    person: np.ndarray
    arm: np.ndarray
    words: Mapping[str, np.ndarray]
    days: Mapping[str, np.ndarray]
    evaluable: np.ndarray
    cohort: Cohort
    errors: Mapping[tuple[str, str], np.ndarray]

    def __repr__(self) -> str:
        return f"<People: {len(self.person)} virtual people, {len(set(self.trial.tolist()))} trials>"


def draw_people(design: Design, first: int, count: int) -> People:
    """Draw the people of some trials of a window design.

    Parameters
    ----------
    design : Design
        The design.
    first : int
        Number of the first trial.
    count : int
        Number of trials.

    Returns
    -------
    dict of str to ndarray
        The same trials give the same people, whichever others are drawn.

    Examples
    --------
    >>> from bonecast.trials import preset
    >>> both, second = draw_people(preset("window"), 0, 2), draw_people(preset("window"), 1, 1)
    >>> bool(np.all(both.days["surgery"][60:] == second.days["surgery"]))
    True
    """
    n, stride = design.people, -(-design.people // IDS) * IDS
    number = (np.arange(first, first + count)[:, None] * stride + np.arange(n)).reshape(-1)

    def stream(name: str) -> np.ndarray:
        return normals_at(design.seed, name, number)

    words: dict[str, np.ndarray] = {}
    typical = {name: np.full(count * n, value) for name, value in design.parameters.items()}
    for trait in design.traits:
        _assign(design, trait, ndtr(stream(f"trait {trait.name}")), words, typical)
    days = {}
    for visit in design.visits:
        width = visit.last - visit.first + 1
        drawn = np.minimum((ndtr(stream(f"day of {visit.name}")) * width).astype(np.int64), width - 1)
        days[visit.name] = visit.first + drawn
        if visit.days_before is not None:
            typical[visit.days_before] = np.full(count * n, -float(visit.first))
    strata = [words[name].reshape(count, n) for name in design.strata]
    arms = [allocate(design, [s[i] for s in strata], first + i) for i in range(count)]
    return People(
        trial=np.repeat(np.arange(first, first + count), n),
        person=np.tile(np.arange(n), count),
        arm=np.concatenate(arms),
        words=words,
        days=days,
        evaluable=ndtr(stream("evaluable")) >= design.not_evaluable,
        cohort=draw_cohort(design.model, number, design.seed, typical),
        errors={(a.name, visit): stream(f"{a.name} at {visit}") for a in design.assays for visit in a.at},
    )


def _assign(
    design: Design,
    trait: Trait,
    chance: np.ndarray,
    words: dict[str, np.ndarray],
    typical: dict[str, np.ndarray],
) -> None:
    """Each person's value of a trait, with its labels and with what it means to the model."""
    shares = np.cumsum([value.share for value in trait.values])
    which = np.searchsorted(shares / shares[-1], chance, side="right").clip(max=len(shares) - 1)
    words[trait.name] = np.array([value.name for value in trait.values])[which]
    for label in dict.fromkeys(label for value in trait.values for label in value.labels):
        words[label] = np.array([value.labels.get(label, "") for value in trait.values])[which]
    defaults = {**design.model.system.parameters, **design.parameters}
    for name in dict.fromkeys(name for value in trait.values for name in value.parameters):
        typical[name] = np.array([value.parameters.get(name, defaults[name]) for value in trait.values])[
            which
        ]
