"""The units of bonecast-1 as the documentation shows them: which page, which equations, which cards.

The pages are written by hand; what the model itself knows is laid into them when they are built, so that no number
and no equation stands twice. `units.toml` says what belongs where.
"""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from bonecast.models import load_model
from bonecast.models.parameters import Parameter, ParameterSet, read_parameters

HERE = Path(__file__).parent
PACKAGE = "bonecast.models.bonecast_1"
PLACEHOLDER = re.compile(r"^\{\{ (\w+) ([\w-]+) \}\}$", re.MULTILINE)
STARTS_EQUATION = re.compile(r"\S+\s+= ")


@dataclass(frozen=True)
class Unit:
    """One file of equations, or one file of cards: its page, its module ("" for cards alone) and its cards."""

    name: str
    page: str
    module: str
    cards: tuple[str, ...]


@cache
def _data() -> dict:
    return tomllib.loads((HERE / "units.toml").read_text(encoding="utf-8"))


@cache
def pages() -> tuple[str, ...]:
    """The pages in the order in which the signal runs."""
    return tuple(_data()["pages"])


@cache
def units() -> dict[str, Unit]:
    """All units by name. Cards are listed, or are those of the plug-in's own file."""
    return {
        name: Unit(name, row["page"], row.get("module", ""), tuple(row.get("cards", _own_cards(name))))
        for name, row in _data()["unit"].items()
    }


def _own_cards(name: str) -> tuple[str, ...]:
    path = Path(inspect.getfile(importlib.import_module(PACKAGE))).parent / "plugins" / f"{name}.toml"
    return tuple(read_parameters(path).parameters) if path.exists() else ()


def parameter_set() -> ParameterSet:
    """The cards of the model as they stand."""
    return load_model("bonecast-1").parameter_set


def cards_of(unit: Unit) -> tuple[Parameter, ...]:
    """The cards of one unit; KeyError for a name that the model does not have."""
    return tuple(parameter_set().parameters[name] for name in unit.cards)


def limits(name: str) -> str:
    """What a model says of itself wherever its numbers are shown, as a list."""
    return "\n".join(f"* {sentence}" for sentence in load_model(name).limits)


def equations(name: str) -> str:
    """The equations of a unit as a table, one a line with what its file says beside it, and the file's name.

    An equation paragraph is one that is indented, or each line of which begins with one.
    """
    unit = units()[name]
    text = inspect.getdoc(importlib.import_module(f"{PACKAGE}.{unit.module}")) or ""
    found = [p for p in (paragraph.splitlines() for paragraph in text.split("\n\n")) if _is_equations(p)]
    if not found:
        raise ValueError(f"{unit.module}: its docstring has no equations")
    bodies = "".join(f"<tbody>{''.join(map(_line, lines))}</tbody>" for lines in found)
    path = f"src/{PACKAGE}.{unit.module}".replace(".", "/") + ".py"
    return f"<div class='equations'><table>{bodies}</table></div>\n\n<p class='from'>From <code>{path}</code></p>"


def _line(line: str) -> str:
    """Equations stand left, what is said of them right; wide gaps part them.

    >>> _line("E = S/K      load")
    '<tr><td><code>E = S/K</code></td><td>load</td></tr>'
    """
    parts = re.split(r"(?<=\S)\s{3,}(?=[^=\s])", line.strip())
    said = [part for part in parts[1:] if not STARTS_EQUATION.match(part)]
    left = "   ".join(part for part in parts if part not in said)
    return f"<tr><td><code>{escape(left)}</code></td><td>{escape(' '.join(said))}</td></tr>"


def _is_equations(lines: list[str]) -> bool:
    return all(line.startswith("    ") for line in lines) or all(
        STARTS_EQUATION.match(line) for line in lines
    )
