"""The trust pack: contexts of use, credibility, source attributes, validation, hazards and components.

Nothing here is typed a second time: figures are computed from the tables and stored predictions, and every line names
the test or file that holds it.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import Any

import bonecast
from bonecast.calibration import FEWEST, Validated, figures, read_left_out, stored_path, strata, validate
from bonecast.care import rules
from bonecast.core import (
    DISCLAIMER,
    check_folder,
    json_text,
    template_environment,
    toml,
    write_texts,
)
from bonecast.evidence import evidence_rows
from bonecast.models import DEFAULT_MODEL
from bonecast.reports import report_style, versions
from bonecast.trust.sources import NO_DAY, RECALLED, grade_counts, lack_counts, reading_list

LEVELS = ("low", "medium", "high")
AIM_90, AIM_50 = (0.85, 0.95), (0.42, 0.58)  # what intervals are meant to hold
TO_READ = 25  # sources that the list of what to read next names
READING_EVIDENCE = (
    "test_the_number_that_a_rule_compares_with_is_the_number_of_the_claim",
    "test_what_is_only_recalled_decides_no_block",
    "test_what_to_read_next_begins_with_what_blocks",
    "docs/sources.md",
)
WRITTEN = ("trust.html", "trust.json")


@cache
def content(model: str = DEFAULT_MODEL) -> dict[str, Any]:
    """Collect the pack as plain data.

    Parameters
    ----------
    model : str
        Library name of the model whose validation is given: one with stored predictions.

    Returns
    -------
    dict of str to object
        versions, summary, contexts, assessment, credibility, source_attributes, validation, grades, missing, to_read,
        hazards, data_protection, components, limits.

    Examples
    --------
    >>> [one["title"] for one in contexts()][:2]
    ['The next injection of denosumab', 'An injection that is late']
    """
    validated = _validated(model)
    validation = _validation(model, validated)
    found = {
        "bonecast": bonecast.__version__,
        "statement": DISCLAIMER,
        "versions": versions((model,)),
        "contexts": contexts(),
        "assessment": _assessment(),
        "credibility": _entries("credibility.toml"),
        "source_attributes": _attributes(validation),
        "validation": validation,
        "grades": grade_counts(),
        "missing": lack_counts(),
        "to_read": _to_read(),
        "reading_evidence": list(READING_EVIDENCE),
        "hazards": hazards(),
        "data_protection": _entries("data_protection.toml"),
        "components": _components(),
        "limits": _limits(validation),
    }
    return {**found, "summary": _summary(found)}


def write_pack(
    folder: str | os.PathLike[str], progress: Callable[[str], None] | None = None
) -> dict[str, Path]:
    """Write trust.html and trust.json into the folder.

    Parameters
    ----------
    folder : path
        Made if it is missing.
    progress : callable, optional
        Called with what is being done.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    InputError
        Where the folder cannot be written.
    """
    check_folder(folder, "DIR", writes=WRITTEN)
    if progress:
        progress("validation, every study left out")
    made = content()
    return write_texts(folder, {"trust.html": page(made), "trust.json": json_text(made)}, "DIR")


def page(made: Mapping[str, Any]) -> str:
    """Write the pack as one HTML page, the summary on its first sheet.

    Parameters
    ----------
    made : mapping of str to object
        From `content`.

    Returns
    -------
    str
    """
    template = (files("bonecast.trust") / "pack.html.jinja").read_text("utf-8")
    return template_environment().from_string(template).render(style=report_style(), **made)


def contexts() -> list[dict[str, Any]]:
    """List the sheets of context of use, in the order of the file.

    Returns
    -------
    list of dict
        key, title, question, user, decision, influence, consequence, impact, out_of_scope, criteria, evidence.
    """
    return _entries("contexts.toml")


def hazards() -> list[dict[str, Any]]:
    """List the hazard log, each line with its control and what holds it.

    Returns
    -------
    list of dict
        id, hazard, cause, harm, severity, control, evidence.
    """
    return _table("hazards.csv")


def _entries(name: str) -> list[dict[str, Any]]:
    return [{"key": key, **entry} for key, entry in toml(files("bonecast.trust") / name).items()]


def _table(name: str) -> list[dict[str, Any]]:
    text = (files("bonecast.trust") / name).read_text("utf-8")
    return [{**row, "evidence": row["evidence"].split(";")} for row in csv.DictReader(text.splitlines())]


def _validated(model: str) -> list[Validated]:
    home = Path(str(files("bonecast")))
    return validate(read_left_out(stored_path(home, model)))


def _assessment() -> list[dict[str, Any]]:
    """The assessment table in the words of ICH M15."""
    found = []
    for one in contexts():
        found.append(
            {
                "question of interest": one["question"],
                "context of use": one["title"],
                "model influence": f"{one['influence']}: {one['influence_why']}",
                "consequence of a wrong decision": f"{one['consequence']}: {one['consequence_why']}",
                "model risk": model_risk(one["influence"], one["consequence"]),
                "model impact": one["impact"],
                "technical criteria": one["criteria"],
                "evaluation": one["evidence"],
            }
        )
    return found


def model_risk(influence: str, consequence: str) -> str:
    """Risk of a context of use from its two levels: their mean, rounded up.

    >>> model_risk("medium", "high"), model_risk("low", "medium"), model_risk("low", "high")
    ('high', 'medium', 'medium')
    """
    return LEVELS[-(-(LEVELS.index(influence) + LEVELS.index(consequence)) // 2)]


def _attributes(validation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The source attributes of a predictive decision support intervention, figures put in."""
    rows = _table("source_attributes.csv")
    populations = Counter(row.population for row in evidence_rows())
    counted = ", ".join(f"{name} {count}" for name, count in populations.most_common())
    texts = {"left_out": validation["sentence"], "populations": counted}
    return [{**row, "statement": row["statement"].format(**texts)} for row in rows]


def _validation(model: str, rows: Sequence[Validated]) -> dict[str, Any]:
    whole = figures(rows)
    classes = [
        {"class": name, **_rounded(figures(own))} for name, own in strata(rows).items() if len(own) >= FEWEST
    ]
    missed = sorted((row for row in rows if not row.in90), key=lambda row: (row.study, row.row.id))
    return {
        "model": model,
        "sentence": (
            f"{model}, {whole['rows']:.0f} published figures of {whole['studies']:.0f} groups of studies, each"
            f" predicted without its own: {100 * whole['hits']:.0f} % hit, 90 % intervals hold"
            f" {100 * whole['in90']:.0f} %, 50 % intervals {100 * whole['in50']:.0f} %, mean error of BMD"
            f" {whole['error']:.2f} points."
        ),
        "all": _rounded(whole),
        "classes": classes,
        "missed": [
            {
                "row": one.row.id,
                "study": one.study,
                "class": ", ".join(astuple(one.row_class)[:4]),
                "published": one.value,
                "predicted": round(one.prediction, 3),
                "interval90": [round(x, 3) for x in one.interval90],
            }
            for one in missed
        ],
        "evidence": ["docs/validation.md", "test_the_published_page_is_what_the_stored_predictions_say"],
    }


def _rounded(found: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in found.items()}


def _to_read() -> list[dict[str, Any]]:
    """The first sources of the reading list."""
    return [
        {
            "source": one.citation,
            "identifier": one.identifier,
            "decides": one.decides,
            "entries": len(one.ids),
            "missing": "; ".join(one.lacks),
        }
        for one in reading_list()[:TO_READ]
    ]


def _components() -> list[dict[str, str]]:
    """Every package of this installation that Bonecast needs, with version and licence by its own metadata."""
    found: dict[str, dict[str, str]] = {}
    waiting = ["bonecast"]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            meta = distribution(name)
        except PackageNotFoundError:
            continue
        found[name] = {"package": name, "version": meta.version, "licence": _licence(meta.metadata)}
        waiting += [
            re.split(r"[\s;<>=!~\[(]", text)[0].lower().replace("_", "-")
            for text in meta.requires or ()
            if "extra ==" not in text
        ]
    return [found[name] for name in sorted(found)]


def _licence(meta: Any) -> str:
    classifiers = [
        text.rsplit(" :: ", 1)[-1] for text in meta.get_all("Classifier") or () if "License ::" in text
    ]
    text = meta.get("License-Expression") or ", ".join(classifiers) or meta.get("License") or "not stated"
    return text.splitlines()[0][:80]


def _limits(validation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What is known to fall short: classes whose intervals hold too little or too much, and what no source gave."""
    found = []
    for of in validation["classes"]:
        for share, level, (low, high) in (("in90", 90, AIM_90), ("in50", 50, AIM_50)):
            if not low <= of[share] <= high:
                text = (
                    f"{of['class']}: {level} % intervals hold {100 * of[share]:.0f} % of {of['rows']:.0f} rows,"
                    f" not {100 * low:.0f} to {100 * high:.0f} %"
                )
                found.append({"limit": text, "evidence": validation["evidence"][:1]})
    gaps = [row for row in _table("source_attributes.csv") if row["statement"].rstrip(".").endswith("a gap")]
    found += [
        {"limit": f"{row['attribute']}: {row['statement']}", "evidence": row["evidence"]} for row in gaps
    ]
    return found


def _summary(found: Mapping[str, Any]) -> list[str]:
    blocks = found["grades"]["rules that block"]
    overdue = sum(rule.review_by < dt.date.today() for rule in rules().values())
    return [
        f"Bonecast {found['bonecast']}. {found['statement']}",
        found["validation"]["sentence"],
        f"{sum(blocks.values())} rules block, {blocks['published']} of them by a source that was read and"
        f" {blocks['assumption']} by an inference of this project; a block whose"
        f" source is only recalled ({blocks['recalled']}) is shown as advice. {overdue} rules are past their day of"
        " review.",
        f"{sum(map(sum, map(dict.values, found['grades'].values())))} entries of tables have a grade and a source;"
        f" the source of {found['missing'][RECALLED]} was not read, and the day of reading is missing in"
        f" {found['missing'][NO_DAY]}.",
        f"{len(found['hazards'])} hazards are controlled, each by a named test;"
        f" {sum(row['severity'] == '4' for row in found['hazards'])} of them could kill.",
        f"{len(found['source_attributes'])} source attributes, {len(found['credibility'])} categories of credibility"
        f" evidence, {len(found['contexts'])} contexts of use, {len(found['components'])} components.",
        f"Known limits: {len(found['limits'])}, named below; no outside party has tested it, and no study of"
        " its use exists.",
    ]
