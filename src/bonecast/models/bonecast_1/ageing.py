"""Age, oestrogen and the bone that ageing takes.

    e(age) = 1/(1 + exp((age - am)/wm)) in women, 1 in men           oestrogen (sex steroids), 1 = premenopausal
    g      = g0 + (1 - e(age0)) gm exp(-(age - am)/tm) + drift       women: loss per year, faster after menopause
    g      = gM + drift                                              men
    Vr     = exp(-integral of g from age0)                           volume that ageing alone leaves

The untreated woman is at rest at her own age: the fast loss after menopause is part of her ageing (gm). If she
passes menopause after time zero, turnover itself rises (plug-in `sex_steroids`) and takes the bone, so gm is left out
in the measure of e(age0).
"""

from __future__ import annotations

from bonecast.engine import Number, Values, exp, maximum

DAYS_PER_YEAR = 365.25


def initial(p: Values) -> dict[str, Number]:
    """Age at time zero, y."""
    return {"age": p.age}


def rates() -> dict[str, Number]:
    """One year a year."""
    return {"age": 1 / DAYS_PER_YEAR}


def oestrogen(age: Number, p: Values) -> Number:
    """Sex steroids relative to before menopause; men keep theirs."""
    woman = 1 / (1 + exp((age - p.am) / p.wm))
    return p.sex + (1 - p.sex) * woman


def _since_menopause(age: Number, p: Values) -> Number:
    return maximum(age - p.am, 0.0)


def loss(y: Values, p: Values, name: str) -> Number:
    """g: untreated loss at a site, per day."""
    after = (1 - oestrogen(p.age, p)) * getattr(p, f"gm{name}") * exp(-_since_menopause(y.age, p) / p.tm)
    slow = (1 - p.sex) * getattr(p, f"g{name}") + p.sex * getattr(p, f"gM{name}")
    return (slow + (1 - p.sex) * after + getattr(p, f"drift{name}")) / DAYS_PER_YEAR


def volume(y: Values, p: Values, name: str) -> Number:
    """Vr: volume that ageing alone would have left by now; 1 at time zero."""
    years = y.age - p.age
    slow = (1 - p.sex) * getattr(p, f"g{name}") + p.sex * getattr(p, f"gM{name}") + getattr(p, f"drift{name}")
    early = (1 - oestrogen(p.age, p)) * (1 - p.sex) * getattr(p, f"gm{name}")
    then, now = _since_menopause(p.age, p), _since_menopause(y.age, p)
    # before menopause (age < am) the loss is the constant early rate: years of it are counted as such
    before = maximum(p.am - p.age, 0.0) - maximum(p.am - y.age, 0.0)
    faster = early * (before + p.tm * (exp(-then / p.tm) - exp(-now / p.tm)))
    return exp(-slow * years - faster)
