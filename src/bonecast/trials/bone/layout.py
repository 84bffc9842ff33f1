"""The layout of a bone trial in TOML: which keys it has, what stands at each."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bonecast.trials.layout import A_NAME, Count, Lines, Text

# Half of the published rise. In `freedom` those who fracture are frailer, which alone gives 9.9 next fractures in 100
# person-years on placebo and 2.6 on denosumab; published are 10.1 and 6.7 (Kendler 2018), and half gives 15 and 5.
REFRACTURE = 0.5
Per = Annotated[float, Field(ge=0, le=5, allow_inf_nan=False)]
Chance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Factors = dict[Text, Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]]
Visits = Annotated[list[Text], Field(min_length=1, description="names of visits, such as ['m12', 'm24']")]
A_PLAN = 'a plan in quotes, such as "denosumab 60 mg every 6 months x 6"'
A_VISIT = 'the name of a visit, such as "m24"'


class BoneLines(Lines):
    """The top of the file."""

    name: Text = Field(description=A_NAME)
    title: Text = Field(description="a title in quotes")
    model: Text = Field(description='a model of the library, such as "bonecast-2"')
    analysis: Text = Field(description='"bone"')
    people: Annotated[int, Field(strict=True, ge=4, le=10_000_000)] = Field(
        description="how many are randomised, 4 to 10,000,000"
    )
    trials: Count = Field(1, description="how many trials are simulated, 1 or more")
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31)] = Field(
        1, description="zero or a positive whole number"
    )
    length: Text = Field(description='how long people are followed, such as "36 months"')
    run_in: Text = Field("", min_length=0, description=A_PLAN)
    events: list[Literal["fractures", "skeletal events"]] = Field(
        ["fractures"], description='"fractures" or "skeletal events"'
    )
    refracture: Annotated[float, Field(ge=0, le=2)] = Field(
        REFRACTURE, description="a share of the published rise after a fracture, such as 1"
    )
    rebound: bool = Field(True, description="true, or false for no rise of turnover above untreated")
    missed_visits: Chance = Field(0.0, description="a share from 0 to 1, such as 0.03")
    missed_samples: Chance = Field(0.0, description="a share from 0 to 1, such as 0.02")
    centres: Annotated[int, Field(strict=True, ge=1, le=10_000)] = Field(
        1, description="a whole number, such as 40"
    )


class GroupLines(Lines):
    """[population]."""

    preset: Text = Field(description="a population, such as 'postmenopausal-osteoporosis'")
    eligible: list[Text] = Field([], description='conditions, such as ["age >= 60"]')
    target: dict[Text, Any] = Field({}, description="age = { mean = 72.3, sd = 5.2 }, and so on")
    by: Literal["choice", "weights"] = Field("choice", description='"choice" or "weights"')
    table: Text | None = Field(None, description='a CSV file beside the design, such as "people.csv"')
    rows: dict[Text, list[Annotated[float, Field(allow_inf_nan=False)]]] = Field(
        {}, description="a list for each covariate, such as { age = [71, 75] }"
    )


class RescueLines(Lines):
    """rescue of an [[arm]]."""

    when: Text = Field(description='a condition, such as "TH_BMD_pct_change < -7"')
    plan: Text = Field(description=A_PLAN)
    visits: Visits


class CrossoverLines(Lines):
    """crossover of an [[arm]]."""

    at: Text = Field(description=A_VISIT)
    plan: Text = Field(description=A_PLAN)


class AfterStopLines(Lines):
    """after_stop of an [[arm]]."""

    plan: Text = Field(description=A_PLAN)
    after: Text | None = Field(None, description='a span after the injection that was due, such as "1 month"')


class AntibodyLines(Lines):
    """antibodies of an [[arm]]."""

    share: Chance = Field(description="a share of the arm, such as 0.05")
    factors: Factors = Field(description="factors on parameters of the model, such as { CL = 2.0 }")


class TakingLines(Lines):
    """[adherence]."""

    process: Literal["perfect", "published", "on-time"] = Field(
        "perfect", description='"perfect", "published" or "on-time"'
    )
    first_year: Chance | None = Field(None, description="persistence per six months, such as 0.91")
    later: Chance | None = Field(None, description="persistence per six months, such as 0.86")
    clinic_icc: Annotated[float, Field(ge=0, lt=1)] = Field(0.0, description="a share, such as 0.05")


class BoneArmLines(Lines):
    """[[arm]]."""

    name: Text = Field(description=A_NAME)
    share: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(description="a whole number, such as 2")
    plan: Text = Field(description=A_PLAN)
    rescue: RescueLines | None = Field(None, description='{ when = "...", plan = "...", visits = [...] }')
    crossover: CrossoverLines | None = Field(None, description='{ at = "m36", plan = "..." }')
    factors: Factors = Field({}, description="factors on parameters of the model, such as { KL = 1.2 }")
    adherence: TakingLines | None = Field(None, description='{ process = "on-time" }')
    after_stop: AfterStopLines | None = Field(None, description='{ plan = "...", after = "1 month" }')
    antibodies: AntibodyLines | None = Field(None, description="{ share = 0.05, factors = { CL = 2.0 } }")


class BoneVisitLines(Lines):
    """[[visit]]: at a month, a week or a day."""

    name: Text = Field(description=A_NAME)
    month: Annotated[float, Field(ge=0, le=240)] | None = Field(None, description="a month, such as 12")
    week: Annotated[float, Field(ge=0, le=1040)] | None = Field(None, description="a week, such as 26")
    day: Annotated[int, Field(strict=True, ge=0, le=7300)] | None = Field(
        None, description="a day, such as 10"
    )
    window_d: Annotated[int, Field(strict=True, ge=0, le=90)] = Field(
        0, description="days before and after that day, such as 14"
    )


class ReadingLines(Lines):
    """[[reading]]."""

    quantity: Text = Field(description='what is read, such as "LS_BMD"')
    visits: Visits
    error: Literal["trial", "clinic"] = Field("trial", description='"trial" or "clinic"')


class DropoutLines(Lines):
    """[dropout]: hazards per year."""

    per_year: Per | None = Field(None, description="a hazard per year, such as 0.06")
    first_year: Per | None = Field(None, description="a hazard per year, such as 0.15")
    later: Per | None = Field(None, description="a hazard per year, such as 0.06")


class DeathLines(Lines):
    """[death]."""

    relative: Annotated[float, Field(ge=0, le=20)] = Field(
        0.0, description="mortality over that of the same age and sex, such as 0.5"
    )


class EnrolmentLines(Lines):
    """[enrolment]: how fast centres enrol."""

    per_centre_month: Annotated[float, Field(gt=0, le=1000)] = Field(
        description="people a month, such as 0.5"
    )
    spread: Annotated[float, Field(ge=0, le=3)] = Field(
        0.0, description="SD of centres over their mean, such as 0.6"
    )
    opening_months: Annotated[float, Field(ge=0, le=120)] = Field(0.0, description="months, such as 6")


class InterimLines(Lines):
    """[[interim]]: at a visit, or at a share of the people."""

    at: Text | None = Field(None, description=A_VISIT)
    share: Annotated[float, Field(gt=0, lt=1)] | None = Field(None, description="a share such as 0.5")


class SequentialLines(Lines):
    """[sequential]: how looks spend alpha, and when a trial is given up."""

    spending: Literal["obrien-fleming", "pocock"] = Field(
        "obrien-fleming", description='"obrien-fleming" or "pocock"'
    )
    futility: Annotated[float, Field(ge=0, lt=1)] = Field(0.0, description="a conditional power, such as 0.1")


class ReestimationLines(Lines):
    """[reestimation]."""

    kind: Literal["blinded", "promising-zone"] = Field(description='"blinded" or "promising-zone"')
    share: Annotated[float, Field(gt=0, lt=1)] = Field(0.5, description="a share such as 0.5")
    most: Annotated[float, Field(gt=1, le=5)] = Field(1.5, description="how many times, such as 1.5")
    power: Annotated[float, Field(ge=0.5, lt=1)] = Field(0.9, description="a share such as 0.9")
    promising: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.3, description="a conditional power, such as 0.3"
    )


class SelectionLines(Lines):
    """[selection]."""

    share: Annotated[float, Field(gt=0, lt=1)] = Field(description="a share such as 0.4")
    better: Literal["higher", "lower"] = Field(description='"higher" or "lower"')


class MultiplicityLines(Lines):
    """[multiplicity]."""

    method: Literal["holm", "fixed-sequence", "gatekeeping", "graph"] = Field(
        description='"holm", "fixed-sequence", "gatekeeping" or "graph"'
    )
    alpha: Annotated[float, Field(gt=0, lt=0.5)] = Field(0.05, description="a number such as 0.05")
    order: list[Text] = Field([], description="names of endpoints")
    families: list[list[Text]] = Field(
        [], description='lists of endpoints, such as [["spine"], ["hip", "neck"]]'
    )
    weights: dict[Text, Chance] = Field({}, description="shares of alpha, such as { spine = 1.0 }")
    transitions: dict[Text, dict[Text, Chance]] = Field(
        {}, description="where a share goes, such as { spine = { hip = 1.0 } }"
    )


class ComparisonLines(Lines):
    """[comparison]: which arms are compared."""

    treated: Text | None = Field(None, description="the name of an arm")
    control: Text | None = Field(None, description="the name of an arm")


class BoneAllocationLines(Lines):
    """[allocation]."""

    unit: Literal["person", "centre"] = Field("person", description='"person" or "centre"')

    method: Literal["blocks", "minimisation", "simple"] = Field(
        "blocks", description='"blocks", "minimisation" or "simple"'
    )
    blocks: list[Annotated[int, Field(strict=True, ge=1, le=60)]] = Field(
        [], description="lengths of the permuted blocks, such as [4]"
    )
    chance: Annotated[float, Field(gt=0.5, le=1)] = Field(0.8, description="a chance, such as 0.8")
    strata: list[Text] = Field([], description='covariates or cuts, such as ["age >= 75"]')
