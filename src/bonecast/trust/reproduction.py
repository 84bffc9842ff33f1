"""The same answer again: a forecast made once more from its manifest, and what differs from the first time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bonecast.core import Progress, parse_json, read_text, speaking
from bonecast.errors import InputError, printable
from bonecast.forecasts import ForecastRequest, forecast, record_hash
from bonecast.records import Patient
from bonecast.reports import manifest

FORMAT = 1


class RangeRead(BaseModel):
    """The end of one range."""

    strategy: str
    output: str
    date: str
    p05: float | None
    p50: float | None
    p95: float | None


class AnswerRead(BaseModel):
    """What the forecast answered."""

    table: str = Field(alias="forecast.csv")
    last: list[RangeRead]
    care: dict[str, str]
    ranks: list[str]


class ManifestRead(BaseModel):
    """A manifest file.

    Parameters
    ----------
    format : int
        Version of the form; 1.
    request : ForecastRequest
        What was asked for.
    versions : dict of str to str
        What stood behind the answer.
    answer : AnswerRead
        What was answered.
    """

    model_config = ConfigDict(extra="forbid")

    format: int
    request: ForecastRequest
    versions: dict[str, str]
    answer: AnswerRead


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was.

    Parameters
    ----------
    what : str
        What differs.
    then : str
        As the manifest has it.
    now : str
        As it is here.
    """

    what: str
    then: str
    now: str


@dataclass(frozen=True)
class Reproduction:
    """A forecast that was made again.

    Parameters
    ----------
    same : bool
        All ranges, ranks and care outcomes are those of the manifest.
    versions : tuple of Difference
        Versions that are others here.
    answers : tuple of Difference
        Ranks, care outcomes and ends of ranges that are others here.
    """

    same: bool
    versions: tuple[Difference, ...]
    answers: tuple[Difference, ...]

    @property
    def sentence(self) -> str:
        """What was found, in a sentence or two."""
        if self.same:
            return "The same numbers." if not self.versions else "The same numbers, by other versions."
        if not self.versions:
            return "Other numbers, though no version has changed: please report this."
        changed = ", ".join(one.what for one in self.versions)
        return f"Other numbers. Changed since: {changed}."


def read_manifest(path: Path) -> ManifestRead:
    """Read manifest.json, or the manifest within a forecast.json.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    ManifestRead

    Raises
    ------
    InputError
        Where it is no manifest, with the first field that is wrong.
    """
    place = printable(path, 120)
    found = parse_json(read_text(path, place), place)
    if isinstance(found, dict) and "manifest" in found:
        found = found["manifest"]
    if not isinstance(found, dict) or "request" not in found:
        raise InputError(place, "it is no manifest of a forecast", "give manifest.json or forecast.json")
    if found.get("format") != FORMAT:
        cause = f"its format is {printable(found.get('format'))}, and only {FORMAT} is known here"
        raise InputError(place, cause, "use the release of Bonecast that wrote it")
    try:
        return ManifestRead.model_validate(found)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{place}, {printable(field)}", first["msg"], "give the file as it was written"
        ) from None


def reproduce(found: ManifestRead, patient: Patient, progress: Progress | None = None) -> Reproduction:
    """Make a forecast again and hold it against the manifest.

    Parameters
    ----------
    found : ManifestRead
        From `read_manifest`.
    patient : Patient
        The record that the manifest is of.
    progress : callable, optional
        Called with the share done.

    Returns
    -------
    Reproduction

    Raises
    ------
    InputError
        Where the record is another one: nothing is computed then.
    """
    asked = found.request
    here = record_hash(patient)
    if here != asked.record:
        cause = (
            f"its hash is {here[:12]}, that of the manifest {asked.record[:12]}:"
            " an entry or the date of the record differs"
        )
        raise InputError("the record", cause, "give the record that the forecast was made from")
    given = {
        name: value
        for name, value in asdict(asked).items()
        if name not in ("record", "strategies", "language")
    }
    with speaking(asked.language):
        made = forecast(
            patient=patient,
            strategies=dict(asked.strategies) if asked.strategies is not None else None,
            progress=progress,
            **given,
        )
    now = manifest(made)
    versions = _differences(found.versions, now["versions"])
    answers = tuple(_answers(found.answer, AnswerRead.model_validate(now["answer"])))
    same = not answers and found.answer.table == now["answer"]["forecast.csv"]
    return Reproduction(same, versions, answers)


def _answers(then: AnswerRead, now: AnswerRead) -> list[Difference]:
    """Ranks and care outcomes that differ, and ends of ranges that differ in their first six digits."""
    found = list(_differences(then.care, now.care, "care: "))
    if then.ranks != now.ranks:
        found.append(Difference("ranks", ", ".join(then.ranks), ", ".join(now.ranks)))
    ranges = [{(one.strategy, one.output): one for one in answer.last} for answer in (then, now)]
    for key in dict.fromkeys((*ranges[0], *ranges[1])):
        texts = [_range(of.get(key)) for of in ranges]
        if texts[0] != texts[1]:
            found.append(Difference(f"{key[0]}: {key[1]}", *texts))
    return found


def _range(found: RangeRead | None) -> str:
    if found is None:
        return "none"
    low, middle, high = ("none" if x is None else f"{x:g}" for x in (found.p05, found.p50, found.p95))
    return f"{middle} ({low} to {high}) on {found.date}"


def _differences(then: dict[str, str], now: dict[str, str], before: str = "") -> tuple[Difference, ...]:
    return tuple(
        Difference(before + name, then.get(name, "none"), now.get(name, "none"))
        for name in dict.fromkeys((*then, *now))
        if then.get(name) != now.get(name)
    )
