"""The leaflet: chosen by the rules, with what it must and must not say, in words that can be read."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import cache

import pytest
from paper_people import METASTASES, SITUATIONS, TODAY, WITHHELD, ago, man, person, result, with_result, young
from reading_grade import grade, spanish_ease

from bonecast.care.leaflet import LONGEST_PHONE, leaflet, leaflet_page
from bonecast.care.leaflet_text import GROUPS, leaflet_sections, messages
from bonecast.care.reasons import reasons
from bonecast.care.rules import JURISDICTIONS, rules
from bonecast.care.situation import SITUATIONS as NAMES
from bonecast.core import Language, language, languages
from bonecast.errors import InputError, UnknownName

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
MESES = "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
DATE = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}} ({MONTHS})\b|\d{{1,2}} de ({MESES})\b|\b20\d\d\b")
HEALTHY = person(100, history_mi_stroke=False, recent_mi_stroke_12m=False)
FEARED = ("hypocalcaemia", "hypocalcemia", "atypical", "subcutaneous", "antiresorptive", "rankl")


def page(who, place="UK", code="en", **options):
    return leaflet(who, place, tongue=language(code), **options)


@cache
def page_of(name, place, code="en"):
    """The page of one of the people with a name, made once for all tests."""
    who, options = (SITUATIONS[name] if name in SITUATIONS else WITHHELD[name])[:2]
    return page(who, place, code, **options)


def test_the_grade_tells_easy_from_hard():
    assert grade("The cat sat on the mat. It was fat.") < 1
    hard = (
        "Antiresorptive discontinuation precipitates accelerated osteoclastogenesis and multiple fractures."
    )
    assert grade(hard) > 15
    assert spanish_ease("El gato es gris. Come pan.") > 90
    assert spanish_ease("La discontinuación farmacológica precipita osteoclastogénesis acelerada.") < 30


# The seven tests of the leaflet's specification.


@pytest.mark.slow
@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("place", JURISDICTIONS)
@pytest.mark.parametrize("reason", WITHHELD)
def test_1_a_blocked_page_has_no_date_and_speaks_of_no_next_injection(reason, place, code):
    made = page_of(reason, place, code)
    assert reason in made.withheld
    assert made.situation in ("blocked", "unplanned")
    # The page itself too: its footer would bear the day of the record. Styles and fonts are no text.
    for text in (made.text, re.sub(r"<style>.*?</style>", "", leaflet_page(made), flags=re.DOTALL)):
        assert not DATE.search(text)
        assert not re.search(r"\bdue\b|next injection|próxima inyección|double dose", text, re.IGNORECASE)


@pytest.mark.parametrize("place", JURISDICTIONS)
@pytest.mark.parametrize(
    "name", [name for name, (_, _, found) in SITUATIONS.items() if found in GROUPS["120"]]
)
def test_2_nobody_at_120_mg_reads_what_is_for_60_mg(name, place):
    text = page_of(name, place).text
    assert "every 4 weeks" in text
    for wrong in ("6 months", "1 in 1,000", "1 in 200", "72 broke", "35 in 100", "4 weeks late"):
        assert wrong not in text, wrong


def test_3_advice_on_pregnancy_is_for_those_who_could_become_pregnant():
    unknown = replace(person(100), menopause_age=None)
    for birth, said in ((dt.date(1971, 12, 8), True), (dt.date(1971, 12, 7), False)):
        made = page(replace(unknown, birth_date=birth, facts=(("pregnancy_status", "not_pregnant"),)))
        assert ("get pregnant" in made.text) is said, birth
    for who in (person(100), man(person(100)), man(young(person(100)))):
        text = page(replace(who, facts=())).text
        assert "get pregnant" not in text
        assert "birth control" not in text
        assert "breastfeed" not in text
    text = page(young(person(100))).text
    for said in ("Do not get pregnant", "5 months after the last injection", "You should not breastfeed"):
        assert said in text


@pytest.mark.parametrize("place", JURISDICTIONS)
def test_4_every_side_effect_is_named_at_60_mg(place):
    for name, (_, _, found) in SITUATIONS.items():
        if found not in GROUPS["60"]:
            continue
        text = page_of(name, place).text
        for said in (
            *("back pain", "pain in arms or legs", "eczema", "dermatitis", "itchy or dry skin", "rash"),
            *("high cholesterol", "Headache, diarrhoea, feeling sick and being sick", "bladder infection"),
            *("cough and cold", "sciatica", "constipation", "tummy pain", "hair loss"),
            *("cancer, chemotherapy, steroids, tooth or gum infection, teeth out, smoking", "1 in 1,000"),
            *("1 in 200", "long use, steroids and diabetes", "special scan or X-ray of both legs"),
            *("about 35 in 100 in both groups", "7 in 100, against 6 in 100", "bone scan"),
        ):
            assert said in text, (name, said)


def test_5_an_exit_drug_is_named_only_where_no_rule_blocks_it():
    for name in ("zoledronate", "alendronate", "raloxifene", "teriparatide"):
        made = page(person(100), ending=True, exit=name)
        assert made.situation == "stopping"
        assert f"{name} on 7 December 2026" in made.text
    weak, options = WITHHELD["exit_blocked"]
    made = page(weak, **options)
    assert made.withheld == ("exit_blocked",)
    assert "zoledron" not in made.text
    assert "drip" not in made.text


@pytest.mark.parametrize("code", languages())
def test_6_the_emergency_box_is_on_every_page(code):
    everybody = [*SITUATIONS, *WITHHELD]
    assert len(everybody) > 40
    for name in everybody:
        made = page_of(name, "US", code)
        (box,) = [lines for key, _, lines in made.sections if key == "emergency"]
        assert "999/112/911" in box[0]
        assert {"en": "trouble breathing", "es": "ahogo", "de": "Atemnot"}[code] in box[0]
        assert "today" in [key for key, _, _ in made.sections]


@pytest.mark.slow
@pytest.mark.parametrize("place", JURISDICTIONS)
@pytest.mark.parametrize("name", [*SITUATIONS, *WITHHELD])
def test_7_every_page_reads_at_the_sixth_grade_or_below(name, place):
    text = page_of(name, place).text
    assert grade(text) <= 6.0
    assert not [word for word in FEARED if word in text.lower()]
    assert text.count("osteonecrosis") == text.count("This is called osteonecrosis of the jaw (ONJ).")


@pytest.mark.parametrize("name", [*SITUATIONS, *WITHHELD])
def test_every_spanish_page_reads_easily(name):
    assert spanish_ease(page_of(name, "UK", "es").text) > 70


# Which situation.


@pytest.mark.parametrize("code", languages())
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_rules_choose_the_situation(name, code):
    expected = SITUATIONS[name][2]
    made = page_of(name, "UK", code)
    assert (made.situation, made.withheld) == (expected, ())
    assert "{" not in made.text


def test_every_situation_and_every_reason_has_a_person_in_these_tests():
    found = {expected for _, _, expected in SITUATIONS.values()}
    assert found == set(NAMES) - {"blocked", "unplanned", "unspecified"}
    # Those without a person here have a test of their own, or rules that judge no planned injection.
    assert set(reasons()) - set(WITHHELD) == {"emergency", "early", "contradiction", "exit_tests", "purpose"}


@pytest.mark.parametrize(
    ("days", "expected", "said"),
    [
        (182, "on_time", "Your next injection: 16 September 2026."),
        (183, "on_time", "Your next injection: 15 September 2026."),
        (184, "late", "You are a little late. Have it now."),
        (211, "late", "Have it by 15 September 2026."),
        (212, "overdue", "You are late."),
        (295, "overdue", "Call today."),
        (296, "lapsed", "treat this as a new start"),
        (365, "lapsed", "look at your spine"),
        (366, "restart", "Starting again is like a first dose."),
    ],
)
def test_lateness_is_counted_to_the_day(days, expected, said):
    made = page(person(days))
    assert made.situation == expected
    assert said in made.text
    assert ("Your next injection:" in made.text) is (expected == "on_time")


def test_another_bone_drug_since_the_last_injection_makes_it_a_restart():
    from bonecast.records import GivenDose

    her = person(250)
    infused = replace(her, doses=(*her.doses, GivenDose("zoledronate", 5.0, "mg", ago(100))))
    assert page(infused).situation == "restart"


def test_120_mg_without_a_use_is_not_guessed():
    made = page(person(20, 120.0))
    assert (made.situation, made.withheld) == ("blocked", ("purpose",))
    assert not DATE.search(made.text)


def test_the_strength_is_that_of_the_catalogue():
    assert page(person(100, product="Prolia")).withheld == ()
    for product, amount in (("Xgeva", 60.0), ("Prolia", 120.0)):
        made = page(person(20 if amount == 120.0 else 100, amount, product=product, indication="BONE_METS"))
        assert "strength" in made.withheld
        assert made.title == "Denosumab: not today"
    assert "60 mg medicine (once every 6 months)" in page(person(100)).text
    assert "120 mg medicine: one injection every 4 weeks" in page(person(20, 120.0, **METASTASES)).text


def test_120_mg_names_the_dates_that_follow():
    text = page(person(20, 120.0, **METASTASES)).text
    assert "Your next injection: 23 September 2026." in text
    assert "Then on 21 October 2026, 18 November 2026, 16 December 2026." in text
    first = page(young(person(indication="GCTB", oral_exam_done=True))).text
    assert "Your next injection: 15 September 2026." in first
    assert "Then on 22 September 2026, 29 September 2026, 13 October 2026." in first
    assert "days 8 and 15" in first
    assert "The tumour can come back." in first


def test_a_change_of_brand_names_both_and_refuses_another_strength():
    text = page(person(100, product="Prolia"), brand="Jubbonti").text
    assert "Same drug, same dose, same day. Only the name changes: Prolia to Jubbonti." in text
    assert "Your next injection: 7 December 2026." in text
    assert "If the box says 120, do not use it: call." in text
    assert "changes: to Jubbonti." in page(person(100), brand="jubbonti").text
    assert page(person(100), brand="Wyost").withheld == ("strength",)
    assert page(person(20, 120.0, **METASTASES), brand="Wyost").withheld == ()
    with pytest.raises(UnknownName, match="Jubbonti"):
        page(person(100), brand="Jubonti")


# What stands on a page.


@pytest.mark.parametrize(
    ("value", "days", "line"),
    [
        (2.34, 3, "✓ calcium 2.34 mmol/L, 12 September 2026"),
        (2.66, 3, "□ calcium 2.66 mmol/L: high"),
        (2.34, 200, "□ calcium: test again"),
    ],
)
def test_a_tick_shows_the_value_and_is_for_new_results_without_a_flag(value, days, line):
    who = with_result(person(150), "corrected calcium", value, "mmol/L", days)
    (shown,) = [one for one in page(who).sections[0][2] if one.startswith("Blood tests")]
    assert line in shown
    assert ("✓ calcium" in shown) is line.startswith("✓")
    low = with_result(person(150), "25-OH vitamin D", 30.0, "nmol/L")
    assert "□ vitamin D 30 nmol/L: low" in page(low).text


def test_a_low_calcium_is_never_ticked_and_its_value_is_shown():
    who, _ = WITHHELD["calcium_low"]
    text = page(who).text
    assert "Your blood calcium is too low (2.05 mmol/L)." in text
    assert "✓" not in text
    assert "2,05 mmol/L" in page(who, code="es").text


def test_who_has_never_had_it_is_not_warned_of_waiting():
    never, _ = WITHHELD["vitamin_d"]
    had, _ = WITHHELD["thigh"]
    assert "waiting too long" not in page(never).text
    assert "waiting too long" in page(had).text
    assert "zoledronate" not in page(had).text


def test_several_reasons_all_stand_and_an_emergency_first():
    her = with_result(person(100, dental_status="ONJ_active"), "corrected calcium", 2.0, "mmol/L")
    assert page(her).withheld == ("calcium_low", "jaw")
    assert next(iter(reasons())) == "emergency"


def test_a_record_that_contradicts_itself_dates_nothing():
    made = page(replace(man(person(100)), facts=(("pregnancy_status", "pregnant"),)))
    assert "contradiction" in made.withheld


def test_the_rules_behind_a_reason_exist_and_block_or_warn_as_it_says():
    """Rules that are not in this table yet (they begin with F) may be named before they are there."""
    named = {rule for one in reasons().values() for rule in (*one.rules, *one.warnings)}
    assert {rule for rule in named if not rule.startswith("F")} <= set(rules())
    assert all(
        rules()[r].severity == "block" for one in reasons().values() for r in one.rules if r in rules()
    )
    assert all(rules()[r].severity == "warn" for one in reasons().values() for r in one.warnings)


def test_stopping_needs_an_exit_a_single_dose_or_a_reason():
    assert page(person(100), ending=True).withheld == ("no_exit",)
    assert page(person(100, count=2), ending=True).withheld == ("no_exit",)
    assert page(person(100, count=1), ending=True).withheld == ()
    text = page(person(100), ending=True, reason="patient's wish").text
    assert "Back-bone breaks can come from 7 months after the last dose" in text
    assert "call the same day" in text


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"exit": "zoledronate"}, "--exit"),
        ({"reason": "x"}, "--reason"),
        ({"ending": True, "exit": "zoledronate", "reason": "x"}, "not both"),
        ({"ending": True, "brand": "Jubbonti"}, "--brand"),
        ({"ending": True, "exit": "zoledronat"}, "zoledronate"),
        ({"ending": True, "exit": "calcium"}, "exit drug"),
        ({"ending": True, "reason": "x" * 2001}, "too long"),
        ({"phone": "1" * (LONGEST_PHONE + 1)}, "--phone"),
        ({"phone": "1\n2"}, "--phone"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, match):
    with pytest.raises(InputError, match=match):
        page(person(100), **options)


def test_an_exit_that_is_overdue_is_asked_for_now_without_a_day():
    text = page(person(220), ending=True, exit="zoledronate").text
    assert "a drip of zoledronate, as soon as you can" in text
    assert " on 15 September" not in text


@pytest.mark.parametrize("name", ["zoledronate", "alendronate", "ibandronate"])
def test_a_bisphosphonate_is_never_dated_before_day_150(name):
    for days in (0, 100, 149, 183):
        text = page(person(days), ending=True, exit=name).text
        shown = re.search(r"on (\d+ \w+ \d{4})\.", text)
        day = dt.datetime.strptime(shown[1], "%d %B %Y").date() if shown else TODAY
        assert (day - ago(days)).days >= 150


def test_the_phone_is_the_clinics_or_a_line_to_fill_in():
    assert "Our phone: 01 234 56" in page(person(100), phone=" 01 234 56 ").text
    assert "Our phone: ____" in page(person(100)).text
    blocked, _ = WITHHELD["jaw"]
    assert "Our phone: 01 234 56" in page(blocked, phone="01 234 56").text


def test_the_jurisdictions_say_what_differs_between_them():
    texts = {place: page(person(100), place).text for place in JURISDICTIONS}
    assert [place for place, text in texts.items() if "4 weeks early" in text] == ["UK"]
    assert all("4 weeks late is the limit" in text for text in texts.values())
    assert {place for place, text in texts.items() if "before each injection" in text} == {"EU", "UK"}
    assert [place for place, text in texts.items() if "1-800-FDA-1088" in text] == ["US"]
    assert {place for place, text in texts.items() if "1,000 mg" in text} == {"US", "CA"}
    assert all("side effect" in text for text in texts.values())
    with pytest.raises(UnknownName):
        page(person(100), "FR")


def test_the_box_and_the_emergency_stand_before_everything_else():
    assert [key for key, _, _ in page(person(100), "US").sections][:3] == ["date", "emergency", "today"]


def test_every_line_says_where_it_comes_from():
    assert len(leaflet_sections()) > 3
    for section in leaflet_sections():
        assert section.lines
        for line in section.lines:
            assert line.rules or line.source, line.text
            assert line.situations


@pytest.mark.slow
def test_every_line_is_on_a_page_of_somebody():
    """In some jurisdiction, for some person of these tests; a line that nobody reads is dead."""
    from bonecast.care.leaflet import leaflet as make

    marked = Language("xx", lambda text: f"<{text}>", lambda day: day.isoformat())
    people = [*((w, o) for w, o, _ in SITUATIONS.values()), *WITHHELD.values()]
    people += [(HEALTHY, {"ending": True, "exit": n}) for n in ("risedronate", "ibandronate", "romosozumab")]
    people += [(person(100), {"ending": True, "exit": "abaloparatide"}), (person(100), {"brand": "Jubbonti"})]
    people += [(person(220), {"ending": True, "exit": "zoledronate"})]
    people += [(HEALTHY, {"ending": True, "exit": "ibandronate injection"})]
    people += [
        (young(person(100)), {"ending": True, "exit": "teriparatide"}),
        (young(person(20, 120.0, **METASTASES)), {}),
    ]
    people += [
        (person(20, 120.0, **METASTASES), {"brand": "Wyost"}),
        (man(person(20, 120.0, **METASTASES)), {}),
    ]
    seen = "\n".join(
        make(who, place, tongue=marked, **o).text for who, o in people for place in JURISDICTIONS
    )
    lines = [line for section in leaflet_sections() for line in section.lines]
    unread = [line.text for line in lines if f"<{line.text.partition('{')[0]}" not in seen]
    assert unread == []


def test_the_page_is_whole_in_itself_and_safe():
    html = leaflet_page(page(replace(person(100), name="<b>x</b>"), phone="<i>1</i>"))
    assert 'lang="en"' in html
    assert "http" not in html
    assert "<script" not in html
    assert "<b>x" not in html
    assert "<i>1" not in html


# Languages.


@pytest.mark.parametrize("code", languages()[1:])
def test_every_text_is_there_in_every_language_with_the_same_places_and_numbers(code):
    spoken = language(code)
    texts = list(messages())
    assert len(texts) > 150
    for text in texts:
        there = spoken.text(text)
        assert there != text or not re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", text)), text
        assert sorted(re.findall(r"\{\w+\}", there)) == sorted(re.findall(r"\{\w+\}", text)), text
        assert set(re.findall(r"\d+", text.replace(",", ""))) == set(re.findall(r"\d+", there)), text


def test_the_spanish_leaflet_says_its_dates_and_numbers_in_spanish():
    made = page(person(100), "US", "es")
    assert made.sections[0][2][0] == "Su próxima inyección: 7 de diciembre de 2026."
    assert "calcio: 2,34 mmol/L" in page(person(150), "US", "es").text
    assert 'lang="es"' in leaflet_page(made)
    assert "decide el médico" in leaflet_page(made)


def test_the_german_leaflet_says_its_dates_and_numbers_in_german():
    made = page(person(100), "US", "de")
    assert made.sections[0][2][0] == "Ihre nächste Injektion: 7. Dezember 2026."
    assert "Calcium 2,34 mmol/L" in page(person(150), "US", "de").text
    assert 'lang="de"' in leaflet_page(made)


def test_an_unknown_language_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownName, match="de, en, es"):
        language("xx")


def test_a_result_of_the_day_of_the_injection_counts():
    who = replace(
        person(183), measurements=(*person().measurements, result("corrected calcium", 2.4, "mmol/L", 0))
    )
    assert "✓ calcium 2.4 mmol/L, 15 September 2026" in page(who).text
