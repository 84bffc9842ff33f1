"""The templates of letters and texts, which a clinic may change: a small part of Jinja, checked when one is saved."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bonecast.core import gettext
from bonecast.errors import InputError, UnknownName, printable

LONGEST = 5000  # characters of a template
LONGEST_TEXT = 600  # characters of the template of a text
_EVERYONE = ("name", "id", "born", "today", "clinic", "phone", "last_injection")
_DATED = ("due", "first", "last", "late", "questions")
# What each kind may name. Only those that the rules let be dated know a date of an injection.
_FIELDS: dict[str, tuple[str, ...]] = {
    "recall": (*_EVERYONE, *_DATED),
    "results": (*_EVERYONE, "tests", "questions"),
    "talk": (*_EVERYONE, "reasons"),
    "gp": (*_EVERYONE, "due", "first", "last", "doses", "state", "sentence", "tests", "findings"),
}
_FIELDS |= {f"text_{kind}": _FIELDS[kind] for kind in ("recall", "results", "talk")}
LISTS = ("tests", "reasons", "findings")  # what `for` goes through
KINDS: dict[str, str] = {
    "recall": "Recall letter: the injection is due",
    "results": "Letter: results or answers are missing",
    "talk": "Letter: not to be given now",
    "gp": "Letter to the general practitioner",
    "text_recall": "Text: the injection is due",
    "text_results": "Text: results or answers are missing",
    "text_talk": "Text: not to be given now",
}
# Of the language of templates, what a letter needs: no call, no attribute, no arithmetic, nothing from outside.
_ALLOWED = ("Template", "Output", "TemplateData", "Name", "If", "For", "Not", "And", "Or")


def template_fields(kind: str) -> tuple[str, ...]:
    """List the places that a template of this kind may name.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    tuple of str
        Names of fields.

    Raises
    ------
    UnknownName
        If there is no such kind.

    Examples
    --------
    >>> template_fields("results")[-2:], "due" in template_fields("results")
    (('tests', 'questions'), False)
    """
    if kind not in _FIELDS:
        raise UnknownName("template", "kind", kind, _FIELDS)
    return _FIELDS[kind]


def default_template(kind: str) -> str:
    """Give the template of this kind as it comes, in the language of `bonecast.core.speaking`.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    str
        A template; its paragraphs are parted by empty lines.

    Raises
    ------
    UnknownName
        If there is no such kind.

    Examples
    --------
    >>> default_template("recall").splitlines()[0]
    'Your next denosumab injection'
    """
    template_fields(kind)
    return "\n\n".join(gettext(line) for line in _defaults()[kind]["lines"])


def check_template(kind: str, text: str) -> str:
    """Check a template before it is kept.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    text : str
        The template.

    Returns
    -------
    str
        The same, its line ends made plain.

    Raises
    ------
    InputError
        If it is empty or too long, cannot be read, or does more than name the fields of its kind, ask `if` and go
        through a list with `for`; the error says where.
    UnknownName
        If it names a field that this kind has not.

    Examples
    --------
    >>> check_template("results", "We need your results\\n\\nDear {{name}}, please call {{phone}}.")[:20]
    'We need your results'
    >>> check_template("results", "Come on {{due}}")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    bonecast.errors.UnknownName: template, line 1: there is no field called 'due'; known are born, ...
    """
    fields, text = template_fields(kind), text.replace("\r\n", "\n").strip()
    longest = LONGEST_TEXT if kind.startswith("text_") else LONGEST
    if not text or len(text) > longest:
        raise InputError("template", f"it has {len(text)} characters", f"write 1 to {longest}")
    if not all(one.isprintable() or one == "\n" for one in text):
        raise InputError("template", "it has characters that cannot be printed", "type it in again")
    _check_nodes(_parsed(text), frozenset(fields))
    for sample in ("", "x"):  # each branch of every `if`, so that nothing fails before a person
        _rendered(text, {name: [sample] if name in LISTS else sample for name in fields})
    return text


def filled(text: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Fill a checked template: the title, and the rest."""
    made = re.sub(r"\n{3,}", "\n\n", _rendered(text, values)).strip()
    title, _, rest = made.partition("\n")
    return title.strip(), rest.strip()


@cache
def _defaults() -> dict[str, Any]:
    return tomllib.loads((files("bonecast.papers") / "letters.toml").read_text("utf-8"))


@cache
def _environment() -> Any:
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    # Not HTML: what is filled is set by Typst as data, or written into a text file.
    return SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)


def _parsed(text: str) -> Any:
    import jinja2

    try:
        return _environment().parse(text)
    except jinja2.TemplateSyntaxError as fault:
        place = f"template, line {fault.lineno}"
        hint = "write {{name}} for a value, {% if late %} … {% endif %} for a condition"
        raise InputError(place, printable(str(fault.message), 120), hint) from None


def _rendered(text: str, values: Mapping[str, Any]) -> str:
    return _environment().from_string(text).render(values)


def _check_nodes(node: Any, known: frozenset[str]) -> None:
    place, kind = f"template, line {getattr(node, 'lineno', 1)}", type(node).__name__
    if kind not in _ALLOWED:
        hint = "name fields, and use if and for alone"
        raise InputError(place, f"'{kind.casefold()}' cannot stand in a letter", hint)
    if kind == "Name" and node.name not in known:
        raise UnknownName(place, "field", node.name, sorted(known))
    if kind == "For":
        if type(node.iter).__name__ != "Name" or node.iter.name not in LISTS or node.recursive or node.else_:
            raise InputError(place, "a 'for' goes through a list", "write {% for test in tests %}")
        if type(node.target).__name__ != "Name" or node.test is not None:
            raise InputError(place, "a 'for' has one name and no condition", "write {% for test in tests %}")
        _check_nodes(node.iter, known)
        for one in node.body:
            _check_nodes(one, known | {node.target.name})
        return
    for one in node.iter_child_nodes():
        _check_nodes(one, known)
