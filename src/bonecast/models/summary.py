"""One model as plain data: what `bonecast models show` prints and the page of the model shows."""

from __future__ import annotations

from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bonecast.models.model import Model


def page(model: Model) -> dict[str, Any]:
    """Collect all that the library knows of a model.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    dict of str to object
        Sections in the order in which they are shown.
    """
    system = model.system
    start = system.initial(system.named_parameters())
    sources = {**model.parameter_set.sources, **model.variability.sources}
    return {
        "name": model.name,
        "title": model.title,
        "summary": model.summary,
        "time_unit": system.time_unit,
        "limits": list(model.limits),
        "drugs": [
            {"drug": drug, "state": route.state, "unit": route.unit, "given": route.given}
            for drug, route in system.routes.items()
        ],
        "outputs": [asdict(output) for output in model.outputs],
        "states": [{"name": state, "initial": float(start[state])} for state in system.states],
        "parameters": [asdict(card) for card in model.parameter_set.parameters.values()],
        "alternatives": [asdict(alternative) for alternative in model.parameter_set.alternatives.values()],
        "covariates": {fact: asdict(covariate) for fact, covariate in model.covariates.items()},
        "spread": {
            "factors": [asdict(factor) for factor in model.variability.factors],
            "correlations": [
                {"factors": list(pair), "value": value}
                for pair, value in model.variability.correlations.items()
            ],
            "residuals": [asdict(residual) for residual in model.variability.residuals.values()],
        },
        "sources": [asdict(source) for source in sources.values()],
        "equations": [{"module": module, "text": _text(module)} for module in model.equations],
    }


def line(model: Model) -> dict[str, Any]:
    """Summarise a model in one line of the library's table.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    dict of str to object
        Column to value.
    """
    return {
        "name": model.name,
        "title": model.title,
        "drugs": list(model.drugs),
        "states": len(model.system.states),
        "parameters": len(model.parameter_set.parameters),
        "outputs": len(model.outputs),
    }


def _text(module: str) -> str:
    """The equation file as it stands: the text that runs is the text that is shown."""
    found = find_spec(module)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"the equation file of {module} is missing from the installation")
    return Path(found.origin).read_text(encoding="utf-8")
