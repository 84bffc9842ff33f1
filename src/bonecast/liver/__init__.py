"""Drug-induced liver injury: whether a drug injured the liver, how, and how likely.

This room owns liver panels and their units, the R value and pattern, case thresholds, CTCAE grades, severity, Hy's
law, eDISH, stopping rules, the updated RUCAM of 2016, LiverTox categories, the findings that are special to
denosumab, and the pictures of these. Limits, items and texts are data with mark and source with the code. One
person and a cohort pass through the same expressions, in which null means unknown. It may import patients (units
and the record), drugs and charts; it knows no model, no engine and no forecast.
"""

from bonecast.liver.assessment import Assessment, assess, assess_patient
from bonecast.liver.case import (
    CasePerson,
    DrugUse,
    Facts,
    LiverCase,
    Options,
    Rechallenge,
    RucamFacts,
    SuspectDrug,
)
from bonecast.liver.case_file import case_of, read_case
from bonecast.liver.case_table import assess_case_table, read_case_table, to_csv
from bonecast.liver.cohort import assess_cohort, write_cohort
from bonecast.liver.edish import edish_of_case, edish_of_cohort
from bonecast.liver.findings import LiverFinding, known_findings
from bonecast.liver.laboratory import LabValue, analytes, find_analyte
from bonecast.liver.livertox import Likelihood, LiverToxEntry, likelihood, livertox_entry
from bonecast.liver.report import write_assessment, write_picture
from bonecast.liver.rucam import Rucam, band, score
from bonecast.liver.rucam_items import Answer, RucamChoice, choices, find_choice, form
from bonecast.liver.thresholds import LiverThreshold, thresholds
from bonecast.liver.timeline import timeline

__all__ = [
    "Answer",
    "Assessment",
    "CasePerson",
    "DrugUse",
    "Facts",
    "LabValue",
    "Likelihood",
    "LiverCase",
    "LiverFinding",
    "LiverThreshold",
    "LiverToxEntry",
    "Options",
    "Rechallenge",
    "Rucam",
    "RucamChoice",
    "RucamFacts",
    "SuspectDrug",
    "analytes",
    "assess",
    "assess_case_table",
    "assess_cohort",
    "assess_patient",
    "band",
    "case_of",
    "choices",
    "edish_of_case",
    "edish_of_cohort",
    "find_analyte",
    "find_choice",
    "form",
    "known_findings",
    "likelihood",
    "livertox_entry",
    "read_case",
    "read_case_table",
    "score",
    "thresholds",
    "timeline",
    "to_csv",
    "write_assessment",
    "write_cohort",
    "write_picture",
]
