"""What a notebook shows of a model and of its parameters: how large it is, whom it fits, and where it does not."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html

if TYPE_CHECKING:
    from bonecast.models.model import Model
    from bonecast.models.parameters import ParameterSet


def model_html(model: Model) -> str:
    """The card of a model."""
    system = model.system
    parameters = len(model.parameter_set.parameters)
    sizes = f"{len(system.states)} states, {parameters} parameters, {len(model.outputs)} outputs"
    spread = f"{len(model.variability.factors)} factors of spread between people"
    rows = tuple((output.name, output.quantity, output.unit) for output in model.outputs)
    return card_html(
        Card(
            f"{model.title} ({model.name})",
            (model.summary, f"{sizes}; {spread}", f"Drugs: {', '.join(model.drugs)}"),
            table=Table(("output", "quantity", "unit"), rows),
            remarks=tuple(f"Limitation: {limit}" for limit in model.limits),
        )
    )


def parameter_set_html(parameter_set: ParameterSet) -> str:
    """The card of a set of parameters."""
    marks = Counter(card.mark for card in parameter_set.parameters.values())
    rows = tuple(
        (card.name, f"{card.value:.4g}", card.unit, card.meaning, card.mark)
        for card in parameter_set.parameters.values()
    )
    return card_html(
        Card(
            f"{len(parameter_set.parameters)} parameters from {len(parameter_set.sources)} sources",
            (", ".join(f"{count} {mark}" for mark, count in marks.most_common()),),
            table=Table(("parameter", "value", "unit", "meaning", "evidence"), rows),
        )
    )
