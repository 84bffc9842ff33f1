"""The vector functions as numba intrinsics: what the kernel's loop calls by name.

Each takes the address of the table of working arrays and calls an LLVM function that is defined on first use; all
its arrays are `noalias`, so that the compiler may keep values in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from bonecast.engine.emit_step import STEP_FUNCTIONS
from bonecast.engine.emit_vector import MODEL_FUNCTIONS
from bonecast.engine.program import Program
from bonecast.engine.vector_maths import I64, Vectors
from bonecast.engine.workspace import NAMES

# what the loop calls: function and the working arrays it is given
CALLS = {
    "attempt": ("attempt", "y c m g ih f w q y1 k tol rtol error"),
    "dense": ("dense", "k d"),
    "between": ("between", "theta y y1 d b"),
    "polish": ("polish", "theta ih g y y1 d c m w f correction b"),
    "outputs_now": ("outputs", "y c m start o"),
    "rates_now": ("rates", "y c m f"),
    "outputs_between": ("outputs", "b c m start o"),
    "switches_now": ("switches", "y c m x"),
    "switches_next": ("switches", "y1 c m x"),
    "switches_between": ("switches", "b c m x"),
}
PERSON_CALLS = {"prep": "p c", "initial": "p y"}  # for one lane: its parameters, its column


def intrinsics(key: str, lanes: int, parameters: int, program: Callable[[], Program]) -> dict[str, Any]:
    """All calls of one model for `lanes` persons. `program` is called only if code must be made."""
    bound = {
        name: _group_call(key, lanes, program, function, arrays.split())
        for name, (function, arrays) in CALLS.items()
    }
    for name, arrays in PERSON_CALLS.items():
        bound[name] = _person_call(key, lanes, parameters, program, name, arrays.split())
    return bound


def _group_call(
    key: str, lanes: int, program: Callable[[], Program], function: str, arrays: list[str]
) -> Any:
    @intrinsic
    def call(typing: Any, table: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: list[Any]) -> Any:
            functions = Functions(builder.module, key, lanes, program())
            pointer = functions.vector.as_pointer()
            builder.call(functions.get(function), [_array(builder, args[0], a, pointer) for a in arrays])
            return context.get_dummy_value()

        return types.void(types.int64), generate

    return call


def _person_call(
    key: str, lanes: int, parameters: int, program: Callable[[], Program], function: str, arrays: list[str]
) -> Any:
    @intrinsic
    def call(typing: Any, table: Any, lane: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: list[Any]) -> Any:
            functions = Functions(builder.module, key, lanes, program())
            source, column = (_array(builder, args[0], a, ir.DoubleType().as_pointer()) for a in arrays)
            row = builder.mul(args[1], ir.Constant(I64, parameters))
            builder.call(
                functions.get(function), [builder.gep(source, [row]), builder.gep(column, [args[1]])]
            )
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return call


def _array(builder: ir.IRBuilder, table: Any, name: str, pointer: ir.Type) -> Any:
    entry = builder.gep(builder.inttoptr(table, I64.as_pointer()), [ir.Constant(I64, NAMES.index(name))])
    return builder.inttoptr(builder.load(entry), pointer)


class Functions:
    """The LLVM functions of one model in one module, defined when first asked for."""

    def __init__(self, module: ir.Module, key: str, lanes: int, program: Program) -> None:
        self.module, self.key, self.lanes, self.program = module, key, lanes, program
        self.vector = Vectors.type_of(lanes)

    def get(self, name: str) -> ir.Function:
        """The function of that name."""
        symbol = f"{self.key}_{name}_{self.lanes}"
        return self.module.globals.get(symbol) or self._define(name, symbol)

    def _define(self, name: str, symbol: str) -> ir.Function:
        single = name in MODEL_FUNCTIONS and MODEL_FUNCTIONS[name][2]
        width = 1 if single else self.lanes
        count = MODEL_FUNCTIONS[name][1] if name in MODEL_FUNCTIONS else STEP_FUNCTIONS[name][1]
        pointer = Vectors.type_of(width).as_pointer()
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), [pointer] * count), symbol)
        function.linkage = "internal"
        function.attributes.add("noinline")
        for argument in function.args:
            argument.add_attribute("noalias")
        builder = ir.IRBuilder(function.append_basic_block())
        vectors = Vectors(builder, width, stride=self.lanes if single else 1)
        if name in MODEL_FUNCTIONS:
            MODEL_FUNCTIONS[name][0](self.program, vectors, list(function.args))
        else:
            size = len(self.program.system.states)
            STEP_FUNCTIONS[name][0](size, vectors, self._caller(builder), list(function.args))
        builder.ret_void()
        return function

    def _caller(self, builder: ir.IRBuilder) -> Callable[..., None]:
        def call(name: str, *pointers: Any) -> None:
            builder.call(self.get(name), list(pointers))

        return call
