"""Which measurements do not fit, in sentences for the reader of a forecast."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bonecast.core import gettext
from bonecast.inference.posterior_predictive import SURPRISING, PredictiveCheck


def conflicts(found: Sequence[PredictiveCheck]) -> Iterable[str]:
    """One sentence for each measurement that conflicts with the others, or that is taken for an outlier."""
    said: set[frozenset[int]] = set()
    for one in found:
        if not one.odd and not one.outlier:
            continue
        if one.against is not None:
            pair = frozenset((id(one.observation), id(one.against)))
            if pair in said and not one.outlier:
                continue  # said already, from the other side
            said.add(pair)
        yield _sentence(one)


def _sentence(one: PredictiveCheck) -> str:
    share = f"{100 * (1 - 2 * SURPRISING):.0f} %"
    side = gettext("above") if one.tail > 0.5 else gettext("below")
    if one.observation.below:
        where = gettext(
            "lies below the assay's limit, where hardly any people like this one, with the other "
            "values, would be"
        )
    elif one.odd:
        where = gettext(
            "lies {side} what {share} of people like this one, with the other values, would have",
            side=side,
            share=share,
        )
    else:
        where = gettext("does not fit the other values")
    against = (
        gettext("; it conflicts with the {label}", label=one.against.label) if one.against is not None else ""
    )
    weight = (
        gettext("weighs little")
        if one.outlier and one.outlier_probability > 0.5
        else gettext("is counted with its usual error")
    )
    return gettext(
        "The {label} {where}{against}; it is shown and {weight}.",
        label=one.observation.label,
        where=where,
        against=against,
        weight=weight,
    )
