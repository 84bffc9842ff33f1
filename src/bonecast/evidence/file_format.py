"""The layout of a table of published results: which columns it has and what may stand in each."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bonecast.cohorts import columns
from bonecast.errors import InputError, close_matches, printable

STATISTICS = (
    "mean", "median", "mean_diff", "median_diff", "rate", "RR", "HR", "OR", "GMR", "range", "approx", "lower_bound",
)  # fmt: skip


def _number(low: float = -math.inf, high: float = math.inf) -> BeforeValidator:
    """A finite number within these bounds; a blank cell is None."""

    def read(text: str | None) -> float | None:
        if not (text or "").strip():
            return None
        value = float(text or "")
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError
        return value

    return BeforeValidator(read)


def _statistic(value: str | None) -> str:
    """One of the known words, in any case; a blank is a mean."""
    words = {word.casefold(): word for word in STATISTICS}
    word = (value or "mean").strip()
    if word.casefold() not in words:
        close = close_matches(word, STATISTICS, 1)
        raise ValueError(f"write {close[0]}" if close else f"write one of {', '.join(STATISTICS)}")
    return words[word.casefold()]


Facts = tuple[tuple[str, tuple[float, ...]], ...]
Text = Annotated[str, BeforeValidator(lambda value: (value or "").strip()), Field(max_length=5_000)]
Number = Annotated[float | None, _number()]
Persons = Annotated[float | None, _number(1)]
Years = Annotated[float | None, _number(0, 120)]
Share = Annotated[float | None, _number(0, 1)]
Egfr = Annotated[float | None, _number(0, 250)]
TScore = Annotated[float | None, _number(-10, 10)]


def _days(text: str | tuple[float, ...] | None) -> tuple[float, ...]:
    """Days, as "28; 56; 84"."""
    return (
        tuple(_finite(day) for day in (text or "").split(";") if day.strip())
        if not isinstance(text, tuple)
        else text
    )


def _facts(text: str | Facts | None) -> Facts:
    """Facts of the people, as "on_dialysis 1; eGFR 90/60/20": covariates with a mean, or values of equal shares."""
    if isinstance(text, tuple):
        return text
    found = []
    for part in (text or "").split(";"):
        if part.strip():
            name, values = part.split()
            if name not in columns():
                raise ValueError(
                    f"write covariates of a population, such as {', '.join(list(columns())[:3])}"
                )
            found.append((name, tuple(_finite(value) for value in values.split("/"))))
    return tuple(found)


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("write numbers")
    return value


Month = Annotated[float | None, _number(0, 1200)]
A_SHARE, A_T_SCORE, A_NUMBER = "a number from 0 to 1", "a T-score, such as -2.5", "a number, such as 5.5"
MONTHS = "months from the start of the plan, 0 to 1200"


class Cells(BaseModel):
    """One line. Columns beyond these are passed over; one that is missing counts as blank."""

    model_config = ConfigDict(extra="ignore")
    id: Annotated[Text, Field(min_length=1, max_length=200)] = Field(description="a name no other row has")
    endpoint: Annotated[Text, Field(min_length=1)] = Field(description="what was measured (LS_BMD_pct)")
    study: Text = ""
    arm: Text = ""
    n: Persons = Field(None, description="a number of persons, at least 1")
    population: Text = ""
    region: Text = ""
    age_years: Years = Field(None, description="years, such as 72")
    female_fraction: Share = Field(None, description=A_SHARE)
    egfr: Egfr = Field(None, description="mL/min, such as 60")
    facts: Annotated[Facts, BeforeValidator(_facts)] = Field((), description="such as on_dialysis 1; eGFR 8")
    comparator_facts: Annotated[Facts, BeforeValidator(_facts)] = Field((), description="as facts")
    baseline_ls_t: TScore = Field(None, description=A_T_SCORE)
    baseline_th_t: TScore = Field(None, description=A_T_SCORE)
    baseline_fn_t: TScore = Field(None, description=A_T_SCORE)
    prevalent_vfx_fraction: Share = Field(None, description=A_SHARE)
    covariates_seen: Text = ""
    plan: Text = ""
    comparator_plan: Text = ""
    tested: Annotated[tuple[float, ...], BeforeValidator(_days)] = Field(
        (), description="days, such as 28; 56; 84"
    )
    month: Month = Field(None, description=MONTHS)
    change_from_month: Month = Field(None, description=MONTHS)
    value: Number = Field(None, description=A_NUMBER)
    statistic: Annotated[str, BeforeValidator(_statistic)] = "mean"
    ci_low: Number = Field(None, description=A_NUMBER)
    ci_high: Number = Field(None, description=A_NUMBER)
    ci_type: Text = ""
    seen: Text = ""
    citation: Text = ""
    doi: Text = ""
    where: Text = ""
    set: Text = ""
    note: Text = ""


REQUIRED = tuple(name for name, field in Cells.model_fields.items() if field.is_required())


def read_cells(cells: dict[str, str], place: str) -> Cells | list[InputError]:
    """The cells of one line, or what is wrong with them, column by column."""
    try:
        return Cells.model_validate(cells)
    except ValidationError as error:
        faults = []
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0])
            answer = Cells.model_fields[name].description
            hint = f"write {answer}" if answer else str(detail.get("ctx", {}).get("error", "shorten it"))
            text = str(cells.get(name) or "").strip()
            cause = f"'{printable(text)}' cannot stand here" if text else "it is blank"
            faults.append(InputError(f"{place}, column {name}", cause, hint))
        return faults
