"""One colour for each drug, on every page and in every picture; strategies of one drug differ by dash and sign.

The colours have a contrast of 3:1 or more against white and are distinguished by colour-blind readers as far as seven
can be; the dash and the sign never leave it to the colour alone.
"""

from __future__ import annotations

from collections.abc import Iterable

from bonecast.charts import STYLES, Style
from bonecast.forecasts import Strategy

COLOURS = {
    "denosumab": "#0072B2",
    "zoledronate": "#D55E00",
    "alendronate": "#009E73",
    "risedronate": "#4D7F17",
    "ibandronate": "#8C6D00",
    "romosozumab": "#AA4499",
    "teriparatide": "#7B4FB5",
    "abaloparatide": "#9A6324",
    "raloxifene": "#CC5A8F",
}
NO_DRUG, OTHER = "#444444", "#000000"
DASHES = ((), (7, 3), (2, 2), (9, 3, 2, 3), (4, 2))


def drug_of(strategy: Strategy) -> str:
    """Name the drug that a strategy stands for: what follows denosumab where something does, and else what is given.

    Parameters
    ----------
    strategy : Strategy
        The strategy.

    Returns
    -------
    str
        Generic name; empty without a dose.
    """
    drugs = list(dict.fromkeys(dose.drug for dose in strategy.doses))
    return next((drug for drug in drugs if drug != "denosumab"), drugs[0] if drugs else "")


def styles_of(strategies: Iterable[Strategy]) -> tuple[Style, ...]:
    """Give each strategy the colour of its drug, and a dash and sign that no other of that drug has.

    Parameters
    ----------
    strategies : iterable of Strategy
        In their order.

    Returns
    -------
    tuple of Style
    """
    made: list[Style] = []
    seen: dict[str, int] = {}
    for strategy in strategies:
        drug = drug_of(strategy)
        place = seen[drug] = seen.get(drug, -1) + 1
        colour = COLOURS.get(drug, OTHER) if drug else NO_DRUG
        sign = STYLES[(len(made)) % len(STYLES)].shape
        made.append(Style(colour, DASHES[(place + (0 if drug else 1)) % len(DASHES)], sign))
    return tuple(made)
