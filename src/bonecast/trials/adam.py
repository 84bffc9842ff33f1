"""Outcomes of a bone trial as analysis datasets in the shape of CDISC ADaM, with their definition.

ADSL has one row for each person, ADBMD and ADLB (BDS) one for each reading, ADTTE one for each person and event.
People are virtual and have no calendar: days count from the first dose, which is day 1.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import polars as pl

from bonecast.cohorts import columns as covariates
from bonecast.core import atomic_write, check_folder
from bonecast.errors import InputError, printable
from bonecast.trials.bone.design import FILM, BoneDesign
from bonecast.trials.bone.quantities import QUANTITIES
from bonecast.trials.run_files import read_run

BMD = ("LS_BMD", "TH_BMD", "FN_BMD")
TITLES = {"LS_BMD": "Lumbar spine BMD", "TH_BMD": "Total hip BMD", "FN_BMD": "Femoral neck BMD", "calcium": "Calcium",
          "denosumab": "Denosumab in serum", "uNTX": "Urinary NTX per creatinine"}  # fmt: skip
CODES = {"LS_BMD": "LSBMD", "TH_BMD": "THBMD", "FN_BMD": "FNBMD", "calcium": "CA", "denosumab": "DENOS"}
EVENTS = {
    "vertebral": ("VERTFX", "New vertebral fracture on film"),
    "clinical_vertebral": ("CVERTFX", "Clinical vertebral fracture"),
    "hip": ("HIPFX", "Hip fracture"),
    "nonvertebral": ("NVERTFX", "Nonvertebral fracture"),
    "skeletal_event": ("SRE", "Skeletal-related event"),
}
BASELINE = {
    "weight_kg": ("WEIGHTBL", "Weight at Baseline (kg)"),
    "bmi_kg_m2": ("BMIBL", "Body Mass Index at Baseline (kg/m2)"),
    "eGFR": ("EGFRBL", "eGFR at Baseline (mL/min/1.73 m2)"),
    "LS_T_score": ("LSTBL", "Lumbar Spine T-score at Baseline"),
    "TH_T_score": ("THTBL", "Total Hip T-score at Baseline"),
    "FN_T_score": ("FNTBL", "Femoral Neck T-score at Baseline"),
    "prior_vertebral": ("PRVERTFL", "Prior Vertebral Fracture Flag"),
    "prior_nonvertebral": ("PRNVFL", "Prior Nonvertebral Fracture Flag"),
    "prior_bisphosphonate": ("PRBPFL", "Prior Bisphosphonate Flag"),
}
# variable: label, how it is derived from the outcomes
VARIABLES = {
    "STUDYID": ("Study Identifier", "name of the design and its hash"),
    "USUBJID": ("Unique Subject Identifier", "study, trial and person"),
    "SUBJID": ("Subject Identifier for the Study", "number of the person"),
    "SITEID": ("Study Site Identifier", "centre"),
    "TRIALN": ("Number of the Simulated Trial", "trial"),
    "AGE": ("Age (Years)", "age"),
    "SEX": ("Sex", "F where female is 1, else M"),
    "TRT01P": ("Planned Treatment for Period 01", "arm"),
    "TRT01PN": ("Planned Treatment for Period 01 (N)", "place of the arm in the design"),
    "ITTFL": ("Intent-To-Treat Population Flag", "everybody who was randomised"),
    "SAFFL": ("Safety Population Flag", "at least one dose, placebo included"),
    "EOSSTT": ("End of Study Status", "left"),
    "DCSREAS": ("Reason for Discontinuation from Study", "left"),
    "EOSDY": ("Study Day of End of Study", "followed_d + 1"),
    "EOTDY": ("Study Day of Stop of Treatment", "stopped_d + 1"),
    "RESCDY": ("Study Day of Rescue", "rescued_d + 1"),
    "XOVERDY": ("Study Day of Crossover", "crossed_d + 1"),
    "DTHFL": ("Subject Death Flag", "left is death"),
    "NDOSE": ("Number of Injections", "doses"),
    "NLATE": ("Number of Late Injections", "late_doses"),
    "ANLWGT": ("Analysis Weight", "weight"),
    "TRTP": ("Planned Treatment", "arm"),
    "TRTPN": ("Planned Treatment (N)", "place of the arm in the design"),
    "PARAM": ("Parameter", "quantity or kind of event, with its unit"),
    "PARAMCD": ("Parameter Code", "quantity or kind of event"),
    "AVISIT": ("Analysis Visit", "visit"),
    "AVISITN": ("Analysis Visit (N)", "planned day of the visit"),
    "ADY": ("Analysis Relative Day", "day of the visit or event + 1"),
    "AVAL": ("Analysis Value", "the reading; of ADTTE the days from day 1 to ADY"),
    "BASE": ("Baseline Value", "the reading of the visit on day 0"),
    "CHG": ("Change from Baseline", "AVAL - BASE, after baseline"),
    "PCHG": ("Percent Change from Baseline", "100 CHG / BASE"),
    "ABLFL": ("Baseline Record Flag", "the visit on day 0"),
    "ANL01FL": ("Analysis Flag 01", "readings up to the stop of treatment, rescue or crossover"),
    "CNSR": ("Censor", "0 event, 1 censored, 2 death before the event"),
    "EVNTDESC": ("Event or Censoring Description", "how the follow-up ended"),
    **{name: (label, source) for source, (name, label) in BASELINE.items()},
}
DATASETS = {
    "ADSL": "Subject-Level Analysis Dataset",
    "ADBMD": "Bone Mineral Density Analysis Dataset",
    "ADLB": "Laboratory Analysis Dataset",
    "ADTTE": "Time-to-Event Analysis Dataset",
}
LONGEST_LABEL = 40  # of a variable in a transport file


@dataclass(frozen=True)
class AnalysisDatasets:
    """The analysis datasets of a bone trial.

    Parameters
    ----------
    design : BoneDesign
        The design.
    tables : mapping of str to polars.DataFrame
        "ADSL", "ADBMD", "ADLB" and "ADTTE", of those that have rows.
    """

    design: BoneDesign
    tables: Mapping[str, pl.DataFrame]

    def __repr__(self) -> str:
        return f"<AnalysisDatasets of {self.design.name}: {', '.join(self.tables)}>"

    def define(self) -> str:
        """Return the definition of the datasets and their variables, after Define-XML 2.1.

        Returns
        -------
        str
            XML.
        """
        odm = ElementTree.Element(
            "ODM",
            {
                "xmlns": "http://www.cdisc.org/ns/odm/v1.3",
                "xmlns:def": "http://www.cdisc.org/ns/def/v2.1",
                "FileType": "Snapshot",
                "FileOID": f"bonecast.{self.design.hash}",
            },
        )
        study = ElementTree.SubElement(odm, "Study", OID=f"STUDY.{self.design.hash}")
        names = ElementTree.SubElement(study, "GlobalVariables")
        for tag, text in (("StudyName", self.design.name), ("StudyDescription", self.design.title),
                          ("ProtocolName", self.design.name)):  # fmt: skip
            ElementTree.SubElement(names, tag).text = text
        version = ElementTree.SubElement(
            study,
            "MetaDataVersion",
            {"OID": "MDV.1", "Name": "Analysis datasets of a simulated trial", "def:DefineVersion": "2.1.0"},
        )
        used: dict[str, pl.DataType] = {}
        for name, frame in self.tables.items():
            group = ElementTree.SubElement(
                version,
                "ItemGroupDef",
                {
                    "OID": f"IG.{name}",
                    "Name": name,
                    "Repeating": "No" if name == "ADSL" else "Yes",
                    "Purpose": "Analysis",
                    "def:Structure": STRUCTURES[name],
                    "def:Class": "SUBJECT LEVEL ANALYSIS DATASET"
                    if name == "ADSL"
                    else "BASIC DATA STRUCTURE",
                },
            )
            _described(group, DATASETS[name])
            for i, column in enumerate(frame.columns, 1):
                ElementTree.SubElement(
                    group, "ItemRef", ItemOID=f"IT.{column}", OrderNumber=str(i), Mandatory="No"
                )
                used[column] = frame.schema[column]
        for column, kind in used.items():
            label, derived = VARIABLES[column]
            item = ElementTree.SubElement(
                version, "ItemDef", OID=f"IT.{column}", Name=column, DataType=_type(kind)
            )
            _described(item, label)
            origin = ElementTree.SubElement(item, "def:Origin", {"Type": "Derived", "Source": "Sponsor"})
            _described(origin, f"Outcomes of the simulation: {derived}")
        ElementTree.indent(odm)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(odm, encoding="unicode") + "\n"
        )

    def write(self, folder: str | os.PathLike[str], xpt: bool = False) -> dict[str, Path]:
        """Write each dataset as Parquet, and define.xml beside them.

        Parameters
        ----------
        folder : str or path
            Folder, which need not exist.
        xpt : bool
            Write SAS transport files (version 5) too; needs the extra `bonecast[adam]`.

        Returns
        -------
        dict of str to Path
            Files by name.

        Raises
        ------
        InputError
            If the folder cannot be written, or transport files are asked for and pyreadstat is not installed.
        """
        if xpt and find_spec("pyreadstat") is None:
            cause = "transport files are written by pyreadstat, which is not installed"
            raise InputError("--xpt", cause, "pip install 'bonecast[adam]', or take the Parquet files")
        home = check_folder(folder)
        home.mkdir(parents=True, exist_ok=True)
        made = {}
        for name, frame in self.tables.items():
            with atomic_write(home / f"{name.lower()}.parquet") as beside:
                frame.write_parquet(beside)
            made[name] = home / f"{name.lower()}.parquet"
            if xpt:
                made[f"{name}.xpt"] = _transport(home / f"{name.lower()}.xpt", name, frame)
        with atomic_write(home / "define.xml") as beside:
            beside.write_text(self.define(), encoding="utf-8", newline="\n")
        return made | {"define": home / "define.xml"}


STRUCTURES = {
    "ADSL": "one record per subject",
    "ADBMD": "one record per subject, parameter and visit",
    "ADLB": "one record per subject, parameter and visit",
    "ADTTE": "one record per subject and parameter",
}


def analysis_datasets(design: BoneDesign, outcomes: pl.DataFrame) -> AnalysisDatasets:
    """Make the analysis datasets of a bone trial from its outcomes.

    Parameters
    ----------
    design : BoneDesign
        The design.
    outcomes : polars.DataFrame
        One row for each person, as `run_trial(...).table()` gives them.

    Returns
    -------
    AnalysisDatasets
        Tables by name; those without rows are left out.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from bonecast.trials import preset, run_trials
    >>> few = replace(preset("freedom"), people=8)
    >>> made = analysis_datasets(few, run_trials(few).table())
    >>> list(made.tables), made.tables["ADSL"].height
    (['ADSL', 'ADBMD', 'ADLB', 'ADTTE'], 8)
    """
    adsl = _subjects(design, outcomes)
    read = [r.quantity for r in design.readings if r.quantity != FILM]
    tables = {
        "ADSL": adsl,
        "ADBMD": _readings(design, outcomes, adsl, [name for name in read if name in BMD]),
        "ADLB": _readings(design, outcomes, adsl, [name for name in read if name not in BMD]),
        "ADTTE": _times(design, outcomes, adsl),
    }
    return AnalysisDatasets(design, {name: frame for name, frame in tables.items() if frame.height})


def datasets_of_run(folder: str | os.PathLike[str]) -> AnalysisDatasets:
    """Make the analysis datasets of a finished run.

    Parameters
    ----------
    folder : str or path
        Folder of the run.

    Returns
    -------
    AnalysisDatasets
        Tables by name.

    Raises
    ------
    InputError
        If the folder holds no run of a bone trial.
    """
    design, outcomes = read_run(folder)
    if not isinstance(design, BoneDesign):
        cause = f"'{printable(design.name)}' is no bone trial"
        raise InputError(printable(os.fspath(folder), 120), cause, "name the folder of one")
    return analysis_datasets(design, outcomes)


def _subjects(design: BoneDesign, outcomes: pl.DataFrame) -> pl.DataFrame:
    place = {arm.name: i for i, arm in enumerate(design.arms, 1)}
    arm, left = pl.col("arm").cast(pl.String), pl.col("left").cast(pl.String)
    study = f"{design.name}-{design.hash}"
    subject = pl.format("{}-{}", pl.col("trial"), pl.col("person"))
    known = [name for name in BASELINE if name in covariates() and name in outcomes.columns]
    flags = {name: outcomes.schema[name] == pl.Boolean or name.startswith("prior_") for name in known}
    return outcomes.select(
        STUDYID=pl.lit(study),
        USUBJID=pl.format("{}-{}", pl.lit(study), subject),
        SUBJID=subject,
        SITEID=pl.format("{}", pl.col("centre")),
        TRIALN=pl.col("trial").cast(pl.Int32),
        AGE=pl.col("age").cast(pl.Float64),
        SEX=pl.when(pl.col("female").cast(pl.Float64) > 0).then(pl.lit("F")).otherwise(pl.lit("M")),
        TRT01P=arm,
        TRT01PN=arm.replace_strict(place, return_dtype=pl.Int32),
        ITTFL=pl.lit("Y"),
        SAFFL=_flag(pl.col("doses") > 0),
        EOSSTT=pl.when(left == "").then(pl.lit("COMPLETED")).otherwise(pl.lit("DISCONTINUED")),
        DCSREAS=left.replace_strict({"": "", "dropout": "LOST TO FOLLOW-UP", "death": "DEATH"}),
        EOSDY=pl.col("followed_d") + 1,
        EOTDY=pl.col("stopped_d") + 1,
        RESCDY=pl.col("rescued_d") + 1,
        XOVERDY=pl.col("crossed_d") + 1,
        DTHFL=_flag(left == "death"),
        NDOSE=pl.col("doses"),
        NLATE=pl.col("late_doses"),
        ANLWGT=pl.col("weight"),
        **{
            BASELINE[name][0]: _flag(pl.col(name).cast(pl.Float64) > 0) if flags[name] else pl.col(name)
            for name in known
        },
    )


def _flag(yes: pl.Expr) -> pl.Expr:
    return pl.when(yes).then(pl.lit("Y")).otherwise(pl.lit("N"))


def _readings(
    design: BoneDesign, outcomes: pl.DataFrame, adsl: pl.DataFrame, quantities: list[str]
) -> pl.DataFrame:
    """One row for each reading that there is."""
    stop = pl.min_horizontal("EOTDY", "RESCDY", "XOVERDY")
    parts = []
    for name in dict.fromkeys(quantities):
        visits = [v for v in design.visits if f"{name}_{v.name}" in outcomes.columns]
        first = next((v for v in visits if v.day == 0), None)
        unit = QUANTITIES[name].unit
        for visit in visits:
            value = outcomes[f"{name}_{visit.name}"]
            base = (
                outcomes[f"{name}_{first.name}"]
                if first
                else pl.Series([None] * len(value), dtype=pl.Float64)
            )
            part = adsl.select(
                "STUDYID", "USUBJID", "SITEID", TRTP="TRT01P", TRTPN="TRT01PN",
                PARAM=pl.lit(f"{TITLES.get(name, name)} ({unit})"),
                PARAMCD=pl.lit(CODES.get(name, name.upper()[:8])),
                AVISIT=pl.lit(visit.name), AVISITN=pl.lit(float(visit.day)),
                ADY=outcomes[f"day_{visit.name}"] + 1, AVAL=value, BASE=base, STOP=stop,
            )  # fmt: skip
            after = pl.lit(visit.day > 0)
            change = pl.when(after).then(pl.col("AVAL") - pl.col("BASE"))
            part = part.with_columns(
                CHG=change,
                PCHG=100 * change / pl.col("BASE"),
                ABLFL=pl.when(~after).then(pl.lit("Y")).otherwise(pl.lit("")),
                ANL01FL=_flag((pl.col("ADY") <= pl.col("STOP")).fill_null(True)),
            )
            parts.append(part.filter(pl.col("AVAL").is_not_null()).drop("STOP"))
    if not parts:
        return pl.DataFrame()
    return pl.concat(parts).sort("USUBJID", "PARAMCD", "AVISITN", maintain_order=True)


def _times(design: BoneDesign, outcomes: pl.DataFrame, adsl: pl.DataFrame) -> pl.DataFrame:
    """One row for each person and kind of event that the design follows, and for death."""
    parts = []
    kinds = {name: EVENTS[name] for name in EVENTS if f"{name}_d" in outcomes.columns}
    died = (outcomes["left"].cast(pl.String) == "death").to_numpy()
    end = outcomes["followed_d"].to_numpy()
    for name, (code, title) in [*kinds.items(), ("death", ("DEATH", "Death"))]:
        day = (
            np.where(died, end, np.nan)
            if name == "death"
            else outcomes[f"{name}_d"].cast(pl.Float64).to_numpy()
        )
        had = np.isfinite(day)
        ended = np.where(had, day, end)
        how = np.where(had, 0, np.where(died, 2, 1))
        words = np.select([had, died, end >= design.end_d], [title, "Death", "Completed the study"],
                          "Lost to follow-up")  # fmt: skip
        parts.append(
            adsl.select("STUDYID", "USUBJID", "SITEID", TRTP="TRT01P", TRTPN="TRT01PN").with_columns(
                PARAM=pl.lit(f"Time to {title} (days)"),
                PARAMCD=pl.lit(code),
                ADY=pl.Series(ended + 1).cast(pl.Int32),
                AVAL=pl.Series(ended, dtype=pl.Float64),
                CNSR=pl.Series(how).cast(pl.Int32),
                EVNTDESC=pl.Series(words.tolist()),
            )
        )
    return pl.concat(parts).sort("USUBJID", "PARAMCD", maintain_order=True)


def _type(kind: pl.DataType) -> str:
    return "text" if kind == pl.String else "float" if kind.is_float() else "integer"


def _described(element: ElementTree.Element, text: str) -> None:
    words = ElementTree.SubElement(ElementTree.SubElement(element, "Description"), "TranslatedText")
    words.set("xml:lang", "en")
    words.text = text


def _transport(target: Path, name: str, frame: pl.DataFrame) -> Path:
    import pyreadstat

    # a transport file has numbers and words only, and a gap in words is an empty word
    plain = frame.with_columns(pl.col(pl.String).fill_null(""), pl.selectors.numeric().cast(pl.Float64))
    labels = [VARIABLES[column][0][:LONGEST_LABEL] for column in plain.columns]
    with atomic_write(target) as beside:
        pyreadstat.write_xport(
            plain, str(beside), file_label=DATASETS[name][:LONGEST_LABEL], column_labels=labels,
            table_name=name, file_format_version=5,
        )  # fmt: skip
    return target
