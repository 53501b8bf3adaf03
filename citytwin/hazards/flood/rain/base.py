"""What every rain can do: say how much falls between two times."""

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np

from citytwin.arrays import Floats


class Rain(Protocol):
    """Rain over the cells of a city, measured from the start of the simulation."""

    @property
    def total(self) -> float:
        """Depth of the whole rain, averaged over the city [m]."""

    @property
    def varies(self) -> bool:
        """Whether it differs from cell to cell."""

    @property
    def changes(self) -> Floats:
        """(k,) times at which a rain that varies changes its pattern [s]; none if uniform."""

    @property
    def words(self) -> str:
        """What rain this is and where it comes from, in one sentence."""

    def between(self, start: float, end: float) -> float | Floats:
        """Depth that falls between two times [m]: one number, or (n,) by cell."""


class UniformRain(ABC):
    """Rain that is the same everywhere, by the depth that has fallen until a time."""

    varies = False

    @abstractmethod
    def until(self, time: float) -> float:
        """Depth that has fallen from the start to a time [m].

        Parameters
        ----------
        time
            Seconds after the start; before it nothing has fallen, after the end all of it.
        """

    @property
    def changes(self) -> Floats:
        """(0,) no times: the pattern never changes."""
        return np.empty(0)

    def between(self, start: float, end: float) -> float:
        """Depth that falls between two times [m]."""
        return self.until(end) - self.until(start)
