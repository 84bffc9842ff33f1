"""Run the PEtab test suite and print what agrees with its likelihoods.

    python tools/petab_suite.py FOLDER

FOLDER holds a folder for each case, with `_NNNN.yaml` and `_NNNN_solution.yaml`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from bonecast.errors import BonecastError
from bonecast.interop import read_petab


def try_problem(folder: Path) -> tuple[str, str]:
    """Outcome ("pass", "wrong" or "refused") and its reason."""
    solution = yaml.safe_load((folder / f"_{folder.name}_solution.yaml").read_text())
    try:
        problem = read_petab(folder / f"_{folder.name}.yaml")
        found = {"llh": problem.log_likelihood(), "chi2": problem.chi2()}
        if "unnorm_log_posterior" in solution:
            found["unnorm_log_posterior"] = problem.log_posterior()
    except BonecastError as error:
        return "refused", str(error)
    for key, value in found.items():
        wanted = solution.get(key)
        if wanted is not None and abs(value - wanted) > solution.get(f"tol_{key}", 1e-3):
            return "wrong", f"{key} {value:.8g}, not {wanted:.8g}"
    return "pass", ""


def main() -> int:
    outcomes = {}
    for folder in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        outcomes[folder.name], reason = try_problem(folder)
        if reason:
            print(folder.name, outcomes[folder.name], reason)
    passed = list(outcomes.values()).count("pass")
    print(f"{passed} of {len(outcomes)} pass")
    return 0 if passed == len(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
