"""`bonecast-1` corrected where results that it had not seen showed it wrong, and calibrated to more of them.

Owns the model `bonecast-2`. Body, plug-ins and cards are those of `bonecast-1` but for what stands here: how far a
bisphosphonate reaches (`osteoclasts`), what actions do to one another (`joint`), the dose response of PTH analogues,
and calcium (`mineral`). `changes.toml` holds the cards that are new or have a wider prior; the rest are calibrated
again. Forecasts use it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bonecast.models import bonecast_1
from bonecast.models.bonecast_1.assembly import assembled
from bonecast.models.bonecast_1.plugins import PLUGINS as PLUGINS_1
from bonecast.models.bonecast_1.plugins.pth_analogue import pth_analogue
from bonecast.models.bonecast_2 import body
from bonecast.models.discrepancy import read_discrepancy
from bonecast.models.model import Covariate
from bonecast.models.parameters import read_parameters
from bonecast.models.posterior import read_posterior
from bonecast.models.variability import read_variability

__all__ = ["MODEL"]

HERE = Path(__file__).parent
ANALOGUES = {"teriparatide": "t", "abaloparatide": "b"}
# Limits of bonecast-1 that have others here.
REPLACED = ("Calcium is set", "What an anabolic drug", "Risedronate")
PLUGINS = tuple(
    pth_analogue(plugin.name, ANALOGUES[plugin.name], lambda p: p.kT) if plugin.name in ANALOGUES else plugin
    for plugin in PLUGINS_1
)
PARAMETERS = read_parameters(
    HERE / "changes.toml",
    HERE / "mineral.toml",
    over=read_parameters(*bonecast_1.CARDS),
    fitted=HERE / "calibrated.toml",
)
SYSTEM = replace(
    assembled("bonecast-2", PLUGINS, PARAMETERS, bonecast_1.OUTPUTS, body),
    sources=(*bonecast_1.SYSTEM.sources, *sorted(HERE.rglob("*.py"))),
)

MODEL = replace(
    bonecast_1.MODEL,
    name="bonecast-2",
    title="Bonecast 2: the body of Bonecast 1, corrected on results that it had not seen",
    summary=(
        "The body of bonecast-1 with bisphosphonates that do not reach all osteoclasts, and PTH analogues that restore"
        " formation under a glucocorticoid and bend later with the dose; calibrated to three tables of trials."
    ),
    system=SYSTEM,
    plugins=PLUGINS,
    parameter_set=PARAMETERS,
    limits=(
        "Its score is in-sample: all rows of BMD and markers of the three tables were calibrated to.",
        "Zoledronate after denosumab does nearly the same after two years as after five; published, the spine loses far"
        " more after the longer treatment.",
        "Five years after alendronate the hip loses about half of what is published.",
        "CTX under long denosumab treatment rises further before each dose than is published.",
        "Aromatase inhibitors: a third of the changes of BMD hit without their study; trials lie far apart.",
        "Calcium is set by hand to published falls and shares of people below a limit; hypoparathyroidism, the usual"
        " dialysate, active vitamin D and calcimimetics rest on no row, and deep falls with good kidneys are too rare.",
        "Ibandronate and raloxifene rest on two trials each; abaloparatide, calcitriol and calcium are scaled from"
        " their relatives or from memory, and no row of BMD or markers fits them.",
        "What an anabolic drug does after a bisphosphonate, or beside one, follows from one exponent (nN); three trials"
        " of teriparatide with or before denosumab decide it.",
        *(limit for limit in bonecast_1.MODEL.limits[2:] if not limit.startswith(REPLACED)),
    ),
    equations=(
        *bonecast_1.MODEL.equations,
        *(f"bonecast.models.bonecast_2.{unit}" for unit in ("osteoclasts", "joint", "mineral")),
    ),
    variability=read_variability(HERE / "variability.toml", bonecast_1.MODEL.variability),
    covariates={
        **bonecast_1.MODEL.covariates,
        "dialysis": Covariate("dialysis", "0 or 1"),
        "dialysate calcium": Covariate("dialysate", "mmol/L"),
        "dialysate rise": Covariate("dialysate_rise", "mmol/L"),
        "active vitamin D": Covariate("vitamin_D_active", "ug/d"),
        "calcimimetic": Covariate("calcimimetic", "0 or 1"),
        "calcium": Covariate("c0", "mmol/L"),
        "PTH reserve": Covariate("pth_reserve", "share"),
    },
    posterior=read_posterior(HERE / "posterior.csv", PARAMETERS),
    discrepancy=read_discrepancy(HERE / "discrepancy.csv"),
    fractures=HERE / "fracture_calibrated.toml",
)
