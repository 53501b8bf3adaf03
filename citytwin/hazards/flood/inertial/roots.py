"""Inverse cube roots without a call, so that loops with them become vector code."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types
from numba.extending import overload

#: Everything of fast maths but reassociation and approximate division: each cell gets the same bits
#: wherever it lies in a row.
FLAGS = {"nnan", "ninf", "nsz", "contract"}


def inverse_cube_root(x: Any, scale: Any) -> Any:
    """``scale`` × x^(−1/3) for x > 0, to 4.5e-5 in float32 and to rounding in float64."""
    return float(scale * x ** (-1.0 / 3.0))


@overload(inverse_cube_root, strict=False, jit_options={"fastmath": FLAGS, "error_model": "numpy"})
def _inverse_cube_root_of(x: Any, scale: Any) -> Callable[[Any, Any], Any]:  # noqa: ARG001
    """Start from the exponent's bits, then refine.

    The start y is off by 4 % at most. With r = 1 − x y³, single precision multiplies it by the
    parabola that comes closest to (1 − r)^(−1/3) on the r that occur; double precision starts from
    the single one and takes the series y (1 + r/3 + 2r²/9 + 14r³/81).
    """
    if x == types.float32:

        def single(x: Any, scale: Any) -> Any:
            third = np.float32(1.0 / 3.0)
            bits = np.float32(0x54A13000) - np.float32(np.float32(x).view(np.int32)) * third
            y = np.int32(bits).view(np.float32)
            r = np.float32(1.0) - x * (y * y * y)
            a, b = scale * np.float32(0.99998287), scale * np.float32(0.33457581)
            return y * (a + r * (b + r * (scale * np.float32(0.22982697))))

        return single

    def double(x: Any, scale: Any) -> Any:
        y = np.float64(inverse_cube_root(np.float32(x), np.float32(1.0)))
        r = 1.0 - x * (y * y * y)
        return (scale * y) * (1.0 + r * (1.0 / 3.0 + r * (2.0 / 9.0 + r * (14.0 / 81.0))))

    return double


#: Flags of the older root, which the full solver takes.
_OLD_FLAGS = {"nnan", "ninf", "nsz", "arcp", "contract", "afn"}


def old_root(x: float) -> float:
    """x^(−1/3) for x > 0, to 2e-5 in float32 and to rounding in float64."""
    return float(x ** (-1.0 / 3.0))


@overload(old_root, jit_options={"fastmath": _OLD_FLAGS, "error_model": "numpy"})
def _old_root_of(x: Any) -> Callable[[Any], Any]:
    """Start from the exponent's bits, then refine: no call, so the loop stays vectorised.

    Single precision takes one step of fourth order, r = 1 − x y³ and y (1 + r/3 + 2r²/9 + 14r³/81);
    double precision takes Newton steps.
    """
    if x == types.float32:

        def single(x: Any) -> Any:
            one, third = np.float32(1.0), np.float32(1.0 / 3.0)
            bits = np.float32(0x54A21D2A) - np.float32(np.float32(x).view(np.int32)) * third
            y = np.int32(bits).view(np.float32)
            r = one - x * (y * y * y)
            return y + y * r * (third + r * (np.float32(2.0 / 9.0) + r * np.float32(14.0 / 81.0)))

        return single

    def double(x: Any) -> Any:
        bits = np.int64(0x553EF0FF289DD796) - np.float64(x).view(np.int64) // np.int64(3)
        y = np.int64(bits).view(np.float64)
        for _ in range(5):
            y = y * (4.0 - x * y * y * y) * (1.0 / 3.0)
        return y

    return double
