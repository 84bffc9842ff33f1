"""The message catalogues of pages, reports and leaflets: gathered from templates, code and tables, and checked.

    python tools/catalogues.py            writes languages/bonecast.pot and brings every languages/CODE.po up to date
    python tools/catalogues.py --check    writes nothing; lists what is missing or wrong, and fails if there is any
    python tools/catalogues.py --count    how many texts each language has, by the room that they come from

A translator fills the empty `msgstr` of CODE.po. What stays empty is shown in English. A clinical editor changes an
English text where it stands (a table below `src/bonecast`, or a template) and runs this program again.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from csv import DictReader
from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "src" / "bonecast"
FOLDER = ROOT / "languages"
TEMPLATE = FOLDER / "bonecast.pot"
FUNCTIONS = {"gettext": None, "ngettext": (1, 2), "_": None}
# Tables whose texts people read, and the columns or keys that hold them.
TABLES: dict[str, tuple[str, ...]] = {
    "care/actions.csv": ("name", "meaning"),
    "care/contradictions.csv": ("what",),
    "care/disagreements.toml": ("question", "US", "EU", "UK", "CA", "AU", "societies"),
    "care/exits.csv": ("label",),
    "care/late_options.csv": ("title", "text"),
    "care/leaflet.toml": ("title", "text", "titles", "tests", "ticks"),
    "care/monograph.toml": ("title", "text"),
    "care/override_reasons.csv": ("display",),
    "care/questions.csv": ("text",),
    "care/reaction_headings.toml": ("title", "onset", "signs", "raises", "corrected"),
    "care/reasons.toml": ("lines",),
    "care/rules.csv": ("advice", "strength"),
    "care/schedule.csv": ("what", "text"),
    "care/variables.csv": ("label", "choices"),
    "drugs/catalogue/*/rules.csv": ("advice", "strength"),
    "drugs/catalogue/*/drug.toml": ("acts",),
    "forecasts/strategies.toml": ("name",),
    "liver/findings.csv": ("action",),
    "outcomes/published_rates.csv": ("text",),
    "papers/letters.toml": ("lines",),
    "records/facts.toml": ("choices", "meaning"),
    "reports/sentences.toml": ("acts", "title", "moves", "what"),
    "web/pages/fact_groups.toml": ("",),
    "web/pages/learn.toml": ("title", "text"),
}
NO_TEXT = re.compile(r"(\{\w+\})?|\W*|[A-Z\d -]+")  # a place alone, signs, codes


def code_texts() -> Iterator[tuple[str, str]]:
    """Texts of tables that are written in code, with the file."""
    from bonecast.care import STATE_WORDS, rules, variables
    from bonecast.care.state_words import REFUSED
    from bonecast.core import DISCLAIMER
    from bonecast.decisions import AIMS
    from bonecast.papers import KINDS, label_sheets
    from bonecast.reports import SHOWN, together
    from bonecast.web import context, header, service_figures
    from bonecast.web.jobs import forecasts
    from bonecast.web.pages import check_view, compare, overview, plan, printing, record_fields
    from bonecast.web.pages.worklist import RECALL_WORDS
    from bonecast.web.store import worklist
    from bonecast.web.store.accounts import ROLES

    yield "core/provenance.py", DISCLAIMER
    yield from _named_texts()
    for name, words in (("care/state_words.py", STATE_WORDS), ("web/pages/check_view.py", check_view.WORDS)):
        yield from ((name, word) for _, word in words.values())
    yield from (("care/state_words.py", text) for text in REFUSED.values())
    yield from (("web/store/accounts.py", role) for role in ROLES)
    for aim in AIMS.values():
        yield from (("decisions/aims.py", text) for text in (aim.title, aim.unit))
    yield from (("web/context.py", text) for text in context.FLASH_MESSAGES.values())
    for name, parts in header.TABS.values():
        yield from (("web/header.py", text) for text in (name, *parts.values()))
    yield from (("reports/at_a_glance.py", text) for text in SHOWN.values())
    yield from (("web/pages/overview.py", text) for text in overview.SINCE_WORDS.values())
    yield from (("web/pages/plan.py", text) for text in (*plan.FOLLOW_UPS.values(), plan.OWN))
    yield from (("web/jobs/forecasts.py", text) for text in (forecasts.AS_PLANNED, forecasts.ON_TIME))
    limits = (text for rows in check_view.LIMITS.values() for *_, text in rows)
    yield from (("web/pages/check_view.py", text) for text in limits)
    yield from (("web/pages/compare.py", column.title) for column in compare.COLUMNS)
    yield from (("web/pages/printing.py", text) for text in printing.PARTS.values())
    yield from (("papers/templates.py", text) for text in KINDS.values())
    yield from (("reports/together.py", text) for text in (*together.PLAIN.values(), together.WITHOUT))
    yield from (("web/pages/worklist.py", text) for text in RECALL_WORDS.values())
    for title, what in worklist.TILES.values():
        yield from (("web/store/worklist.py", text) for text in (title, what))
    listed = (*worklist.STATUSES, *worklist.ORDERS.values(), *worklist.REASONS.values())
    yield from (("web/store/worklist.py", text) for text in listed)
    for measure in service_figures.MEASURES:
        said = (measure.title, measure.numerator, measure.denominator, measure.source)
        yield from (("web/service_figures.py", text) for text in said)
    yield from (
        ("web/service_figures.py", text)
        for text in ("red", "amber", "green", "none yet", *service_figures.BY[1:])
    )
    yield "web/pages/record_fields.py", record_fields.OPEN
    yield from (("papers/labels.py", name) for name in label_sheets())
    yield from (
        ("care/rules.csv", topic.replace("_", " ").replace("-", " "))
        for topic in sorted({rule.topic for rule in rules().values()})
    )
    yield from (("care/variables.csv", one.unit) for one in variables().values() if one.unit.isalpha())
    yield from _origins()
    own = [*record_fields.PERSON, *(field for fields in record_fields.ENTRIES.values() for field in fields)]
    for field in (*own, *record_fields.fields_of_person()):
        shown = (word for _, word in field.choices)
        yield from (("web/pages/record_fields.py", text) for text in (field.label, field.hint, *shown))


def _origins() -> Iterator[tuple[str, str]]:
    """What facts rest on, as it is said beside their values: `Known(value, day, origin)`."""
    for path in sorted((ROOT / "care").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            said: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Known":
                said = node.args[2:3]
            elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                said = node.value.elts[1:]
            for one in said:
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value:
                    yield f"care/{path.name}", one.value


def _named_texts() -> Iterator[tuple[str, str]]:
    """Names and sentences that are kept as constants, and said where they are shown."""
    from bonecast.core import conditions, provenance
    from bonecast.forecasts import course, oncology, search, withheld
    from bonecast.liver import criteria, edish
    from bonecast.outcomes import ENDPOINTS, REFERENCE_RANGES
    from bonecast.outcomes.clinic_baseline import _WORDS, COUNTRY_NAMES
    from bonecast.records import quantities, site_names

    names = ("accounts", "choice_grid", "decision_grid", "grid", "notes", "panels", "would_change")
    accounts, choice_grid, decision_grid, grid, notes, panels, would_change = (
        import_module(f"bonecast.reports.{name}") for name in names
    )

    for place, texts in {
        "core/conditions.py": conditions._WORDS.values(),
        "core/provenance.py": provenance.EVIDENCE_GRADES,
        "forecasts/withheld.py": (withheld.NO_PARATHYROID, withheld.PREDISPOSED, withheld.DIALYSIS, withheld.NO_PTH),
        "forecasts/course.py": (course.NO_FURTHER_DOSE,),
        "forecasts/search.py": (search.THROUGHOUT, search.NOW, search.FURTHER),
        "forecasts/oncology.py": (oncology.NO_CALIBRATION, oncology.NO_CALCIUM),
        "liver/criteria.py": criteria.STOPPING_RULES.values(),
        "liver/edish.py": (*edish.QUADRANTS.values(), edish.X_TITLE, edish.Y_TITLE),
        "outcomes/endpoints.py": [one.title for one in ENDPOINTS],
        "outcomes/reference_ranges.py": [one.population for one in REFERENCE_RANGES.values()],
        "outcomes/clinic_baseline.py": (*COUNTRY_NAMES.values(), *_WORDS.values(), "women", "men"),
        "records/quantity.py": [one.name for one in quantities().values() if one.is_test],
        "records/site.py": site_names(),
        "reports/accounts.py": (*accounts.TIMES.values(), *accounts.EVIDENCE.values(), *accounts._SITES.values()),
        "reports/choice_grid.py": (
            choice_grid.NEVER, "expected", "best, of 100", "behind the first", "not distinguished",
        ),
        "reports/decision_grid.py": decision_grid.WORDS.values(),
        "reports/grid.py": (*grid.MONTHS_WORD.values(), *grid.SITE_OF_FRACTURE),
        "reports/notes.py": (
            notes.ALL_BLOCKED, notes.NO_EXIT, notes.NOT_LEARNED_AGAIN, *notes._EXTRAPOLATED.values(),
            *notes._MINERAL.values(),
        ),
        "reports/panels.py": (panels.ABSENT,),
        "reports/would_change.py": [words for _, _, words in would_change._OTHERS],
    }.items():  # fmt: skip
        yield from ((place, text) for text in texts)


def table_texts(path: Path, keys: tuple[str, ...]) -> Iterator[str]:
    """The texts of one table."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            for row in DictReader(line for line in stream if not line.startswith("#")):
                for key in keys:
                    yield from _words(row[key]) if key == "choices" else [row[key] or ""]
        return
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    if keys == ("",):
        yield from content
        return
    yield from _texts_of(content, keys)


def _words(text: str) -> list[str]:
    return [word.replace("_", " ") for word in text.split()]


def _texts_of(content: Any, keys: tuple[str, ...], wanted: bool = False) -> Iterator[str]:
    match content:
        case dict():
            for key, value in content.items():
                if key == "choices":
                    yield from _words(" ".join(value))
                else:
                    yield from _texts_of(value, keys, wanted or key in keys)
        case list():
            for value in content:
                yield from _texts_of(value, keys, wanted)
        case str() if wanted:
            yield content


def gathered() -> Catalog:
    """Every text that is shown to people, with the files where it stands."""
    catalogue = Catalog()
    for path in sorted(ROOT.rglob("*")):
        method = {".py": "python", ".jinja": "jinja2.ext:babel_extract"}.get(path.suffix)
        if method is None or path == ROOT / "core" / "translation.py":
            continue
        options = (
            {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            if path.suffix == ".jinja"
            else {}
        )
        place = path.relative_to(ROOT).as_posix()
        for _, text, _, _ in extract(method, io.BytesIO(path.read_bytes()), FUNCTIONS, options=options):
            catalogue.add(text, locations=[(place, 1)])
    for place, keys in TABLES.items():
        for path in sorted(ROOT.glob(place)):
            for text in table_texts(path, keys):
                _add(catalogue, path.relative_to(ROOT).as_posix(), text)
    for place, text in code_texts():
        _add(catalogue, place, text)
    return catalogue


def _add(catalogue: Catalog, place: str, text: str) -> None:
    if not NO_TEXT.fullmatch(text):
        catalogue.add(text, locations=[(place, 1)])


def read(path: Path) -> Catalog:
    """A catalogue as it is kept."""
    with path.open("rb") as stream:
        return read_po(stream, locale=path.stem if path.suffix == ".po" else None)


def written(catalogue: Catalog, head: str) -> str:
    """A catalogue as text, without line numbers: a change of a file changes no entry of another."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=0, omit_header=True, include_lineno=False, ignore_obsolete=True)
    return head + stream.getvalue().decode().lstrip("\n")


def header(path: Path) -> str:
    """The comment and the first entry of a catalogue of a language, as they are."""
    return path.read_text(encoding="utf-8").partition("\n\n")[0] + "\n\n"


def places(text: Any) -> list[str]:
    """What a translation must keep: places for values, and marks of HTML."""
    parts = text if isinstance(text, str) else " ".join(text)
    return sorted(set(re.findall(r"\{\w+(?:[:!][^{}]*)?\}|\{%.*?%\}|%\(\w+\)s|</?\w+", parts)))


def faults(message: Message) -> Iterator[str]:
    """What is wrong with a translation."""
    forms = message.string if isinstance(message.string, tuple) else (message.string,)
    for form in forms:
        if form and places(form) != places(message.id if len(forms) == 1 else message.id[-1]):
            yield f"places or marks differ: {message.id!r}"


def main(arguments: list[str]) -> int:
    """The program; the number of faults."""
    if arguments == ["--count"]:
        for path in sorted(FOLDER.glob("*.po")):
            rooms: Counter[str] = Counter()
            done: Counter[str] = Counter()
            for message in read(path):
                for room in {
                    place.rpartition("/")[0].split("/catalogue")[0] for place, _ in message.locations
                }:
                    rooms[room] += bool(message.id)
                    done[room] += bool(message.string and all(message.string))
            for room, count in sorted(rooms.items()):
                print(f"{path.stem}  {done[room]:5d} of {count:5d}  {room}")
        return 0
    now, wrong = gathered(), []
    texts = {
        TEMPLATE: written(
            now, "# Every text that is shown to people, for translators. Made by tools/catalogues.py.\n\n"
        )
    }
    for path in sorted(FOLDER.glob("*.po")):
        kept = read(path)
        kept.update(now, no_fuzzy_matching=True)
        wrong += [f"{path.name}: {fault}" for message in kept if message.id for fault in faults(message)]
        texts[path] = written(kept, header(path))
    for path, text in texts.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments == ["--check"]:
            wrong.append(f"{path.name} is not up to date: run python tools/catalogues.py")
        else:
            path.write_text(text, encoding="utf-8", newline="\n")
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(min(1, main(sys.argv[1:])))
