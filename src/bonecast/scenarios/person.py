"""A person's facts as parameters of a model."""

from __future__ import annotations

import datetime as dt

from bonecast.models import Model
from bonecast.patients import Patient

YOUNGEST, OLDEST = 18, 110


def person_parameters(model: Model, patient: Patient, zero: dt.date) -> dict[str, float]:
    """The parameters that this person's age and weight give the model, on the first day of the history.

    Kidney function is not passed on: `peterson-riggs-2010` turns a lower GFR into false hypercalcaemia (see its
    limits), so its numbers stand for a person with a normal kidney.
    """
    facts = {"age": patient.age_on(zero), "weight": patient.weight_kg}
    return {
        model.covariates[fact].parameter: float(value)
        for fact, value in facts.items()
        if fact in model.covariates and value is not None
    }
