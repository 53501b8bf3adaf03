"""What SWMM was given in each of its steps, so that the steps can be repeated to the same bit."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from citytwin.arrays import Floats


class History:
    """The flow into every node in each step, and the level of the outfalls where it was set.

    Parameters
    ----------
    size
        Number of nodes.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._flows: list[np.ndarray] = []
        self._levels: list[float] = []

    def add(self, flow: Floats, level: float) -> None:
        """Note one step.

        Parameters
        ----------
        flow
            (k,) flow into the nodes [m³/s], in numbers that float32 holds.
        level
            Level of the outfalls [m], NaN if it was not set.
        """
        self._flows.append(flow.astype(np.float32))
        self._levels.append(level)

    def state(self) -> dict[str, Any]:
        """All steps as arrays."""
        flows = np.array(self._flows, np.float32).reshape(len(self._flows), self._size)
        return {"flows": flows, "levels": np.array(self._levels, np.float64)}


def steps_of(state: dict[str, Any]) -> Iterator[tuple[Floats, float]]:
    """Flows and level of each step, from ``History.state``."""
    for flow, level in zip(state["flows"], state["levels"], strict=True):
        yield flow.astype(np.float64), float(level)
