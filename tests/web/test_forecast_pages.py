"""The pages of the forecast, as a browser without JavaScript uses them; the work behind the first is done for real."""

from __future__ import annotations

import json
import re
import time

import clinic
import pytest

from bonecast.web.jobs.job_request import request_job
from bonecast.web.jobs.worker_pool import packed
from bonecast.web.store import jobs, people

KINDS = ("forecast", "compare", "late", "safety")


@pytest.fixture
def real(tmp_path):
    """A clinic whose worker works as it is shipped, with the example."""
    with clinic.open_clinic(tmp_path, worker=True) as made:
        made.add(json.loads(json.dumps(clinic.example_tables(), default=str)))
        yield made


@pytest.fixture(scope="module")
def opened(tmp_path_factory, small_jobs):
    """A clinic whose worker works with a tenth of the draws, with the example and somebody never treated."""
    with clinic.open_clinic(tmp_path_factory.mktemp("forecasts"), worker=True) as made:
        made.add(json.loads(json.dumps(clinic.example_tables(), default=str)))
        untreated = clinic.record(id="B-2")
        made.add({**untreated, "doses": []})
        yield made


def finished(opened, path: str, seconds: float = 180.0) -> str:
    """The page once its work is done, asked for again and again as a browser without JavaScript does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = opened.get(path).text
        if "<progress" not in text:
            return text
        assert '<meta http-equiv="refresh"' in text
        time.sleep(0.3)
    raise AssertionError(text[-2000:])


def test_the_forecast_page_shows_its_progress_and_then_sentences_charts_and_tables(real):
    first = real.get("/people/1/forecast")
    assert first.status_code == 200
    assert 'hx-get="/people/1/forecast/population"' in first.text
    page = finished(real, "/people/1/forecast")
    assert re.search(r"<h3>Not possible</h3>.*<strong>Stop</strong>: DC-01", page, re.DOTALL)
    assert "9 of 10 people like this one would be inside the pale band" in page
    assert re.search(r"Spine BMD \+\d\.\d % \(", page)
    for title in ("Lumbar spine BMD", "CTX, ng/mL", "Calcium, albumin-corrected"):
        assert f"<caption>{title}" in page
    assert "0.742 g/cm²" in page  # measured points, in the table
    causes = re.search(
        r"<th scope=\"row\">on time</th><td class=\"words\">[^<]*spine.*?</tr>",
        page,
        re.DOTALL | re.IGNORECASE,
    )
    assert causes, page[-3000:]
    assert re.search(r"<strong>±\d\.\d</strong>(</td><td>±\d\.\d){4}</td>.*published row", causes[0])
    charts = real.get(re.search(r'data-charts="(/jobs/\d+/charts)"', page)[1]).json()
    assert {"LS_BMD", "CTX", "calcium"} <= set(charts)
    assert charts["LS_BMD"]["$schema"].endswith("v6.json")


def test_asking_again_for_the_same_record_is_the_same_job_and_a_changed_record_another(opened):
    with opened.store.reading() as s:
        person = people.get(s, 2)
    one = request_job(opened.app.state.later, None, "wait", person, "ann", {"seconds": 0.1})
    same = request_job(opened.app.state.later, None, "wait", person, "ben", {"seconds": 0.1})
    assert one.job.id == same.job.id
    with opened.store.session() as s:
        changed = {**person.record, "person": {**person.record["person"], "weight": "62 kg"}}
        new = people.save(s, 2, changed, person.version, "ann")
    assert (
        request_job(opened.app.state.later, None, "wait", new, "ann", {"seconds": 0.1}).job.id != one.job.id
    )


def test_people_like_this_one_are_shown_without_waiting_for_the_job(opened):
    part = opened.get("/people/1/forecast/population").text
    assert "Not this person's own forecast yet" in part
    assert 'class="specs"' in part
    assert "</script>" in part.partition('class="specs"')[2]
    assert part.count("<figure") == 4


def test_the_strip_has_given_late_and_planned_injections_the_cover_and_today(opened):
    page = opened.get("/people/1/injections").text
    assert page.count('class="dose planned" tabindex="0" role="slider"') == 7
    assert page.count('class="dose given late"') >= 1
    assert "90 d late" in page
    assert 'class="cover open"' in page
    assert 'class="today"' in page
    assert 'aria-valuetext="denosumab, 15 September 2026, planned"' in page


def test_typed_dates_give_their_forecast_without_javascript(opened):
    finished(opened, "/people/1/forecast")
    page = opened.get("/people/1/injections?date=2026-12-15&date=2027-06-15&date=&show=true").text
    assert "Not possible: these dates." in page
    assert re.search(r'class="headline"><strong>Spine BMD in 24 months: on time \+', page)
    assert "no further dose" in page, "what a stop would do is always drawn"
    assert "were not learned from yet" not in page
    assert 'aria-valuetext="denosumab, 15 December 2026, planned' in page
    moved = opened.get("/people/1/injections?date=2026-12-15&given-3=2026-06-16&show=true").text
    assert "not learned again" in moved


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("date=tomorrow", "is not a day"),
        ("date=2020-01-01&show=true", "lies before"),
        ("date=2026-12-15&date=2026-12-15&show=true", "one day"),
        ("given-3=2027-01-01&show=true", "lie before the day of the record"),
        ("given-x=2026-01-01&show=true", "it is not a number"),
    ],
)
def test_dates_that_cannot_be_used_are_answered_with_the_reason(opened, query, said):
    answer = opened.get(f"/people/1/injections?{query}")
    assert answer.status_code == 200
    assert said in answer.text
    assert '<input type="date"' in answer.text


def test_the_comparison_sorts_by_any_column_and_names_what_the_rules_block_without_numbers(opened):
    page = finished(opened, "/people/1/compare")
    assert "Strategies that share a letter cannot be distinguished" in page
    assert re.search(r"<h2>Not possible</h2>.*<strong>stop</strong>: DC-01", page, re.DOTALL)

    def names(text: str) -> list[str]:
        return re.findall(r'<th scope="row">([^<]+)</th>\s*<td>', text.partition("</table>")[0])

    best = names(page)
    up, down = (names(opened.get(f"/people/1/compare?sort=vertebral{d}").text) for d in ("", "&down=true"))
    assert sorted(best) == sorted(up) == sorted(down)
    assert "stop" not in up
    assert down[0] == up[-1]
    assert 'aria-sort="descending"' in opened.get("/people/1/compare?sort=vertebral&down=true").text


def test_a_late_day_has_its_options_with_numbers_and_stopping_is_never_offered(opened):
    page = finished(opened, "/people/1/late?on=2026-12-01")
    assert "77 days late" in page
    assert '<th scope="row">No further dose: a risk, not an option' in page
    assert "Nothing (to be compared with" not in page
    assert re.search(r"The spine loses \d+\.\d %", page)
    assert opened.get("/people/1/late?on=soon").status_code == 422


def test_the_safety_page_has_the_chances_of_a_low_calcium_and_says_that_no_liver_value_is_there(opened):
    page = finished(opened, "/people/1/safety")
    assert "Below 2.0 mmol/L, of 100" in page
    assert "When calcium is tested" in page
    assert "No liver value" in page


def test_liver_values_of_the_record_make_the_liver_sheet(opened):
    tables = clinic.record(id="C-3")
    tables["measurements"] += [
        {"test": test, "value": f"{value} {unit}", "date": "2026-05-02", "reference_high": f"{high} {unit}"}
        for test, value, high, unit in (("ALT", 300, 40, "U/L"), ("ALP", 110, 120, "U/L"))
    ]
    id = opened.add(tables)["id"]
    page = opened.get(f"/people/{id}/safety").text
    assert "What the liver values of the record say" in page
    assert page.count('data-key="') >= 1


def test_somebody_never_treated_has_every_page(opened):
    for kind in KINDS:
        page = finished(opened, f"/people/2/{kind}")
        assert "our failure" not in page
        assert "There is no result" not in page
    assert "nothing is late" in opened.get("/people/2/late").text
    assert "No treatment is on record" in opened.get("/people/2/injections").text
    assert "There is no exit to plan" in finished(opened, "/people/2/stop")


def test_a_failed_job_says_why_and_can_be_asked_for_again(opened):
    opened.get("/people/1/late?on=2027-02-01")
    with opened.store.session() as s:
        first = jobs.of(s, 1, "late")[0]
        assert jobs.cancel(s, first.id)
    page = opened.get("/people/1/late?on=2027-02-01").text
    assert "The computation was stopped" in page
    answer = opened.post("/people/1/late/again?on=2027-02-01")
    assert answer.headers["location"] == "/people/1/late?on=2027-02-01"
    with opened.store.session() as s:
        latest = jobs.of(s, 1, "late")[0]
        assert latest.id != first.id
        jobs.cancel(s, latest.id)


def test_a_job_can_be_stopped_and_leads_back_to_a_page_of_ours_only(opened):
    with opened.store.session() as s:
        id = jobs.submit(s, "wait", 1, {"seconds": 30}, "ann").id
    answer = opened.post(f"/jobs/{id}/cancel", {"back": "//elsewhere.example/people/"})
    assert answer.headers["location"] == "/people"
    with opened.store.reading() as s:
        assert jobs.get(s, id).state == "cancelled"
    assert opened.get(f"/jobs/{id}").headers["hx-refresh"] == "true"
    assert opened.get(f"/jobs/{id}/charts").status_code == 404
    assert opened.get("/jobs/999999").status_code == 404


def test_charts_of_a_result_are_data_that_no_browser_runs(opened):
    from bonecast.web.pages.drawn import inline

    text = str(inline([{"key": "a", "spec": '{"title": "</script><script>alert(1)</script>"}'}]))
    assert "<" not in text
    assert packed({"a": 1}) == packed({"a": 1})


def test_somebody_on_120_mg_has_every_page_without_a_text_of_60_mg(opened):
    tables = clinic.record(id="D-4", indication="BONE_METS")
    days = ("2026-07-01", "2026-07-29", "2026-08-26")
    doses = [{"drug": "denosumab", "amount": "120 mg", "date": day} for day in days]
    id = opened.add({**tables, "doses": doses})["id"]
    for kind in KINDS:
        page = finished(opened, f"/people/{id}/{kind}")
        assert "our failure" not in page
        assert "There is no result" not in page
    compare = finished(opened, f"/people/{id}/compare")
    assert "every 12 weeks" in compare
    assert "a first skeletal event" in compare
    assert "Vertebral fracture in 5 years" not in compare
    assert "No number of calcium is shown" in finished(opened, f"/people/{id}/safety")
    assert "denosumab is 120 mg" in opened.get(f"/people/{id}/injections").text
    assert "stands under Compare" in finished(opened, f"/people/{id}/stop")


def test_the_exit_builder_leaves_out_what_is_not_wanted_and_ranks_nothing_that_the_rules_block(opened):
    own = "denosumab 60 mg once, then 6 months after the last dose zoledronate 5 mg once, then nothing for 60 months"
    asked = f"/people/1/plan?aim=vertebral&over=last+dose&without=alendronate&own={own.replace(' ', '+')}"
    page = finished(opened, asked)
    heat = page.partition('<table class="heat">')[2].partition("</table>")[0]
    assert "zoledronate 6 months after the last dose" in heat
    assert '<th scope="row">alendronate' not in heat
    assert {"shade-0", "shade-5"} <= set(re.findall(r"shade-\d", heat))
    assert "over 24 months after the effect of the last denosumab ends" in " ".join(heat.split())
    ranked = page.partition('<table class="numbers stacks">')[2].partition("</table>")[0]
    names = re.findall(r'<th scope="row">([^<]+)</th>', ranked)
    assert "my plan" in names
    assert "stop" not in names
    assert re.search(r"<h2>Blocked by the care rules</h2>.*<strong>stop</strong>: DC-01", page, re.DOTALL)
    assert len(re.findall(r'aria-label="[^"]*: \d+ of 1,000 people"', page)) == 2


def test_a_plan_or_a_time_that_cannot_be_used_is_said_and_the_usual_exits_are_shown(opened):
    for query, said in (("own=denosumab+60+mg+evry+6+months", "my plan"), ("over=age+200", "follow-up")):
        answer = opened.get(f"/people/1/plan?{query}")
        assert answer.status_code == 200
        assert said in answer.text.partition('class="faults"')[2][:300]
    assert opened.get("/people/1/stop?aim=hip").url.path == "/people/1/plan"
