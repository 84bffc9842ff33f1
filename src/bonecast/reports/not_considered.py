"""What no number of a forecast holds: for anyone, and of what this person's record says."""

from __future__ import annotations

from collections.abc import Iterator

from bonecast.core import gettext
from bonecast.forecasts import Forecast
from bonecast.models import load_model
from bonecast.records import FactValue, Patient, known_facts, quantities
from bonecast.reports.accounts import wording


def not_considered(forecast: Forecast) -> tuple[str, ...]:
    """Say what is left out of this forecast.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        Sentences; first what the record says and no number uses.
    """
    read = {name for model in forecast.models for name in load_model(model).covariates}
    unused = list(_unused(forecast.patient, read))
    own = (gettext("On record and in no number: {names}.", names="; ".join(unused)),) if unused else ()
    return (*own, *_gaps(forecast), *(f"{gettext(row['what'])}." for row in wording()["left_out"]))


def _unused(patient: Patient, read: set[str]) -> Iterator[str]:
    """Facts that the record states and no model reads; what is said not to be so is left out."""
    used = {name for name, covariate in wording()["used"]["covariates"].items() if covariate in read}
    used |= set(wording()["used"]["facts"])
    named = {fact.kept_as: fact for fact in known_facts().values()}
    for name, value in patient.facts:
        if name in used or value is False or name not in named:
            continue
        fact = named[name]
        yield _stated(fact.meaning.partition(", such as")[0], fact.kind, value)


def _stated(words: str, kind: str, value: FactValue) -> str:
    if value is True:
        return gettext(words)
    if kind in quantities() and isinstance(value, int | float):
        return f"{gettext(words)}, {value:g} {quantities()[kind].usual}"
    return f"{gettext(words)}: {gettext(str(value).replace('_', ' '))}"


def _gaps(forecast: Forecast) -> Iterator[str]:
    """Whole strategies that the model cannot follow."""
    for strategy in forecast.strategies:
        if not forecast.bands.get(strategy.name):
            reason = next((g.reason for g in forecast.gaps if g.strategy == strategy.name), "")
            yield f"'{strategy.name}': {gettext(reason)}"
