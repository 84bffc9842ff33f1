"""The layout of a design in TOML: which keys it has, what stands at each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
Day = Annotated[int, Field(strict=True, ge=-365, le=3650)]
Sets = dict[Text, Finite]
A_NAME = 'a short name in quotes, such as "control"'
A_SHARE = "a share above zero, such as 2"
SETS = "parameters of the model, such as set = { theta = 0 }"


class Lines(BaseModel):
    """Keys that are not in the layout are refused."""

    model_config = ConfigDict(extra="forbid")


class DesignLines(Lines):
    """The top of the file."""

    name: Text = Field(description=A_NAME)
    title: Text = Field(description="a title in quotes")
    model: Text = Field(description='a model of the library, such as "rank-window"')
    analysis: Text = Field(description='"window"')
    people: Annotated[int, Field(strict=True, ge=6, le=100_000)] = Field(
        description="how many are randomised, 6 or more"
    )
    trials: Count = Field(description="how many trials are simulated, 1 or more")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31)] = Field(
        1, description="zero or a positive whole number"
    )
    not_evaluable: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="a share from 0 to below 1, such as 0.03"
    )
    parameters: Sets = Field(
        {}, description="parameters of the model, such as parameters = { explanation = 2 }"
    )


class AllocationLines(Lines):
    """[allocation]."""

    blocks: list[Annotated[int, Field(strict=True, ge=1, le=60)]] = Field(
        min_length=1, description="lengths of the permuted blocks, such as [3, 6]"
    )
    strata: list[Text] = Field([], description="names of traits or labels, such as strata = ['menopause']")


class ArmLines(Lines):
    """[[arm]]."""

    name: Text = Field(description=A_NAME)
    share: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(description="a whole number, such as 2")
    plan: Text = Field(description='a plan in quotes, such as "denosumab 120 mg weekly x 2"')


class TraitValueLines(Lines):
    """One value of a [[trait]]."""

    name: Text = Field(description=A_NAME)
    share: Share = Field(description=A_SHARE)
    cards: Text | None = Field(None, description="an alternative set of the model's cards, in quotes")
    set: Sets = Field({}, description=SETS)
    labels: dict[Text, Text] = Field(
        {}, description='words for strata, such as labels = { receptor = "positive" }'
    )


class TraitLines(Lines):
    """[[trait]]: each person has one of its values."""

    name: Text = Field(description=A_NAME)
    values: list[TraitValueLines] = Field(min_length=1, description="a list of values with name and share")


class VisitLines(Lines):
    """[[visit]]: on one day, or on a day drawn from a window."""

    name: Text = Field(description=A_NAME)
    day: Day | None = Field(None, description="a day counted from the first dose, such as -14")
    first: Day | None = Field(None, description="the first day of the window, such as 14")
    last: Day | None = Field(None, description="the last day of the window, such as 28")
    days_before: Text | None = Field(None, description="the parameter that counts the days to the first dose")


class AssayLines(Lines):
    """[[assay]]: a share in per cent, read with error on its logit."""

    name: Text = Field(description=A_NAME)
    at: dict[Text, Text] = Field(
        min_length=1, description='the output at each visit, such as { surgery = "TIL_pct" }'
    )
    error: Annotated[float, Field(ge=0, le=5)] = Field(
        description="the SD of one specimen on the logit, such as 0.45"
    )
    step: Annotated[float, Field(gt=0, le=50)] = Field(description="what readings are rounded to, such as 5")
    least: Annotated[float, Field(gt=0, le=50)] = Field(description="the lowest reading, such as 1")
    mark: Text = Field(description="published, derived, assumption or another mark")
    source: Text = Field(description="where the error was had from, in quotes")


class TruthLines(Lines):
    """[[truth]]: what is so in the world in which the trial is run."""

    name: Text = Field(description=A_NAME)
    set: Sets = Field({}, description=SETS)
