"""The page and the tables as files: well formed, harmless, complete, the same every time."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from report_example import PLANS, example_forecast

from bonecast.care import check_strategy
from bonecast.errors import InputError
from bonecast.interop import read_patient
from bonecast.records import Measurement
from bonecast.regimens import parse_regimen
from bonecast.reports import as_json, render, write_all, write_report, write_tables

VOID = {"meta", "link", "br", "img", "hr", "input"}


class Page(HTMLParser):
    """Every element in order; fails where an end tag does not close the last one that is open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def html() -> str:
    return render(example_forecast())


@pytest.fixture(scope="module")
def page(html) -> Page:
    return Page(html)


def test_the_page_is_well_formed_in_english_with_one_h1_and_headings_in_order(page):
    assert page.all("html")[0]["lang"] == "en"
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_every_reference_to_one_is_met(page, html):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = re.findall(r"url\(#([^)]+)\)", html)
    for _, attributes in page.elements:
        wanted += (attributes.get("aria-labelledby") or "").split()
        if (attributes.get("href") or "").startswith("#"):
            wanted.append(attributes["href"][1:])
    assert wanted
    assert set(wanted) <= set(ids)


def test_nothing_is_asked_of_another_place_and_links_lead_to_dois_only(page, html):
    assert not page.all("script")
    assert not page.all("link")
    assert not page.all("iframe")
    assert "@import" not in html
    assert re.findall(r'url\((?!#|"data:font/woff2;base64,)', html) == []  # fonts stand inside
    for tag, attributes in page.elements:
        assert not attributes.get("src")
        href = attributes.get("href") or attributes.get("xlink:href") or ""
        if not href.startswith("#"):
            assert href == "" or (tag == "a" and href.startswith("https://doi.org/10."))


def test_names_and_notes_that_hold_markup_come_out_harmless():
    evil = '<script>alert("x")</script><img src=x onerror=alert(1)>'
    forecast = dataclasses.replace(example_forecast(name=evil), remarks=(evil,), references=(evil,))
    renamed = {evil if name == "stop" else name: bands for name, bands in forecast.bands.items()}
    forecast = dataclasses.replace(
        forecast,
        bands=renamed,
        strategies=tuple(
            dataclasses.replace(s, name=evil) if s.name == "stop" else s for s in forecast.strategies
        ),
        summaries=tuple(
            dataclasses.replace(s, strategy=evil) if s.strategy == "stop" else s for s in forecast.summaries
        ),
    )
    page = Page(render(forecast))
    assert not page.all("script")
    assert not page.all("img")
    assert all(not name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert evil in page.words


def test_every_chart_is_a_named_described_image_with_a_table_beside_it(html):
    figures = re.findall(r"<figure.*?</figure>", html, re.S)
    assert len(figures) == 8
    for figure in figures:
        assert re.search(r'<svg [^>]*role="img"', figure)
        assert re.search(r"<title [^>]*>[^<]+</title><desc [^>]*>[^<]{20,}</desc>", figure)
        assert "<details>" in figure
        assert figure.count("<tr>") >= 4


def test_every_table_has_a_caption_and_every_header_its_scope(page, html):
    assert html.count("<caption>") == html.count("<table>") > 8
    assert all(th.get("scope") in ("col", "row", "colgroup") for th in page.all("th"))


def test_the_strategy_table_has_every_strategy_and_a_dash_with_its_reason(html):
    first = html[html.index('id="compared"') : html.index('id="density"')]
    table = html[html.index('id="tables"') : html.index('id="care"')]
    for name in PLANS:
        assert first.count(f"</svg>{name}</th>") == 1
        assert table.count(f"</svg>{name}</th>") == 2
    assert '<li id="why-1">no-such-model does not carry alendronate.</li>' in first
    assert '—&nbsp;<sup><a href="#reason-1"' in table
    assert '<li id="reason-1">no-such-model does not carry alendronate.</li>' in table
    assert "−1.3" in table
    assert "−3.0 to 0.0" in table  # 0.04 is no gain once rounded
    assert "2.28 on day 7" in table


def test_the_page_says_what_it_is_and_never_that_something_will_happen(page):
    assert "Research and decision support, not a medical device; the clinician decides." in page.words
    assert "Data stay on this computer." in page.words
    assert not re.search(r"\bwill\b", page.words)
    for mark in ("measured", "published", "forecast"):
        assert {"class": "mark", "title": mark} in page.all("abbr")


def test_the_limits_of_every_model_used_and_every_source_are_on_the_page(page):
    from bonecast.models import load_model

    for name in ("peterson-riggs-2010", "joerg-2022"):
        assert all(limit in page.words for limit in load_model(name).limits)
    assert {"href": "https://doi.org/10.7554/eLife.76228"} in page.all("a")
    assert "A source without DOI" in page.words


def test_the_same_forecast_gives_the_same_bytes(tmp_path):
    one = write_all(example_forecast(), tmp_path / "one")
    two = write_all(example_forecast(), tmp_path / "two")
    assert set(one) == {"report.html", "forecast.csv", "forecast.json", "manifest.json", "calendar.ics"}
    assert all(one[name].read_bytes() == two[name].read_bytes() for name in one if name != "calendar.ics")
    # A calendar bears the moment of its version, which decides in a calendar which of two is newer.
    moment = re.compile(rb"^(DTSTAMP|LAST-MODIFIED|SEQUENCE):.*$", re.MULTILINE)
    assert len({moment.sub(b"", paths["calendar.ics"].read_bytes()) for paths in (one, two)}) == 1
    before = one["calendar.ics"].read_bytes()
    write_all(example_forecast(), tmp_path / "one")
    assert one["calendar.ics"].read_bytes() == before, (
        "the same forecast again in its place leaves it as it is"
    )


def test_the_csv_has_the_columns_that_scripts_rely_on_and_ordered_quantiles(tmp_path):
    text = write_tables(example_forecast(), tmp_path)["forecast.csv"].read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    head = "strategy date months_from_now output unit p05 p25 p50 p75 p95"
    assert list(rows[0]) == head.split()
    assert {row["strategy"] for row in rows} == set(PLANS)
    for row in rows[::50]:
        values = [float(row[p]) for p in ("p05", "p25", "p50", "p75", "p95")]
        assert values == sorted(values)


def test_the_json_tells_a_program_what_was_done():
    content = json.loads(as_json(example_forecast()))
    assert content["person"]["id"] == "A1"
    assert content["now"] == "2026-09-15"
    assert [s["name"] for s in content["strategies"]] == list(PLANS)
    assert content["strategies"][0]["doses"][0]["date"] == "2026-09-15"
    assert content["gaps"][0] == {
        "strategy": "switch to alendronate",
        "endpoint": "LS_BMD",
        "reason": "no-such-model does not carry alendronate.",
    }
    assert [m["name"] for m in content["models"]] == ["peterson-riggs-2010", "joerg-2022"]
    assert (content["draws"], content["seed"]) == (200, 1)
    assert content["summaries"][0]["calcium_nadir_day"] == 7


@pytest.mark.parametrize("write", [write_report, write_tables, write_all])
def test_a_folder_that_cannot_be_is_refused_by_name_and_leaves_nothing(tmp_path: Path, write):
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    with pytest.raises(InputError, match="blocked"):
        write(example_forecast(), blocked / "inside")
    assert [p.name for p in tmp_path.iterdir()] == ["blocked"]


def test_a_second_run_replaces_the_first_and_leaves_no_temporary_file(tmp_path):
    write_all(example_forecast(name="Former name"), tmp_path)
    write_all(example_forecast(name="Second"), tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        *("calendar.ics", "forecast.csv"),
        *("forecast.json", "manifest.json", "report.html"),
    ]
    text = (tmp_path / "report.html").read_text("utf-8")
    assert "Second" in text
    assert "Former name" not in text


def test_a_person_without_measurements_gets_a_report_that_says_so():
    page = Page(render(example_forecast(measured=False)))
    assert "The record holds no measurement." in page.words


def test_the_check_of_the_next_injection_and_its_dates_are_on_the_page(html):
    assert "Before the next injection" in html
    assert "What is done when" in html


def test_liver_values_in_the_record_bring_their_own_section():
    made = example_forecast()
    assert "Liver" not in render(made)
    days = (dt.date(2024, 6, 1), dt.date(2025, 1, 20))
    limits = {"ALT": 35.0, "ALP": 120.0, "bilirubin": 1.2}
    panel = [
        Measurement(
            *(test, None, value * high, "mg/dL" if test == "bilirubin" else "U/L", False, day, "as written"),
            reference_high=high,
        )
        for day, value in zip(days, (0.6, 6.0), strict=True)
        for test, high in limits.items()
    ]
    ill = dataclasses.replace(
        made,
        patient=dataclasses.replace(made.patient, measurements=(*made.patient.measurements, *panel)),
    )
    page = render(ill)
    assert "What the liver values say" in page
    assert page.count("<svg") == render(made).count("<svg") + 2


def test_a_strategy_that_the_care_rules_block_is_not_possible_and_named_with_the_rule():
    made = example_forecast()
    patient = read_patient("examples/late-dose.toml")
    stop = check_strategy("stop", parse_regimen("nothing for 60 months"), patient)
    late = dataclasses.replace(made, patient=patient, blocked=(stop,))
    answer = {s["name"]: s["care"] for s in json.loads(as_json(late))["strategies"]}
    assert answer["stop"]["outcome"] == "blocked"
    assert "DC-01" in answer["stop"]["why"]
    assert answer["on time"]["outcome"] != "blocked"
    assert "Not possible: stop. DC-01: Do not stop" in render(late)
