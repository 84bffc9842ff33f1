"""From LLVM text to machine code of this processor, and from that to addresses that can be called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from llvmlite import binding

OPTIMISATION = 3


@dataclass(frozen=True)
class MachineCode:
    """Functions in memory.

    Parameters
    ----------
    addresses : ndarray of int, shape (function,)
        Where each begins.
    holder : object
        Keeps them there.
    """

    addresses: np.ndarray
    holder: Any


def compiled(text: str) -> bytes:
    """Optimise and translate the text of a module into an object file.

    Parameters
    ----------
    text : str
        LLVM's language.

    Returns
    -------
    bytes
    """
    machine = _machine()
    module = binding.parse_assembly(text)
    module.triple, module.data_layout = binding.get_process_triple(), str(machine.target_data)
    module.verify()
    options = binding.create_pipeline_tuning_options()
    options.speed_level = OPTIMISATION
    builder = binding.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    return machine.emit_object(module)


def loaded(code: bytes, names: Iterable[str]) -> MachineCode:
    """Load an object file.

    Parameters
    ----------
    code : bytes
        What `compiled` made on this machine.
    names : iterable of str
        Functions in it.

    Returns
    -------
    MachineCode
        Their addresses, in this order.
    """
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), _machine())
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return MachineCode(np.array([engine.get_function_address(name) for name in names], np.int64), engine)


@cache
def _target() -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_triple(binding.get_process_triple())


def _machine() -> Any:
    """A target machine of its own for each use: an engine takes the one that it is given."""
    target = _target()
    x86 = target.name.startswith("x86")
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=binding.get_host_cpu_features().flatten(), opt=OPTIMISATION,
        reloc="static" if x86 else "default", codemodel="jitdefault", jit=True,
    )  # fmt: skip
