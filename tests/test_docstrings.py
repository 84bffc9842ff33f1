"""Docstrings of the public surface: numpydoc sections that agree with the signature, for all that a room exports."""

from __future__ import annotations

import enum
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from numpydoc.docscrape import get_doc_object
from numpydoc.validate import Validator, validate
from pydantic import BaseModel

import bonecast

# No docstring; no full stop; parameters in another order, or a sentence in place of a type; no Returns; no Yields.
CODES = {"GL08", "SS03", "PR03", "PR05", "RT01", "YD01"}
# Public objects that still fall short, by room; a number only falls, and a room that is not named has none.
MOST_WITHOUT: dict[str, int] = {}

ROOMS = [one.name for one in pkgutil.iter_modules(bonecast.__path__) if one.ispkg]


def exported(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """The classes and functions of `__all__` that are our own; constants and types of other packages are left out."""
    for name in module.__all__:
        thing = getattr(module, name)
        thing = inspect.unwrap(thing) if callable(thing) else thing
        kind = inspect.isclass(thing) or inspect.isfunction(thing)
        if kind and thing.__module__.startswith("bonecast"):
            yield name, thing


def shortfalls(thing: Any, example: bool = False) -> list[str]:
    """What the docstring of an object lacks."""
    doc = Validator(get_doc_object(thing))
    found = [text for code, text in validate(get_doc_object(thing))["errors"] if code in CODES]
    if not (isinstance(thing, type) and issubclass(thing, enum.Enum)):
        asked = {name for name in _signature(thing, doc) if not name.startswith("_")}
        answer = {name.replace("\\", "") for name in doc.doc_all_parameters}
        found += [f"parameter {name} is not documented" for name in sorted(asked - answer)]
        found += [f"there is no parameter {name}" for name in sorted(answer - asked)]
    if example and not doc.examples:
        found.append("there is no example")
    return found


def _signature(thing: Any, doc: Validator) -> tuple[str, ...]:
    if isinstance(thing, type) and issubclass(thing, BaseModel):
        return tuple(thing.model_fields)  # under their own names, not the aliases of a file
    return doc.signature_parameters


def test_every_public_name_of_the_package_has_its_sections_and_an_example():
    found = {name: lacks for name, thing in exported(bonecast) if (lacks := shortfalls(thing, example=True))}
    assert found == {}
    assert len(bonecast.__all__) > 40


@pytest.mark.parametrize("room", ROOMS)
def test_what_a_room_exports_has_its_sections(room: str):
    module = import_module(f"bonecast.{room}")
    found = {
        name: lacks
        for name, thing in (exported(module) if hasattr(module, "__all__") else ())
        if (lacks := shortfalls(thing))
    }
    most = MOST_WITHOUT.get(room, 0)
    assert len(found) <= most, found
    assert len(found) == most, f"{room} has {len(found)} left: lower MOST_WITHOUT, which only falls"


def test_what_is_lacking_is_found():
    def silent(days: float) -> float:
        """Count days"""
        return days

    def strange(days: float) -> float:
        """Count days.

        Parameters
        ----------
        hours : float
            Hours.

        Returns
        -------
        float
        """
        return days

    assert len(shortfalls(silent, example=True)) == 4  # full stop, parameter, Returns, example
    assert shortfalls(strange) == ["parameter days is not documented", "there is no parameter hours"]
