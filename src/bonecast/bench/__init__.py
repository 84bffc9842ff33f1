"""The benchmark: our engine and, where they are installed, its peers, on one problem and in one run.

This room owns the problem (ten years of denosumab in varied people), the accuracy reference, the peers' adapters
and the table. Times are processor times of this very run on this very machine: read them as ratios, not as promises.
"""

from bonecast.bench.run import MATCHED, ratios, run_bench
from bonecast.bench.timing import BenchTiming

__all__ = ["MATCHED", "BenchTiming", "ratios", "run_bench"]
