"""A person's facts as parameters of a model."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np

from bonecast.models import Model
from bonecast.records import Patient, egfr, from_usual, quantities

Value = float | np.ndarray


def person_facts(patient: Patient, zero: dt.date) -> dict[str, float]:
    """Collect what of this record may set parameters.

    Kidney function and vitamin D are the latest measured; what the record does not say is left out.

    Parameters
    ----------
    patient : Patient
        The record.
    zero : date
        The day at which the age counts.

    Returns
    -------
    dict of str to float
        Fact, as models name their covariates, to value; years, kg, mL/min/1.73 m2, nmol/L, mg/day, 0 or 1.
    """
    facts: dict[str, float | None] = {
        "age": patient.age_on(zero),
        "sex": float(patient.sex == "male"),
        "weight": patient.weight_kg,
        "menopause age": patient.menopause_age,
        "eGFR": kidney_function(patient),
        "vitamin D": _latest(patient, "25-OH vitamin D"),
        "calcium intake": _number(patient, "calcium_intake_mg_day"),
        "glucocorticoid": 1.0 if patient.fact("glucocorticoid") is True else None,
        "aromatase inhibitor": 1.0 if patient.fact("indication") == "AI" else None,
        "hypogonadism": 1.0 if patient.fact("indication") == "ADT" else None,
        "active vitamin D": _number(patient, "active_vitamin_D_ug_day"),
        "calcimimetic": 1.0 if patient.fact("calcimimetic") is True else None,
        **(_dialysis(patient) if patient.fact("on_dialysis") is True else {}),
    }
    return {fact: value for fact, value in facts.items() if value is not None}


def person_parameters(model: Model, facts: Mapping[str, Value]) -> dict[str, Value]:
    """Set the parameters of a model from facts of people.

    Facts that the model has no use for, or is not fit for, are left out. A value beyond the range of its parameter is
    held at the nearest end.

    Parameters
    ----------
    model : Model
        Its covariates say which fact sets which parameter.
    facts : mapping of str to float or ndarray
        Fact to one number, or to one for each of several persons.

    Returns
    -------
    dict of str to float or ndarray
        Parameter to value, in the unit of the parameter.

    Examples
    --------
    >>> from bonecast.models import load_model
    >>> person_parameters(load_model("bonecast-1"), {"age": 71.0, "eGFR": 2.0, "shoe size": 38.0})
    {'age': 71.0, 'GFR': 3.0}
    """
    found: dict[str, Value] = {}
    for fact, value in facts.items():
        if fact in model.covariates and not model.covariates[fact].unfit:
            name = model.covariates[fact].parameter
            held = np.clip(value, *(model.parameter_set.parameters[name].range or (-np.inf, np.inf)))
            found[name] = held if np.ndim(value) else float(held)
    return found


DIALYSATE_MMOL_L = 1.25  # calcium of the usual dialysate, where the record does not say
UNREMARKABLE_EGFR = 60.0  # mL/min/1.73 m2: laboratories report ">60" where no disease of the kidneys is meant


def kidney_function(patient: Patient) -> float | None:
    """The latest eGFR, measured or from the latest creatinine (CKD-EPI 2021), whichever is newer; mL/min/1.73 m2.

    None for one that is only known to be above 60 or more: it says no more than that the kidneys work.
    """
    measured, creatinine = patient.latest("eGFR"), patient.latest("creatinine")
    if measured is not None and measured.above_limit and measured.value >= UNREMARKABLE_EGFR:
        measured = None
    if creatinine is None or (measured is not None and measured.date >= creatinine.date):
        return measured.value if measured is not None else None
    sex = "F" if patient.sex == "female" else "M"
    mg_dL = from_usual(quantities()["creatinine"], creatinine.value, "mg/dL")
    return egfr(mg_dL, patient.age_on(creatinine.date), sex)


def _dialysis(patient: Patient) -> dict[str, float | None]:
    usual, planned = (_number(patient, f"dialysate_calcium{when}_mmol_L") for when in ("", "_planned"))
    rise = planned - (DIALYSATE_MMOL_L if usual is None else usual) if planned is not None else None
    return {"dialysis": 1.0, "dialysate calcium": usual, "dialysate rise": rise}


def _latest(patient: Patient, test: str) -> float | None:
    found = patient.latest(test)
    return found.value if found is not None else None


def _number(patient: Patient, fact: str) -> float | None:
    answer = patient.fact(fact)
    return float(answer) if isinstance(answer, int | float) else None
