"""What the integrator's loop calls of a model, by name: functions of vector code behind a table of addresses.

The table holds the addresses of the working arrays, in the order of `workspace.NAMES`, and behind them those of the
functions in `CALLS` and `PERSON_CALLS`. A function is given the table, finds its arrays there, and hands them on; all
arrays of the inner functions are `noalias`, so that the compiler may keep values in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir

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


FUNCTIONS = (*CALLS, *PERSON_CALLS)
_VOID = ir.VoidType()


def loop_calls() -> dict[str, Any]:
    """The calls of any model, as numba intrinsics: `name(table)`, and `name(table, lane)` for one person."""
    return {name: _call(name) for name in FUNCTIONS}


def _call(name: str) -> Any:
    from numba import types
    from numba.extending import intrinsic

    place = len(NAMES) + FUNCTIONS.index(name)
    count = 2 if name in PERSON_CALLS else 1

    def generate(context: Any, builder: Any, signature: Any, args: list[Any]) -> Any:
        kind = ir.FunctionType(_VOID, [I64] * count).as_pointer()
        builder.call(builder.inttoptr(_entry(builder, args[0], place), kind), args)
        return context.get_dummy_value()

    signature = types.void(*[types.int64] * count)

    @intrinsic
    def group_call(typing: Any, table: Any) -> Any:
        return signature, generate

    @intrinsic
    def person_call(typing: Any, table: Any, lane: Any) -> Any:
        return signature, generate

    return person_call if name in PERSON_CALLS else group_call


def model_code(lanes: int, program: Program) -> str:
    """The functions of one model for `lanes` persons as LLVM text; those in `FUNCTIONS` are visible from outside."""
    module = ir.Module("model")
    functions = Functions(module, lanes, program)
    for name, (inner, arrays) in CALLS.items():
        builder, (table,) = _visible(module, name, 1)
        pointer = functions.vector.as_pointer()
        builder.call(functions.get(inner), [_array(builder, table, a, pointer) for a in arrays.split()])
        builder.ret_void()
    for name, arrays in PERSON_CALLS.items():
        builder, (table, lane) = _visible(module, name, 2)
        source, column = (_array(builder, table, a, ir.DoubleType().as_pointer()) for a in arrays.split())
        row = builder.mul(lane, ir.Constant(I64, len(program.parameters)))
        builder.call(functions.get(name), [builder.gep(source, [row]), builder.gep(column, [lane])])
        builder.ret_void()
    return str(module)


def _visible(module: ir.Module, name: str, count: int) -> tuple[ir.IRBuilder, Any]:
    function = ir.Function(module, ir.FunctionType(_VOID, [I64] * count), name)
    return ir.IRBuilder(function.append_basic_block()), function.args


def _entry(builder: ir.IRBuilder, table: Any, place: int) -> Any:
    return builder.load(builder.gep(builder.inttoptr(table, I64.as_pointer()), [ir.Constant(I64, place)]))


def _array(builder: ir.IRBuilder, table: Any, name: str, pointer: ir.Type) -> Any:
    return builder.inttoptr(_entry(builder, table, NAMES.index(name)), pointer)


class Functions:
    """The LLVM functions of one model in one module, defined when first asked for."""

    def __init__(self, module: ir.Module, lanes: int, program: Program) -> None:
        self.module, self.lanes, self.program = module, lanes, program
        self.vector = Vectors.type_of(lanes)

    def get(self, name: str) -> ir.Function:
        """The function of that name."""
        symbol = f"inner_{name}"
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
