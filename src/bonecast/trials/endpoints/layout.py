"""The layout of an [[endpoint]] in a design: which keys it has, what stands at each."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Text = Annotated[str, Field(strict=True, min_length=1, max_length=200)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


class EndpointLines(BaseModel):
    """[[endpoint]]."""

    model_config = ConfigDict(extra="forbid")
    name: Text | None = Field(None, description='a short name in quotes, such as "spine"')
    kind: Text = Field(description='the kind in quotes, such as "bmd-change"')
    quantity: Text = Field(description='what is read or happens, such as "LS_BMD" or "vertebral"')
    visit: Text = Field(description='the name of a visit, such as "m36"')
    method: Text | None = Field(None, description='such as "ancova"')
    statistic: Text | None = Field(None, description='"change", "reading", "auec", "auc" or "peak"')
    objective: Text | None = Field(None, description='"superiority", "non-inferiority" or "equivalence"')
    margin: Finite | list[Finite] | None = Field(
        None, description="a number of points (1.45), or a low and a high limit ([0.8, 1.25])"
    )
    better: Text | None = Field(None, description='"higher" or "lower"')
    expected: Finite | None = Field(
        None, description="the difference, or ratio, that is planned for, such as 0.28"
    )
    threshold: Finite | None = Field(
        None, description="a change in % of baseline, such as 3; for calcium the lower limit in mmol/L"
    )
    missing: Text = Field("left-out", description='"left-out", "failure" or "multiple-imputation"')
    imputations: Annotated[int, Field(strict=True, ge=2, le=200)] = Field(20, description="such as 20")
    imputation: Text = Field("at-random", description='"at-random" or "jump-to-reference"')
    delta: Finite = Field(0.0, description="points added to imputed values of the treated, such as -1")
    covariance: Text = Field("unstructured", description='"unstructured" or "ar1"')
    estimand: Text = Field(
        "treatment-policy",
        description='"treatment-policy", "hypothetical", "composite" or "while-on-treatment"',
    )
    alpha: Annotated[float, Field(gt=0, lt=0.5)] | None = Field(None, description="a number such as 0.05")
    primary: bool = Field(False, description="true or false")
    subgroups: list[Text] = Field([], description='cuts or covariates, such as ["age >= 75"]')
