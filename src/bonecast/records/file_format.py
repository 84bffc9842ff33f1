"""The layout of a record file: which keys it has, what stands at each; types are checked here."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from bonecast.core import FAULTS_KEPT, LONGEST_ENTRY, MOST_ENTRIES, Faults, check_day, check_values, gettext
from bonecast.errors import InputError, UnknownName, printable
from bonecast.records.patient import Measurement, Skipped

LISTS = ("doses", "measurements", "fractures")


def _day(value: object) -> object:
    """A day as TOML writes it or as ISO text; pydantic alone would read a number as seconds since 1970."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        value = dt.date.fromisoformat(value)
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise ValueError
    try:
        return check_day(value, "")
    except InputError as fault:
        raise misfit(fault.cause, fault.hint) from None


def _clock(value: object) -> object:
    """A time of day as TOML writes it (08:30:00) or as text ("08:30")."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", value):
        return dt.time.fromisoformat(value)
    if isinstance(value, dt.time):
        return value.replace(microsecond=0)
    raise ValueError


Text = Annotated[str, Field(min_length=1, max_length=LONGEST_ENTRY, strict=True)]
Day = Annotated[dt.date, BeforeValidator(_day)]
Clock = Annotated[dt.time, BeforeValidator(_clock)]
Language = Annotated[str, Field(pattern="^[a-z]{2,3}$", strict=True)]
Number = Annotated[float, Field(allow_inf_nan=False, strict=True)]


class PersonLines(BaseModel):
    """[person]. Keys beyond these are facts (`facts.toml`)."""

    model_config = ConfigDict(extra="allow")
    id: Text = Field(description='a short text in quotes, such as "A-17"')
    name: Text | None = Field(None, description="initials or a name, in quotes")
    sex: Text = Field(description='"female" or "male"')
    birth_date: Day = Field(description="a date, such as 1955-03-04")
    record_date: Day = Field(description="the day the record was taken, such as 2026-09-15")
    death_date: Day | None = Field(None, description="the day of death, such as 2026-08-30")
    height: Text | None = Field(None, description='text with its unit, such as "160 cm"')
    weight: Text | None = Field(None, description='text with its unit, such as "61 kg"')
    menopause_age: Number | None = Field(None, description="years, such as 50")
    address: Text | None = Field(None, description='lines with commas, such as "12 High Street, Oxford"')
    phone: Text | None = Field(None, description='a phone number in quotes, such as "+44 1865 000000"')
    language: Language | None = Field(None, description='the code of a language, such as "es"')


class DoseLines(BaseModel):
    """[[doses]]: one dose with `date`, or a course with `every`, `from` and `to`."""

    model_config = ConfigDict(extra="forbid")
    drug: Text = Field(description='the drug\'s name in quotes, such as "denosumab"')
    amount: Text = Field(description='text with its unit, such as "60 mg"')
    date: Day | None = Field(None, description="a date, such as 2026-03-04")
    every: Text | None = Field(None, description='text, such as "1 week"')
    start: Day | None = Field(None, alias="from", description="a date, such as 2026-03-04")
    end: Day | None = Field(None, alias="to", description="a date, such as 2026-03-04")
    product: Text | None = Field(None, description="the product's name, in quotes")
    lot: Text | None = Field(None, description="the lot number, in quotes")
    injection_site: Text | None = Field(None, description='text, such as "abdomen"')
    given_by: Text | None = Field(None, description="who gave it, in quotes")


class MeasurementLines(BaseModel):
    """[[measurements]]: one measured value."""

    model_config = ConfigDict(extra="forbid")
    test: Text = Field(description='the test\'s name in quotes, such as "CTX"')
    site: Text | None = Field(None, description='text, such as "lumbar spine"')
    value: Text = Field(description='text with its unit, such as "0.31 ng/mL" or "<0.05 ng/mL"')
    date: Day = Field(description="a date, such as 2026-03-04")
    time: Clock | None = Field(None, description='a time, such as "08:30"')
    fasting: Annotated[bool, Field(strict=True)] | None = Field(None, description="true or false")
    assay: Text | None = Field(None, description="the assay's name, in quotes")
    lab: Text | None = Field(None, description="the laboratory's name, in quotes")
    scanner: Text | None = Field(None, description='text, such as "Hologic"')
    t_score: Number | None = Field(None, description="a number, such as -2.6")
    reference_low: Text | None = Field(None, description='text with its unit, such as "2.15 mmol/L"')
    reference_high: Text | None = Field(None, description='text with its unit, such as "2.60 mmol/L"')


class FractureLines(BaseModel):
    """[[fractures]]: one bone that broke after little force."""

    model_config = ConfigDict(extra="forbid")
    site: Text = Field(description='the bone in quotes, such as "vertebra" or "hip"')
    date: Day = Field(description="a date, such as 2024-03-02")


@dataclass
class RawRecord:
    """What a reader found in a file, unchecked.

    Parameters
    ----------
    file : str
        Name of the file.
    person : object
        The person's table.
    doses : list of tuple of (str, object)
        Lines in the layout of a TOML record, each with its place.
    measurements : list of tuple of (str, object)
        Lines in the layout of a TOML record, each with its place.
    person_place : str
        Place of the person's table.
    skipped : tuple of Skipped
        What was not read.
    fractures : list of tuple of (str, object)
        Lines in the layout of a TOML record, each with its place.
    measured : tuple of Measurement
        The values of `measurements`, in the same order, where a reader had to try each; else none.
    """

    file: str
    person: object
    doses: list[tuple[str, object]] = field(default_factory=list)
    measurements: list[tuple[str, object]] = field(default_factory=list)
    person_place: str = "person"
    skipped: tuple[Skipped, ...] = ()
    fractures: list[tuple[str, object]] = field(default_factory=list)
    measured: tuple[Measurement, ...] = ()

    def placed(self, entries: list[tuple[str, object]]) -> list[tuple[str, object]]:
        """The entries with their places in words that an error can print, the file's name first."""
        return [(f"{self.file}, {at}", lines) for at, lines in entries]


def raw_record(file: str, tables: dict[str, Any], faults: Faults) -> RawRecord:
    """Lay out the person and the lists of a parsed TOML record.

    Parameters
    ----------
    file : str
        Name of the file.
    tables : dict of str to object
        The parsed tables; unknown ones are faults.
    faults : Faults
        Collects what is wrong.

    Returns
    -------
    RawRecord
        The unchecked record.
    """
    with faults.noting():
        check_values(tables, file)
    for key in list(tables)[:FAULTS_KEPT]:
        if key not in ("person", *LISTS):
            faults.note(UnknownName(file, "table", key[:60], ["person", *LISTS]))
    return RawRecord(
        file,
        tables.get("person", {}),
        _entries(file, "dose", tables.get("doses", []), faults),
        _entries(file, "measurement", tables.get("measurements", []), faults),
        fractures=_entries(file, "fracture", tables.get("fractures", []), faults),
    )


def _entries(file: str, kind: str, found: object, faults: Faults) -> list[tuple[str, object]]:
    """The entries of one of the `LISTS`, each with its place in the file."""
    place = f"{file}, {kind}s"
    if not isinstance(found, list):
        faults.note(
            InputError(
                place,
                gettext("this is not a list of tables"),
                gettext("write [[{kind}s]] above each", kind=kind),
            )
        )
        return []
    if len(found) > MOST_ENTRIES:
        cause = gettext("there are {found} entries", found=len(found))
        faults.note(
            InputError(
                place, cause, gettext("keep at most {most_entries} in one record", most_entries=MOST_ENTRIES)
            )
        )
        return []
    return [(f"{kind} {n}", lines) for n, lines in enumerate(found, start=1)]


Lines = TypeVar("Lines", bound=BaseModel)


def misfit(cause: str, hint: str) -> PydanticCustomError:
    """Make the error that a validator of a layout raises.

    Parameters
    ----------
    cause : str
        What is wrong.
    hint : str
        What to write instead; `read_lines` adds the place.

    Returns
    -------
    PydanticCustomError
        The error.
    """
    return PydanticCustomError("misfit", "{cause}; {hint}", {"cause": cause, "hint": hint})


def read_lines(layout: type[Lines], lines: object, place: str, faults: Faults) -> Lines | None:
    """Fit lines to a layout.

    Parameters
    ----------
    layout : type
        The pydantic model.
    lines : object
        What was read.
    place : str
        Where it stands, for errors.
    faults : Faults
        Collects each misfit with its place and hint.

    Returns
    -------
    Lines or None
        None where the lines do not fit.
    """
    try:
        return layout.model_validate(lines)
    except ValidationError as error:
        for detail in error.errors(include_url=False)[:FAULTS_KEPT]:
            faults.note(_fault(layout, detail, place))
        return None


def _fault(layout: type[BaseModel], detail: ErrorDetails, place: str) -> InputError:
    """A misfit in our words; what to write instead is the description of the field, what it names is its title."""
    context = detail.get("ctx", {})
    if detail["type"] == "misfit":
        at = ", ".join([place, *(str(part)[:60] for part in detail["loc"])])
        return InputError(at, context["cause"], context["hint"])
    if not detail["loc"]:
        return InputError(
            place,
            gettext("this is not a table of keys and values"),
            gettext("write one key = value on each line"),
        )
    key = str(detail["loc"][0])
    known = {field.alias or name: field.description or "" for name, field in layout.model_fields.items()}
    if detail["type"] == "extra_forbidden":
        return UnknownName(place, "key", key[:60], known)
    hint = gettext("write {known}", known=known[key])
    if detail["type"] == "missing":
        return InputError(place, gettext("{key} is missing", key=key), hint)
    value, at = detail["input"], f"{place}, {key}"
    if detail["type"] == "literal_error" and isinstance(value, str):
        choices = re.findall(r"'([^']*)'", context["expected"])
        inner = [str(part)[:60] for part in detail["loc"][1:]]
        if inner[-1:] == ["[key]"]:
            titles = {field.alias or name: field.title for name, field in layout.model_fields.items()}
            return UnknownName(at, titles[key] or "key", value, choices)
        return UnknownName(", ".join([at, *inner]), "choice", value, choices)
    if isinstance(value, str):
        what = "is empty" if not value else "is too long" if len(value) > 200 else "cannot be read"
        return InputError(at, f"'{printable(value)}' {what}", hint)
    if isinstance(value, int | float) and not isinstance(value, bool) and "unit" in hint:
        return InputError(at, gettext("{value} has no unit", value=printable(value)), hint)
    return InputError(at, gettext("a {value} cannot stand here", value=_kind(value)), hint)


def _kind(value: object) -> str:
    """What a value is, in the words of someone who writes TOML."""
    kinds = {
        bool: "true or false",
        int: "number",
        float: "number",
        list: "list",
        dict: "table",
        dt.date: "date",
    }
    return kinds.get(type(value), "value of this kind")
