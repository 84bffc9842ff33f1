"""The record of one person: what it may say, checked once, and frozen.

This room owns the record (`Patient` with its doses, courses, measurements and fractures), the catalogue of quantities
with their usual and accepted units, and the error of a measurement. Units, names and dates are checked here and nowhere
else; what leaves this room is in the usual unit of each quantity. It knows no model and no solver. Files are read in
`interop`.
"""

from bonecast.records.corrected_calcium import corrected_calcium
from bonecast.records.facts import Fact, known_facts
from bonecast.records.file_format import (
    LISTS,
    Clock,
    Day,
    Number,
    RawRecord,
    Text,
    misfit,
    raw_record,
    read_lines,
)
from bonecast.records.fractures import FRACTURE_SITES
from bonecast.records.kidney import clearance, egfr, kidney_method
from bonecast.records.measurement_error import (
    ObservationSd,
    Variation,
    assay_limit,
    least_significant_change,
    observation_sd,
    usual_variation,
    variation,
)
from bonecast.records.patient import (
    Course,
    FactValue,
    GivenDose,
    Measurement,
    Patient,
    PriorFracture,
    Sex,
    Skipped,
)
from bonecast.records.people_table import patient_in_row, people_rows, read_people_table, tables_in_row
from bonecast.records.quantity import MolarMass, Quantity, find_test, folded, quantities
from bonecast.records.site import find_scanner, find_site, site_names
from bonecast.records.tables import patient_of_tables, toml_of
from bonecast.records.units import find_unit, from_usual, read_quantity, to_usual
from bonecast.records.unusual_doses import CONFIRMED, unusual_doses
from bonecast.records.validation import UNUSABLE, validate, without_unusable

__all__ = [
    "CONFIRMED",
    "FRACTURE_SITES",
    "LISTS",
    "UNUSABLE",
    "Clock",
    "Course",
    "Day",
    "Fact",
    "FactValue",
    "GivenDose",
    "Measurement",
    "MolarMass",
    "Number",
    "ObservationSd",
    "Patient",
    "PriorFracture",
    "Quantity",
    "RawRecord",
    "Sex",
    "Skipped",
    "Text",
    "Variation",
    "assay_limit",
    "clearance",
    "corrected_calcium",
    "egfr",
    "find_scanner",
    "find_site",
    "find_test",
    "find_unit",
    "folded",
    "from_usual",
    "kidney_method",
    "known_facts",
    "least_significant_change",
    "misfit",
    "observation_sd",
    "patient_in_row",
    "patient_of_tables",
    "people_rows",
    "quantities",
    "raw_record",
    "read_lines",
    "read_people_table",
    "read_quantity",
    "site_names",
    "tables_in_row",
    "to_usual",
    "toml_of",
    "unusual_doses",
    "usual_variation",
    "validate",
    "variation",
    "without_unusable",
]
