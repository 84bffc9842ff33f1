"""The grammar, one function for each production:

    plan     = step { ", then " step }
    step     = [ span " after the last dose " ] course { " with " course } | "nothing for " span
    course   = drug " " number " " unit " " schedule            unit = mg | ug
    schedule = "once" | ( "daily" | "weekly" | "monthly" | "every " span ) ( " x " N | " for " span )
    span     = number " " ( days | weeks | months | years )      (singular accepted)

Words are compared without case and blanks count for nothing (60mg, x4); mcg and µg are read as ug, and × as
x.
"""

from __future__ import annotations

from bonecast.core import MOST_DOSES
from bonecast.drugs import find_drug
from bonecast.errors import InputError, UnknownName, close_matches, printable
from bonecast.regimens.course import DoseCourse, Step
from bonecast.regimens.errors import RegimenError
from bonecast.regimens.reader import MAX_CHARACTERS, MAX_DAYS, MAX_YEARS, Reader
from bonecast.regimens.regimen import Regimen
from bonecast.regimens.span import DAYS_IN, Span, plain_number

MAX_COUNT = 20_000
# Names such as "zoledronic acid" have two words; no product has more than three.
MAX_NAME_WORDS = 3
# casefold() turns the micro sign of keyboards into the Greek letter.
UNITS = {"mg": "mg", "ug": "ug", "mcg": "ug", "μg": "ug"}
RHYTHMS = {"daily": Span(1, "days"), "weekly": Span(1, "weeks"), "monthly": Span(1, "months")}
SCHEDULE_WORDS = ("once", *RHYTHMS, "every")
KEYWORDS = frozenset((*SCHEDULE_WORDS, *UNITS, "nothing", "for", "x", "with", "then", "after"))


def parse_regimen(text: str | Regimen, place: str = "plan") -> Regimen:
    """Read a regimen in the regimen grammar.

    Parameters
    ----------
    text : str or Regimen
        A text such as "denosumab 60 mg every 6 months x 4, then nothing for 1 year"; a `Regimen` is returned as it is.
    place : str
        Name of the text in errors.

    Returns
    -------
    Regimen
        Doses and pauses in order.

    Raises
    ------
    RegimenError
        If the text cannot be read: the error states the character, what was expected there and the nearest known word.
        Amounts, spans and counts that are not above zero, counts over 20,000, more than 100,000 doses, spans and
        regimens over 100 years, and texts over 10,000 characters are refused.

    Examples
    --------
    >>> text = "Prolia 60 mg every 6 months x 9, then 6 months after the last dose zoledronate 5 mg once"
    >>> plan = parse_regimen(text)
    >>> plan.drugs, len(plan.doses), plan.end_d / 365.25
    (('denosumab', 'zoledronate'), 10, 4.5)
    """
    if isinstance(text, Regimen):
        return text
    if not isinstance(text, str):
        cause = f"a {type(text).__name__} is no plan"
        raise InputError(place, cause, "write it in words, such as 'denosumab 60 mg every 6 months x 4'")
    reader = Reader(text, place)
    steps, starts, n_doses = [], [], 0
    while True:
        starts.append(reader.here)
        steps.append(_step(reader, any(step.courses for step in steps), first=not steps))
        n_doses += steps[-1].n_doses
        if n_doses > MOST_DOSES:
            reader.fail(
                starts[-1], f"here the plan reaches {n_doses:,} doses", f"the limit is {MOST_DOSES:,}"
            )
        if reader.here.kind == "end":
            break
        _then(reader)
    plan = Regimen(text, tuple(steps))
    for placed, start in zip(plan.placed, starts, strict=True):
        if placed.end_d > MAX_DAYS:
            years = plain_number(round(placed.end_d / DAYS_IN["years"], 1))
            reader.fail(start, f"here the plan reaches {years} years", f"{MAX_YEARS} years are the limit")
    if len(str(plan)) > MAX_CHARACTERS:
        # Short brand names, written out as generic names, can take the text over the limit.
        raise RegimenError(
            place, text, 0, "the text is too long once drug names are written out", "shorten it"
        )
    return plan


def parse_span(text: str, place: str = "span") -> float:
    """Read a length of time.

    Parameters
    ----------
    text : str
        A text such as "10 years"; a month is 30.4375 days, a year 365.25.
    place : str
        Name of the text in errors.

    Returns
    -------
    float
        Days.

    Raises
    ------
    RegimenError
        If the text cannot be read, or the span is not above zero or exceeds 100 years.

    Examples
    --------
    >>> parse_span("10 years"), parse_span("6 months")
    (3652.5, 182.625)
    """
    if not isinstance(text, str):
        raise InputError(
            place, f"{printable(text)} has no unit of time", "write a text such as '30 days' or '5 years'"
        )
    reader = Reader(text, place)
    span = reader.span("the span")
    if reader.here.kind != "end":
        reader.refuse("the end of the span")
    return span.days


def _then(reader: Reader) -> None:
    if reader.here.word == "then":
        reader.refuse("', then' with its comma")
    if reader.here.kind != "comma":
        reader.refuse("', then', 'with' or the end of the plan", ("then", "with"))
    reader.take()
    reader.need("then", "'then' after the comma")


def _step(reader: Reader, dose_before: bool, first: bool) -> Step:
    if reader.take_if("nothing"):
        reader.need("for", "'for' after 'nothing'")
        return Step(pause=reader.span("the pause"))
    wait = None
    if reader.here.kind == "number":
        start = reader.here
        wait = reader.span("the wait")
        for word in ("after", "the", "last", "dose"):
            reader.need(word, f"'{word}' in '{wait} after the last dose'")
        if not dose_before and not first:
            reader.fail(start, "no dose stands before this step", "give a dose first or begin with it")
    courses = [_course(reader)]
    while reader.take_if("with"):
        courses.append(_course(reader))
    return Step(tuple(courses), wait)


def _course(reader: Reader) -> DoseCourse:
    drug = _drug(reader)
    amount = reader.number(f"the dose of {drug}", "60 in '60 mg'")
    unit = _unit(reader, amount)
    if reader.take_if("once"):
        return DoseCourse(drug, amount, unit)
    token = reader.take_if(*RHYTHMS)
    if token:
        interval = RHYTHMS[token.word]
    elif reader.take_if("every"):
        interval = reader.span("the interval")
    else:
        reader.refuse("'once', 'daily', 'weekly', 'monthly' or 'every 6 months'", SCHEDULE_WORDS)
    if reader.take_if("x"):
        return DoseCourse(drug, amount, unit, interval, count=_count(reader))
    start = reader.here
    reader.need("for", "'x 4' or 'for 2 years'")
    duration = reader.span("the duration")
    if duration.days / interval.days > MOST_DOSES:
        reader.fail(
            start, f"{interval} fits into {duration} too often", f"{MOST_DOSES:,} doses are the limit"
        )
    return DoseCourse(drug, amount, unit, interval, duration=duration)


def _drug(reader: Reader) -> str:
    """The generic name; the longest run of words that is a known name wins."""
    start, words = reader.at, []
    for token in reader.tokens[start : start + MAX_NAME_WORDS]:
        if token.kind != "word" or token.word in KEYWORDS:
            break
        words.append(token.text)
    if not words:
        reader.refuse("a drug name")
    for length in range(len(words), 1, -1):
        try:
            drug = find_drug(" ".join(words[:length]))
        except UnknownName:
            continue
        reader.at = start + length
        return drug.generic
    try:
        drug = find_drug(words[0])
    except UnknownName as error:
        if not error.nearest and close_matches(words[0], ("nothing",)):
            reader.refuse("a drug name or 'nothing for 24 months'", ("nothing",))
        reader.fail(reader.here, error.cause, error.hint, error.nearest)
    reader.take()
    return drug.generic


def _unit(reader: Reader, amount: float) -> str:
    token = reader.here
    unit = UNITS.get(token.word)
    if unit is None:
        if token.kind == "word" and token.word not in KEYWORDS:
            reader.fail(
                token, f"there is no unit called '{printable(token.text)}' here", "write 'mg' or 'ug'"
            )
        reader.refuse(f"the unit of {plain_number(amount)}, 'mg' or 'ug'")
    reader.take()
    return unit


def _count(reader: Reader) -> int:
    token = reader.here
    value = reader.number("the number of doses", "4 in 'x 4'")
    if value > MAX_COUNT:
        reader.fail(token, f"{printable(token.text)} doses are too many", f"{MAX_COUNT:,} are the limit")
    if value != int(value):
        reader.fail(token, f"the number of doses must be whole, not {printable(token.text)}", "write 'x 4'")
    return int(value)
