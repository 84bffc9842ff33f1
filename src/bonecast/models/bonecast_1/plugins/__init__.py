"""The plug-ins: one file for each drug and each state of the body, none of which names another.

A new drug is a new file here with its cards beside it, and one line below. It speaks to the body through `Action`
alone, and hears from it through `Bone`.
"""

from bonecast.models.bonecast_1.plugins import (
    abaloparatide,
    alendronate,
    aromatase_inhibitor,
    denosumab,
    glucocorticoid,
    ibandronate,
    raloxifene,
    risedronate,
    romosozumab,
    sex_steroids,
    supplements,
    teriparatide,
    zoledronate,
)

PLUGINS = (
    denosumab.PLUGIN,
    zoledronate.PLUGIN,
    alendronate.PLUGIN,
    risedronate.PLUGIN,
    ibandronate.PLUGIN,
    teriparatide.PLUGIN,
    abaloparatide.PLUGIN,
    romosozumab.PLUGIN,
    raloxifene.PLUGIN,
    supplements.CALCIUM,
    supplements.CALCITRIOL,
    sex_steroids.PLUGIN,
    aromatase_inhibitor.PLUGIN,
    glucocorticoid.PLUGIN,
)

__all__ = ["PLUGINS"]
