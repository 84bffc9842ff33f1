"""From the record's measurements to observations of a model's outputs: which output, on which day, how sure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bonecast.inference.measurement_parameters import value
from bonecast.models import Model
from bonecast.outcomes import ENDPOINTS, Endpoint
from bonecast.records import Measurement, Patient, corrected_calcium, observation_sd
from bonecast.regimens import DAYS_IN, History

Scale = Literal["log", "absolute", "residual"]
_CALCIUM = ("calcium", "corrected calcium", "ionised calcium")
# tests of the record that are endpoints of no chart, or stand for one under another name
_OUTPUTS = {"phosphate": "phosphate_mmol_L", **dict.fromkeys(_CALCIUM, "calcium_mmol_L")}
_LEVELS = {"phosphate": "phosphate", **dict.fromkeys(_CALCIUM, "calcium")}


@dataclass(frozen=True)
class Observation:
    """One measurement as the likelihood takes it.

    Parameters
    ----------
    key : str
        The level that it is about ("CTX", "LS_BMD", "calcium").
    output : str
        Output of the model.
    day : float
        On the axis of the history; 0 for one before it.
    value : float
        In the usual unit, calcium corrected for albumin.
    below : bool
        Whether it is a bound, not a value.
    scale : Scale
        "log": `sd` is that of ln(value); "absolute": in the unit of the value; "residual": the model's own residual
        error.
    sd : float
        Standard deviation of the error.
    shift : float
        How far ln(value) lies from the model on average, by the hour of the day.
    machine : tuple of (str, str)
        Scanner and laboratory of a scan.
    measurement : Measurement
        The measurement of the record.
    """

    key: str
    output: str
    day: float
    value: float
    below: bool
    scale: Scale
    sd: float
    shift: float
    machine: tuple[str, str]
    measurement: Measurement

    @property
    def label(self) -> str:
        """The measurement in words: "CTX of 2025-12-10 (0.90 ng/mL)"."""
        m = self.measurement
        what = f"{m.site} BMD" if m.site else m.test
        given = m.given.replace("g/cm2", "g/cm²").replace("ug/L", "µg/L")
        return f"{what} of {m.date.isoformat()} ({given})"


def observations_of(patient: Patient, model: Model, history: History) -> tuple[Observation, ...]:
    """List the measurements that a model has an output for.

    What has no known error is left out, and so are lower bounds and what lies after the day of the record.

    Parameters
    ----------
    patient : Patient
        The record.
    model : Model
        The model.
    history : History
        Axis of days.

    Returns
    -------
    tuple of Observation
        In an order that does not depend on the record's.
    """
    found = [o for m in patient.measurements if (o := _observation(m, patient, model, history)) is not None]
    return tuple(sorted(found, key=_order))


def _order(o: Observation) -> tuple:
    m = o.measurement
    return (m.date, o.key, m.test, m.time is not None, str(m.time), o.below, o.value, o.machine, m.given)


def _observation(m: Measurement, patient: Patient, model: Model, history: History) -> Observation | None:
    endpoint = _endpoint(m)
    key = endpoint.key if endpoint else _LEVELS.get(m.test, "")
    output = endpoint.output if endpoint else _OUTPUTS.get(m.test, "")
    if output not in model.system.output_names or m.date > patient.record_date or m.above_limit:
        return None  # a lower bound (">6 ng/mL") has no likelihood here
    years = max(0.0, (history.zero - m.date).days / DAYS_IN["years"])
    day = float(max(0, (m.date - history.zero).days))
    machine = (m.scanner or "", m.lab or "") if m.test == "BMD" else ("", "")
    if key == "denosumab":
        known = output in model.variability.residuals
        return (
            Observation(key, output, day, m.value, m.below_limit, "residual", 0.0, 0.0, machine, m)
            if known
            else None
        )
    if key == "calcium":
        number, sd = _calcium(m, patient)
        return Observation(key, output, day, number, m.below_limit, "log", sd, 0.0, machine, m)
    error = observation_sd(m)
    if error is None:
        return None
    if error.scale == "absolute":
        sd = math.hypot(error.sd, m.value * years * value("bmd_before_zero") / 100)
        return Observation(key, output, day, m.value, False, "absolute", sd, 0.0, machine, m)
    shift, more = _hour(m) if key == "CTX" else (0.0, 0.0)
    sd = math.hypot(error.sd, more, years * value("marker_before_zero") / 100)
    return Observation(key, output, day, m.value, m.below_limit, "log", sd, shift, machine, m)


def _endpoint(m: Measurement) -> Endpoint | None:
    names = {"denosumab level": "denosumab"}
    wanted = names.get(m.test, m.test)
    return next((e for e in ENDPOINTS if e.test == wanted and e.site == m.site and e.key != "calcium"), None)


def _calcium(m: Measurement, patient: Patient) -> tuple[float, float]:
    """Corrected calcium in mmol/L, and the SD of its logarithm."""
    total = observation_sd(m) or observation_sd(_as_total(m))
    sd = total.sd if total else 0.0
    if m.test == "ionised calcium":
        return m.value / value("ionised_share"), math.hypot(sd, value("ionised_share_sd") / 100)
    if m.test == "corrected calcium":
        return m.value, sd
    albumin = sorted(a.value for a in patient.measured("albumin") if a.date == m.date)
    if not albumin:
        return m.value, math.hypot(sd, value("calcium_uncorrected") / 100)
    return corrected_calcium(m.value, albumin[0]), sd


def _as_total(m: Measurement) -> Measurement:
    return Measurement("calcium", None, m.value, m.unit, m.below_limit, m.date, m.given)


def _hour(m: Measurement) -> tuple[float, float]:
    """Shift of ln(CTX) and SD to be added, for blood that was not taken fasting in the morning."""
    hour = m.time.hour + m.time.minute / 60 if m.time is not None else 0.0
    if hour >= value("ctx_afternoon_from"):
        return math.log(value("ctx_afternoon")), value("ctx_late_sd")
    if hour >= value("ctx_late_from") or m.fasting is False:
        return math.log(value("ctx_late")), value("ctx_late_sd")
    return 0.0, 0.0


def days_of(observations: Iterable[Observation]) -> list[float]:
    """The days on which something was observed, each once, in order."""
    return sorted({o.day for o in observations})
