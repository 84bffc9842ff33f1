"""What an analysis takes of the outcomes of a trial: arms against the reference, weights, strata, groups of people."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
import polars as pl

from bonecast.errors import InputError, UnknownName
from bonecast.trials.endpoints.endpoint import TrialEndpoint

CUT = re.compile(r"\s*(\w+)\s*(>=|<=|>|<|==)\s*(-?[0-9.]+)\s*")
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "==": operator.eq,
}  # fmt: skip
OPPOSITE = {">=": "<", "<=": ">", ">": "<=", "<": ">=", "==": "!="}
FEW = 12  # different values up to which a number is taken as a category
STOPS = ("stopped_d", "rescued_d", "crossed_d")


class TrialArm(Protocol):
    """An arm of a design, as far as an analysis knows it."""

    @property
    def name(self) -> str:
        """Its name."""
        ...


class TrialDesign(Protocol):
    """A design, as far as an analysis knows it. The last arm is the reference."""

    @property
    def arms(self) -> tuple[TrialArm, ...]:
        """All arms, in the order of the file."""
        ...

    @property
    def strata(self) -> tuple[str, ...]:
        """Names of covariates, or cuts of them ("age >= 75")."""
        ...


def arm_names(design: TrialDesign) -> tuple[tuple[str, ...], str]:
    """The arms that are compared, the treated one first, and the reference.

    `treated` and `control` of the design where it names them; otherwise the first and the last arm.
    """
    names = [arm.name for arm in design.arms]
    reference = getattr(design, "control", "") or names[-1]
    treated = getattr(design, "treated", "") or next(name for name in names if name != reference)
    others = [name for name in names if name not in (treated, reference)]
    return (treated, *others), reference


def between(frame: pl.DataFrame, arm: str, reference: str) -> pl.DataFrame:
    """The people of two arms."""
    pair = frame["arm"].is_in([arm, reference])
    return frame if pair.all() else frame.filter(pair)  # a million people are not copied for nothing


def cut_column(text: str) -> str:
    """The covariate that a cut or a plain name speaks of.

    >>> cut_column("age >= 75"), cut_column("prior_vertebral")
    ('age', 'prior_vertebral')
    """
    found = CUT.fullmatch(text)
    return found[1] if found else text.strip()


def groups(frame: pl.DataFrame, text: str) -> dict[str, np.ndarray]:
    """Who belongs where, by a cut ("age >= 75") or by the values of a covariate: {label: people[person]}.

    >>> one = pl.DataFrame({"age": [70, 80]})
    >>> {name: who.tolist() for name, who in groups(one, "age >= 75").items()}
    {'age >= 75': [False, True], 'age < 75': [True, False]}
    """
    name = cut_column(text)
    if name not in frame.columns:
        raise UnknownName("outcomes", "covariate", name, frame.columns)
    column = frame[name]
    found = CUT.fullmatch(text)
    if found:
        sign, level = found[2], float(found[3])
        here = SIGNS[sign](column.cast(pl.Float64).to_numpy(), level)
        return {f"{name} {sign} {level:g}": here, f"{name} {OPPOSITE[sign]} {level:g}": ~here}
    kinds = column.unique().drop_nulls().sort()
    if len(kinds) > FEW:
        raise InputError(
            f"outcomes, {name}", f"it has {len(kinds)} values", f"give a cut, such as {name} >= 70"
        )
    if set(kinds.to_list()) <= {0, 1}:
        yes = column.cast(pl.Float64).to_numpy() == 1
        return {name: yes, f"no {name}": ~yes}
    return {f"{name} {kind}": (column == kind).fill_null(False).to_numpy() for kind in kinds}


def stratum_columns(frame: pl.DataFrame, strata: Iterable[str]) -> np.ndarray:
    """Columns of a linear model for the strata, [person, column]: one less than there are groups in each."""
    columns = []
    for text in strata:
        name = cut_column(text)
        if name == "centre":  # balances arms; far too many groups for a model of a few hundred people
            continue
        if not CUT.fullmatch(text) and name in frame.columns and frame[name].n_unique() > FEW:
            columns.append(frame[name].cast(pl.Float64).to_numpy())  # a number that is taken as it is
        else:
            columns += list(groups(frame, text).values())[1:]
    return np.column_stack(columns).astype(float) if columns else np.empty((frame.height, 0))


def weights(frame: pl.DataFrame) -> np.ndarray | None:
    """Weights scaled to a mean of one, or None where everybody counts the same."""
    if "weight" not in frame.columns:
        return None
    found = frame["weight"].cast(pl.Float64).to_numpy()
    return None if not len(found) or np.ptp(found) == 0 else found / found.mean()


def kept_by(endpoint: TrialEndpoint, frame: pl.DataFrame, visit: str) -> np.ndarray:
    """Whose reading of a visit counts: everybody's by treatment policy; otherwise those up to the stop of treatment."""
    if endpoint.estimand == "treatment-policy":
        return np.ones(frame.height, bool)
    day = _days(frame, f"day_{visit}", float(endpoint.day))
    return day <= stop_day(frame)


def stop_day(frame: pl.DataFrame) -> np.ndarray:
    """The day when the assigned treatment ended for good: stopped, rescued or crossed over; infinite if never."""
    days = [_days(frame, name, np.inf) for name in STOPS if name in frame.columns]
    return np.minimum.reduce(days) if days else np.full(frame.height, np.inf)


def _days(frame: pl.DataFrame, name: str, otherwise: float) -> np.ndarray:
    if name not in frame.columns:
        return np.full(frame.height, otherwise)
    return frame[name].cast(pl.Float64).fill_null(otherwise).to_numpy()


def values(frame: pl.DataFrame, name: str) -> np.ndarray:
    """A column as numbers, NaN where it was not read."""
    if name not in frame.columns:
        raise UnknownName("outcomes", "column", name, frame.columns)
    return frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy()
