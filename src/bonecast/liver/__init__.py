"""Did a drug hurt the liver: whether, how, and how likely?

This room owns liver panels and their units, the R value and pattern, case thresholds, CTCAE grades, severity, Hy's
law, eDISH, stopping rules, the updated RUCAM of 2016, LiverTox categories, the traps that are special to
denosumab, and the pictures of these. Limits, items and texts are data with mark and source beside the code. One
person and a cohort pass through the same expressions, in which null means unknown. It may import patients (units
and the record), drugs and charts; it knows no model, no engine and no forecast.
"""

from bonecast.liver.analyte import analytes, find_analyte
from bonecast.liver.assessment import Assessment, assess
from bonecast.liver.case import DrugUse, LabValue, LiverCase, Options, Statements
from bonecast.liver.case_reader import case_of, read_case
from bonecast.liver.case_rows import as_csv, assess_rows, read_rows
from bonecast.liver.cohort import assess_cohort, write_cohort
from bonecast.liver.content import content, items, peaks, told
from bonecast.liver.edish import edish_of_many, edish_of_one
from bonecast.liver.files import write_assessment, write_picture
from bonecast.liver.findings import Finding, known_findings
from bonecast.liver.livertox import Likelihood, Standing, likelihood, standing
from bonecast.liver.rucam import Answer, Rucam, score
from bonecast.liver.rucam_form import Choice, band, choices, find_choice, form
from bonecast.liver.section import LiverSection, liver_section
from bonecast.liver.threshold import Threshold, thresholds
from bonecast.liver.timeline import timeline

__all__ = [
    "Answer",
    "Assessment",
    "Choice",
    "DrugUse",
    "Finding",
    "LabValue",
    "Likelihood",
    "LiverCase",
    "LiverSection",
    "Options",
    "Rucam",
    "Standing",
    "Statements",
    "Threshold",
    "analytes",
    "as_csv",
    "assess",
    "assess_cohort",
    "assess_rows",
    "band",
    "case_of",
    "choices",
    "content",
    "edish_of_many",
    "edish_of_one",
    "find_analyte",
    "find_choice",
    "form",
    "items",
    "known_findings",
    "likelihood",
    "liver_section",
    "peaks",
    "read_case",
    "read_rows",
    "score",
    "standing",
    "thresholds",
    "timeline",
    "told",
    "write_assessment",
    "write_cohort",
    "write_picture",
]
