"""What a notebook shows of a record: how much of what kind is recorded, and nothing that names the person.

A notebook is saved with its outputs and passed on: identifier, name, dates and values stay out of it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from bonecast.charts import Card, Table, card_html, counted
from bonecast.records.facts import known_facts

if TYPE_CHECKING:
    from bonecast.records.patient import Patient


def line(patient: Patient) -> str:
    """The record in one line."""
    return f"<Patient: {', '.join(_amounts(patient))}>"


def html(patient: Patient) -> str:
    """The card of a record: counts and kinds."""
    doses = Counter(dose.drug for dose in patient.doses)
    courses = Counter(course.drug for course in patient.courses)
    tests = Counter(f"{m.test}, {m.site}" if m.site else m.test for m in patient.measurements)
    broken = Counter(one.site for one in patient.fractures)
    rows = [
        *(("doses", drug, str(count)) for drug, count in doses.items()),
        *(("courses", drug, str(count)) for drug, count in courses.items()),
        *(("measurements", test, str(count)) for test, count in sorted(tests.items())),
        *(("fractures", site, str(count)) for site, count in sorted(broken.items())),
    ]
    about = [
        name
        for name, value in (
            ("weight", patient.weight_kg),
            ("height", patient.height_cm),
            ("age at menopause", patient.menopause_age),
        )
        if value is not None
    ]
    keys = {fact.kept_as: fact.key for fact in known_facts().values()}
    facts = sorted(keys.get(name, name).replace("_", " ") for name, _ in patient.facts)
    lines = [", ".join(_amounts(patient))]
    if about:
        lines.append(f"Body: {', '.join(about)}")
    if facts:
        lines.append(f"Facts: {', '.join(facts)}")
    remark = "Identifier, name, dates and values are not shown here: a notebook is saved with what it shows."
    return card_html(
        Card(
            "Patient record",
            tuple(lines),
            table=Table(("kind", "what", "recorded"), tuple(rows)),
            remarks=(remark,),
        )
    )


def _amounts(patient: Patient) -> list[str]:
    skipped = [counted(len(patient.skipped), "entry not read", "entries not read")] if patient.skipped else []
    return [
        counted(len(patient.doses), "dose"),
        counted(len(patient.courses), "course"),
        counted(len(patient.measurements), "measurement"),
        *([counted(len(patient.fractures), "fracture")] if patient.fractures else []),
        counted(len(patient.facts), "fact"),
        *skipped,
    ]
