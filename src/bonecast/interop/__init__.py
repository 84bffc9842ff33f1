"""Borders to other systems and files: patient files, FHIR R4, CDS Hooks 2.0, and event tables.

This room owns what a foreign format says in the terms of a record or a check, and nothing else: records are validated
in `records`, rules decided in `care`.
"""

from typing import TYPE_CHECKING

from bonecast.core import lazy_exports
from bonecast.interop.cds_call import PrefetchMissing
from bonecast.interop.cds_cards import INDICATOR, card, cards, override_reasons
from bonecast.interop.cds_feedback import CardFeedback
from bonecast.interop.cds_hooks import answer, discovery, feedback, patient_of
from bonecast.interop.event_table import (
    DOSE,
    OBSERVATION,
    OTHER,
    RESET,
    RESET_AND_DOSE,
    EventRecords,
    EventTableError,
    read_event_table,
)
from bonecast.interop.fhir_check import (
    ENTRY_OUTCOMES,
    EntryReading,
    FileReading,
    OpenQuestion,
    PersonReading,
    check_fhir,
)
from bonecast.interop.fhir_observation import loinc_codes
from bonecast.interop.fhir_out import (
    STATEMENT,
    bundle_about,
    guidance_response,
    service_requests,
    subject_reference,
)
from bonecast.interop.fhir_products import name_in
from bonecast.interop.patient_files import ReadTables, read_patient, read_patient_bytes, read_tables
from bonecast.interop.table_import import (
    TABLE_KINDS,
    TEST,
    ImportSheet,
    TableKind,
    TableMapping,
    asks_for_order,
    guess_mapping,
    read_sheet,
    records_in,
    targets_of,
)

if TYPE_CHECKING:
    from bonecast.interop.petab import PetabProblem, read_petab
    from bonecast.interop.sbml import SbmlModel, SbmlRun, read_sbml, write_antimony, write_sbml

__all__ = [
    "DOSE",
    "ENTRY_OUTCOMES",
    "INDICATOR",
    "OBSERVATION",
    "OTHER",
    "RESET",
    "RESET_AND_DOSE",
    "STATEMENT",
    "TABLE_KINDS",
    "TEST",
    "CardFeedback",
    "EntryReading",
    "EventRecords",
    "EventTableError",
    "FileReading",
    "ImportSheet",
    "OpenQuestion",
    "PersonReading",
    "PetabProblem",
    "PrefetchMissing",
    "ReadTables",
    "SbmlModel",
    "SbmlRun",
    "TableKind",
    "TableMapping",
    "answer",
    "asks_for_order",
    "bundle_about",
    "card",
    "cards",
    "check_fhir",
    "discovery",
    "feedback",
    "guess_mapping",
    "guidance_response",
    "loinc_codes",
    "name_in",
    "override_reasons",
    "patient_of",
    "read_event_table",
    "read_patient",
    "read_patient_bytes",
    "read_petab",
    "read_sbml",
    "read_sheet",
    "read_tables",
    "records_in",
    "service_requests",
    "subject_reference",
    "targets_of",
    "write_antimony",
    "write_sbml",
]

_MODULES = {
    "PetabProblem": "petab",
    "SbmlModel": "sbml",
    "SbmlRun": "sbml",
    "read_petab": "petab",
    "read_sbml": "sbml",
    "write_antimony": "sbml",
    "write_sbml": "sbml",
}
__getattr__, _ = lazy_exports(__name__, _MODULES)
