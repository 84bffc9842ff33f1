"""The leaflet: what it must say, in words that can be read, with the person's own dates."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest

from bonecast.care.language import Language, language, languages
from bonecast.care.leaflet import leaflet, leaflet_page, leaflet_sections, messages
from bonecast.care.rules import JURISDICTIONS
from bonecast.errors import UnknownName
from bonecast.records import GivenDose, Patient

TODAY = dt.date(2026, 9, 1)
HER = Patient(
    "A1",
    "female",
    dt.date(1960, 1, 21),
    TODAY,
    68.0,
    name="A. K.",
    menopause_age=49.0,
    doses=(GivenDose("denosumab", 60.0, "mg", dt.date(2026, 3, 9)),),
)
FEARED = (
    "hypocalcaemia",
    "hypocalcemia",
    "osteonecrosis",
    "atypical",
    "subcutaneous",
    "antiresorptive",
    "rankl",
)


def syllables(word: str) -> int:
    """Groups of vowels, without a silent e: the usual count for English."""
    word = (
        re.sub(r"(?:[^laeiouy]es|[^td]ed|[^laeiouy]e)$", "", word.lower()) if len(word) > 3 else word.lower()
    )
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text: str) -> float:
    """Flesch and Kincaid's US school grade; a sentence ends at a full stop, an exclamation mark or a line."""
    sentences = [part for part in re.split(r"[.!?]\s|\n", text) if re.search(r"[a-z]", part)]
    words = re.findall(r"[A-Za-z']+", text)
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_grade_tells_easy_from_hard():
    assert grade("The cat sat on the mat. It was fat.") < 1
    hard = (
        "Antiresorptive discontinuation precipitates accelerated osteoclastogenesis and multiple fractures."
    )
    assert grade(hard) > 15


@pytest.mark.parametrize("place", JURISDICTIONS)
@pytest.mark.parametrize("ending", [False, True])
def test_the_page_reads_at_the_sixth_grade_or_below_and_uses_no_feared_word(place, ending):
    page = leaflet(HER, place, ending)
    assert grade(page.text) <= 6.0
    assert not [word for word in FEARED if word in page.text.lower()]
    assert max(len(re.findall(r"\w+", line)) for line in re.split(r"[.!?]\s|\n", page.text)) <= 30


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_all_that_must_be_said_is_said_once_to_everybody(place):
    text = leaflet(HER, place).text
    for said in (
        "8 September 2026",
        "every 6 months",
        "as soon as you can",
        "two brands",
        "dialysis",
        "allergic",
        "under 18",
        "5 months after the last injection",
        "1 in 1,000",
        "1 in 200",
        "tingling",
        "back pain",
        "thigh, hip or groin",
        "jaw",
        "lower leg",
        "swollen face",
        "calcium and vitamin D",
        "Vaccines",
        "Alcohol",
        "all your drugs",
        "breastfeed",
        "side effect",
    ):
        assert text.count(said) >= 1, said
    assert "cancer" not in text
    assert "72 broke" in text
    assert "23 with it" in text


def test_the_jurisdictions_say_what_differs_between_them():
    texts = {place: leaflet(HER, place).text for place in JURISDICTIONS}
    assert [place for place, text in texts.items() if "4 weeks late" in text] == ["UK"]
    assert [place for place, text in texts.items() if "before each injection" in text] == ["EU", "UK"]
    assert [place for place, text in texts.items() if "1-800-FDA-1088" in text] == ["US"]
    assert [place for place, text in texts.items() if "1,000 mg" in text] == ["US", "CA"]
    with pytest.raises(UnknownName):
        leaflet(HER, "FR")


def test_kidneys_stand_before_everything_but_the_date():
    keys = [key for key, _, _ in leaflet(HER, "US").sections]
    assert keys[:2] == ["date", "kidney"]


def test_a_late_injection_says_so_and_gives_no_window():
    late = replace(HER, record_date=dt.date(2026, 12, 1))
    text = leaflet(late, "UK").text
    assert "It is late." in text
    assert "You can have it from" not in text
    assert "It is late." not in leaflet(HER, "UK").text


def test_who_stops_is_told_the_next_step_and_its_date():
    text = leaflet(HER, "UK", ending=True).text
    assert "Your next step: a drip of zoledronate on 8 September 2026." in text
    assert "Your next injection" not in text


@pytest.mark.parametrize("amount", [60.0, 120.0])
def test_nobody_who_stops_is_without_a_next_step(amount):
    her = replace(HER, doses=(replace(HER.doses[0], amount=amount),))
    assert "Your next step:" in leaflet(her, "EU", ending=True).text


def test_a_man_is_not_told_about_pregnancy_beyond_the_contraindication():
    he = replace(HER, sex="male", menopause_age=None)
    assert "birth control" not in leaflet(he, "UK").text


def test_every_line_says_where_it_comes_from():
    assert all(section.lines for section in leaflet_sections())
    assert len(leaflet_sections()) > 3
    for section in leaflet_sections():
        for line in section.lines:
            assert line.rules or line.source, line.text


def test_a_translation_replaces_whole_lines_and_keeps_the_dates():
    page = leaflet(HER, "UK", tongue=Language("xx", lambda text: f"[{text}]", lambda day: day.isoformat()))
    assert page.sections[0][2][0] == "[Your next injection: 2026-09-08.]"
    assert set(re.findall(r"\{\w+\}", "".join(messages()))) == {
        "{injection}",
        "{first}",
        "{last}",
        "{tests}",
        "{exit}",
        "{exit_date}",
    }


def test_the_page_is_whole_in_itself_large_and_safe():
    html = leaflet_page(leaflet(replace(HER, name="<b>x</b>"), "UK"))
    assert 'lang="en"' in html
    size = re.search(r"html \{ font: ([\d.]+)pt/", html)
    assert size is not None
    assert float(size[1]) >= 14
    assert "http" not in html
    assert "<script" not in html
    assert "<b>x" not in html
    translated = leaflet_page(leaflet(HER, "UK", tongue=Language("xx", lambda text: text + "<i>", str)))
    assert "<i>" not in translated


@pytest.mark.parametrize("code", languages()[1:])
def test_every_text_is_there_in_every_language_with_the_same_places_for_dates(code):
    spoken = language(code)
    texts = list(messages())
    assert len(texts) > 30
    for text in texts:
        there = spoken.text(text)
        assert there != text, text
        assert sorted(re.findall(r"\{\w+\}", there)) == sorted(re.findall(r"\{\w+\}", text)), text
        assert set(re.findall(r"\d{2,}", text.replace(",", ""))) == set(re.findall(r"\d{2,}", there)), text


def test_the_spanish_leaflet_says_its_dates_in_spanish():
    page = leaflet(HER, "US", tongue=language("es"))
    assert page.sections[0][2][0] == "Su próxima inyección: 8 de septiembre de 2026."
    assert 'lang="es"' in leaflet_page(page)
    assert "decide el médico" in leaflet_page(page)


def test_an_unknown_language_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownName, match="en, es"):
        language("xx")


def test_the_spanish_page_reads_easily_by_fernandez_huerta():
    """206.84 - 60 syllables per word - 1.02 words per sentence: 70 and more is easy, of the sixth grade."""
    text = leaflet(HER, "UK", tongue=language("es")).text
    sentences = [s for s in re.split(r"[.:\n]+", text) if s.strip()]
    words = re.findall(r"[^\W\d_]+", text)
    syllables = sum(len(re.findall(r"[aeiouáéíóúü]+", word.casefold())) or 1 for word in words)
    assert 206.84 - 60 * syllables / len(words) - 1.02 * len(words) / len(sentences) > 70
