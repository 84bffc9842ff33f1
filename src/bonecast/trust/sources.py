"""Every sourced entry of every table of the package as one list: what it claims, and how the claim can be checked.

All tables keep one form: an entry has its evidence grade (`mark`) and its `source`, published results `seen` and
`citation`. One reader goes through all of them, so that no table can be left out. Identifier and locator have columns
of their own in `care/sources.csv` and in published results; elsewhere they are read from the citation. The day on
which a source was read is in `readings.csv`, one line for each reading, which may also give the locator. What stands
nowhere is said to be not recorded.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from bonecast.care import RuleSource, care_sources, rule_limits, rules
from bonecast.core import EVIDENCE_GRADES, toml
from bonecast.evidence import UNRECORDED

HOME = Path(str(files("bonecast")))
# Path of a table, what its entries are, and what rests on them. The first pattern that fits counts.
KINDS = (
    ("*/rules.csv", "rule", ""),
    ("care/limits.csv", "limit of a rule", ""),
    ("care/reactions.csv", "rate of an adverse reaction", "leaflet, monograph, symptoms to report"),
    ("care/*", "sentence of care", "monograph, symptoms to report"),
    ("liver/*", "liver criterion", "assessment of a liver case"),
    ("drugs/*", "fact of a drug", "catalogue, regimens"),
    ("outcomes/published_rates.csv", "published rate", "rates shown beside a forecast"),
    ("outcomes/*", "fracture parameter", "fracture risk, strength"),
    ("models/*", "model parameter", "model {model}"),
    ("evidence/*.csv", "published result", "calibration or score of the models"),
    ("evidence/*", "reading of a published result", "score of the models"),
    ("cohorts/*", "quantity of virtual people", "virtual people"),
    ("records/*", "measurement", "records, kidney function, measurement error"),
    ("inference/*", "measurement", "inference from measurements"),
    ("trials/*", "quantity of a trial", "virtual trials"),
    ("decisions/*", "aim of a choice", "ranking of strategies"),
)
NO_SOURCES = (
    "interop/*",
    "languages/*",
    "web/*",
)  # codes of other systems, texts, pages: no claim of a source
OWN = ("derived", "calibrated", "assumption")  # made by this project: nothing to look up
SEEN = {"verbatim": "published", "memory": "recalled"}
CLAIMS = (
    "claim",
    "meaning",
    "advice",
    "action",
    "text",
    "criterion",
    "reaction",
    "statement",
    "acts",
    "title",
    "note",
)
NO_NUMBERS = ("line", "year", "marked", "review_by")
# What a reading has to bring, worst first.
RECALLED, SECOND_HAND, NO_IDENTIFIER, NO_DATE, NO_LOCATOR, NO_DAY = (
    "source not read",
    "read at second hand",
    "identifier not recorded",
    "date of the label not recorded",
    "locator not recorded",
    "day not recorded",
)
LACKS = (RECALLED, SECOND_HAND, NO_IDENTIFIER, NO_DATE, NO_LOCATOR, NO_DAY)
_PAPERS = re.compile(
    r"10\.\d{4,9}/[^\s;,]*[^\s;,.)]|PMID:? ?\d+|PMC\d+|NCT\d+|NBK\d+|ISRCTN\d+|PyPI [\w-]+ \d[\d.]*\d"
)
# A label or a document of an authority: it needs its date too.
_NUMBERS = re.compile(r"EU/\d/\d{2}/\d+|BLA \d+|US sets? [\da-f]{8}-[\da-f-]+|SE/H/PSUR/[\d/]+")
_LABEL = re.compile(
    r"\b(?:PI|SmPC|labels?|leaflet|monograph|(?:prescribing|product|safety|patient) information|Purple Book|REMS"
    r"|TA ?\d+|Drug Safety|guidance|guideline|CTCAE|protocol|LiverTox)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\b(?:19|20)\d\d\b")
_SECOND_HAND = re.compile(
    r"as (?:summarised|reported|tabled)|second-hand|press text|\(news\)|summary\b", re.IGNORECASE
)
_NUMBERED = r"\d+(?:\.(?:\d+|x))*[a-c]?(?:(?:, | to | and | ?/ ?|-)\d+(?:\.(?:\d+|x))*[a-c]?)*"
_LOCATORS = re.compile(
    rf"\b(?:tables?|figures?|fig\.|sections?|recs?\.?|pages?|pp?\.|items?) {_NUMBERED}"
    rf"|(?:(?<=\bSmPC )|(?<=\bPI )|(?<=\blabel ))(?!(?:19|20)\d\d\b){_NUMBERED}|(?<=[(/ ])\d\.\d[\d., to]*(?=[),;])"
    r"|\babstract(?: \w?\d+\w?)?|\bboxed warning\b|\bhighlights\b|\bsupplement\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SourceLine:
    """One entry of a table: a claim in our own words with its number, and where it can be checked.

    Parameters
    ----------
    kind : str
        What it is: "rule", "limit of a rule", "model parameter", "published result" and so on.
    id : str
        Table and entry.
    claim : str
        The claim in our own words.
    number : str
        Its numbers, as the table has them; empty where the claim has none.
    unit : str
        Their unit.
    grade : str
        Evidence grade, one of `bonecast.core.EVIDENCE_GRADES`.
    citation : str
        The source, as it is cited.
    identifier : str
        DOI, PMID, PMC id, registry number, or label and date; empty where none is recorded.
    locator : str
        Section, table, figure or page; empty where none is recorded.
    read_on : str
        Day on which it was read (ISO); empty where none is recorded.
    supports : str
        What rests on it.
    decides : str
        "block", "warn" or "inform" for a rule and its limits, empty for the rest.
    """

    kind: str
    id: str
    claim: str
    number: str
    unit: str
    grade: str
    citation: str
    identifier: str
    locator: str
    read_on: str
    supports: str
    decides: str = ""

    @property
    def lacks(self) -> tuple[str, ...]:
        """What is missing before somebody can check it, worst first; nothing for what this project made itself."""
        if self.grade in OWN:
            return ()
        found = {
            RECALLED: self.grade == "recalled",
            SECOND_HAND: bool(_SECOND_HAND.search(f"{self.citation} {self.locator}")),
            NO_IDENTIFIER: not self.identifier,
            NO_DATE: bool(self.identifier)
            and not (_PAPERS.search(self.identifier) or _DATE.search(self.identifier)),
            NO_LOCATOR: not self.locator or self.locator.startswith("second-hand"),
            NO_DAY: not self.read_on,
        }
        return tuple(name for name in LACKS if found[name])


@dataclass(frozen=True)
class SourceToRead:
    """One source that somebody has to read, with all that it would settle.

    Parameters
    ----------
    citation : str
        The source, as it is cited.
    identifier : str
        DOI, PMID, PMC id, or label and date.
    lacks : tuple of str
        What is missing, worst first.
    decides : str
        The gravest that rests on it: "block", "warn", "inform" or empty.
    supports : dict of str to int
        How many entries of each kind rest on it.
    ids : tuple of str
        Their names.
    """

    citation: str
    identifier: str
    lacks: tuple[str, ...]
    decides: str
    supports: dict[str, int]
    ids: tuple[str, ...]


def identifiers(text: str, year: str = "") -> tuple[str, ...]:
    """Find the identifiers in a citation: DOI, PMID, PMC and registry numbers; else a label, with its date.

    Parameters
    ----------
    text : str
        The citation.
    year : str
        Year of the text, where it is known besides.

    Returns
    -------
    tuple of str
        Each once, in the order of the text.

    Examples
    --------
    >>> identifiers("Lyu 2020, Ann Intern Med 173:516; 10.7326/M20-0882")
    ('10.7326/M20-0882',)
    >>> identifiers("Eladynos EU SmPC 4.3; EU/1/22/1706", "2023"), identifiers("Aclasta EU SmPC 4.2; EU/1/05/308")
    (('EU/1/22/1706, 2023',), ('EU/1/05/308',))
    >>> identifiers("Prolia US PI 2022"), identifiers("Black 2006 JAMA")
    (('Prolia US PI 2022',), ())
    """
    papers = tuple(dict.fromkeys(_PAPERS.findall(text)))
    if papers:
        return papers
    labels = tuple(dict.fromkeys(_NUMBERS.findall(text))) or ((text,) if _LABEL.search(text) else ())
    date = year or next(iter(_DATE.findall(text)), "")
    return tuple(one if not date or date in one else f"{one}, {date}" for one in labels)


def locator(text: str) -> str:
    """Find where in its source a claim stands: section, table, figure, page, abstract.

    Parameters
    ----------
    text : str
        The citation.

    Returns
    -------
    str
        Empty where the citation does not say.

    Examples
    --------
    >>> locator("Prolia US PI 2024, section 5.1 Hypocalcemia"), locator("Aclasta EU SmPC 4.2 to 4.6")
    ('section 5.1', '4.2 to 4.6')
    >>> locator("Watts 2012, Osteoporos Int 23:327 (FREEDOM infections), Table 3"), locator("Lyu 2020")
    ('Table 3', '')
    """
    return "; ".join(dict.fromkeys(one.strip(" ,.") for one in _LOCATORS.findall(text)))


@cache
def source_lines() -> tuple[SourceLine, ...]:
    """List every sourced entry of every table of the package.

    Returns
    -------
    tuple of SourceLine

    Raises
    ------
    ValueError
        If a table with sourced entries has no kind, or an entry a grade that is not known: a fault of the package.

    Examples
    --------
    >>> line = next(one for one in source_lines() if one.id == "care/limits.csv, zoledronate_crcl")
    >>> line.number, line.unit, line.grade, line.decides
    ('35', 'mL/min', 'published', 'block')
    """
    return with_readings(_unread(), read_log())


def with_readings(lines: Iterable[SourceLine], log: Mapping[str, tuple[str, str]]) -> tuple[SourceLine, ...]:
    """The lines with the day, and the locator where they have none, of the last reading of their source."""
    found = []
    for line in lines:
        day, place = next((log[one] for one in identifiers(line.identifier) if one in log), ("", ""))
        found.append(replace(line, read_on=day, locator=line.locator or place))
    return tuple(found)


def read_log() -> dict[str, tuple[str, str]]:
    """Day and locator of the last reading of each identifier, from `readings.csv`."""
    text = (HOME / "trust" / "readings.csv").read_text("utf-8")
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["read_on"])
    return {row["identifier"]: (row["read_on"], row["locator"]) for row in rows}


def grade_counts() -> dict[str, dict[str, int]]:
    """Count the entries of each kind by evidence grade.

    Returns
    -------
    dict of str to dict of str to int
        Rules by what they do, then the other kinds; every grade is named.
    """
    found: dict[str, Counter[str]] = {}
    for line in sorted(source_lines(), key=lambda line: _rank(line)[::-1]):
        name = f"rules that {line.decides}" if line.kind == "rule" else line.kind
        found.setdefault(name, Counter())[line.grade] += 1
    return {name: {grade: counts[grade] for grade in EVIDENCE_GRADES} for name, counts in found.items()}


def lack_counts() -> dict[str, int]:
    """Count the entries that lack each thing which a check needs.

    Returns
    -------
    dict of str to int
    """
    counts = Counter(lack for line in source_lines() for lack in line.lacks)
    return {lack: counts[lack] for lack in LACKS}


def reading_list() -> list[SourceToRead]:
    """List the sources that somebody has to read, worst first.

    What decides most comes first: what blocks, then what warns, what informs, the models, the rest. Within one of
    these, what was not read comes before what lacks an identifier or a locator, and many entries before few. Sources
    of which only the day is missing come last.

    Returns
    -------
    list of SourceToRead
    """
    groups: dict[str, list[SourceLine]] = {}
    for line in source_lines():
        if line.lacks:
            groups.setdefault(line.citation or "no source named", []).append(line)
    found = []
    for lines in groups.values():
        lines.sort(key=_urgency)
        first, lacks = lines[0], tuple(lack for lack in LACKS if any(lack in line.lacks for line in lines))
        counts = dict(Counter(line.kind for line in lines))
        ids = tuple(line.id for line in lines)
        read = SourceToRead(first.citation, first.identifier, lacks, first.decides, counts, ids)
        found.append(((*_urgency(first), -len(lines), first.citation), read))
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _urgency(line: SourceLine) -> tuple[bool, int, int]:
    return line.lacks == (NO_DAY,), _rank(line)[0], LACKS.index(line.lacks[0])


def _rank(line: SourceLine) -> tuple[int, int]:
    """How much hangs on a line: rules by what they do, then the kinds in their order."""
    kinds = list(dict.fromkeys(kind for _, kind, _ in KINDS))
    decides = ("block", "warn", "inform").index(line.decides) if line.decides else 3
    return decides if decides < 3 else 2 + kinds.index(line.kind), kinds.index(line.kind)


def _unread() -> Iterator[SourceLine]:
    care = {one.key: _of_care(one) for one in care_sources().values()}
    for path in sorted([*HOME.rglob("*.toml"), *HOME.rglob("*.csv")]):
        name = path.relative_to(HOME).as_posix()
        if any(fnmatch(name, pattern) for pattern in NO_SOURCES):
            continue
        table, sources = _entries(path), {}
        if path.suffix == ".toml":
            data = toml(path)
            sources = {key: _of_table(one) for key, one in data.get("source", {}).items()}
            table = _nodes(data, {k: v for k, v in data.get("about", {}).items() if k in ("mark", "source")})
        for entry, row in table:
            yield _line(name, entry, row, care | sources)


class _Cited(NamedTuple):
    """A source as it is cited, with what identifies it and where in it the claim stands."""

    citation: str
    identifier: str
    locator: str


def _of_care(source: RuleSource) -> _Cited:
    year = "" if source.year is None else str(source.year)
    # A title stands where there is no number; a citation of a label may be its own.
    found = identifiers(source.where, year) or identifiers(source.text, year)
    return _Cited(source.text, "; ".join(found), source.locator)


def _of_table(source: str | Mapping[str, str]) -> _Cited:
    text, where = (source, "") if isinstance(source, str) else (source["text"], source.get("doi", ""))
    return _Cited(text, "; ".join(identifiers(f"{where}; {text}" if where else text)), locator(text))


def _csv(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def _entries(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Rows of a CSV table that have a grade and a source."""
    for place, row in enumerate(_csv(path) if path.suffix == ".csv" else (), start=2):
        if "seen" in row:
            row = {**row, "mark": SEEN[row["seen"]], "source": row["citation"]}
        if "mark" in row and "source" in row:
            yield row.get("id") or row.get("key") or f"line {place}", row


def _nodes(
    node: Any, about: Mapping[str, str], path: tuple[str, ...] = ()
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Tables of a TOML file that have a grade, at any depth; a parameter may take it from [about]."""
    if isinstance(node, list):
        for place, inner in enumerate(node, start=1):
            yield from _nodes(inner, about, (*path, str(place)))
    if not isinstance(node, dict):
        return
    whole = {**about, **node} if path[:1] == ("parameter",) and len(path) == 2 else node
    if "mark" in whole and path != ("about",):
        yield " ".join(path), whole
    for key, inner in node.items():
        if key != "source":
            yield from _nodes(inner, about, (*path, key))


def _line(name: str, entry: str, row: Mapping[str, Any], sources: Mapping[str, _Cited]) -> SourceLine:
    kinds = [(kind, supports) for pattern, kind, supports in KINDS if fnmatch(name, pattern)]
    if not kinds or row["mark"] not in EVIDENCE_GRADES:
        raise ValueError(f"{name}, {entry}: its table has no kind, or '{row['mark']}' is no evidence grade")
    kind, supports = kinds[0]
    source = str(row.get("source", ""))
    cited = sources.get(source) or _of_table({"text": source, "doi": row.get("doi", "")})
    where = row.get("where", "")
    decides, rests = _decided(kind, entry)
    model = name.split("/")[1].replace("_", "-") if kind == "model parameter" else ""
    return SourceLine(
        kind,
        f"{name}, {entry}",
        _claim(row, entry),
        _number(row),
        str(row.get("unit", "")),
        row["mark"],
        cited.citation,
        cited.identifier,
        cited.locator if where in ("", UNRECORDED) else where,
        "",
        rests or supports.format(model=model),
        decides,
    )


def _decided(kind: str, entry: str) -> tuple[str, str]:
    """What a rule or a limit decides, and which rules rest on it."""
    if kind == "rule":
        return rules()[entry].severity, f"{entry}: {rules()[entry].topic}"
    if kind == "limit of a rule":
        resting = [rule for rule in rules().values() if rule_limits()[entry] in rule.limits]
        gravest = next((s for s in ("block", "warn") if any(r.severity == s for r in resting)), "inform")
        return gravest, ", ".join(rule.id for rule in resting) or "dates of the plan"
    return "", ""


def _claim(row: Mapping[str, Any], entry: str) -> str:
    if "endpoint" in row:
        return f"{row['study']}, {row['arm']}: {row['endpoint']} ({row['statistic']}) at month {row['month']}"
    return next((str(row[name]) for name in CLAIMS if row.get(name)), entry)


def _number(row: Mapping[str, Any]) -> str:
    for name in ("number", "value"):
        if name in row:
            return str(row[name])
    if "condition" in row:
        return ""
    return "; ".join(f"{name} {value}" for name, value in row.items() if _is_number(name, value))


def _is_number(name: str, value: Any) -> bool:
    if name in NO_NUMBERS or isinstance(value, bool):
        return False
    return isinstance(value, int | float) or bool(
        isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value)
    )
