"""d depot/dt = -release depot (mg); what is released enters the denosumab of the body under the skin (Dd, nmol)."""

from bonecast.engine import Route
from bonecast.models.bonecast_1 import MODEL as BONECAST_1
from bonecast.models.bonecast_1 import Plugin, extended
from denosumab_depot import HERE

NMOL_PER_MG = 1000 / 147  # molar mass 147 kDa

DEPOT = Plugin(
    name="denosumab-depot",
    initial=lambda p: {"depot": 0.0},
    rates=lambda y, p, bone: {"depot": -p.depot_release * y.depot},
    adds=lambda y, p: {"Dd": NMOL_PER_MG * p.depot_release * y.depot},
    routes={"denosumab-depot": Route("depot", "mg")},
    scales={"depot": 10.0},
)
MODEL = extended(
    BONECAST_1,
    DEPOT,
    name="bonecast-1-denosumab-depot",
    parameters=HERE / "parameters.toml",
    limits=("The depot is invented: its release is an assumption and no product has it.",),
    equations=("denosumab_depot.model",),
)
