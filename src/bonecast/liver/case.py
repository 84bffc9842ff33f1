"""A liver case: a person, the drugs taken, the laboratory values, and what the clinician states.

The models here are the tables of a case file and the types that the assessment reads.
"""

from __future__ import annotations

import datetime as dt
import difflib
from typing import Annotated, Any, Literal, get_args

import polars as pl
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bonecast.core import read_amount
from bonecast.drugs import drug_names, find_drug
from bonecast.errors import InputError, UnknownName
from bonecast.liver.laboratory import ROWS, LabValue, analytes, needs_limit
from bonecast.records import Day, Number, Patient, Text, misfit

Convention = Literal["rucam-2016", "livertox"]
Counting = Literal["either", "apart"]
InjuryType = Literal["hepatocellular", "cholestatic_mixed"]
Item = Literal["1", "2", "3a", "3p", "3b", "4", "5", "6", "7"]
Hepatotoxicity = Literal["labelled", "published", "unknown"]
CoDrug = Literal["none", "incompatible", "compatible", "hepatotoxin", "proven"]
CauseI = Literal["HAV", "HBV", "HCV", "HEV", "imaging", "alcohol", "hypotension"]
CauseII = Literal["underlying disease", "CMV", "EBV", "HSV", "VZV"]
Cause = Literal[CauseI, CauseII]
Ruling = Literal["excluded", "not excluded", "probable"]

CAUSES_I: tuple[CauseI, ...] = get_args(CauseI)
CAUSES_II: tuple[CauseII, ...] = get_args(CauseII)
COUNTINGS: tuple[Counting, ...] = get_args(Counting)
INJURY_TYPES: tuple[InjuryType, ...] = get_args(InjuryType)
ITEMS: tuple[Item, ...] = get_args(Item)
TRUE_OR_FALSE = "true or false; leave it out where it is not known"
A_DAY = "a date, such as 2026-03-04"

Fact = Annotated[bool | None, Field(strict=True, description=TRUE_OR_FALSE)]


def drug_name(name: str, place: str = "drug") -> str:
    """The agent of this name; one that the catalogue lacks keeps its name, unless it looks like a slip.

    >>> drug_name("Prolia"), drug_name("flucloxacillin")
    ('denosumab', 'flucloxacillin')
    """
    try:
        return find_drug(name, place).generic
    except UnknownName:
        known = {one.casefold(): one for one in drug_names()}
        near = difflib.get_close_matches(name.casefold(), [*known], 1, 0.85)
        if near:
            raise UnknownName(place, "drug", name, [known[near[0]]]) from None
        return " ".join(name.casefold().split())


def _agent(name: str) -> str:
    try:
        return drug_name(name)
    except InputError as fault:
        raise misfit(fault.cause, fault.hint) from None


def _amount(text: str) -> str:
    try:
        read_amount(text, "amount")
    except InputError as fault:
        raise misfit(fault.cause, fault.hint) from None
    return text


Agent = Annotated[Text, AfterValidator(_agent)]


class CaseTable(BaseModel):
    """A table of a case file; unknown keys are refused and values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CasePerson(CaseTable):
    """The person of a case: the table [person].

    Parameters
    ----------
    id : str
        A short text.
    sex : {"female", "male"}, optional
        "female" or "male"; None where it is not stated.
    age : Annotated, optional
        Years; None where it is not stated.
    """

    id: Text = Field(description='a short text in quotes, such as "L-3"')
    sex: Literal["female", "male"] | None = Field(default=None, description='"female" or "male"')
    age: Annotated[float, Field(ge=0, le=120, strict=True)] | None = Field(
        default=None, description="years, such as 72"
    )


class SuspectDrug(CaseTable):
    """The suspect drug: the table [drug].

    Parameters
    ----------
    name : Agent
        Name of the drug; stored as the generic name.
    hepatotoxicity : Hepatotoxicity, optional
        What is known of it, for RUCAM item 6; None leaves it to what is on file.
    """

    name: Agent = Field(description='the drug\'s name in quotes, such as "denosumab"')
    hepatotoxicity: Hepatotoxicity | None = Field(
        default=None, description='"labelled", "published" or "unknown"'
    )


class DrugUse(CaseTable):
    """One dose or one course of a drug: an entry of [[doses]].

    Parameters
    ----------
    drug : Agent
        Name of the drug; stored as the generic name.
    amount : Annotated
        Text with its unit.
    date : Day, optional
        Day of a single dose.
    first : Day, optional
        First day of a course ("from" in a file).
    last : Day, optional
        Last day of a course ("to" in a file); None while it goes on.

    Examples
    --------
    >>> DrugUse(drug="Prolia", amount="60 mg", date="2026-03-04").drug
    'denosumab'
    """

    drug: Agent = Field(description='the drug\'s name in quotes, such as "denosumab"')
    amount: Annotated[Text, AfterValidator(_amount)] = Field(
        description='text with its unit, such as "60 mg"'
    )
    date: Day | None = Field(default=None, description=A_DAY)
    first: Day | None = Field(default=None, alias="from", description=A_DAY)
    last: Day | None = Field(default=None, alias="to", description=A_DAY)

    @model_validator(mode="after")
    def _one_dose_or_a_course(self) -> DrugUse:
        if (self.date is None) == (self.first is None) or (self.date is not None and self.last is not None):
            raise misfit("it is neither one dose nor a course", "write date, or from and to")
        if self.end is not None and self.end < self.start:
            raise misfit(f"it ends ({self.end}) before it begins ({self.start})", "exchange the two days")
        return self

    @property
    def start(self) -> dt.date:
        """The day of the dose, or the first day of the course."""
        start = self.date or self.first
        assert start is not None  # the validator asks for one of them
        return start

    @property
    def end(self) -> dt.date | None:
        """The day of the dose, or the last day of the course; None while it goes on."""
        return self.date or self.last


class Facts(CaseTable):
    """What severity and the origin of ALP are judged by: the table [facts]. None is unknown.

    Parameters
    ----------
    ascites, encephalopathy, other_organ_failure, hospitalised, death_or_transplant, symptoms, cirrhosis : Fact
        True, false or unknown.
    bone_source : Fact
        Whether a raised ALP may be of bone.
    alp_origin : {"liver", "bone"}, optional
        "liver" or "bone", from the isoenzyme.
    onset : Day, optional
        First symptom or raised value.
    """

    ascites: Fact = None
    encephalopathy: Fact = None
    other_organ_failure: Fact = None
    hospitalised: Fact = None
    death_or_transplant: Fact = None
    symptoms: Fact = None
    cirrhosis: Fact = None
    bone_source: Fact = None
    alp_origin: Literal["liver", "bone"] | None = Field(
        default=None, description='"liver" or "bone", from the isoenzyme'
    )
    onset: Day | None = Field(
        default=None, description="the first symptom or raised value, such as 2026-03-04"
    )


class RucamFacts(CaseTable):
    """What RUCAM asks for beyond doses and values: the table [rucam]. None is unknown.

    Parameters
    ----------
    injury : InjuryType, optional
        Type of injury, where it is stated in place of R.
    drinks_per_day : Annotated, optional
        Alcohol.
    pregnant : Fact
        For the cholestatic and mixed form.
    co_drug : CoDrug, optional
        How the other drugs are judged, for item 4.
    causes : dict of Cause to Ruling
        Competing causes, each with its ruling, for item 5.
    codes : dict of Item to str
        Choices made by hand, by item.
    """

    injury: InjuryType | None = Field(default=None, description='"hepatocellular" or "cholestatic_mixed"')
    drinks_per_day: Annotated[Number, Field(ge=0, le=100)] | None = Field(
        default=None, description="a number, such as 1"
    )
    pregnant: Fact = None
    co_drug: CoDrug | None = Field(
        default=None, description='"none", "incompatible", "compatible", "hepatotoxin" or "proven"'
    )
    causes: dict[Cause, Ruling] = Field(
        default={}, title="cause", description='such as causes = { HAV = "excluded", CMV = "probable" }'
    )
    codes: dict[Item, Text] = Field(
        default={}, title="RUCAM item", description='codes by item, such as codes = { 2 = "H2_8D" }'
    )


class Rechallenge(CaseTable):
    """An unintended second exposure: the table [reexposure].

    Parameters
    ----------
    date : Day
        Day of the second exposure.
    conditions : {"alone", "same drugs", "other"}, optional
        The drug "alone", with the "same drugs" as at first, or "other"; None where it is not stated.
    """

    date: Day = Field(description=A_DAY)
    conditions: Literal["alone", "same drugs", "other"] | None = Field(
        default=None, description='"alone", "same drugs" or "other"'
    )


class Options(CaseTable):
    """Conventions where the sources differ: the table [options].

    Parameters
    ----------
    convention : Convention
        Limits of R for the pattern.
    counting : Counting
        Whether alcohol and pregnancy share one point ("either") or count one each ("apart").
    score_recovery : Annotated
        Whether a recovery while the drug still acts counts as dechallenge.
    """

    convention: Convention = Field(default="rucam-2016", description='"rucam-2016" or "livertox"')
    counting: Counting = Field(default="either", description='"either" or "apart": alcohol and pregnancy')
    score_recovery: Annotated[bool, Field(strict=True)] = Field(default=False, description="true or false")


class LiverCase(CaseTable):
    """A case: everything checked that can be checked without assessing it.

    Parameters
    ----------
    person : CasePerson
        Whose liver it is.
    drug : SuspectDrug, optional
        The suspect drug; None for laboratory values alone.
    doses : tuple of DrugUse
        Every drug taken, not only the suspect.
    values : tuple of LabValue
        Laboratory values.
    facts, rucam, rechallenge, options : Facts
        What the clinician states.
    notes : tuple of str
        What of the source could not be read.

    Examples
    --------
    >>> LiverCase(person=CasePerson(id="A"), drug=SuspectDrug(name="Prolia")).suspect
    'denosumab'
    """

    person: CasePerson
    drug: SuspectDrug | None = None
    doses: tuple[DrugUse, ...] = ()
    values: tuple[LabValue, ...] = ()
    facts: Facts = Facts()
    rucam: RucamFacts = RucamFacts()
    rechallenge: Rechallenge | None = None
    options: Options = Options()
    notes: tuple[str, ...] = ()

    @classmethod
    def from_patient(cls, patient: Patient) -> LiverCase:
        """Read the liver values of a person's record.

        The suspect drug is denosumab where the person had it; values before its first dose are the baseline. A
        value that needs the laboratory's upper limit and has none is named in `notes` and not read.
        """
        doses: list[dict[str, Any]] = [
            {"drug": d.drug, "amount": f"{d.amount:g} {d.unit}", "date": d.date} for d in patient.doses
        ]
        doses += [
            {"drug": c.drug, "amount": f"{c.amount:g} {c.unit}", "first": c.start, "last": c.end}
            for c in patient.courses
        ]
        uses = tuple(DrugUse(**dose) for dose in doses)
        first = min((use.start for use in uses if use.drug == "denosumab"), default=None)
        values, notes = [], []
        for measured in patient.measurements:
            if measured.test not in analytes():
                continue
            if measured.test in needs_limit() and measured.reference_high is None:
                notes.append(f"{measured.test} of {measured.date} has no upper limit in the record: not read")
                continue
            values.append(
                LabValue(
                    at=dt.datetime.combine(measured.date, measured.time or dt.time()),
                    test=measured.test,
                    value=measured.value,
                    unit=measured.unit,
                    uln=measured.reference_high,
                    baseline=first is not None and measured.date < first,
                    place=f"record, {measured.test} of {measured.date}",
                    lab=measured.lab or "",
                    below_limit=measured.below_limit,
                )
            )
        age = patient.age_on(patient.record_date)
        return cls(
            person=CasePerson(id=patient.id, sex=patient.sex, age=age),
            drug=SuspectDrug(name="denosumab") if first is not None else None,
            doses=uses,
            values=tuple(values),
            notes=tuple(notes),
        )

    @property
    def id(self) -> str:
        """Who it is."""
        return self.person.id

    @property
    def suspect(self) -> str | None:
        """The generic name of the suspect drug."""
        return self.drug.name if self.drug is not None else None

    def __repr__(self) -> str:
        return f"<LiverCase: {len(self.values)} values, {len(self.doses)} doses or courses>"

    def _repr_html_(self) -> str:
        from bonecast.liver.notebook import case_html

        return case_html(self)

    @property
    def suspect_uses(self) -> tuple[DrugUse, ...]:
        """The uses of the suspect drug, by start."""
        return tuple(
            sorted((use for use in self.doses if use.drug == self.suspect), key=lambda use: use.start)
        )

    @property
    def start(self) -> dt.date | None:
        """The first day of the suspect drug."""
        return self.suspect_uses[0].start if self.suspect_uses else None

    def rows(self) -> pl.DataFrame:
        """The values as rows for `check_values`; the number of a row is its position in `values`."""
        rows = [
            (i, self.id, v.at, v.test, v.value, v.unit, v.uln, v.uln_unit, v.baseline)
            for i, v in enumerate(self.values)
        ]
        return pl.DataFrame(rows, schema=ROWS, orient="row")
