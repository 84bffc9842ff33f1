"""Denosumab 120 mg: whose treatment it is, its strategies in words, and what the model may say of it.

The library is calibrated to 60 mg every 6 months in people without a tumour in bone. At 120 mg every 4 weeks it is held
against one published course, the fall of urinary NTX: so resorption on treatment is shown, and nothing else. Skeletal
events and low calcium are given as published rates.
"""

from __future__ import annotations

import math

from bonecast.records import Patient
from bonecast.regimens import History, PlannedStrategy

INDICATIONS = ("BONE_METS", "MYELOMA", "GCTB", "HCM")
LOADED = ("GCTB", "HCM")  # with loading doses on days 8 and 15
UNNAMED = "120 mg"  # 120 mg in use, for an indication that the record does not name
STRENGTH_MG = 120.0
EVERY_D, SLOW_D = 28, 84
SHOWN = ("CTX", "denosumab")
_LOADING_D = 21  # three doses within it are the loading: the next one comes 14 days after the third

NO_CALIBRATION = (
    "The models are calibrated to 60 mg every 6 months, and no published course at 120 mg is at hand."
)
NO_EXIT = (
    "No published course of turnover or bone density after denosumab 120 mg, or under zoledronate 4 mg, is in the"
    " calibration."
)
NO_CALCIUM = (
    "At 120 mg the models are held against a published share of people with a low calcium, not against any course of"
    " it in one person. The published rates stand in its place."
)


def indication_120(patient: Patient, history: History) -> str | None:
    """Find the indication of a person whose denosumab is 120 mg.

    Parameters
    ----------
    patient : Patient
        The record.
    history : History
        Its doses.

    Returns
    -------
    str or None
        The indication; "120 mg" where it is in use and the record names none, None for a person on 60 mg.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> person = read_patient("examples/late-dose.toml")
    >>> indication_120(person, history_of(person)) is None
    True
    """
    named = patient.fact("indication")
    if named in INDICATIONS:
        return str(named)
    spread = bool(patient.fact("n_bone_mets")) or patient.fact("metastatic") is True
    if spread and not (named == "ADT" and patient.fact("castration_resistant") is False):
        return "BONE_METS"
    given = [dose for dose in history.doses if dose.drug == "denosumab"]
    return UNNAMED if given and given[-1].amount >= STRENGTH_MG else None


def gives_120(way: PlannedStrategy) -> bool:
    """Does this strategy give denosumab 120 mg?"""
    return any(dose.drug == "denosumab" and dose.amount >= STRENGTH_MG for dose in way.doses)


def continues_120(way: PlannedStrategy) -> bool:
    """Does it give denosumab 120 mg, and nothing else, to the end?"""
    return gives_120(way) and way.drugs == {"denosumab"} and way.plan.steps[-1].pause is None


def plans_120(history: History, horizon_d: float, indication: str) -> dict[str, str]:
    """Write what stands in braces in the strategies of 120 mg: continuing every 4 or 12 weeks, or beginning.

    Parameters
    ----------
    history : History
        Doses so far.
    horizon_d : float
        Length of the forecast, in days.
    indication : str
        As `indication_120` names it.

    Returns
    -------
    dict of str to str
        Placeholder to regimen text.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> from bonecast.regimens import history_of
    >>> history = history_of(read_patient("examples/late-dose.toml"))
    >>> plans_120(history, 56, "GCTB")["start120"]
    'denosumab 120 mg every 7 days x 3, then 14 days after the last dose denosumab 120 mg every 4 weeks x 3'
    """
    four = f"denosumab 120 mg every 4 weeks x {math.ceil(horizon_d / EVERY_D) + 1}"
    twelve = f"denosumab 120 mg every 12 weeks x {math.ceil(horizon_d / SLOW_D) + 1}"
    loaded = indication in LOADED
    return {
        "doses4": str(math.ceil(horizon_d / EVERY_D) + 1),
        "start120": f"denosumab 120 mg every 7 days x 3, then 14 days after the last dose {four}"
        if loaded
        else four,
        "every4": _rest_of_loading(history, four) if loaded else four,
        "every12": f"12 weeks after the last dose {twelve}",
    }


def _rest_of_loading(history: History, four: str) -> str:
    days = [dose.time_d for dose in history.doses if dose.drug == "denosumab" and dose.amount >= STRENGTH_MG]
    if not days or history.today_d - days[0] > EVERY_D:
        return four
    then = f"14 days after the last dose {four}"
    if len(days) == 1:
        return f"7 days after the last dose denosumab 120 mg every 7 days x 2, then {then}"
    if len(days) == 2:
        return f"7 days after the last dose denosumab 120 mg once, then {then}"
    return then if len(days) == 3 and days[-1] - days[0] <= _LOADING_D else four
