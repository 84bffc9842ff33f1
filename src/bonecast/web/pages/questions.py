"""The open questions of a check as fields that are answered on its page, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bonecast.care import Question, variables
from bonecast.records import known_facts
from bonecast.web.pages.fact_places import Place, place_of
from bonecast.web.pages.record_form import typed
from bonecast.web.store import StoredPerson
from bonecast.web.store.merge import Record

_KINDS = {"yes or no": "yes-no", "count": "count", "choice": "choice"}
_YES_NO = (("true", "yes"), ("false", "no"))


@dataclass(frozen=True)
class AnswerField:
    """One answer. `name` is that of the field: "person-KEY" is kept in the record, "act-FACT" is about this act.

    `value` is what is answered already.
    """

    name: str
    label: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    value: str = ""


@dataclass(frozen=True)
class Asked:
    """A question with the fields that answer it, and the places where the rest of it is entered."""

    text: str
    rules: tuple[str, ...]
    fields: tuple[AnswerField, ...]
    places: tuple[Place, ...]


def asked_of(questions: Iterable[Question], person: StoredPerson) -> list[Asked]:
    """Lay out each question: what can be answered at once, and links to where results and doses are entered."""
    return [_asked(question, person) for question in questions]


def answered(record: Record, form: Mapping[str, str]) -> Record:
    """The record with what the form answers about the person; an empty answer takes back what was answered."""
    facts = known_facts()
    person = dict(record["person"])
    for name, text in form.items():
        key = name.removeprefix("person-")
        if name != key and key in facts:
            person.pop(key, None)
            if text.strip():
                person[key] = typed(text, _KINDS.get(facts[key].kind, "text"))
    return {**record, "person": person}


def answered_of_act(form: Mapping[str, str]) -> dict[str, str]:
    """What the form answers about the act itself, by variable."""
    found = {
        name.removeprefix("act-"): text.strip() for name, text in form.items() if name.startswith("act-")
    }
    return {name: text for name, text in found.items() if text and name in variables()}


def answered_already(names: Iterable[str], person: StoredPerson) -> list[Asked]:
    """Those of these facts that the record answers, each with the answer that may be changed."""
    found = []
    for name in names:
        field = _field(name)
        kept = person.record["person"].get(field.name.removeprefix("person-")) if field else None
        if field is not None and kept is not None:
            value = str(kept).lower() if isinstance(kept, bool) else str(kept)
            found.append(Asked(field.label, (), (replace(field, value=value),), ()))
    return found


def _asked(question: Question, person: StoredPerson) -> Asked:
    fields = [(name, _field(name)) for name in question.facts]
    places = {
        place.href.partition("#")[0] + place.do: place
        for place in (place_of(name, person) for name, field in fields if field is None)
    }
    return Asked(
        question.text,
        question.rules,
        tuple(field for _, field in fields if field is not None),
        tuple(places.values()),
    )


def _field(name: str) -> AnswerField | None:
    """The field that answers for this fact; None where it is measured, or comes from what was given."""
    variable = variables()[name]
    key = next((key for key, fact in known_facts().items() if fact.kept_as == name), None)
    if key is not None and known_facts()[key].kind in _KINDS:
        kind, choices, field = known_facts()[key].kind, known_facts()[key].choices, f"person-{key}"
    elif key is None and variable.about == "act":
        kind, choices, field = variable.kind, variable.choices, f"act-{name}"
    else:
        return None
    shown = _YES_NO if kind == "yes or no" else tuple((one, one.replace("_", " ")) for one in choices)
    return AnswerField(field, variable.label, _KINDS.get(kind, "text"), shown)
