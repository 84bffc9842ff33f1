"""Exchange of models in SBML."""
from bonecast.interop.sbml.model import read_sbml
