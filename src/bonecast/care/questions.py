"""What must still be asked: the missing facts that could yet block this act for this person, and no others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from bonecast.care.derived import with_derived
from bonecast.care.firing import contradictions_in
from bonecast.care.possible import origin_of, values_to_try
from bonecast.care.rules import Rule, rules
from bonecast.care.variables import Value, find_variable, table
from bonecast.core import Between, Condition


@dataclass(frozen=True)
class Question:
    """One question to the person or the laboratory.

    Parameters
    ----------
    text : str
        Its words.
    facts : tuple of str
        The facts that answer it.
    rules : tuple of str
        The rules that wait for it.
    """

    text: str
    facts: tuple[str, ...]
    rules: tuple[str, ...]


def missing_facts(facts: Mapping[str, Value]) -> dict[str, tuple[str, ...]]:
    """Which missing facts could still block, and by which rules?

    A fact of which only a bound is known is missing for a rule that the bound does not decide. A fact counts where its
    worst value alone would make a rule block. Where a rule waits for several facts at once,
    the first of them counts, if values of them together would make it block. A value that would contradict the record
    is no possible value.

    >>> sorted(missing_facts({"planned_action": "switch_raloxifene", "sex": "F", "menopausal_status": "post",
    ...     "reproductive_potential": False, "jurisdiction": "US"}))[:3]
    ['albumin_corrected_calcium_mmol_L', 'endometrial_cancer', 'hypersensitivity_followon']
    """
    values, found = with_derived(facts), dict[str, list[str]]()
    impossible = {one.id for one in contradictions_in(values)}
    for rule in rules().values():
        if rule.severity != "block" or rule.condition.known(values) is not None:
            continue
        if rule.condition.closed(values):
            continue
        for name in _waited_for(rule, facts, values, impossible):
            found.setdefault(name, []).append(rule.id)
    return {name: tuple(ids) for name, ids in found.items()}


def questions(missing: Mapping[str, tuple[str, ...]]) -> tuple[Question, ...]:
    """The missing facts as questions, in the order in which they are asked; what is asked in one breath is one.

    >>> [one.text for one in questions({"paget_disease": ("FT-04",), "hyperparathyroidism": ("FT-04",)})]
    ["Paget's disease, hyperparathyroidism or another metabolic bone disease?"]
    """
    asked: dict[str, tuple[list[str], list[str]]] = {}
    for name in sorted(missing, key=_order):
        row = _rows().get(name)
        text = f"{_capital(find_variable(name, 'question').label)}?" if row is None else row[1]
        facts, ids = asked.setdefault(text, ([], []))
        facts.append(name)
        ids += [rule for rule in missing[name] if rule not in ids]
    return tuple(Question(text, tuple(facts), tuple(ids)) for text, (facts, ids) in asked.items())


def question_of(name: str) -> str:
    """The question that asks for a fact, in words; the fact's own name where no question groups it.

    >>> question_of("egfr_mL_min_173m2") == question_of("on_dialysis")
    True
    """
    row = _rows().get(name)
    return name if row is None else row[1]


def is_open(value: Value | None) -> bool:
    """Is this fact missing, or known by a bound alone?"""
    return value is None or isinstance(value, Between)


def _waited_for(
    rule: Rule, facts: Mapping[str, Value], values: Mapping[str, Value], impossible: set[str]
) -> list[str]:
    tried = {
        name: _within(worth, facts.get(name))
        for name, worth in _values_to_try(rule.condition).items()
        if name in _open(rule.condition, values) and (name not in facts or isinstance(facts[name], Between))
    }
    alone = [name for name in tried if _blocks(rule, facts, {name: tried[name]}, impossible)]
    return alone or (list(tried)[:1] if _blocks(rule, facts, tried, impossible) else [])


def _blocks(
    rule: Rule,
    facts: Mapping[str, Value],
    tried: Mapping[str, tuple[Value | None, ...]],
    impossible: set[str],
) -> bool:
    """Would values of these facts make the rule fire, without a contradiction that was not there?"""
    worth = [[value for value in values if value is not None] for values in tried.values()]
    for values in product(*worth):
        supposed = with_derived({**facts, **dict(zip(tried, values, strict=True))})
        if rule.condition.closed(supposed) and not (
            {one.id for one in contradictions_in(supposed)} - impossible
        ):
            return True
    return False


@cache
def _values_to_try(condition: Condition) -> dict[str, tuple[Value | None, ...]]:
    return values_to_try(condition)


def _open(condition: Condition, values: Mapping[str, Value]) -> set[str]:
    """The facts that are missing for the questions of this condition that are open."""
    names = (name for leaf in condition.leaves() if leaf.known(values) is None for name in leaf.names)
    return {base for name in names if is_open(values.get(name)) for base in origin_of(name)}


def _within(tried: tuple[Value | None, ...], known: Value | None) -> tuple[Value | None, ...]:
    """The values to try that lie within the bounds of what is known."""
    if not isinstance(known, Between):
        return tried
    return tuple(one for one in tried if isinstance(one, float) and known.low < one < known.high)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _order(name: str) -> tuple[int, str]:
    row = _rows().get(name)
    return (len(_rows()) if row is None else row[0], name)


@cache
def _rows() -> dict[str, tuple[int, str]]:
    """Place and words of the question by fact."""
    return {
        name: (place, row["text"])
        for place, row in enumerate(table("questions.csv"))
        for name in row["facts"].split()
    }
