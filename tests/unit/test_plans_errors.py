"""Plans that cannot be read: where, what was expected, and what is nearest."""

import pytest

from bonecast.errors import InputError
from bonecast.regimens import RegimenError, parse_regimen, parse_span


def refused(text):
    with pytest.raises(RegimenError) as caught:
        parse_regimen(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "position", "said"),
    [
        (
            "denosumb 60 mg every 6 months x 4",
            1,
            "there is no drug called 'denosumb'; did you mean denosumab",
        ),
        ("nothing for 2 years, then zolendronic acid 5 mg once", 27, "zoledronic acid"),
        ("denosumab 60 g once", 14, "no unit called 'g' here; write 'mg' or 'ug'"),
        ("denosumab 60 every 6 months x 4", 14, "expected the unit of 60, 'mg' or 'ug', found 'every'"),
        ("denosumab every 6 months x 4", 11, "expected the dose of denosumab"),
        ("denosumab 60 mg", 16, "expected 'once', 'daily', 'weekly', 'monthly' or 'every 6 months'"),
        ("denosumab 60 mg evry 6 months x 4", 17, "did you mean 'every'"),
        ("denosumab 60 mg every month x 4", 23, "a number such as 6"),
        ("denosumab 60 mg every 6 mnths x 4", 25, "did you mean 'months'"),
        ("denosumab 60 mg every 6 months", 31, "expected 'x 4' or 'for 2 years', found the end of the text"),
        ("denosumab 60 mg daily, then nothing for 1 year", 22, "expected 'x 4' or 'for 2 years', found ','"),
        ("denosumab 60 mg once then nothing for 1 year", 22, "expected ', then' with its comma"),
        ("denosumab 60 mg once, nothing for 1 year", 23, "expected 'then' after the comma, found 'nothing'"),
        ("denosumab 60 mg once, then", 27, "expected a drug name, found the end of the text"),
        ("denosumab 60 mg once wiht placebo 1 mg once", 22, "did you mean 'with'"),
        ("denosumab 60 mg once with nothing for 1 year", 27, "expected a drug name, found 'nothing'"),
        ("nothng for 1 year", 1, "did you mean 'nothing'"),
        ("nothing 1 year", 9, "expected 'for' after 'nothing'"),
        ("6 months denosumab 60 mg once", 10, "expected 'after' in '6 months after the last dose'"),
        (
            "nothing for 1 year, then 6 months after the last dose denosumab 60 mg once",
            26,
            "no dose stands before",
        ),
        ("zoledronate 2,5 mg once", 14, "a comma stands inside a number"),
        ("denosumab 60 mg once!", 21, "found '!'"),
    ],
)
def test_a_fault_is_placed_and_what_was_expected_is_said(text, position, said):
    error = refused(text)
    assert error.position == position
    assert str(error).startswith(f"plan, character {position}: ")
    assert said in str(error)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        (" \n\t", "empty"),
        ("denosumab 0 mg once", "above zero, not 0"),
        ("denosumab -60 mg once", "above zero, not -60"),
        ("denosumab " + "9" * 400 + " mg once", "finite"),
        ("denosumab 60 mg every 0 months x 4", "above zero"),
        ("nothing for 0 days", "above zero"),
        ("nothing for -3 days", "above zero"),
        ("nothing for 100.1 years", "100 years are the limit"),
        ("nothing for 1" + "0" * 307 + " years", "100 years are the limit"),
        ("denosumab 60 mg daily x 0", "above zero"),
        ("denosumab 60 mg daily x 2.5", "must be whole, not 2.5"),
        ("denosumab 60 mg daily x 20001", "20001 doses are too many; 20,000 are the limit"),
        ("denosumab 60 mg daily x " + "9" * 5000, "finite"),
        ("denosumab 60 mg every 0.001 days for 1 year", "100,000 doses are the limit"),
        ("denosumab 60 mg every 0." + "0" * 310 + "1 days for 1 year", "100,000 doses are the limit"),
        (
            ", then ".join(["denosumab 60 mg every 1 hour".replace("1 hour", "0.01 days") + " x 20000"] * 6),
            "120,000",
        ),
        ("denosumab 60 mg every 1 year x 101", "the plan reaches 101 years; 100 years are the limit"),
        ("nothing for 60 years, then nothing for 60 years", "the plan reaches 120 years"),
        ("nothing for 1 day" + " " * 10_000, "10,000 are the limit"),
        (", then ".join(["xgeva 1 mg once"] * 450), "too long once drug names are written out"),
    ],
)
def test_what_goes_over_a_limit_is_refused_by_name(text, said):
    assert said in str(refused(text))


def test_the_nearest_names_are_kept_for_those_who_offer_them():
    assert refused("denosumb 60 mg once").nearest[0] == "denosumab"
    assert refused("denosumab 60 mg evry 6 months x 4").nearest == ["every"]


def test_the_caret_stands_under_the_fault():
    text, caret = refused("denosumab 60 g once").pointer.split("\n")
    assert text == "denosumab 60 g once"
    assert text[caret.index("^")] == "g"


def test_the_caret_stands_under_the_fault_of_a_long_text_too_and_the_line_stays_short():
    error = refused(
        ", then\n".join(["denosumab 60 mg once"] * 20 + ["qqqq 1 mg once"] + ["placebo 1 mg once"] * 20)
    )
    text, caret = error.pointer.split("\n")
    assert text[caret.index("^") :].startswith("qqqq")
    assert len(text) < 100


def test_a_text_from_outside_cannot_break_the_line_of_an_error():
    assert str(refused("deno\x1b[31msumab 60 mg once")).isprintable()


def test_the_place_of_the_plan_can_be_named():
    with pytest.raises(InputError, match=r"^strategy 'stop', character 1: "):
        parse_regimen("denosumb 60 mg once", place="strategy 'stop'")


@pytest.mark.parametrize(
    "text", ["", "10", "years", "10 yeers", "10 years x", "0 days", "-1 day", "200 years", "1e3 days"]
)
def test_a_span_that_is_none_is_refused(text):
    with pytest.raises(RegimenError, match=r"^span, character"):
        parse_span(text)
