"""What every room needs and none owns: provenance, files, amounts with units, and faults collected together.

This room owns the evidence grades, the standing disclaimer, reading and writing files safely, numbers with units as
people write them, the collection of all faults of one input, and the loading of plug-ins of other packages. It knows
no bone, no person and no model. Errors live in `bonecast.errors`, where users import them from.
"""

from bonecast.core.amounts import DAYS_IN, Amount, read_amount, read_span
from bonecast.core.faults import FAULTS_KEPT, Faults, RecordError
from bonecast.core.files import atomic_write, check_file, check_folder
from bonecast.core.lazy import lazy_exports
from bonecast.core.plugins import load_plugins
from bonecast.core.provenance import DISCLAIMER, EVIDENCE_GRADES, Source, grade_text
from bonecast.core.results import TableResult
from bonecast.core.tables import rows, sourced, table, toml
from bonecast.core.text_files import (
    LARGEST_FILE,
    decoded,
    is_json,
    parse_json,
    parse_toml,
    read_bytes,
    read_text,
)
from bonecast.core.units import registry, split_value, value_in

__all__ = [
    "DAYS_IN",
    "DISCLAIMER",
    "EVIDENCE_GRADES",
    "FAULTS_KEPT",
    "LARGEST_FILE",
    "Amount",
    "Faults",
    "RecordError",
    "Source",
    "TableResult",
    "atomic_write",
    "check_file",
    "check_folder",
    "decoded",
    "grade_text",
    "is_json",
    "lazy_exports",
    "load_plugins",
    "parse_json",
    "parse_toml",
    "read_amount",
    "read_bytes",
    "read_span",
    "read_text",
    "registry",
    "rows",
    "sourced",
    "split_value",
    "table",
    "toml",
    "value_in",
]
