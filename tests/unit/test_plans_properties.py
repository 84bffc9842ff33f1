"""Laws that hold for every plan, tried on plans and texts that nobody wrote."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bonecast.drugs import all_drugs, drug_names
from bonecast.regimens import DoseCourse, Regimen, RegimenError, Span, Step, parse_regimen, parse_span

UNITS = ("days", "weeks", "months", "years")
quick = settings(max_examples=60, deadline=None)


def spans(limit_days=2000.0):
    lengths = {"days": 1, "weeks": 7, "months": 30.4375, "years": 365.25}
    return st.sampled_from(UNITS).flatmap(
        lambda unit: st.one_of(
            st.integers(1, max(1, int(limit_days / lengths[unit]))).map(float),
            st.floats(0.5, limit_days / lengths[unit]),
        ).map(lambda number: Span(number, unit))
    )


heads = st.tuples(
    st.sampled_from([drug.generic for drug in all_drugs()]),
    st.one_of(st.integers(1, 500).map(float), st.floats(1e-9, 1e9)),
    st.sampled_from(["mg", "ug"]),
)
courses = st.one_of(
    st.builds(lambda head: DoseCourse(*head), heads),
    st.builds(
        lambda head, every, n: DoseCourse(*head, interval=every, count=n),
        heads,
        spans(400),
        st.integers(1, 8),
    ),
    st.builds(
        lambda head, every, long: DoseCourse(*head, interval=every, duration=long), heads, spans(400), spans()
    ),
)
course_steps = st.lists(courses, min_size=1, max_size=3).map(lambda given: Step(tuple(given)))
pauses = spans().map(lambda span: Step(pause=span))
waiting_steps = st.builds(lambda step, wait: Step(step.courses, wait=wait), course_steps, spans())


@st.composite
def plans(draw):
    first = draw(st.one_of(course_steps, waiting_steps))
    rest = draw(st.lists(st.one_of(course_steps, waiting_steps, pauses), max_size=3))
    return Regimen("", (first, *rest))


@quick
@given(plans())
def test_the_canonical_text_reads_back_as_the_same_plan(plan):
    again = parse_regimen(str(plan))
    assert again == plan
    assert again.doses == plan.doses
    assert str(again) == str(plan)


@quick
@given(plans(), st.data())
def test_case_and_blanks_carry_no_meaning(plan, data):
    words = str(plan).split(" ")
    blanks = data.draw(
        st.lists(st.sampled_from([" ", "  ", "\n", "\t"]), min_size=len(words), max_size=len(words))
    )
    cases = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    spelt = "".join(
        blank + (word.upper() if upper else word)
        for word, blank, upper in zip(words, blanks, cases, strict=True)
    )
    assert parse_regimen(spelt) == plan


@quick
@given(plans())
def test_doses_come_in_order_of_time_none_before_the_start_or_lost(plan):
    times = [dose.time_d for dose in plan.doses]
    assert times == sorted(times)
    assert times[0] == 0
    assert len(times) == sum(step.n_doses for step in plan.steps)
    assert plan.last_dose_d is not None
    assert plan.end_d >= plan.last_dose_d


@quick
@given(heads, spans(400), st.integers(1, 50))
def test_doses_of_x_times_are_equally_spaced_and_the_plan_ends_an_interval_after_the_last(head, every, n):
    course = DoseCourse(*head, interval=every, count=n)
    plan = parse_regimen(str(course))
    assert [dose.time_d for dose in plan.doses] == pytest.approx([i * every.days for i in range(n)])
    assert plan.end_d == pytest.approx(n * every.days)


@quick
@given(heads, spans(400), spans())
def test_doses_of_a_span_fill_it_and_stop_before_its_end(head, every, long):
    plan = parse_regimen(str(DoseCourse(*head, interval=every, duration=long)))
    assert plan.end_d == long.days
    last = plan.last_dose_d
    assert last is not None
    assert last < long.days
    assert last + every.days >= long.days * (1 - 1e-6)


@quick
@given(st.lists(st.one_of(course_steps, pauses), min_size=2, max_size=4))
def test_then_puts_the_ends_of_steps_without_a_wait_one_after_another(steps):
    plan = parse_regimen(", then ".join(str(step) for step in steps))
    alone = [parse_regimen(str(step)).end_d for step in steps]
    assert [placed.end_d for placed in plan.placed] == pytest.approx(
        [sum(alone[: i + 1]) for i in range(len(alone))]
    )
    assert all(a.end_d == b.start_d for a, b in zip(plan.placed, plan.placed[1:], strict=False))


@quick
@given(plans(), spans(), courses)
def test_a_wait_starts_the_next_step_that_long_after_the_last_dose(plan, wait, course):
    longer = parse_regimen(f"{plan}, then {wait} after the last dose {course}")
    assert longer.placed[-1].start_d == pytest.approx(plan.last_dose_d + wait.days)


@quick
@given(spans())
def test_a_span_is_read_as_its_days(span):
    assert parse_span(str(span)) == span.days


WORDS = [
    *("denosumab", "Prolia", "zoledronic acid", "placebo", "nothing for", ", then", "with", "once", "daily"),
    *(
        "every",
        "x",
        "for",
        "after the last dose",
        "6",
        "60 mg",
        "20 ug",
        "2.5",
        "-1",
        "0",
        "6 months",
        "1 day",
    ),
    *(",", ".", "×", "²", "٣", "ﬁ", "İ", "mg", "999999999999", "0.0000001", "weekly x 4", "100 years"),
]


def check_reading(text):
    """The text is a plan that says itself back, or its error points into it; nothing else may be raised."""
    error = None
    try:
        plan = parse_regimen(text)
    except RegimenError as raised:
        error = raised
    else:
        assert parse_regimen(str(plan)) == plan
    if error:
        assert 1 <= error.position <= len(text) + 1
        assert "^" in error.pointer


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(st.text(max_size=60), st.text(string.printable), st.lists(st.sampled_from(WORDS)).map(" ".join))
)
def test_any_text_is_a_plan_or_a_plan_error(text):
    check_reading(text)


@settings(max_examples=100, deadline=None)
@given(plans(), st.data())
def test_a_plan_with_a_letter_changed_is_a_plan_or_a_plan_error(plan, data):
    text = str(plan)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(string.printable))
    changed = text[:at] + letter + text[at + 1 :]
    check_reading(changed)


def test_every_name_of_the_catalogue_stands_in_a_plan():
    assert len(drug_names()) > 20
    for name in drug_names():
        assert parse_regimen(f"{name} 1 mg once").drugs[0] in [drug.generic for drug in all_drugs()]
