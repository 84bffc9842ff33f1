"""To learn from: the drawn RANKL-RANK-OPG system, each part with its equations in the model, and the glossary."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request
from starlette.responses import Response

from bonecast.models import DEFAULT_MODEL, load_model
from bonecast.models import page as page_of
from bonecast.shipped import documentation
from bonecast.web.context import page

router = APIRouter()
_TERM = re.compile(r"^\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \|$", re.MULTILINE)
_CHAPTER = re.compile(r"^## (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class BodyPart:
    """A part of the drawing. `place` is where its equations stand on the page of the model; 0 for nowhere."""

    key: str
    title: str
    text: str
    states: tuple[str, ...]
    place: int


@router.get("/learn")
def learn(request: Request) -> Response:
    """The drawing, its parts and the glossary."""
    return page(request, "learn.html.jinja", model=DEFAULT_MODEL, parts=body_parts(), chapters=glossary())


@cache
def body_parts() -> dict[str, BodyPart]:
    """The parts by key, with where their equations stand."""
    names = [one["module"].rpartition(".")[2] for one in page_of(load_model(DEFAULT_MODEL))["equations"]]
    text = (files("bonecast.web.pages") / "learn.toml").read_text("utf-8")
    return {
        key: BodyPart(
            key, part["title"], part["text"], tuple(part["states"]), names.index(part["equations"]) + 1
        )
        for key, part in tomllib.loads(text).items()
    }


@cache
def glossary() -> dict[str, list[tuple[str, str]]]:
    """The terms of the documentation by chapter, each with its meaning.

    >>> dict(glossary()["Clinic"])["Finding"].partition(":")[0]
    'what a rule says of a person and an act'
    """
    text = (documentation() / "glossary.md").read_text("utf-8")
    _, *chapters = _CHAPTER.split(text)
    found = {}
    for title, body in zip(chapters[::2], chapters[1::2], strict=True):
        terms = [(one["term"], one["meaning"]) for one in _TERM.finditer(body)]
        found[title] = [one for one in terms if one[0] != "term" and not one[0].startswith("-")]
    return found
