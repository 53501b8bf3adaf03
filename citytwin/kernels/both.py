"""One body, compiled for one thread and for all of them."""

from collections.abc import Callable
from types import FunctionType
from typing import ParamSpec, TypeVar

from numba import njit

Given = ParamSpec("Given")
Back = TypeVar("Back")


def both(body: Callable[Given, Back]) -> tuple[Callable[Given, Back], Callable[Given, Back]]:
    """Serial and parallel machine code of a function with ``prange`` loops.

    Numba's cache knows a function by its file, name and line, not by its options: under one name it
    would give the code that was compiled first to both. The parallel one therefore has its own name.
    """
    name = f"{body.__name__}_parallel"
    twin = FunctionType(body.__code__, body.__globals__, name, body.__defaults__, body.__closure__)
    twin.__qualname__, twin.__module__ = name, body.__module__
    serial = njit(cache=True, nogil=True)(body)
    return serial, njit(cache=True, nogil=True, parallel=True)(twin)
