"""A forecast as FHIR R4: a RiskAssessment for each strategy, the report, findings and dates."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from bonecast.care import Override, check, schedule
from bonecast.core import current_language
from bonecast.forecasts import Forecast, Strategy
from bonecast.interop import STATEMENT, bundle_about, guidance_response, service_requests, subject_reference
from bonecast.outcomes import QuantileRange, Summary, endpoint
from bonecast.records import Patient
from bonecast.regimens import DAYS_IN
from bonecast.reports.page import render
from bonecast.reports.versions import bonecast_version, model_versions

ReportAs = Literal["embed", "hash", "none"]
REPORT_AS: tuple[ReportAs, ...] = ("embed", "hash", "none")


def as_fhir(
    patient: Patient,
    forecast: Forecast | None = None,
    jurisdiction: str | None = None,
    report: ReportAs = "embed",
    written: dt.datetime | None = None,
    overrides: Iterable[Override] = (),
) -> dict[str, Any]:
    """Write what is said of a person as a FHIR R4 Bundle.

    Parameters
    ----------
    patient : Patient
        The record.
    forecast : Forecast, optional
        Its forecast; without one, the Bundle holds findings and dates only.
    jurisdiction : str, optional
        "US", "EU", "UK", "CA" or "AU"; by default that of the record, or else the strictest.
    report : str
        "embed" puts the report of the forecast into the Bundle, "hash" names it by its size and SHA-1, "none" leaves it
        out.
    written : datetime, optional
        Time of writing, with its time zone; now by default.
    overrides : iterable of Override
        Findings that a clinician overrode, each with a reason.

    Returns
    -------
    dict of str to object
        A Bundle: Patient, GuidanceResponse (the check of the next injection), ServiceRequest proposals (the schedule),
        and of a forecast a RiskAssessment for each strategy and a DocumentReference. What the rules block is not
        proposed, dated or forecast.

    Examples
    --------
    >>> from bonecast.interop import read_patient
    >>> made = as_fhir(read_patient("examples/late-dose.toml"), jurisdiction="UK")
    >>> [one["resource"]["resourceType"] for one in made["entry"]][:3]
    ['Patient', 'GuidanceResponse', 'ServiceRequest']
    """
    now = written or dt.datetime.now(dt.UTC)
    overridden = tuple(overrides)
    resources = [
        guidance_response(check(patient, None, jurisdiction, overrides=overridden), patient, now),
        *service_requests(schedule(patient, jurisdiction, overrides=overridden), patient),
    ]
    if forecast is not None:
        summaries = {one.strategy: one for one in forecast.summaries}
        resources += [
            _risk_assessment(forecast, one, summaries[one.name])
            for one in forecast.strategies
            if one.name in summaries
        ]
        if report != "none":
            resources.append(_document(forecast, report, now))
    return bundle_about(patient, resources, now)


def _risk_assessment(forecast: Forecast, strategy: Strategy, summary: Summary) -> dict[str, Any]:
    models = ", ".join(f"{name} {version}" for name, version in model_versions(forecast.models))
    method = f"Bonecast {bonecast_version()}, model {models}, {forecast.draws} draws, seed {forecast.seed}"
    notes = ["Ranges are of 90 % of similar patients."]
    if forecast.risk_only:
        notes.append("The care rules block every treatment: this is the risk without one, and no proposal.")
    made: dict[str, Any] = {
        "resourceType": "RiskAssessment",
        "identifier": [{"system": "urn:bonecast:strategy", "value": strategy.name}],
        "status": "final",
        "method": {"text": method},
        "code": {"text": f"Forecast under: {strategy.name}"},
        "subject": subject_reference(forecast.patient),
        "occurrenceDateTime": forecast.now.isoformat(),
        "prediction": list(_predictions(forecast.now, summary)),
        "note": [{"text": text} for text in (*notes, STATEMENT)],
    }
    return made | ({} if forecast.risk_only else {"mitigation": str(strategy.plan)})


def _predictions(now: dt.date, summary: Summary) -> Iterator[dict[str, Any]]:
    for (kind, months), risk in summary.fractures.items():
        if not _is_finite(risk):
            continue
        low, high = (_percent(of / 10.0) for of in (risk.low, risk.high))
        yield {
            "outcome": {"text": f"New {kind} fracture"},
            "probabilityRange": {"low": low, "high": high},
            "whenPeriod": _period(now, months),
            "rationale": f"{_two(risk.median)} of 1,000 similar patients ({_two(risk.low)} to {_two(risk.high)})",
        }
    for key, chance in summary.loss_chance.items():
        if math.isfinite(chance):
            yield {
                "outcome": {"text": f"Measurable loss of {endpoint(key).title}"},
                "probabilityDecimal": _rounded(100 * chance),
                "whenPeriod": _period(now, 24),
            }
    for limit, chance in summary.calcium_below.items():
        if math.isfinite(chance):
            yield {
                "outcome": {"text": f"Calcium below {limit:g} mmol/L after the next dose"},
                "probabilityDecimal": _rounded(100 * chance),
            }
    for (key, months), change in summary.change.items():
        if _is_finite(change):
            yield {
                "outcome": {"text": f"{endpoint(key).title}, change from today"},
                "whenPeriod": _period(now, months),
                "rationale": f"{change.median:+.1f} % ({change.low:+.1f} to {change.high:+.1f} %)",
            }


def _document(forecast: Forecast, report: ReportAs, now: dt.datetime) -> dict[str, Any]:
    content = render(forecast).encode("utf-8")
    attachment: dict[str, Any] = {
        "contentType": "text/html; charset=utf-8",
        "language": current_language().code,
        "size": len(content),
        # FHIR R4 lays down SHA-1 here: it tells one file from another and protects nothing.
        "hash": _base64(hashlib.sha1(content, usedforsecurity=False).digest()),
        "title": "report.html",
        "creation": now.isoformat(timespec="seconds"),
    }
    if report == "embed":
        attachment["data"] = _base64(content)
    return {
        "resourceType": "DocumentReference",
        "identifier": [{"system": "urn:bonecast:report", "value": attachment["hash"]}],
        "status": "current",
        "docStatus": "preliminary",
        "type": {"text": "Forecast of bone under strategies of treatment"},
        "subject": subject_reference(forecast.patient),
        "date": now.isoformat(timespec="seconds"),
        "description": STATEMENT,
        "content": [{"attachment": attachment}],
    }


def _period(now: dt.date, months: int) -> dict[str, str]:
    end = now + dt.timedelta(days=round(months * DAYS_IN["months"]))
    return {"start": now.isoformat(), "end": end.isoformat()}


def _percent(value: float) -> dict[str, Any]:
    return {"value": _rounded(value), "unit": "%", "system": "http://unitsofmeasure.org", "code": "%"}


def _rounded(value: float) -> float:
    return float(_two(min(max(value, 0.0), 100.0)))


def _two(value: float) -> str:
    """Two significant digits, without an exponent.

    >>> _two(152.0), _two(8.46)
    ('150', '8.5')
    """
    return f"{float(f'{value:.2g}'):g}"


def _is_finite(found: QuantileRange) -> bool:
    return all(map(math.isfinite, (found.median, found.low, found.high)))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
