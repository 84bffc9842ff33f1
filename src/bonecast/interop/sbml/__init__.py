"""SBML: models of others in, models of ours out (also as Antimony text)."""

from bonecast.interop.sbml.model import SbmlModel, SbmlRun, read_sbml
from bonecast.interop.sbml.writer import write_antimony, write_sbml

__all__ = ["SbmlModel", "SbmlRun", "read_sbml", "write_antimony", "write_sbml"]
