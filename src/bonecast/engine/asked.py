"""What a run is asked for, made plain: any array-like, one name or many; what cannot be read is one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from bonecast.engine.events import Event
from bonecast.engine.system import System
from bonecast.errors import InputError, UnknownName, printable


def is_number(value: Any) -> bool:
    """Is this one real number (of Python or NumPy)?"""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_)


def require_whole(place: str, value: Any) -> None:
    """Refuse what is neither None nor a whole number above zero."""
    if value is not None and not (is_number(value) and isinstance(value, Integral) and int(value) > 0):
        raise InputError(
            place, f"{printable(value)} is no whole number above zero", "give 1 or more, or leave it out"
        )


def numbers(value: Any, place: str) -> np.ndarray:
    """A list, an array of any stride or a series as float64 numbers; text, dates, tables and gaps are refused."""
    if isinstance(value, Iterator):
        value = list(value)
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biufO" or np.any(
            np.ma.getmaskarray(value) if np.ma.isMA(value) else False
        ):
            raise TypeError
        array = np.array(array, np.float64, order="C")
    except (TypeError, ValueError, OverflowError):
        cause = f"{printable(repr(value))} cannot be read as numbers"
        raise InputError(place, cause, "give numbers, in a list or an array") from None
    return array


def output_times(times: Any, start: float) -> np.ndarray:
    """The output times as a new array; refused where they are empty, not finite, out of order or before the start."""
    asked = np.atleast_1d(numbers(times, "output times"))
    fine = asked.ndim == 1 and asked.size and np.all(np.isfinite(asked))
    if not fine or np.any(np.diff(asked) < 0) or asked[0] < start:
        cause = "they are empty, not finite, out of order or before the run begins"
        raise InputError("output times", cause, "give them in order")
    return asked


def one_word_each(times: np.ndarray, at_dose: Any) -> tuple[np.ndarray, np.ndarray]:
    """A word for each time: is it taken after the events? Several words for a single time give it several rows."""
    words = (
        [at_dose] * times.size
        if isinstance(at_dose, str) or not hasattr(at_dose, "__iter__")
        else list(at_dose)
    )
    known = all(isinstance(word, str) and word in ("before", "after") for word in words)
    if times.size == 1 and len(words) > 1:
        times = np.repeat(times, len(words))
    if not known or len(words) != times.size:
        cause = "it is not 'before' or 'after', once or for each time"
        raise InputError("at_dose", cause, "write 'before' or 'after'")
    return times, np.array([word == "after" for word in words], np.bool_)


def output_names(system: System, outputs: Any) -> tuple[str, ...]:
    """The outputs to keep; all where None is given."""
    if outputs is None:
        return system.output_names
    names = (outputs,) if isinstance(outputs, str) or not hasattr(outputs, "__iter__") else tuple(outputs)
    if not names:
        raise InputError("outputs", "there are none", "name at least one, or leave the list out")
    for name in names:
        if name not in system.output_names:
            raise UnknownName(f"model {system.name}", "output", str(name), system.output_names)
    return tuple(str(name) for name in names)


def parameter_values(system: System, parameters: Any) -> dict[str, np.ndarray]:
    """Each changed parameter as one number or one value for each person, all finite."""
    if parameters is not None and not isinstance(parameters, Mapping):
        cause = f"a {type(parameters).__name__} does not say which parameter takes which value"
        raise InputError("parameters", cause, 'give them by name, such as {"k": 0.1}')
    values: dict[str, np.ndarray] = {}
    for name, value in (parameters or {}).items():
        if name not in system.parameters:
            raise UnknownName(f"model {system.name}", "parameter", str(name), system.parameters)
        values[name] = numbers(value, f"parameter {name}")
        if values[name].ndim > 1:
            raise InputError(f"parameter {name}", "it is a table", "give a number, or one value per person")
        if not np.all(np.isfinite(values[name])):
            raise InputError(f"parameter {name}", "a value is not a finite number", "give finite numbers")
    return values


def event_lists(events: Any) -> Sequence:
    """Events as a list, or as a list of each person's events."""
    if isinstance(events, Event):
        return [events]
    if isinstance(events, Sequence) and not isinstance(events, str | bytes):
        return events
    if isinstance(events, Mapping | str | bytes) or not hasattr(events, "__iter__"):
        cause = f"a {type(events).__name__} is no list of events"
        raise InputError("events", cause, "give a list of Bolus, Infusion, Change or Place")
    return list(events)
