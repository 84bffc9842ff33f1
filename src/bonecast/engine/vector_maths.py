"""Vector arithmetic, exp, log, sine and cosine as LLVM instructions, without any maths library.

exp and log are good to 2 units in the last place, without branches; outside the range where doubles can
answer they give what the step control must see: log of a number that is not positive is NaN, exp is clamped to
[1e-304, 1e304]. sin and cos are good to 1e-15 up to angles of 1e6; beyond 1e9 they are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite import ir

DOUBLE, I64 = ir.DoubleType(), ir.IntType(64)
_CONTRACT = ("contract",)  # products may be fused with sums
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_ROUND = 6755399441055744.0  # 1.5 * 2**52: adding it rounds to a whole number
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_EXP = [1 / 479001600, 1 / 39916800, 1 / 3628800, 1 / 362880, 1 / 40320, 1 / 5040]
_EXP += [1 / 720, 1 / 120, 1 / 24, 1 / 6, 0.5, 1.0, 1.0]  # Taylor coefficients 1/12! ... 1/0!
_LOG = [1 / k for k in range(21, 2, -2)]  # atanh series 1/21 ... 1/3
_HALF_PI = (1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21)  # 33 bits, 33 bits, the rest
_SIN = [(-1) ** k / math.factorial(2 * k + 1) for k in range(8, -1, -1)]  # Taylor, in r**2, times r
_COS = [(-1) ** k / math.factorial(2 * k) for k in range(8, -1, -1)]
_LARGEST_ANGLE = 1e9
_SHARED = 4  # reciprocals that share one division


class Vectors:
    """Emits arithmetic on `width` doubles at once; `stride` is the distance between entries seen through `load`."""

    def __init__(self, builder: Any, width: int, stride: int = 1) -> None:
        self.builder, self.width, self.stride = builder, width, stride
        self.type = self.type_of(width)
        self.whole = I64 if width == 1 else ir.VectorType(I64, width)

    @staticmethod
    def type_of(width: int) -> Any:
        return DOUBLE if width == 1 else ir.VectorType(DOUBLE, width)

    def dense(self, pointer: Any) -> tuple[Any]:
        """Mark a pointer whose entries lie side by side whatever the stride (a person's parameters)."""
        return (pointer,)

    def _place(self, pointer: Any, index: Any) -> Any:
        dense = isinstance(pointer, tuple)
        if isinstance(index, int):
            index = ir.Constant(I64, index * (1 if dense else self.stride))
        return self.builder.gep(pointer[0] if dense else pointer, [index])

    def load(self, pointer: Any, index: Any) -> Any:
        instruction = self.builder.load(self._place(pointer, index))
        instruction.align = 8
        return instruction

    def store(self, value: Any, pointer: Any, index: Any) -> None:
        self.builder.store(value, self._place(pointer, index)).align = 8

    def part(self, pointer: Any, first: int) -> Any:
        """The same array from entry `first` on."""
        return self.builder.gep(pointer, [ir.Constant(I64, first)])

    def sum_of(self, first: Any, coefficients: tuple[float, ...], values: list[Any]) -> Any:
        """first + sum of coefficient * value; a None first is zero."""
        total = first
        for coefficient, value in zip(coefficients, values, strict=True):
            term = self.mul(self.constant(coefficient), value)
            total = term if total is None else self.add(total, term)
        return total

    @contextmanager
    def each(self, count: int) -> Iterator[Any]:
        """A loop over whole numbers from 0 to count - 1: what is emitted inside happens for each."""
        b = self.builder
        before, body, after = b.block, b.append_basic_block(), b.append_basic_block()
        b.branch(body)
        b.position_at_end(body)
        index = b.phi(I64)
        index.add_incoming(ir.Constant(I64, 0), before)
        yield index
        following = b.add(index, ir.Constant(I64, 1))
        index.add_incoming(following, b.block)
        b.cbranch(b.icmp_unsigned("<", following, ir.Constant(I64, count)), body, after)
        b.position_at_end(after)

    def constant(self, value: float) -> Any:
        return ir.Constant(self.type, float(value) if self.width == 1 else [float(value)] * self.width)

    def _whole(self, value: int) -> Any:
        return ir.Constant(self.whole, value if self.width == 1 else [value] * self.width)

    def add(self, x: Any, y: Any) -> Any:
        return self.builder.fadd(x, y, flags=_CONTRACT)

    def sub(self, x: Any, y: Any) -> Any:
        return self.builder.fsub(x, y, flags=_CONTRACT)

    def mul(self, x: Any, y: Any) -> Any:
        return self.builder.fmul(x, y, flags=_CONTRACT)

    def div(self, x: Any, y: Any) -> Any:
        return self.builder.fdiv(x, y, flags=_CONTRACT)

    def negative(self, x: Any) -> Any:
        return self.builder.fneg(x)

    def where(self, x: Any, threshold: Any, above: Any, below: Any) -> Any:
        return self.builder.select(self.builder.fcmp_ordered(">", x, threshold), above, below)

    def smaller(self, x: Any, y: Any) -> Any:
        """The smaller of two; a NaN in `x` is kept."""
        return self.where(x, y, y, x)

    def larger(self, x: Any, y: Any) -> Any:
        """The larger of two; a NaN in `x` is kept."""
        return self.where(y, x, y, x)

    def magnitude(self, x: Any) -> Any:
        return self._call("llvm.fabs", x)

    def sqrt(self, x: Any) -> Any:
        return self._call("llvm.sqrt", x)

    def _call(self, name: str, x: Any) -> Any:
        full = f"{name}.f64" if self.width == 1 else f"{name}.v{self.width}f64"
        function = self.builder.module.declare_intrinsic(full, (), ir.FunctionType(self.type, [self.type]))
        return self.builder.call(function, [x])

    def _polynomial(self, x: Any, coefficients: list[float]) -> Any:
        total = self.constant(coefficients[0])
        for c in coefficients[1:]:
            total = self.add(self.mul(total, x), self.constant(c))
        return total

    def exp(self, x: Any) -> Any:
        """2**k * e**r with r in [-ln2/2, ln2/2]"""
        b, limit = self.builder, self.constant(700.0)
        x = self.where(x, limit, limit, x)
        x = self.where(self.negative(limit), x, self.negative(limit), x)
        shifted = self.add(self.mul(x, self.constant(1.4426950408889634)), self.constant(_ROUND))
        k = self.sub(shifted, self.constant(_ROUND))
        r = self.sub(x, self.mul(k, self.constant(_LN2_HIGH)))
        r = self.sub(r, self.mul(k, self.constant(_LN2_LOW)))
        fraction = b.bitcast(self._polynomial(r, _EXP), self.whole)
        exponent = b.shl(b.bitcast(shifted, self.whole), self._whole(52))
        return b.bitcast(b.add(fraction, exponent), self.type)

    def sin(self, x: Any) -> Any:
        """Sine: that of the remainder in [-pi/4, pi/4], or its cosine, by the quarter turn"""
        return self._turned(x, 0)

    def cos(self, x: Any) -> Any:
        """Cosine: the sine one quarter turn on"""
        return self._turned(x, 1)

    def floor(self, x: Any) -> Any:
        """Rounded to a whole number by 2**52, and one less where that is above; large numbers are whole already"""
        size, large = self.magnitude(x), self.constant(2.0**52)
        rounded = self.builder.fsub(self.builder.fadd(size, large), large)
        rounded = self.where(self.constant(0.0), x, self.negative(rounded), rounded)
        down = self.where(rounded, x, self.sub(rounded, self.constant(1.0)), rounded)
        return self.where(large, size, down, x)

    def _turned(self, x: Any, quarters: int) -> Any:
        b = self.builder
        shifted = self.add(self.mul(x, self.constant(2 / math.pi)), self.constant(_ROUND))
        turns, r = self.sub(shifted, self.constant(_ROUND)), x
        for part in _HALF_PI:
            r = self.sub(r, self.mul(turns, self.constant(part)))
        square = self.mul(r, r)
        sine, cosine = self.mul(r, self._polynomial(square, _SIN)), self._polynomial(square, _COS)
        quarter = b.add(b.bitcast(shifted, self.whole), self._whole(quarters))
        odd = b.icmp_signed("!=", b.and_(quarter, self._whole(1)), self._whole(0))
        sign = b.shl(b.and_(quarter, self._whole(2)), self._whole(62))
        value = b.bitcast(b.xor(b.bitcast(b.select(odd, cosine, sine), self.whole), sign), self.type)
        return self.where(
            self.constant(_LARGEST_ANGLE), self.magnitude(x), value, self.constant(float("nan"))
        )

    def logs(self, xs: list[Any]) -> list[Any]:
        """Logarithms of several values, whose divisions are shared: x = 2**e * m, log m = 2 atanh((m-1)/(m+1))"""
        b, split = self.builder, []
        for x in xs:
            bits = b.bitcast(x, self.whole)
            e = b.ashr(b.sub(bits, self._whole(_SQRT_HALF_BITS)), self._whole(52))
            m = b.bitcast(b.sub(bits, b.shl(e, self._whole(52))), self.type)
            split.append((x, b.sitofp(e, self.type), self.sub(m, self.constant(1.0))))
        inverses = self.reciprocals([self.add(self.constant(2.0), f) for _, _, f in split])
        return [self._log(x, e, self.mul(f, r)) for (x, e, f), r in zip(split, inverses, strict=True)]

    def _log(self, x: Any, e: Any, q: Any) -> Any:
        z, twice = self.mul(q, q), self.add(q, q)
        tail = self.add(
            self.mul(self.mul(twice, z), self._polynomial(z, _LOG)), self.mul(e, self.constant(_LN2_LOW))
        )
        value = self.add(self.mul(e, self.constant(_LN2_HIGH)), self.add(twice, tail))
        return self.where(x, self.constant(0.0), value, self.constant(float("nan")))

    def reciprocals(self, xs: list[Any]) -> list[Any]:
        """1/x of several values with one division for each group of four (their product must be a normal double)."""
        inverses: list[Any] = []
        for first in range(0, len(xs), _SHARED):
            inverses += self._shared_reciprocals(xs[first : first + _SHARED])
        return inverses

    def _shared_reciprocals(self, xs: list[Any]) -> list[Any]:
        products = xs[:1]
        for x in xs[1:]:
            products.append(self.mul(products[-1], x))
        rest = self.div(self.constant(1.0), products[-1])
        inverses = []
        for i in range(len(xs) - 1, 0, -1):
            inverses.append(self.mul(rest, products[i - 1]))
            rest = self.mul(rest, xs[i])
        return [rest, *reversed(inverses)]
