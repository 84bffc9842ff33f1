"""The settings of the clinic, for administrators."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from bonecast.care import JURISDICTIONS, may_be_switched_off, rules
from bonecast.core import RecordError
from bonecast.outcomes import countries
from bonecast.records import find_test, site_names
from bonecast.web.clinic import DATE_FORMATS, DECIMALS, LARGEST_LOGO, ClinicSettings, check_settings
from bonecast.web.context import By, Posted, clinic_of, page, redirect, require_role, store_of
from bonecast.web.pages.record_fields import TESTS
from bonecast.web.store import audit, clinic, worklist

router = APIRouter(dependencies=[require_role("administrator")])
BLANK_ROWS = 2
MAKERS = ("Hologic", "Lunar", "Norland")


@router.get("/settings")
def show(request: Request) -> Response:
    """The form, filled in."""
    return _form(request, _values(clinic_of(request)))


@router.post("/settings")
def save(request: Request, form: Posted, account: By) -> Response:
    """Keep the settings, all of them or none."""
    values = {name: text for name, text in form.multi_items() if isinstance(text, str)}
    before = clinic_of(request)
    upload = form.get("logo")
    logo = (
        upload.file.read(LARGEST_LOGO + 1)
        if isinstance(upload, UploadFile) and upload.filename
        else before.logo
    )
    if values.get("logo-remove") == "yes":
        logo = None
    try:
        made = check_settings(values, logo)
    except RecordError as error:
        faults = {
            fault.place: f"{fault.cause[0].upper()}{fault.cause[1:]}; {fault.hint}." for fault in error.faults
        }
        return _form(request, values, faults)
    with store_of(request).session() as s:
        clinic.keep(s, made.as_dict(), made.logo)
        if made.practice != before.practice:
            worklist.judge_again(s)
        audit.note(s, account.name, "settings changed", detail=", ".join(_changed(before, made)))
    request.app.state.clinic.forget()
    return redirect("/settings", "settings-saved")


def _changed(before: ClinicSettings, made: ClinicSettings) -> list[str]:
    """The names of the settings that were changed; rules switched off by their id."""
    old, new = ({**one.as_dict(), **one.practice.as_dict(), "logo": one.logo} for one in (before, made))
    names = sorted({*old, *new} - {"practice"})
    return [name for name in names if old.get(name) != new.get(name)] + [
        f"{rule} off" for rule, _ in made.practice.rules_off
    ]


def _values(found: ClinicSettings) -> dict[str, str]:
    """What the fields of the form hold."""
    practice = found.practice
    values = {
        "name": found.name,
        "phone": found.phone,
        "language": found.language,
        "time_zone": found.time_zone,
        "currency": found.currency,
        "jurisdiction": practice.jurisdiction,
        "country": practice.country,
        "date_format": practice.date_format,
        "decimal": practice.decimal,
    }
    lists: dict[str, tuple[tuple[str, ...], Any]] = {
        "units": (("test", "unit"), found.units),
        "precision": (("site", "scanner", "cv"), practice.precision),
        "cross": (("site", "scanner", "other", "ratio"), practice.cross_calibration),
        "off": (("rule", "reason"), practice.rules_off),
        "prices": (("drug", "price"), found.prices),
    }
    for table, (names, rows) in lists.items():
        for at, row in enumerate(rows):
            for name, value in zip(names, row, strict=True):
                values[f"{table}-{at}-{name}"] = f"{value:g}" if isinstance(value, float) else str(value)
    return values


def _form(request: Request, values: dict[str, str], faults: dict[str, str] | None = None) -> Response:
    def rows(table: str) -> range:
        filled = [
            int(name.split("-")[1]) for name, text in values.items() if name.startswith(f"{table}-") and text
        ]
        return range(max(filled, default=-1) + 1 + BLANK_ROWS)

    return page(
        request,
        "settings.html.jinja",
        status=422 if faults else 200,
        values=values,
        faults=faults or {},
        rows=rows,
        jurisdictions=JURISDICTIONS,
        countries=countries(),
        time_zones=sorted(available_timezones()),
        date_formats=DATE_FORMATS,
        decimals=DECIMALS,
        tests=[(test, find_test(test).units) for test in TESTS if len(find_test(test).units) > 1],
        sites=site_names(),
        makers=MAKERS,
        care_rules=[rule for rule in rules().values() if may_be_switched_off(rule)],
    )
