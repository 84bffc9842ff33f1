"""The layout of a case file in TOML: which keys it has, what stands at each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from bonecast.records.file_format import Clock, Day, Number, Text

Switch = Annotated[bool, Field(strict=True)]
STATED = "true or false; leave it out where it is not known"


class CasePersonLines(BaseModel):
    """[person]."""

    model_config = ConfigDict(extra="forbid")
    id: Text = Field(description='a short text in quotes, such as "L-3"')
    sex: Text | None = Field(None, description='"female" or "male"')
    age: Annotated[float, Field(ge=0, le=120, strict=True)] | None = Field(
        None, description="years, such as 72"
    )


class SuspectLines(BaseModel):
    """[drug]: the drug in question."""

    model_config = ConfigDict(extra="forbid")
    name: Text = Field(description='the drug\'s name in quotes, such as "denosumab"')
    hepatotoxicity: Text | None = Field(None, description='"labelled", "published" or "unknown"')


class UseLines(BaseModel):
    """[[doses]]: one dose with `date`, or a course with `from` and, once it has ended, `to`."""

    model_config = ConfigDict(extra="forbid")
    drug: Text = Field(description='the drug\'s name in quotes, such as "denosumab"')
    amount: Text = Field(description='text with its unit, such as "60 mg"')
    date: Day | None = Field(None, description="a date, such as 2026-03-04")
    start: Day | None = Field(None, alias="from", description="a date, such as 2026-03-04")
    end: Day | None = Field(None, alias="to", description="a date, such as 2026-03-04")


class PanelLines(BaseModel):
    """[[panels]]: one sample. Keys beyond these are tests, such as ALT = "812 U/L"."""

    model_config = ConfigDict(extra="allow")
    date: Day = Field(description="a date, such as 2026-03-04")
    time: Clock | None = Field(None, description='a time, such as "08:30"')
    lab: Text | None = Field(None, description="the name of one of the tables of [limits]")
    baseline: Switch | None = Field(None, description="true for a panel of before treatment")


class FactLines(BaseModel):
    """[facts]: what severity and the origin of ALP are judged by."""

    model_config = ConfigDict(extra="forbid")
    ascites: Switch | None = Field(None, description=STATED)
    encephalopathy: Switch | None = Field(None, description=STATED)
    other_organ_failure: Switch | None = Field(None, description=STATED)
    hospitalised: Switch | None = Field(None, description=STATED)
    death_or_transplant: Switch | None = Field(None, description=STATED)
    symptoms: Switch | None = Field(None, description=STATED)
    cirrhosis: Switch | None = Field(None, description=STATED)
    bone_source: Switch | None = Field(None, description=STATED)
    alp_origin: Text | None = Field(None, description='"liver" or "bone", from the isoenzyme')
    onset: Day | None = Field(None, description="the first symptom or raised value, such as 2026-03-04")


class RucamLines(BaseModel):
    """[rucam]: what the score asks for beyond doses and values."""

    model_config = ConfigDict(extra="forbid")
    injury: Text | None = Field(None, description='"hepatocellular" or "cholestatic_mixed"')
    drinks_per_day: Annotated[Number, Field(ge=0, le=100)] | None = Field(
        None, description="a number, such as 1"
    )
    pregnant: Switch | None = Field(None, description=STATED)
    co_drug: Text | None = Field(
        None, description='"none", "incompatible", "compatible", "hepatotoxin" or "proven"'
    )
    causes: dict[str, Text] = Field({}, description='such as causes = { HAV = "excluded", CMV = "probable" }')
    codes: dict[str, Text] = Field({}, description='codes by item, such as codes = { 2 = "H2_8D" }')


class ReexposureLines(BaseModel):
    """[reexposure]: the unintended second exposure."""

    model_config = ConfigDict(extra="forbid")
    date: Day = Field(description="a date, such as 2026-03-04")
    conditions: Text | None = Field(None, description='"alone", "same drugs" or "other"')


class OptionLines(BaseModel):
    """[options]: the convention where sources differ."""

    model_config = ConfigDict(extra="forbid")
    convention: Text = Field("rucam-2016", description='"rucam-2016" or "livertox"')
    counting: Text = Field("either", description='"either" or "apart": alcohol and pregnancy')
    score_recovery: Switch = Field(False, description="true or false")
