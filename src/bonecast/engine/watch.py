"""What equation functions read beside their arguments, so that what was traced from them is kept only as long as
nothing of it has changed: closures, defaults, global names, and the functions, modules and objects behind these.

The code of Python, NumPy, SciPy and this engine is taken to stay as it is. Where a function reads what cannot be
watched (an import inside it, `globals()`, an object of unknown making), nothing is kept and it is traced each time.
"""

from __future__ import annotations

import builtins
import dis
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from operator import attrgetter
from types import (
    BuiltinFunctionType,
    BuiltinMethodType,
    CellType,
    CodeType,
    FunctionType,
    MappingProxyType,
    MethodType,
    ModuleType,
    SimpleNamespace,
)
from typing import Any

_FIXED_ROOTS = {*sys.stdlib_module_names, "numpy", "scipy", "numba"} - {"__main__"}
_FIXED_TYPES = (
    type(None), type(...), type(NotImplemented), bool, int, float, complex, str, bytes, range, CodeType,
    BuiltinFunctionType, BuiltinMethodType,
)  # fmt: skip
_IMPORT = dis.opmap["IMPORT_NAME"]
_MISSING = object()
_BLIND = {"globals", "locals", "vars", "eval", "exec", "__import__", "import_module", "open"}
_cell, _code = (
    attrgetter("cell_contents"),
    attrgetter("__code__", "__defaults__", "__kwdefaults__", "__closure__"),
)


class _UnwatchableError(Exception):
    """Something is read whose changes could not be seen."""


class Watch:
    """Everything that these functions read; `holds()` as long as it is what it was."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        self._same: list[tuple[Callable[..., Any], tuple[Any, ...], Any]] = []
        self._equal: list[tuple[Callable[[Any], Any], Any, Any]] = []
        self._seen: dict[int, Any] = {}
        self._names: set[str] = set()
        self._modules: list[ModuleType] = []
        self.complete = True
        try:
            for function in functions:
                self._add(function)
            self._add_modules()
        except _UnwatchableError:
            self.complete = False

    def holds(self) -> bool:
        """Is all of it as it was? False where something could not be watched."""
        return (
            self.complete
            and all(read(*place) is value for read, place, value in self._same)
            and all(read(thing) == value for read, thing, value in self._equal)
        )

    def _add(self, thing: Any) -> None:
        if id(thing) in self._seen or isinstance(thing, _FIXED_TYPES):
            return
        self._seen[id(thing)] = thing
        if isinstance(thing, ModuleType):
            if not _fixed(thing.__name__):
                self._modules.append(thing)
        elif isinstance(thing, FunctionType):
            if not _fixed_place(thing.__module__, thing.__globals__):
                self._add_function(thing)
        elif isinstance(thing, MethodType):
            self._add(thing.__func__)
            self._add(thing.__self__)
        elif isinstance(thing, partial):
            self._add(thing.func)
            self._add((*thing.args, *thing.keywords.values()))
        elif isinstance(thing, (tuple, frozenset)):
            for part in thing:
                self._add(part)
        elif isinstance(thing, (list, set)):
            self._equal.append((_identities, thing, _identities(thing)))
            for part in thing:
                self._add(part)
        elif isinstance(thing, (dict, MappingProxyType)):
            self._equal.append((_entries, thing, _entries(thing)))
            for part in thing.values():
                self._add(part)
        elif isinstance(thing, (property, staticmethod, classmethod)):
            self._add(thing.fget if isinstance(thing, property) else thing.__func__)
        elif isinstance(thing, type):
            if not _fixed_class(thing):
                self._add_class(thing)
        else:
            self._add_object(thing)

    def _add_function(self, function: FunctionType) -> None:
        self._equal.append((_code, function, _code(function)))
        self._add(function.__defaults__)
        self._add(function.__kwdefaults__)
        for cell in function.__closure__ or ():
            self._add_cell(cell)
        names: set[str] = set()
        for code in _codes(function.__code__):
            names.update(code.co_names)
            if _IMPORT in code.co_code[::2]:
                raise _UnwatchableError
        if names & _BLIND:
            raise _UnwatchableError
        self._names |= names
        self._add_names(function.__globals__, names)

    def _add_cell(self, cell: CellType) -> None:
        try:
            value = cell.cell_contents
        except ValueError:  # not filled yet
            raise _UnwatchableError from None
        self._same.append((_cell, (cell,), value))
        self._add(value)

    def _add_names(self, space: Mapping[str, Any], names: Iterable[str]) -> None:
        for name in names:
            value = space.get(name, _MISSING)
            if value is not _MISSING:
                self._same.append((space.get, (name,), value))
                self._add(value)
            elif hasattr(builtins, name):  # a global name that covers it would count
                self._same.append((space.get, (name, _MISSING), _MISSING))

    def _add_modules(self) -> None:
        """Of a module, the names that any of the functions uses (`kidney.baseline`); both lists may grow meanwhile."""
        done: dict[int, set[str]] = {}
        while any(self._names - done.get(id(module), set()) for module in self._modules):
            for module in list(self._modules):
                names = self._names - done.get(id(module), set())
                done.setdefault(id(module), set()).update(names)
                self._add_names(vars(module), names)

    def _add_class(self, kind: type) -> None:
        for base in kind.__mro__:
            if not _fixed_class(base):
                for name, part in vars(base).items():
                    if (
                        isinstance(part, (FunctionType, property, staticmethod, classmethod))
                        or name[:2] != "__"
                    ):
                        self._same.append((vars(base).get, (name,), part))
                        self._add(part)

    def _add_object(self, thing: Any) -> None:
        kind = type(thing)
        root = kind.__module__.split(".")[0] if _fixed_class(kind) else ""
        if root == "numpy" and hasattr(thing, "tobytes"):  # an array, or one number of it
            self._equal.append((_bytes, thing, _bytes(thing)))
        elif kind.__name__ in ("ufunc", "_tuplegetter") or root in (
            "decimal",
            "fractions",
            "enum",
            "dataclasses",
        ):
            return  # they cannot change
        elif (
            hasattr(thing, "__dict__")
            and not hasattr(kind, "__slots__")
            and (root in ("", "bonecast") or kind is SimpleNamespace)
        ):
            self._add(vars(thing))
            self._add(kind)
        else:
            raise _UnwatchableError


def _fixed(module: str) -> bool:
    return module.split(".")[0] in _FIXED_ROOTS or f"{module}.".startswith("bonecast.engine.")


def _fixed_place(module: str | None, names: Mapping[str, Any]) -> bool:
    """Is this truly of that module? Text that is run by `exec` calls itself part of `builtins`."""
    home = sys.modules.get(module or "")
    return home is not None and vars(home) is names and _fixed(home.__name__)


def _fixed_class(kind: type) -> bool:
    home = sys.modules.get(kind.__module__)
    return home is not None and _fixed(home.__name__) and kind.__qualname__.split(".")[0] in vars(home)


def _codes(code: CodeType) -> list[CodeType]:
    """A function's code and that of the functions written inside it."""
    return [code, *(c for part in code.co_consts if isinstance(part, CodeType) for c in _codes(part))]


def _identities(things: Iterable[Any]) -> list[int]:
    return [id(thing) for thing in things]


def _entries(mapping: Mapping[Any, Any]) -> list[tuple[Any, int]]:
    return [(key, id(value)) for key, value in mapping.items()]


def _bytes(array: Any) -> tuple[Any, ...]:
    if array.dtype.hasobject:
        raise _UnwatchableError
    return array.dtype.str, array.shape, array.tobytes()
