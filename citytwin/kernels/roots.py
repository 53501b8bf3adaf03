"""Arithmetic that gives each cell the same bits wherever it lies in a row, and stays vector code."""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic, overload

#: Everything of fast maths but what may round differently in the vectors and at the end of a row:
#: reassociation, approximate division, products that are fused into sums at will.
EXACT = {"nnan", "ninf", "nsz"}
#: The same with products fused at will: the bits may depend on where a cell lies in its row.
FLAGS = {*EXACT, "contract"}


@intrinsic
def _fma(typing: Any, a: Any, b: Any, c: Any) -> Any:  # noqa: ARG001
    """Product of ``a`` and ``b``, plus ``c``; fused wherever the processor can."""

    def emit(context: Any, builder: Any, signature: Any, args: Any) -> Any:  # noqa: ARG001
        kind = args[0].type
        form = ir.FunctionType(kind, [kind] * 3)
        return builder.call(builder.module.declare_intrinsic("llvm.fmuladd", [kind], form), args)

    return a(a, a, a), emit


def _plain_fma(a: float, b: float, c: float) -> float:
    return a * b + c


fma: Any = _plain_fma if config.DISABLE_JIT else _fma  # type: ignore[attr-defined]


def inverse_cube_root(x: Any, scale: Any) -> Any:
    """``scale`` × x^(−1/3) for x > 0, to 4.5e-5 in float32 and to rounding in float64."""
    return float(scale * x ** (-1.0 / 3.0))


@overload(inverse_cube_root, strict=False, jit_options={"fastmath": EXACT, "error_model": "numpy"})
def _inverse_cube_root_of(x: Any, scale: Any) -> Callable[[Any, Any], Any]:  # noqa: ARG001
    """Start from the exponent's bits, then refine.

    The start y is off by 4 % at most. With r = 1 − x y³, single precision multiplies it by the
    parabola that comes closest to (1 − r)^(−1/3) on the r that occur; double precision starts from
    the single one and takes the series y (1 + r/3 + 2r²/9 + 14r³/81).
    """
    if x == types.float32:

        def single(x: Any, scale: Any) -> Any:
            bits = fma(
                np.float32(np.float32(x).view(np.int32)), np.float32(-1.0 / 3.0),
                np.float32(0x54A13000),
            )  # fmt: skip
            y = np.int32(bits).view(np.float32)
            r = fma(-x, y * y * y, np.float32(1.0))
            a, b = scale * np.float32(0.99998287), scale * np.float32(0.33457581)
            return y * fma(r, fma(r, scale * np.float32(0.22982697), b), a)

        return single

    def double(x: Any, scale: Any) -> Any:
        y = np.float64(inverse_cube_root(np.float32(x), np.float32(1.0)))
        r = fma(-x, y * y * y, 1.0)
        series = fma(r, fma(r, fma(r, 14.0 / 81.0, 2.0 / 9.0), 1.0 / 3.0), 1.0)
        return (scale * y) * series

    return double
