"""Is this a dose that anybody gives? Amounts and rhythms held against the forms and regimens of the catalogue.

A slip of the pen is a decimal place or a unit: ten-fold or a thousand-fold. So a dose is asked about where it is five
times, or a fifth, of every listed amount, or where it is repeated five times as often as the nearest listed one. The
factor is a choice; doses of trials that looked for one lie within it, with few exceptions.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from bonecast.core import read_span
from bonecast.drugs.drug import Drug
from bonecast.drugs.index import find_drug

UNUSUAL_FACTOR = 5.0
_ROUNDING = 1e-9
_MG = {"mg": 1.0, "ug": 0.001}
# "60 mg in 1 mL", "tablet, 5 mg, 35 mg and 150 mg": the amounts of a form in words.
_AMOUNT = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?) (mg|ug)\b")


def unusual_dose(drug: str, amount: float, unit: str, every_d: float | None = None) -> str | None:
    """Say why a dose is not one that is given, by the forms and regimens of the catalogue.

    Parameters
    ----------
    drug : str
        Agent or product name.
    amount : float
        Amount of one dose.
    unit : str
        "mg" or "ug".
    every_d : float, optional
        Days between doses; None for a single dose.

    Returns
    -------
    str or None
        The reason in words; None for a usual dose, and for a drug of which no amount is listed.

    Examples
    --------
    >>> unusual_dose("teriparatide", 20, "mg")
    '20 mg of teriparatide is 1,000 times the usual 20 ug'
    >>> unusual_dose("zoledronate", 5, "mg", 7.0)
    '5 mg of zoledronate every 7 days is 52 times as much as 5 mg every 12 months'
    >>> unusual_dose("Prolia", 60, "mg", 182.6) is None
    True
    """
    agent = find_drug(drug)
    listed = _listed(agent)
    if not listed:
        return None
    mg = amount * _MG[unit]
    nearest = min(listed, key=lambda one: abs(math.log(mg / one)))
    shown = f"{amount:.10g} {unit} of {agent.generic}"
    ratio = mg / nearest
    if ratio * (1 + _ROUNDING) >= UNUSUAL_FACTOR:
        return f"{shown} is {_times(ratio)} the usual {_in_words(nearest)}"
    if ratio * (1 - _ROUNDING) <= 1 / UNUSUAL_FACTOR:
        return f"{shown} is one {_ordinal(1 / ratio)} of the usual {_in_words(nearest)}"
    if every_d is None:
        return None
    usual = _densest(agent, nearest)
    if usual is None:
        return None
    dose, interval = usual
    ratio = (mg / every_d) / (dose / read_span(interval, "interval"))
    if ratio * (1 + _ROUNDING) < UNUSUAL_FACTOR:
        return None
    rhythm = "every day" if every_d == 1 else f"every {every_d:.4g} days"
    return f"{shown} {rhythm} is {_times(ratio)} as much as {_in_words(dose)} every {interval}"


@lru_cache(maxsize=256)
def _listed(agent: Drug) -> tuple[float, ...]:
    """The amounts of one dose in mg: of regimens, and of forms and products in words."""
    words = [form.text for form in agent.forms] + [product.strength for product in agent.products]
    found = {float(number) * _MG[unit] for text in words for number, unit in _AMOUNT.findall(text)}
    return tuple(sorted(found | {regimen.dose * _MG[regimen.unit] for regimen in agent.regimens}))


def _densest(agent: Drug, mg: float) -> tuple[float, str] | None:
    """The regimen that gives most a day, of this amount, or else of any."""
    repeated = [(one.dose * _MG[one.unit], one.interval) for one in agent.regimens if one.interval]
    same = [one for one in repeated if math.isclose(one[0], mg)]
    return max(same or repeated, key=lambda one: one[0] / read_span(one[1], "interval"), default=None)


def _in_words(mg: float) -> str:
    return f"{mg:.10g} mg" if mg >= 1 else f"{mg / _MG['ug']:.10g} ug"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio < 1e6 else "over a million times"


def _ordinal(ratio: float) -> str:
    return "fifth" if round(ratio) == 5 else f"{ratio:,.0f}th" if ratio < 1e6 else "millionth"
