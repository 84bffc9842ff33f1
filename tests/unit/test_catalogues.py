"""The catalogues of messages: every text that people read is in them, and translations keep what they must."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from bonecast.core import (
    ENGLISH,
    current_language,
    gettext,
    language,
    languages,
    ngettext,
    read_day,
    speaking,
)
from bonecast.core.translation import template_environment
from bonecast.errors import InputError
from bonecast.records import patient_of_tables
from bonecast.web.pages.record_form import faults_of, record_of

ROOT = Path(__file__).parents[2]
# The trust pack is for regulators and is written in English.
TEMPLATES = sorted(p for p in (ROOT / "src" / "bonecast").rglob("*.jinja") if p.parent.name != "trust")
VISIBLE = ("aria-label", "title", "alt", "placeholder", "data-head", "aria-description", "aria-valuetext")
# Names, abbreviations, units and file names that are the same in every language.
SAME = re.compile(
    r"Bonecast|bonecast( liver)?|BMD|DXA|CTX|PTH|ALT|TIL|SD|FHIR|TOML|CSV|CDS|SMART|[A-Za-z]|mg|ng/mL|doi|kg|"
    r"(figure-)?\w*\.(csv|ics|toml|json|html)"
)


@pytest.fixture(scope="module")
def catalogues():
    spec = importlib.util.spec_from_file_location("catalogues", ROOT / "tools" / "catalogues.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Visible(HTMLParser):
    """The text of a page, and of the attributes that are read aloud or shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._silent = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.said += [value or "" for name, value in attrs if name in VISIBLE]
        if tag in ("style", "script", "pre", "code"):
            self._silent = tag

    def handle_endtag(self, tag):
        if tag == self._silent:
            self._silent = ""

    def handle_data(self, data):
        if not self._silent:
            self.said.append(data)


def unwrapped(source: str, environment: Environment) -> list[str]:
    """Texts of a template that are in no catalogue: those that stand in it, and those of its expressions."""
    tree = environment.parse(source)
    text = "".join(
        node.data if isinstance(node, nodes.TemplateData) else f"•{'•'.join(literals(node))}•"
        for output in tree.find_all(nodes.Output)
        for node in output.nodes
    )
    found = [part for said in Visible(text).said for part in re.split(r"[\s•·,;:()“”]+", said)]
    return [one for one in found if re.search("[A-Za-z]{2}", one) and not SAME.fullmatch(one.strip(".'&"))]


def literals(node: nodes.Node) -> list[str]:
    """The texts that an expression may give."""
    match node:
        case nodes.Const(value=str() as value):
            return [value]
        case nodes.CondExpr():
            return literals(node.expr1) + (literals(node.expr2) if node.expr2 else [])
        case nodes.Or():
            return literals(node.left) + literals(node.right)
        case nodes.Concat():
            return [one for part in node.nodes for one in literals(part)]
    return []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_visible_text_of_a_template_is_in_the_catalogue(path):
    assert unwrapped(path.read_text(encoding="utf-8"), template_environment()) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Read it</p>",
        '<p aria-label="Read it">{{ _("x") }}</p>',
        '<p>{{ "one" if n == 1 else _("many") }}</p>',
        "<p>{% if n %}some of {{ n }}{% endif %}</p>",
    ],
)
def test_a_text_that_is_in_no_catalogue_is_found(source):
    assert unwrapped(source, template_environment())


def test_a_text_of_the_catalogue_is_not_reported():
    source = '<p class="x">{{ _("Read it") }}{% trans n=1 %} of {{ n }}{% endtrans %} {{ n if a == "b" }}</p>'
    assert unwrapped(source, template_environment()) == []


def test_the_catalogues_hold_every_text_and_no_other(catalogues, capsys):
    assert catalogues.main(["--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("code", languages()[1:])
def test_no_language_lacks_a_text(catalogues, code):
    entries = [one for one in catalogues.read(catalogues.FOLDER / f"{code}.po") if one.id]
    lacking = [one.id for one in entries if not (one.string and all(one.string))]
    assert (len(entries) > 3000, lacking) == (True, [])


def test_spanish_calls_zoledronate_by_one_name(catalogues):
    texts = [str(one.string) for one in catalogues.read(catalogues.FOLDER / "es.po")]
    assert [text for text in texts if "zoledronato" in text.casefold()] == []


def test_a_translation_that_loses_a_place_or_a_mark_is_found(catalogues):
    from babel.messages.catalog import Message

    kept = Message("<b>{count}</b> of %(all)s", "<b>{count}</b> de %(all)s")
    lost = Message("<b>{count}</b> of %(all)s", "{count} de %(all)s")
    assert not list(catalogues.faults(kept))
    assert list(catalogues.faults(lost))


def test_what_a_catalogue_lacks_stays_english():
    with speaking("es"):
        assert gettext("a text that no catalogue holds") == "a text that no catalogue holds"
        assert ngettext("{count} thing here", "{count} things here", 2) == "2 things here"


def test_texts_are_said_in_the_language_that_was_chosen_and_only_there():
    assert gettext("kidneys") == "kidneys"
    with speaking("es"):
        assert gettext("kidneys") == "riñones"
        assert ngettext("{count} block", "{count} blocks", 3) == "3 bloqueos"
        with speaking(ENGLISH):
            assert gettext("kidneys") == "kidneys"
        assert current_language().code == "es"
    assert current_language().code == ENGLISH


@pytest.mark.parametrize("code", languages())
def test_plurals_have_a_form_for_one_and_for_more(code):
    one, more, none = (language(code).plural("{count} block", "{count} blocks", n) for n in (1, 4, 0))
    assert one != more == none


@pytest.mark.parametrize(("code", "said"), [("en", "is missing"), ("es", "falta"), ("de", "fehlt")])
def test_an_error_of_a_record_is_in_the_language_and_stands_at_its_field(code, said):
    with speaking(code):
        values = {"person-id": "a", "person-sex": "female", "person-record_date": "2026-09-15"}
        with pytest.raises(InputError) as refused:
            patient_of_tables(record_of(values), "record")
        faults = faults_of(refused.value, values)
        assert said in faults["person-birth_date"][0]
        with pytest.raises(InputError, match=gettext("write it like 2026-09-15")):
            read_day("soon", "day")


def test_english_days_are_in_words_on_pages_alone():
    day = dt.date(2026, 9, 15)
    with speaking("en", on_pages=True):
        assert gettext("covered until {day}", day=day) == "covered until 15 September 2026"
    with speaking("en"):
        assert gettext("covered until {day}", day=day) == "covered until 2026-09-15"
