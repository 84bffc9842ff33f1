"""The report on paper: the clinician's part is exactly two pages, whatever stands in it; each page says whose it is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import numpy as np
import pytest
from report_example import example_forecast

from bonecast.decisions import find_aim, rank
from bonecast.forecasts import Forecast, LatestDate
from bonecast.interop import read_patient
from bonecast.outcomes import TimeToThreshold
from bonecast.reports import render
from bonecast.reports.fitting import SCALES, fitted, scale_of, sheets, words_height
from bonecast.reports.running import css_text

MM = 96 / 25.4
MEASURE = """() => [...document.querySelectorAll('.sheet')].map(sheet => {
    const box = e => e.getBoundingClientRect();
    const parts = [...sheet.children].map(box);
    const drawn = [...sheet.querySelectorAll('.drawn')];
    return {
        spill: Math.max(...parts.map(p => p.bottom)) - box(sheet).bottom,
        overlap: Math.max(0, ...parts.slice(1).map((p, i) => parts[i].bottom - p.top)),
        outside: Math.max(0, ...drawn.map(d => box(d.querySelector('svg')).bottom - box(d.closest('section')).bottom)),
        least: Math.min(...drawn.map(d => box(d).height)),
        charts: drawn.length,
    };
})"""


def many_strategies() -> Forecast:
    """Nine strategies with long names, ranked, for a person with a long name."""
    made = example_forecast("Wilhelmina Alexandrina von und zu Musterhausen-Beispielstein (invented)")
    names = [f"{first}, then {second}" for first in ("a longer wait", "teriparatide", "romosozumab") for second in
             ("alendronate for 12 months", "zoledronate twice, 6 months apart", "denosumab once more")]  # fmt: skip
    strategy, summary, bands = made.strategies[2], made.summaries[2], made.bands["stop"]
    values = {name: np.linspace(5.0, 9.0, 50) + 3 * (8 - i) for i, name in enumerate(names)}
    time = TimeToThreshold(0.67, 0.8, dt.date(2026, 12, 1), dt.date(2027, 1, 10), None)
    return dataclasses.replace(
        made,
        strategies=tuple(dataclasses.replace(strategy, name=name) for name in names),
        summaries=tuple(dataclasses.replace(summary, strategy=name) for name in names),
        bands=dict.fromkeys(names, bands),
        gaps=(),
        ranking=rank(values, find_aim("vertebral"), 60),
        latest=(LatestDate("more than 3 % of lumbar spine BMD is lost", "LS_BMD", time),),
    )


CASES = {
    "four strategies": example_forecast,
    "no measurement": lambda: example_forecast(measured=False),
    "a whole record": lambda: dataclasses.replace(
        example_forecast(), patient=read_patient("examples/late-dose.toml")
    ),
    "nine strategies": many_strategies,
}


WORDY = {
    "a long summary": ("</li>\n</ul>\n</section>", "<li>The spine gains less than the table says.</li>", 14),
    "many accounts": ('<p class="account">', '<p class="account">Turnover rises, density falls.</p>', 22),
    "more words than a page holds at full size": (
        '<p class="account">',
        f'<p class="account">{"Turnover rises and density falls. " * 12}</p>',
        16,
    ),
}


def report(case: str) -> str:
    """The report of a case, or one with more words on its first or second sheet."""
    if case in CASES:
        return render(CASES[case]())
    place, words, count = WORDY[case]
    return fitted(unfitted(render(example_forecast())).replace(place, words * count + place, 1))


def unfitted(page: str) -> str:
    """The report as it was before it was fitted."""
    return re.sub(r"@media print { \.sheet\.(first|second) {[^}]*} }\n", "", page)


@pytest.fixture(scope="module", params=[*CASES, *WORDY])
def printed(request, open_page, tmp_path_factory):
    """The measures of the two sheets on A4, and how many pages there are in all and without the appendix."""
    path = tmp_path_factory.mktemp("paper") / "report.html"
    path.write_text(report(request.param), encoding="utf-8")
    page, *_ = open_page(path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round(180 * MM), "height": round(266 * MM)})
    sheets = page.evaluate(MEASURE)
    whole = page.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n")
    page.evaluate("document.querySelector('.appendix').remove()")
    two = page.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n")
    return sheets, whole, two


def test_the_clinicians_part_is_exactly_two_pages_and_the_appendix_begins_on_the_third(printed):
    _, whole, two = printed
    assert two == 2
    assert 3 <= whole <= 10


def test_nothing_on_the_two_pages_overlaps_or_spills_and_charts_keep_a_size_that_can_be_read(printed):
    sheets, *_ = printed
    assert len(sheets) == 2
    for sheet in sheets:
        assert sheet["spill"] <= 1
        assert sheet["overlap"] <= 1
        assert sheet["outside"] <= 1
        assert sheet["charts"] >= 1
        assert sheet["least"] >= 26 * MM - 1


WORDS = """() => [...document.querySelectorAll('.sheet')].map(sheet => [...sheet.children].reduce((sum, part) => {
    const style = getComputedStyle(part), height = e => e.getBoundingClientRect().height;
    const charts = [...part.querySelectorAll('.drawn')].reduce((all, drawn) => all + height(drawn), 0);
    return sum + height(part) + parseFloat(style.marginTop) + parseFloat(style.marginBottom) - charts;
}, 0))"""


@pytest.mark.parametrize("case", [*CASES, *WORDY])
def test_words_are_measured_as_high_as_the_browser_sets_them_and_never_less(open_page, tmp_path, case):
    path = tmp_path / "report.html"
    path.write_text(unfitted(report(case)), encoding="utf-8")
    page, *_ = open_page(path)
    page.emulate_media(media="print")
    page.set_viewport_size({"width": round(180 * MM), "height": round(266 * MM)})
    page.add_style_tag(content=".sheet { height: auto !important; }")  # nothing is pressed together
    for parts, real in zip(sheets(path.read_text("utf-8")), page.evaluate(WORDS), strict=True):
        assert real * 72 / 96 <= words_height(parts, 1.0) <= 1.15 * real * 72 / 96


def test_a_sheet_with_more_words_than_it_holds_is_drawn_on_a_smaller_scale_and_only_that():
    first, second = (scale_of(parts) for parts in sheets(report("more words than a page holds at full size")))
    assert first == 1 > second > SCALES[-1]


def test_the_best_of_many_strategies_is_on_the_pages_and_the_first_keeps_its_place():
    made = many_strategies()
    page = render(made)
    table = page[page.index('id="compared"') : page.index('id="density"')]
    assert f"</svg>{made.strategies[0].name}</th>" in table
    assert f"</svg>{made.strategies[8].name}</th>" in table  # the best
    assert f"</svg>{made.strategies[1].name}</th>" not in table  # the last but one
    assert "the first 6 of 9 strategies" in table


def test_head_and_foot_of_each_page_name_the_person_the_model_and_the_page():
    style = render(example_forecast()).partition("</style>")[0]
    rule = style[style.rindex("@page { @top-left") :]
    assert css_text("E. M. (invented) (A1), female, 71 years") in rule
    assert "joerg-2022 (parameters " in rule
    assert "last value 2026-09-10" in rule
    assert 'counter(page) " of " counter(pages)' in rule


def test_a_name_cannot_leave_the_head_of_the_page():
    evil = '"; } </style><script>alert(1)</script> @page { content: "'
    page = render(example_forecast(name=evil))
    assert "<script" not in page
    assert page.count("</style>") == 1


def test_sources_are_numbered_as_used_and_those_of_the_appendix_go_on_from_there():
    page = render(example_forecast())
    assert '<a href="https://doi.org/10.7554/eLife.76228">' in page
    made = dataclasses.replace(example_forecast(), patient=read_patient("examples/late-dose.toml"))
    page = render(made)
    assert '<sup><a href="#source-1" aria-label="source 1">[1]</a></sup>' in page
    assert '<li id="source-1">' in page
    assert '<ol class="small columns" start="' in page
