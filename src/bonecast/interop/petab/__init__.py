"""PEtab: parameter estimation problems with a model in SBML, versions 1 and 2."""

from bonecast.interop.petab.problem import PetabProblem, read_petab

__all__ = ["PetabProblem", "read_petab"]
