"""Pages in the language that was chosen or that the browser asks for; programs are answered in English."""

from __future__ import annotations

import re

import clinic
import pytest

SPANISH = {"accept-language": "es-MX,es;q=0.9,en;q=0.5"}


@pytest.fixture
def open_clinic(tmp_path):
    with clinic.open_clinic(tmp_path) as opened:
        yield opened


def title(answer) -> str:
    return re.search(r"<h1>(.*?)</h1>", answer.text)[1]


def test_a_browser_that_asks_for_spanish_gets_spanish_pages(open_clinic):
    open_clinic.add()
    page = open_clinic.get("/people/1/check", headers=SPANISH)
    assert '<html lang="es">' in page.text
    assert title(page) == "Comprobar y administrar"
    assert "preguntas de seguridad abiertas" in page.text


@pytest.mark.parametrize("asked", ["", "en", "de, fr;q=0.5", "es;q=0", "*", "es;q=nonsense", ";;,,"])
def test_every_other_browser_gets_english_pages(open_clinic, asked):
    page = open_clinic.get("/people", headers={"accept-language": asked})
    assert '<html lang="en">' in page.text
    assert title(page) == "People"


def test_the_language_that_was_chosen_on_a_page_comes_before_that_of_the_browser(open_clinic):
    chosen = open_clinic.post("/language", {"code": "es", "back": "/people"})
    assert chosen.status_code == 303
    assert chosen.headers["location"] == "/people"
    assert title(open_clinic.get("/people")) == "Personas"
    open_clinic.post("/language", {"code": "en", "back": "/people"})
    assert title(open_clinic.get("/people", headers=SPANISH)) == "People"


def test_a_language_that_is_not_there_is_refused_and_an_address_elsewhere_is_not_followed(open_clinic):
    assert open_clinic.post("/language", {"code": "xx", "back": "/people"}).status_code == 422
    away = open_clinic.post("/language", {"code": "es", "back": "//elsewhere.example"})
    assert away.headers["location"] == "/people"


def test_dates_and_decimal_signs_are_those_of_the_language(open_clinic):
    open_clinic.add()
    page = open_clinic.get("/people/1/record", headers=SPANISH).text
    assert re.search(r"\d+ de (enero|febrero|marzo|abril|mayo|junio|julio|agosto|\w+bre) de \d{4}", page)
    assert not re.search(r"\d+ (January|March|April|May|June|July|August|September) \d{4}", page)


def test_programs_are_answered_in_english(open_clinic):
    open_clinic.add()
    assert open_clinic.get("/api/v1/people/99", headers=SPANISH).json()["cause"].startswith("There is no")
