"""Why an answer may be trusted: the pack for a hospital, a sponsor and a regulator, and the same answer again.

This room owns the tables of contexts of use, hazards, source attributes, credibility evidence and data protection, the
pack that is made of them and of what the other rooms hold, the list of all sourced entries of all tables with what to
read next, and the reproduction of a forecast from its manifest.
It computes no forecast of its own and types no figure twice.
"""

from bonecast.trust.pack import content as pack_content
from bonecast.trust.pack import contexts, hazards, write_pack
from bonecast.trust.pack import page as pack_page
from bonecast.trust.panel import (
    AnswerChange,
    compare_answers,
    count_changes,
    panel,
    panel_answers,
    read_answers,
)
from bonecast.trust.panel import checked as panel_checked
from bonecast.trust.reproduction import Difference, ManifestRead, Reproduction, read_manifest, reproduce
from bonecast.trust.sources import (
    SourceLine,
    SourceToRead,
    grade_counts,
    lack_counts,
    reading_list,
    source_lines,
)

__all__ = [
    "AnswerChange",
    "Difference",
    "ManifestRead",
    "Reproduction",
    "SourceLine",
    "SourceToRead",
    "compare_answers",
    "contexts",
    "count_changes",
    "grade_counts",
    "hazards",
    "lack_counts",
    "pack_content",
    "pack_page",
    "panel",
    "panel_answers",
    "panel_checked",
    "read_answers",
    "read_manifest",
    "reading_list",
    "reproduce",
    "source_lines",
    "write_pack",
]
