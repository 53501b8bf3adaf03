"""Random numbers by counter: the number of a thing depends on the seed and the thing alone."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def uniform(seed: int, stream: int, number: NDArray[np.integer[Any]]) -> Floats:
    """Even random numbers in [0, 1), one for each thing's number; order does not matter.

    Source: the finalizer of splitmix64, Steele, Lea & Flood 2014, doi:10.1145/2714064.2660195.
    """
    mixed: NDArray[np.uint64] = np.asarray(number).astype(np.uint64).reshape(-1)
    for part in (seed, stream):
        key = np.full(1, part, dtype=np.uint64)
        mixed = _mix(np.asarray(mixed + key * _GOLDEN + _GOLDEN, dtype=np.uint64))
    return (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53


def exponential(seed: int, stream: int, number: NDArray[np.integer[Any]]) -> Floats:
    """Exponential random numbers of mean 1, one for each thing's number."""
    return np.asarray(-np.log1p(-uniform(seed, stream, number)))


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
