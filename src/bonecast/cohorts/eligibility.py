"""Who may enter: conditions over covariates, in the language of `bonecast.core`, asked of many people at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from bonecast.cohorts.column import columns
from bonecast.core import Condition, Symbol, Vocabulary, names_in, read_condition
from bonecast.errors import InputError, InputErrors

Values = Mapping[str, np.ndarray]


class EligibilityError(InputErrors):
    """Expressions that cannot be used.

    Parameters
    ----------
    faults : sequence of InputError
        Every fault, in order of the expressions.
    found : int, optional
        How many there are, if more than were kept.
    """

    what = "list"


@dataclass(frozen=True)
class Eligibility:
    """What must hold of a person who enters; made by `Eligibility.of`.

    Parameters
    ----------
    texts : tuple of str
        Expressions over covariates, which must all hold.
    names : tuple of str
        Covariates in them.

    Raises
    ------
    EligibilityError
        From `Eligibility.of`, if a text cannot be used.

    Examples
    --------
    >>> from bonecast.cohorts import population
    >>> people = population("postmenopausal-osteoporosis").draw(1, 0, 500)
    >>> asked = Eligibility.of(["age >= 60", "LS_T_score < -2.5 or TH_T_score < -2.5"])
    >>> bool(people.select(asked.holds(people))["age"].min() >= 60)
    True
    >>> Eligibility.of(["agee >= 60"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    bonecast...EligibilityError: eligible 1, agee: there is no covariate called 'agee'; did you mean age.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    _asked: tuple[Condition, ...]

    @staticmethod
    def of(texts: Sequence[str], place: str = "eligible") -> Eligibility:
        """Read the texts. Raises EligibilityError where any cannot be used, with the fault of each."""
        faults, asked = [], []
        for i, text in enumerate(texts, 1):
            try:
                asked.append(read_condition(text, f"{place} {i}", _vocabulary()))
            except InputError as fault:
                faults.append(fault)
        if faults:
            raise EligibilityError(faults)
        names = dict.fromkeys(name for one in asked for name in names_in(one))
        return Eligibility(tuple(texts), tuple(names), tuple(asked))

    def holds(self, people: Values) -> np.ndarray:
        """Who of them is eligible? bool[count]; a value that is missing (NaN) fails every comparison."""
        held = np.ones(_count(people), bool)
        with np.errstate(
            divide="ignore", invalid="ignore"
        ):  # what is divided by 0 fails its comparison or not
            for asked in self._asked:
                held &= asked.holds(people)
        return held

    def counts(self, people: Values) -> list[tuple[str, int]]:
        """How many fail each text, counted at the first that they fail: what a flow chart says."""
        left, out = np.ones(_count(people), bool), []
        for text, asked in zip(self.texts, self._asked, strict=True):
            passed = left & Eligibility((text,), (), (asked,)).holds(people)
            out.append((text, int(left.sum() - passed.sum())))
            left = passed
        return out


def _count(people: Values) -> int:
    return len(next(iter(people.values())))


@cache
def _vocabulary() -> Vocabulary:
    symbols = {
        name: Symbol(name, "number", column.unit, (), column.low, column.high, column.label)
        if column.is_number
        else Symbol(name, "yes or no", label=column.label)
        for name, column in columns().items()
    }
    return Vocabulary("covariate", symbols, "age >= 60", arithmetic=True)
