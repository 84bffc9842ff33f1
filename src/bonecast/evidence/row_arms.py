"""From a published row to the arms that must be run for it, or the reason why none can be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bonecast.cohorts import columns, typical, typical_people
from bonecast.errors import BonecastError, InputError, UnsupportedDrug
from bonecast.evidence.arm_means import means_of
from bonecast.evidence.arm_runs import ArmRuns, VirtualArm
from bonecast.evidence.calcium import calcium_probe
from bonecast.evidence.changes import change_probe, level_probe, ratio_probe
from bonecast.evidence.exposure import exposure_probe
from bonecast.evidence.fractures import fracture_probe, left_the_trial
from bonecast.evidence.prediction import Prediction
from bonecast.evidence.prior_treatment import prior_plan
from bonecast.evidence.probes import Probe, Reading
from bonecast.evidence.row import Row
from bonecast.evidence.strength import strength_probe
from bonecast.models import Model, models_supporting
from bonecast.regimens import Regimen


@dataclass(frozen=True)
class Part:
    """One arm of a row, and how its endpoint is read."""

    arm: VirtualArm
    probe: Probe


@dataclass(frozen=True)
class RowArms:
    """A row that can be predicted: the arms that it needs.

    Parameters
    ----------
    row : Row
        The row.
    parts : tuple of Part
        The arm of its regimen, and of its comparator for a contrast.
    remarks : tuple of str
        What must be stated with the prediction.
    """

    row: Row
    parts: tuple[Part, ...]
    remarks: tuple[str, ...]

    def request(self, runs: ArmRuns) -> None:
        """Have the arms of this row run."""
        for part in self.parts:
            runs.request(part.arm, part.probe)

    def read(self, runs: ArmRuns, which: int = 0) -> list[Reading]:
        """What is read of each arm; `which` of the sets of factors. BonecastError where one could not be followed."""
        return [part.probe.read(runs.read(part.arm, part.probe, which)) for part in self.parts]


def arms_of(row: Row, model: Model, relation: Mapping[str, float] | None = None) -> RowArms | Prediction:
    """Lay a row out as virtual arms.

    Parameters
    ----------
    row : Row
        The row.
    model : Model
        Model that should predict it.
    relation : mapping of str to float, optional
        Numbers of the fracture relation, in place of those of the package.

    Returns
    -------
    RowArms or Prediction
        The arms, or a prediction without a value that says why there are none.
    """
    try:
        return _case(row, model, relation)
    except InputError as error:
        return none(row, error)


def _case(row: Row, model: Model, relation: Mapping[str, float] | None) -> RowArms:
    if row.unread:
        raise _Unfit(row.unread)
    if row.plan is None:
        why = f" ({row.note})" if row.note.startswith("not expressible") else ""
        raise _Unfit(f"the row has no plan{why}")
    plans = [row.plan]
    if row.is_contrast:
        if row.comparator_plan is None:
            raise _Unfit("the figure is a contrast, and the row has no comparator plan")
        plans.append(row.comparator_plan)
    for plan in plans:
        if plan.starts_after_last_dose_d is not None:
            raise _Unfit("the plan begins after a last dose, which no row gives")
        model.require(plan.drugs, {d: models_supporting(d) for d in plan.drugs if d not in model.drugs})
    probes = [_probe(row, plan, model, relation) for plan in plans]
    who = typical(row.population)
    prior, left_out = prior_plan(row, who, model)
    means = means_of(row)
    parts = tuple(
        Part(
            VirtualArm(means, tuple(d for d in plan.doses if d.drug != "placebo"), prior, row.egfr, facts),
            probe,
        )
        for plan, probe, facts in zip(
            plans, probes, (row.facts, row.comparator_facts or row.facts), strict=False
        )
    )
    remarks = [left_out]
    if row.population and row.population not in typical_people():
        remarks.append(f"population '{row.population}' is not known and was read as {who.name}")
    given = [columns()[name].fact for name, _ in row.facts]
    unknown = [state for state in (*who.states, *given) if state not in model.covariates]
    if unknown:
        remarks.append(f"the model does not know {' and '.join(unknown)}")
    if row.endpoint_class == "fracture" and left_the_trial(row, row.plan):
        remarks.append("read as people who stopped the trial's treatment, a group at higher risk")
    return RowArms(row, parts, tuple(filter(None, remarks)))


def _probe(row: Row, plan: Regimen, model: Model, relation: Mapping[str, float] | None) -> Probe:
    """How this row's endpoint is read from an arm of this plan."""
    kind = row.endpoint_class
    if kind == "other":
        raise _Unfit(f"{row.endpoint} is not an endpoint that is computed here")
    if kind == "exposure":
        return exposure_probe(row, plan, model)
    if row.month is None:
        raise _Unfit("the row has no month")
    if (row.change_from_month or 0.0) > row.month:
        raise _Unfit("the change is counted from a later month than that of the figure")
    if kind == "fracture":
        return fracture_probe(row, plan, row.month, model, relation)
    if kind == "strength":
        return strength_probe(row, row.month, model)
    if kind == "calcium":
        return calcium_probe(row, row.month, model)
    if row.is_ratio and (kind != "marker" or row.statistic != "GMR"):
        raise _Unfit(f"a {row.statistic} of percent changes is not read here")
    output = f"{row.endpoint.split('_')[0]}_" + ("BMD_pct_change" if kind == "BMD" else "pct_of_baseline")
    if output not in model.system.output_names:
        raise UnsupportedDrug(f"model {model.name}", f"{output} is not one of its outputs")
    if kind == "marker" and not row.endpoint.endswith("_pct"):
        return level_probe(row, row.month, output)
    if row.is_ratio:
        return ratio_probe(row, row.month, output)
    return change_probe(row, row.month, output)


def none(row: Row, error: BonecastError) -> Prediction:
    """No prediction, and why."""
    return Prediction(row.id, None, note=str(error).rstrip("."))


class _Unfit(InputError):
    """A row that no model could predict, said without a place: the id stands beside it."""

    def __init__(self, cause: str) -> None:
        super().__init__("row", cause)

    def __str__(self) -> str:
        return self.cause
