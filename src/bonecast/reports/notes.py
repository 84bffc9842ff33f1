"""What the reader of a forecast must know: what was learned, what is assumed, where it is extrapolated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bonecast.charts import format_number, format_range, format_unit
from bonecast.cohorts import BASELINES
from bonecast.core import gettext, grade_text, ngettext
from bonecast.forecasts import Forecast, Learning, Strategy, changes, sequences
from bonecast.models import Model, load_model
from bonecast.outcomes import ENDPOINTS, QuantileRange, Summary, clinic_baseline, endpoint
from bonecast.records import Patient
from bonecast.regimens import History, Regimen, history_of
from bonecast.reports.accounts import quoted
from bonecast.reports.safety import emergency_sentence
from bonecast.reports.width_grid import width_sentence

ALL_BLOCKED = (
    "The care rules block every strategy, so no drug strategy has a number here. Shown is the course without any"
    " further dose: a risk, not an option. Nothing is given until what blocks it is put right."
)
NO_EXIT = (
    "The ranking does not include the end of denosumab under {names}: bone loss after a later end is not in the"
    " numbers. Compare with a strategy that ends denosumab inside the forecast."
)
NOT_LEARNED_AGAIN = (
    "The injections given were changed here and what the measurements teach was not learned again: the people are"
    " those of the record, with the changed history."
)
_MINERAL = {"eGFR": "Kidney function", "vitamin D": "25-OH vitamin D"}
_CONDITIONS = {"glucocorticoid", "aromatase inhibitor", "hypogonadism"}
_COMPARED_MONTHS = 24
_LEVEL_FORMS = {"CTX": ".2f", "P1NP": ".0f"}
_EXTRAPOLATED = {
    "expert": "advised by experts, with no trial read here",
    "inference": "inferred from related drugs",
}
_OF_CALCIUM = {  # fact to its name and unit in a sentence
    "eGFR": ("eGFR", ""),
    "vitamin D": ("25-OH vitamin D", ""),
    "calcium intake": ("calcium intake", " mg/day"),
}


def notes(forecast: Forecast) -> tuple[str, ...]:
    """Say what the reader of this forecast must know.

    Parameters
    ----------
    forecast : Forecast
        Finished.

    Returns
    -------
    tuple of str
        A sentence each.
    """
    return (*forecast.remarks, *_notes(forecast, forecast.learning))


def _notes(forecast: Forecast, learning: Learning | None) -> Iterator[str]:
    if learning is None:
        return
    patient, model, facts = forecast.patient, load_model(forecast.models[0]), learning.facts
    if forecast.emergency is not None:
        yield emergency_sentence(forecast.emergency)
    if forecast.risk_only:
        yield gettext(ALL_BLOCKED)
    yield from withheld_sentences(forecast)
    if any(summary.fractures for summary in forecast.summaries):
        yield from clinic_baseline(patient, history_of(patient)).sentences
    yield from _exit_left_out(forecast)
    if learning.outdated:
        yield gettext(NOT_LEARNED_AGAIN)
    yield from _measurements(learning)
    yield from _assumed(patient, model, learning)
    yield from _replayed(model, learning)
    yield from _learned(patient, learning)
    yield from _narrowed(patient, learning, forecast.summaries)
    yield from filter(None, [width_sentence(forecast)])
    yield from _without_rows(forecast)
    plans = {strategy.name: strategy.plan for strategy in forecast.strategies}
    yield from extrapolations(patient, model, history_of(patient), facts, plans)
    if any(summary.calcium_nadir for summary in forecast.summaries):
        yield calcium_sentence(model, facts)


def withheld_sentences(forecast: Forecast) -> Iterator[str]:
    """Which endpoints are withheld from this person, each reason once."""
    titles: dict[str, list[str]] = {}
    for gap in forecast.gaps:
        if gap.withheld and gap.endpoint.title not in titles.setdefault(gap.reason, []):
            titles[gap.reason].append(gap.endpoint.title)
    for reason, of in titles.items():
        yield gettext("No forecast of {names}. {reason}", names=_and(of), reason=gettext(reason))


def _exit_left_out(forecast: Forecast) -> Iterator[str]:
    """Which ranked strategies go on with denosumab to the end, so that its end is not in their numbers?"""
    if forecast.ranking is None:
        return
    names = [strategy.name for strategy in forecast.strategies if continues(strategy)]
    if names:
        yield gettext(NO_EXIT, names=_and([f"'{name}'" for name in names]))


def continues(strategy: Strategy) -> bool:
    """Does this strategy give denosumab to the end of the forecast?"""
    drugs = {dose.drug for dose in strategy.doses[-1:]}
    return drugs == {"denosumab"} and strategy.plan.steps[-1].pause is None


def _measurements(learning: Learning) -> Iterator[str]:
    """What was learned from, and which values conflict."""
    count = len(learning.observed)
    if count:
        yield (
            ngettext(
                "The forecast is conditioned on {count} measurement: the range is that of people like this one "
                "who would have been measured as this one was.",
                "The forecast is conditioned on {count} measurements: the range is that of people like this one "
                "who would have been measured as this one was.",
                count,
            )
        )
    else:
        yield gettext("No measurement could be learned from: the range is that of people like this one.")
    yield from learning.conflicts


def _assumed(patient: Patient, model: Model, learning: Learning) -> Iterator[str]:
    """What was not measured or is not used, and what is taken instead."""
    for e in ENDPOINTS:
        if e.output in model.system.output_names and e.key in BASELINES and e.key not in learning.observed:
            baseline = BASELINES[e.key]
            yield (
                gettext(
                    "{title} was not measured: levels are those of untreated women, median {median:g} "
                    "{unit} ({grade}).",
                    title=gettext(e.title),
                    median=baseline.median,
                    unit=format_unit(baseline.unit),
                    grade=grade_text(baseline.mark),
                )
            )
    facts = learning.facts
    for fact, name in _MINERAL.items():
        if fact not in facts:
            yield gettext(
                "{name} was not measured: it is taken as that of a typical person.", name=gettext(name)
            )
        elif not _takes(model, fact):
            yield gettext(
                "{name} is shown but not used: {name_2} holds for a usual one.",
                name=gettext(name),
                name_2=model.name,
            )
    for fact in sorted(_CONDITIONS & set(facts) & set(model.covariates)):
        yield gettext("The effect of the condition '{fact}' is taken to begin with the history.", fact=fact)
    if patient.sex == "male":
        yield gettext(
            "Few rows of published trials in men stand behind the model; for a man it is partly "
            "an extrapolation."
        )


def _replayed(model: Model, learning: Learning) -> Iterator[str]:
    if learning.left_out:
        yield gettext(
            "{name} leaves out {names}, which ended before.",
            name=model.name,
            names=", ".join(learning.left_out),
        )
    if not learning.complete:
        yield gettext(
            "Some people of the ensemble could not be followed by {name} and are left out.", name=model.name
        )


def _learned(patient: Patient, learning: Learning) -> Iterator[str]:
    """Levels before treatment and turnover, as the measurements place them."""
    if not learning.levels:
        return
    levels = gettext(" and ").join(
        gettext(
            "{title} at {level} {unit}",
            title=gettext(endpoint(key).title),
            level=_span(level, _LEVEL_FORMS[key]),
            unit=format_unit(endpoint(key).unit),
        )
        for key, level in learning.levels.items()
    )
    sentence = (
        gettext("Her own values place {levels} before treatment (median, 90 % range)", levels=levels)
        if patient.sex == "female"
        else gettext("His own values place {levels} before treatment (median, 90 % range)", levels=levels)
    )
    if learning.turnover and learning.prior_turnover:
        now, before = _span(learning.turnover, ".2f"), _span(learning.prior_turnover, ".2f")
        sentence += gettext(
            ", and turnover at {now} of a typical person's; without them it was {before}",
            now=now,
            before=before,
        )
    yield sentence + "."


def _narrowed(patient: Patient, learning: Learning, summaries: Iterable[Summary]) -> Iterator[str]:
    """How much narrower the forecast is than without the measurements."""
    prior = learning.prior_summary
    posterior = next((s for s in summaries if prior is not None and s.strategy == prior.strategy), None)
    if prior is None or posterior is None:
        return
    for key in ("LS_BMD", "TH_BMD"):
        at = (key, _COMPARED_MONTHS)
        if key in learning.observed and at in prior.change and at in posterior.change:
            wide, narrow = ((r.high - r.low) / 2 for r in (prior.change[at], posterior.change[at]))
            site = gettext(endpoint(key).title.removesuffix(" BMD")).lower()
            yield (
                gettext(
                    "With the measurements the 90 % range of {site} BMD {compared_months} months from "
                    "now, as change from now under '{strategy}', goes from ±{wide:.1f} to ±{narrow:.1f} %.",
                    site=site,
                    compared_months=_COMPARED_MONTHS,
                    strategy=posterior.strategy,
                    wide=wide,
                    narrow=narrow,
                )
            )


def _without_rows(forecast: Forecast) -> Iterator[str]:
    """Which strategies have no published row behind them, so that their ranges are widened by rule?"""
    names = [
        strategy.name
        for strategy in forecast.strategies
        if any(
            c.basis == "widened_by_rule" and w.key in ("LS_BMD", "TH_BMD")
            for w in forecast.widths
            if w.strategy == strategy.name
            for c in w.classes
        )
    ]
    if names:
        yield (
            gettext(
                "No published row of bone density stands behind a phase of {names}: the error of the "
                "model is widened by rule there.",
                names=quoted(names),
            )
        )


def _span(of: QuantileRange, form: str) -> str:
    return f"{format_number(of.median, form)} ({format_range(of.low, of.high, form)})"


def extrapolations(
    patient: Patient, model: Model, history: History, facts: Mapping[str, float], plans: Mapping[str, Regimen]
) -> Iterator[str]:
    """Where does the forecast go beyond what was studied? One sentence each.

    Parameters
    ----------
    patient, model, history
        Whose forecast it is, and by which model.
    facts : mapping of str to float
        As the model takes them.
    plans : mapping of str to Plan
        Strategy to plan.
    """
    for fact, value in facts.items():
        covariate = model.covariates.get(fact)
        ends = (
            model.parameter_set.parameters[covariate.parameter].range
            if covariate and not covariate.unfit
            else None
        )
        if ends and not ends[0] <= value <= ends[1]:
            yield (
                gettext(
                    "{upper}{fact} {value:g} lies outside {ends:g} to {ends_2:g}, for which {name} is "
                    "made, and is held at the nearest end.",
                    upper=fact[0].upper(),
                    fact=fact[1:],
                    value=value,
                    ends=ends[0],
                    ends_2=ends[1],
                    name=model.name,
                )
            )
    if patient.fact("metastatic") or patient.fact("n_bone_mets"):
        yield gettext("Metastatic disease is on record; the forecast leaves it out.")
    if patient.fact("pregnancy_status") == "planning":
        yield gettext("A pregnancy is planned: the forecast knows nothing of pregnancy.")
    yield from _untried(history, plans)


def _untried(history: History, plans: Mapping[str, Regimen]) -> Iterator[str]:
    pairs = dict.fromkeys(pair for plan in plans.values() for pair in changes(plan, history))
    for before, after in pairs:
        row = sequences().get((before, after))
        if row is not None and row.evidence in _EXTRAPOLATED:
            source = f"{grade_text(row.mark)}: {row.source}"
            yield gettext(
                "{capitalize} after {before} is {extrapolated} ({source}).",
                capitalize=after.capitalize(),
                before=before,
                extrapolated=gettext(_EXTRAPOLATED[row.evidence]),
                source=source,
            )


def calcium_sentence(model: Model, facts: Mapping[str, float]) -> str:
    """What the fall of calcium is forecast from, what is taken as typical, and what the model leaves out.

    >>> calcium_sentence(load_model("bonecast-1"), {"eGFR": 77.4, "calcium intake": 900.0})[-85:]
    'the dose, eGFR 77 and calcium intake 900 mg/day; 25-OH vitamin D is taken as typical.'
    """
    used = {fact: words for fact, words in _OF_CALCIUM.items() if _takes(model, fact)}
    basis = ["the dose"]
    basis += [f"{gettext(name)} {facts[fact]:.0f}{of}" for fact, (name, of) in used.items() if fact in facts]
    sentence = gettext(
        "The fall of calcium after an injection is forecast from turnover and PTH as learned, {names}",
        names=_and(basis),
    )
    typical = [name for fact, (name, _) in used.items() if fact not in facts]
    if typical:
        sentence += ngettext(
            "; {names} is taken as typical",
            "; {names} are taken as typical",
            len(typical),
            names=_and(typical),
        )
    left_out = [name for fact, (name, _) in _OF_CALCIUM.items() if fact not in used]
    if left_out:
        sentence += ngettext(
            "; {names} is not in the model",
            "; {names} are not in the model",
            len(left_out),
            names=_and(left_out),
        )
    return sentence + "."


def _takes(model: Model, fact: str) -> bool:
    return fact in model.covariates and not model.covariates[fact].unfit


def _and(parts: list[str]) -> str:
    said = [gettext(part) for part in parts]
    return gettext(" and ").join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)
