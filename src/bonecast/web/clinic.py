"""The settings of a clinic: what may be set, how it is checked, and the ones that hold now."""

from __future__ import annotations

import base64
import datetime as dt
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bonecast.care import JURISDICTIONS, find_rule, may_be_switched_off
from bonecast.core import (
    Practice,
    RecordError,
    current_language,
    current_practice,
    gettext,
    languages,
    practising,
    read_practice,
)
from bonecast.drugs import find_drug
from bonecast.errors import InputError, UnknownName
from bonecast.outcomes import countries
from bonecast.records import find_scanner, find_site, find_test, find_unit, from_usual
from bonecast.web.store import Store, clinic

FRESH_S = (
    2.0  # for which settings are not read again: another server of the same database may have changed them
)
LARGEST_LOGO = 200_000  # bytes
DATE_FORMATS = ("", "dmy", "mdy", "dots", "iso")
DECIMALS = ("", ".", ",")
MOST_ROWS = 60  # of each list of settings
CV_RANGE = (0.1, 10.0)  # %, of a DXA scanner
RATIO_RANGE = (0.5, 2.0)
_IMAGES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True)
class ClinicSettings:
    """What a clinic has set; "" and nothing stand for what was not.

    `practice` holds what reaches beyond the pages. `units` : the unit of each test in which values are shown and
    entered. `prices` : of one dose, by drug and amount such as "denosumab 60 mg", in `currency`.
    """

    name: str = ""
    phone: str = ""
    language: str = ""
    time_zone: str = ""
    currency: str = ""
    units: tuple[tuple[str, str], ...] = ()
    prices: tuple[tuple[str, float], ...] = ()
    practice: Practice = field(default_factory=Practice)
    logo: bytes | None = None

    @property
    def logo_type(self) -> str:
        """The media type of the logo; "" without one."""
        return next((kind for begins, kind in _IMAGES.items() if (self.logo or b"").startswith(begins)), "")

    @property
    def logo_address(self) -> str:
        """The logo as an address that stands in a page itself, for papers that are kept; "" without one."""
        if not self.logo_type:
            return ""
        return f"data:{self.logo_type};base64,{base64.b64encode(self.logo or b'').decode()}"

    def cost(self, doses: Iterable[Mapping[str, Any]]) -> float | None:
        """What these doses (drug, amount, unit) cost; None where the price of one is not set."""
        prices, total = dict(self.prices), 0.0
        for dose in doses:
            price = prices.get(f"{dose['drug']} {float(dose['amount']):g} {dose['unit']}")
            if price is None:
                return None
            total += price
        return total

    def as_dict(self) -> dict[str, Any]:
        """As it is kept, without the logo."""
        kept = {key: value for key, value in asdict(self).items() if key not in ("logo", "practice")}
        return {**kept, "practice": self.practice.as_dict()}


def settings_from(kept: Mapping[str, Any], logo: bytes | None) -> ClinicSettings:
    """Settings as they were kept; what this version does not know is left out."""
    known = {one.name for one in fields(ClinicSettings)} - {"practice", "logo"}
    values: dict[str, Any] = {key: value for key, value in kept.items() if key in known}
    for key in ("units", "prices"):
        values[key] = tuple(tuple(pair) for pair in values.get(key, ()))
    return ClinicSettings(**values, practice=read_practice(kept.get("practice", {})), logo=logo)


class ClinicBook:
    """The settings that hold now, read again after a moment."""

    def __init__(self, store: Store) -> None:
        self._store, self._lock = store, threading.Lock()
        self._read, self._until = ClinicSettings(), 0.0

    @property
    def stale(self) -> bool:
        """Is it time to read them again?"""
        return time.monotonic() >= self._until

    def now(self) -> ClinicSettings:
        """The settings."""
        if self.stale:
            with self._lock, self._store.reading() as s:
                self._read = settings_from(*clinic.read(s))
                self._until = time.monotonic() + FRESH_S
        return self._read

    def forget(self) -> None:
        """They were changed: read them again."""
        self._until = 0.0


def check_settings(form: Mapping[str, str], logo: bytes | None) -> ClinicSettings:
    """The settings that a form states. Raises RecordError with everything that is wrong, each at its field."""
    faults: list[InputError] = []

    def read(name: str, read_one: Any) -> Any:
        try:
            return read_one(form.get(name, "").strip(), name)
        except InputError as error:
            faults.append(InputError(name, error.cause, error.hint))
            return None

    rows = {table: _rows(form, table) for table in ("units", "precision", "cross", "off", "prices")}
    found: dict[str, list[Any]] = {table: [] for table in rows}
    for table, reader in _ROW_READERS.items():
        for row in rows[table]:
            place = f"{table}-{row['at']}"
            try:
                found[table].append(reader(row, place))
            except InputError as error:
                faults.append(InputError(place, error.cause, error.hint))
    practice = Practice(
        jurisdiction=read("jurisdiction", _one_of("jurisdiction", ("", *JURISDICTIONS))) or "",
        country=read("country", _one_of("country", ("", *countries()))) or "",
        date_format=read("date_format", _one_of("date format", DATE_FORMATS)) or "",
        decimal=read("decimal", _one_of("decimal sign", DECIMALS)) or "",
        precision=tuple(found["precision"]),
        cross_calibration=tuple(found["cross"]),
        rules_off=tuple(found["off"]),
    )
    made = ClinicSettings(
        name=read("name", _text(100)) or "",
        phone=read("phone", _text(40)) or "",
        language=read("language", _one_of("language", ("", *languages()))) or "",
        time_zone=read("time_zone", _one_of("time zone", ("", *sorted(available_timezones())))) or "",
        currency=read("currency", _text(8)) or "",
        units=tuple(found["units"]),
        prices=tuple(found["prices"]),
        practice=practice,
        logo=logo,
    )
    if logo is not None and (len(logo) > LARGEST_LOGO or not made.logo_type):
        hint = gettext("use a PNG or JPEG of at most {value} kB", value=LARGEST_LOGO // 1000)
        faults.append(InputError("logo", gettext("the picture cannot be used"), hint))
    if faults:
        raise RecordError(tuple(faults))
    return made


_zone: ContextVar[str] = ContextVar("zone", default="")


@contextmanager
def clinic_formats(found: ClinicSettings) -> Iterator[None]:
    """Write days, numbers and moments, and judge, as the clinic has set it."""
    token = _zone.set(found.time_zone)
    try:
        with practising(replace(found.practice, units=found.units)):
            yield
    finally:
        _zone.reset(token)


def in_clinic_unit(test: str, value: float, digits: int) -> tuple[str, str]:
    """A value and its unit as the clinic shows them, from the usual unit of a test.

    >>> with clinic_formats(ClinicSettings(units=(("calcium", "mg/dL"),))):
    ...     print(in_clinic_unit("calcium", 2.35, 2), in_clinic_unit("25-OH vitamin D", 68.0, 0))
    ('9.42', 'mg/dL') ('68', 'nmol/L')
    """
    spoken, usual = current_language(), find_test(test).usual
    unit = current_practice().unit_of(test)
    if not unit or unit == usual:
        return f"{value:.{digits}f}".replace(".", spoken.decimal), usual
    return f"{from_usual(find_test(test), value, unit):.3g}".replace(".", spoken.decimal), unit


def here(at: dt.datetime) -> dt.datetime:
    """A moment in the time zone of the clinic, or of this computer where it has set none.

    >>> with clinic_formats(ClinicSettings(time_zone="Europe/Madrid")):
    ...     print(here(dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)).hour)
    14
    """
    name = _zone.get()
    return at.astimezone(ZoneInfo(name) if name else None)


def _rows(form: Mapping[str, str], table: str) -> list[dict[str, str]]:
    """The rows of a list of settings that say something: "precision-0-site" and so on."""
    found: dict[int, dict[str, str]] = {}
    for name, text in form.items():
        parts = name.split("-")
        if len(parts) == 3 and parts[0] == table and parts[1].isdecimal() and int(parts[1]) < MOST_ROWS:
            found.setdefault(int(parts[1]), {})[parts[2]] = text.strip()
    kept = {"units": "unit", "precision": "cv", "cross": "ratio", "off": "rule", "prices": "price"}[table]
    return [{**row, "at": str(at)} for at, row in sorted(found.items()) if row.get(kept)]


def _unit(row: Mapping[str, str], place: str) -> tuple[str, str]:
    test = find_test(row.get("test", ""), place)
    return test.name, find_unit(test, row["unit"], place)


def _precision(row: Mapping[str, str], place: str) -> tuple[str, str, float]:
    scanner = find_scanner(row["scanner"], place) if row.get("scanner") else ""
    return find_site(row.get("site", ""), place), scanner, _number(row["cv"], place, *CV_RANGE)


def _cross(row: Mapping[str, str], place: str) -> tuple[str, str, str, float]:
    one, other = (find_scanner(row.get(key, ""), place) for key in ("scanner", "other"))
    if one == other:
        raise InputError(place, gettext("both are the same make"), gettext("name two makes"))
    return find_site(row.get("site", ""), place), one, other, _number(row["ratio"], place, *RATIO_RANGE)


def _off(row: Mapping[str, str], place: str) -> tuple[str, str]:
    rule = find_rule(row["rule"].upper(), place)
    if not may_be_switched_off(rule):
        hint = gettext("override it for one person and one act")
        raise InputError(
            place, gettext("{id} blocks an act and cannot be switched off for everybody", id=rule.id), hint
        )
    reason = row.get("reason", "")
    if not 3 <= len(reason) <= 300 or not reason.isprintable():
        raise InputError(
            place, gettext("{id} has no reason", id=rule.id), gettext("say why it does not count here")
        )
    return rule.id, reason


def _price(row: Mapping[str, str], place: str) -> tuple[str, float]:
    from bonecast.regimens import parse_regimen

    dose = parse_regimen(f"{row.get('drug', '')} once").doses[0]
    name = f"{find_drug(dose.drug, place).generic} {dose.amount:g} {dose.unit}"
    return name, _number(row["price"], place, 0.0, 1e7)


_ROW_READERS: dict[str, Any] = {
    "units": _unit,
    "precision": _precision,
    "cross": _cross,
    "off": _off,
    "prices": _price,
}


def _number(text: str, place: str, low: float, high: float) -> float:
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        raise InputError(
            place, gettext("'{given}' is not a number", given=text[:20]), gettext("write a number")
        ) from None
    if not low <= number <= high:
        raise InputError(
            place,
            gettext("{number:g} cannot be", number=number),
            gettext("give a number from {low:g} to {high:g}", low=low, high=high),
        )
    return number


def _one_of(kind: str, choices: tuple[str, ...]) -> Any:
    def read(text: str, place: str) -> str:
        if text not in choices:
            raise UnknownName(place, kind, text, choices)
        return text

    return read


def _text(longest: int) -> Any:
    def read(text: str, place: str) -> str:
        if len(text) > longest or not text.isprintable():
            raise InputError(
                place,
                gettext("it is too long or has control characters"),
                gettext("use at most {longest}", longest=longest),
            )
        return text

    return read
