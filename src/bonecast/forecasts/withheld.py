"""What is withheld from one person's forecast, and why: calcium where the model is wrong, all but CTX at 120 mg."""

from __future__ import annotations

from bonecast.forecasts.oncology import NO_CALCIUM, NO_CALIBRATION, SHOWN
from bonecast.models import Model
from bonecast.outcomes import ENDPOINTS
from bonecast.records import Patient

MINERAL = ("calcium", "PTH")
NO_PARATHYROID = (
    "Without working parathyroid glands the fall of calcium is not defended, and no trial or cohort gives a rate: the"
    " risk is high and no number is shown."
)
PREDISPOSED = (
    "The record says predisposed to a low calcium, which may mean hypoparathyroidism after surgery of the neck, and no"
    " trial or cohort gives a rate: no number is shown until the record says that there is no hypoparathyroidism."
)
DIALYSIS = (
    "Dialysis is not in this model, which shows about double the published rate. The published rates stand in its"
    " place."
)

NO_PTH = "No published course of PTH after an injection in dialysis is in the calibration."


def withheld(patient: Patient, on_120: bool, model: Model) -> dict[str, str]:
    """Endpoint to the reason why no forecast of it is given to this person.

    on_120 : denosumab is, or would be, given at 120 mg. model : one that carries dialysis is calibrated to it.
    """
    found: dict[str, str] = {}
    if on_120:
        found |= {e.key: NO_CALIBRATION for e in ENDPOINTS if e.key not in SHOWN}
        found |= dict.fromkeys(MINERAL, NO_CALCIUM)
    reason = _mineral(patient)
    if reason:
        return found | dict.fromkeys(MINERAL, reason)
    if patient.fact("on_dialysis") is not True:
        return found
    if "dialysis" in model.covariates:
        return {"PTH": NO_PTH} | found
    return found | dict.fromkeys(MINERAL, DIALYSIS)


def _mineral(patient: Patient) -> str:
    if patient.fact("hypoparathyroidism") is True:
        return NO_PARATHYROID
    if patient.fact("hypocalcaemia_predisposed") is True and patient.fact("hypoparathyroidism") is None:
        return PREDISPOSED
    return ""
