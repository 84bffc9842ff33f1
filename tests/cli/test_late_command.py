"""`bonecast late`: how late, the rules at that lateness, and the options with their numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "late-dose.toml")
WORDS = ("late", EXAMPLE, "--on", "2026-12-01", "--jurisdiction", "UK", "--draws", "8")


def test_the_page_says_how_late_what_the_rules_say_and_what_each_option_does(call):
    out = call(*WORDS).out
    assert "due 2026-09-15: 77 days late" in out
    assert "WARN DD-03" in out
    assert "new vertebral fractures, of 1,000" in out
    assert "Nothing (to be compared with, never an option of its own): not possible" in out
    assert "A RISK, NOT AN OPTION" in out
    assert "BLOCK DC-01" in out
    assert "not a medical device; the clinician decides" in out


def test_json_has_the_options_with_rules_sources_and_numbers(call):
    found = call(*WORDS, "--json").json
    assert (found["days_late"], found["due"], found["jurisdiction"]) == (77, "2026-09-15", "UK")
    options = {one["option"]: one for one in found["options"]}
    assert [key for key, one in options.items() if not one["offered"]] == ["nothing"]
    assert all(rule["source"]["text"] for one in options.values() for rule in one["rules"])
    number = options["give-now"]["forecast"]["vertebral_per_1000"]
    assert 0 <= number["low"] <= number["median"] <= number["high"] <= 1000
    assert found["check"]["action"] == "continue_60"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("late", EXAMPLE, "--on", "2026-01-01"), "before the record"),
        (("late", EXAMPLE, "--on", "soon"), "not a day"),
        (("late", EXAMPLE, "--jurisdiction", "FR"), "jurisdiction"),
        (("late", EXAMPLE, "--draws", "0"), "draws"),
        (("late", "nobody.toml"), "no such file"),
    ],
)
def test_a_wrong_use_is_one_sentence(refused, words, said):
    assert said in refused(*words)


def test_who_had_no_injection_cannot_be_late(refused, tmp_path: Path):
    record = tmp_path / "record.toml"
    text = Path(EXAMPLE).read_text("utf-8")
    record.write_text(
        text.replace(
            'drug = "denosumab"\nproduct = "Prolia"\namount = "60 mg"',
            'drug = "zoledronate"\namount = "5 mg"',
        ),
        "utf-8",
    )
    assert "no injection of denosumab" in refused("late", str(record))


def test_an_emergency_is_said_before_how_late_the_injection_is(call, tmp_path: Path):
    record = tmp_path / "record.toml"
    low = '[[measurements]]\ndate = 2026-09-15\ntest = "corrected calcium"\nvalue = "1.8 mmol/L"\n'
    record.write_text(f"{Path(EXAMPLE).read_text('utf-8')}\n{low}", "utf-8")
    out = call("late", str(record), "--draws", "4").out
    assert out.index("Act today. ") < out.index("Last injection")
