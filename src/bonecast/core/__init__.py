"""What every room needs and none owns: provenance, files, amounts with units, and faults collected together.

This room owns the evidence grades, the standing disclaimer, reading and writing files safely, numbers with units as
people write them, the catalogues of messages, the one language of conditions, the collection of all faults of one
input, and the loading of plug-ins of other packages. It knows no bone, no person and no model. Errors live in
`bonecast.errors`, where users import them from.
"""

from typing import TYPE_CHECKING

from bonecast.core.amounts import DAYS_IN, Amount, read_amount, read_span
from bonecast.core.bounded import Between, bounds_of, mapped, worst
from bonecast.core.columns import Columns, is_table, read_columns
from bonecast.core.faults import FAULTS_KEPT, Faults, RecordError
from bonecast.core.files import NO_ROOM, atomic_write, check_file, check_folder, json_text, write_texts
from bonecast.core.lazy import lazy_exports
from bonecast.core.limits import (
    DEEPEST,
    LARGEST_FILE,
    LONGEST_ENTRY,
    MOST_DOSES,
    MOST_ENTRIES,
    MOST_ROWS,
    SHORTEST_INTERVAL_D,
    check_day,
    check_text,
    check_values,
    csv_rows,
    read_day,
)
from bonecast.core.plugins import load_plugins
from bonecast.core.practice import Practice, current_practice, practising, read_practice
from bonecast.core.progress import Progress
from bonecast.core.provenance import DISCLAIMER, EVIDENCE_GRADES, Source, grade_text
from bonecast.core.results import TableResult, write_table
from bonecast.core.spreadsheet import Cell, harmless_cell, spreadsheet_csv
from bonecast.core.tables import rows, sourced, table, toml
from bonecast.core.text_files import (
    decoded,
    is_json,
    parse_json,
    parse_toml,
    read_bytes,
    read_text,
)
from bonecast.core.translation import (
    ENGLISH,
    Language,
    current_language,
    gettext,
    language,
    languages,
    ngettext,
    speaking,
    template_environment,
)
from bonecast.core.units import registry, split_value, value_in

if TYPE_CHECKING:
    from bonecast.core.conditions import (
        Both,
        Condition,
        Facts,
        Leaf,
        Not,
        Symbol,
        Value,
        Vocabulary,
        names_in,
        read_condition,
    )

__all__ = [
    "DAYS_IN",
    "DEEPEST",
    "DISCLAIMER",
    "ENGLISH",
    "EVIDENCE_GRADES",
    "FAULTS_KEPT",
    "LARGEST_FILE",
    "LONGEST_ENTRY",
    "MOST_DOSES",
    "MOST_ENTRIES",
    "MOST_ROWS",
    "NO_ROOM",
    "SHORTEST_INTERVAL_D",
    "Amount",
    "Between",
    "Both",
    "Cell",
    "Columns",
    "Condition",
    "Facts",
    "Faults",
    "Language",
    "Leaf",
    "Not",
    "Practice",
    "Progress",
    "RecordError",
    "Source",
    "Symbol",
    "TableResult",
    "Value",
    "Vocabulary",
    "atomic_write",
    "bounds_of",
    "check_day",
    "check_file",
    "check_folder",
    "check_text",
    "check_values",
    "csv_rows",
    "current_language",
    "current_practice",
    "decoded",
    "gettext",
    "grade_text",
    "harmless_cell",
    "is_json",
    "is_table",
    "json_text",
    "language",
    "languages",
    "lazy_exports",
    "load_plugins",
    "mapped",
    "names_in",
    "ngettext",
    "parse_json",
    "parse_toml",
    "practising",
    "read_amount",
    "read_bytes",
    "read_columns",
    "read_condition",
    "read_day",
    "read_practice",
    "read_span",
    "read_text",
    "registry",
    "rows",
    "sourced",
    "speaking",
    "split_value",
    "spreadsheet_csv",
    "table",
    "template_environment",
    "toml",
    "value_in",
    "worst",
    "write_table",
    "write_texts",
]

# loaded when a condition is first read: most commands read none
__getattr__, _ = lazy_exports(
    __name__,
    dict.fromkeys(
        (
            "Both",
            "Condition",
            "Facts",
            "Leaf",
            "Not",
            "Symbol",
            "Value",
            "Vocabulary",
            "names_in",
            "read_condition",
        ),
        "conditions",
    ),
)
