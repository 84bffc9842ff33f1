"""The analysis of a run in one call, for both families of trials."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import polars as pl

from bonecast.core import Progress, TableResult
from bonecast.trials.bone.design import BoneDesign
from bonecast.trials.characteristics import Characteristic, analyse_all, characteristics
from bonecast.trials.design import Design
from bonecast.trials.endpoints import EffectRow, analyse, arm_names
from bonecast.trials.power_joint import shared_p


@dataclass(frozen=True)
class TrialAnalysis(TableResult):
    """What the trials of a run find.

    Parameters
    ----------
    design : Design or BoneDesign
        The design.
    rows : tuple of EffectRow
        Of a bone trial: every comparison of every endpoint in the first trial, primary endpoints first.
    trials : polars.DataFrame
        One row for each trial and decisive comparison; of a window trial for each trial and scenario.
    characteristics : tuple of Characteristic
        Of a window trial: its operating characteristics.
    adjusted : tuple of (str, float)
        Adjusted p of the endpoints that share a level, in the first trial.
    """

    design: Design | BoneDesign
    rows: tuple[EffectRow, ...]
    trials: pl.DataFrame
    characteristics: tuple[Characteristic, ...] = ()
    adjusted: tuple[tuple[str, float], ...] = ()

    def __repr__(self) -> str:
        return f"<TrialAnalysis of {self.design.name}: {self.table().height} results>"

    def _repr_html_(self) -> str:
        from bonecast.trials.notebook import analysis_html

        return analysis_html(self)

    def table(self) -> pl.DataFrame:
        """Return the results in one table.

        Returns
        -------
        polars.DataFrame
            Of a bone trial one row for each comparison of the first trial, with `adjusted_p` where endpoints share a
            level; of a window trial one for each operating characteristic and scenario.
        """
        if self.characteristics:
            return pl.DataFrame([asdict(one) for one in self.characteristics])
        frame = pl.DataFrame([asdict(row) for row in self.rows], infer_schema_length=None)
        if not self.adjusted:
            return frame
        found = dict(self.adjusted)
        shared = [found.get(row.endpoint) if row.decisive else None for row in self.rows]
        return frame.with_columns(adjusted_p=pl.Series(shared, dtype=pl.Float64))


def analyse_run(
    design: Design | BoneDesign, outcomes: pl.DataFrame, progress: Progress | None = None
) -> TrialAnalysis:
    """Analyse the outcomes of a run: endpoints of a bone trial, operating characteristics of a window trial."""
    if isinstance(design, Design):
        analysed = analyse_all(design, outcomes, progress)
        return TrialAnalysis(design, (), analysed, characteristics(design, analysed))
    report = progress or (lambda share, what: None)
    ordered = sorted(design.endpoints, key=lambda one: not one.primary)
    parts = outcomes.partition_by("trial", maintain_order=True)
    rows = tuple(row for endpoint in ordered for row in analyse(endpoint, parts[0], design))
    found = []
    for i, part in enumerate(parts):
        report(i / len(parts), f"trial {i + 1:,} of {len(parts):,}")
        for endpoint in ordered:
            mine = rows if i == 0 else analyse(endpoint, part, design, True)
            found += [
                {"trial": part["trial"][0], **asdict(row)}
                for row in mine
                if row.decisive and row.endpoint == endpoint.name
            ]
    return TrialAnalysis(
        design, rows, pl.DataFrame(found, infer_schema_length=None), (), _shared(design, rows)
    )


def _shared(design: BoneDesign, rows: tuple[EffectRow, ...]) -> tuple[tuple[str, float], ...]:
    if design.multiplicity is None:
        return ()
    arm = arm_names(design)[0][0]
    judged = {row.endpoint: row for row in rows if row.decisive and row.arm == arm}
    return tuple(shared_p(design.multiplicity, judged, design.endpoints).items())
