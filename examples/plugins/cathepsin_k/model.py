"""da/dt = dose - k a (mg); each osteoclast resorbs 1 - most a/(a + half) of what it would, and lives on."""

from bonecast.engine import Route
from bonecast.models.bonecast_1 import MODEL as BONECAST_1
from bonecast.models.bonecast_1 import Action, Plugin, extended
from cathepsin_k import HERE

INHIBITOR = Plugin(
    name="cathepsin-k-inhibitor",
    action=lambda y, p: Action(activity=1 - p.catk_most * y.amount_k / (y.amount_k + p.catk_half)),
    initial=lambda p: {"amount_k": 0.0},
    rates=lambda y, p, bone: {"amount_k": -p.catk_loss * y.amount_k},
    routes={"cathepsin-k-inhibitor": Route("amount_k", "mg", lambda p: p.adherence, given="spread")},
    scales={"amount_k": 50.0},
)
MODEL = extended(
    BONECAST_1,
    INHIBITOR,
    name="bonecast-1-cathepsin-k",
    parameters=HERE / "parameters.toml",
    limits=("The inhibitor is invented: its strength and kinetics are assumptions.",),
    equations=("cathepsin_k.model",),
)
