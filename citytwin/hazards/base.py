"""What every hazard model has in common: its face, its checks, its verification cases."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from citytwin.arrays import AnyFloats, Floats, Floats32
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.variables import VARIABLES

Progress = Callable[[float, str], None]
Layers = Mapping[str, AnyFloats]


def silent(done: float, note: str) -> None:
    """Progress that nobody watches."""
    del done, note


@dataclass(frozen=True, eq=False)
class Hazard:
    """A hazardous event as it was simulated on the cells of a city.

    Attributes
    ----------
    variable
        Name of the intensity in ``VARIABLES``.
    times
        (t,) seconds after the start.
    intensity
        (t, n) intensity at those times.
    summary
        (n,) arrays by name: greatest intensity, arrival and the like.
    report
        Numbers about the run, the balance of what is conserved among them.
    sentence
        The balance in plain words.
    """

    variable: str
    times: Floats
    intensity: Floats32
    summary: dict[str, Floats32]
    report: dict[str, float]
    sentence: str


@dataclass(frozen=True, eq=False)
class Site:
    """A real place for the verification cases that want one: cells and their layers."""

    name: str
    grid: Grid
    layers: Layers


@dataclass(frozen=True)
class Verification:
    """One verification case: what is computed, what it must not exceed, and who says so.

    Attributes
    ----------
    name
        What is checked, in a few words.
    figure
        Computes the figure; receives a site, or none where the case needs none.
    bound
        The figure must lie at or below it.
    unit
        Unit of figure and bound.
    source
        Where the expected result comes from.
    needs_site
        True if the case runs on a real city.
    """

    name: str
    figure: Callable[[Site | None], float]
    bound: float
    unit: str
    source: str
    needs_site: bool = False


@dataclass(frozen=True)
class Verified:
    """Outcome of one verification case."""

    case: Verification
    figure: float
    passed: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "passed", bool(self.figure <= self.case.bound))


def verify(cases: tuple[Verification, ...], site: Site | None) -> list[Verified]:
    """Run verification cases; those that need a site are left out where there is none."""
    chosen = [case for case in cases if site is not None or not case.needs_site]
    return [Verified(case, float(case.figure(site))) for case in chosen]


class HazardModel(BaseModel, ABC):
    """One hazardous event, ready to simulate. Its fields are the event's parameters.

    A subclass in its own file, registered with ``registry.hazards.register``, appears in the command
    line, in the app's form, in the contract tests and in ``citytwin verify`` by itself.

    Attributes
    ----------
    name
        Word by which scenarios call the model.
    title, title_zh
        What people read.
    version
        Changes whenever the same parameters give another result.
    inputs
        Layers that the model reads.
    output
        Variable of its intensity.
    references
        Where the method comes from: DOI, page.
    verified
        False while the model has no verification; using it then warns.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    name: ClassVar[str]
    title: ClassVar[str]
    title_zh: ClassVar[str]
    version: ClassVar[str]
    inputs: ClassVar[tuple[str, ...]]
    output: ClassVar[str]
    references: ClassVar[tuple[str, ...]]
    verified: ClassVar[bool] = True

    def simulate(self, grid: Grid, layers: Layers, progress: Progress = silent) -> Hazard:
        """Let the event happen.

        Parameters
        ----------
        grid
            Cells of the city.
        layers
            (n,) arrays by name; all of ``inputs`` must be there.
        progress
            Called with the share done (0 to 1) and a few words.

        Raises
        ------
        InputError
            If a layer is missing, has the wrong length or values outside its range.
        """
        if not self.verified:
            warnings.warn(
                f"the hazard '{self.name}' has not been verified: do not rely on it", stacklevel=2
            )
        for name in self.inputs:
            _check_layer(name, layers, len(grid))
        return self._simulate(grid, {name: layers[name] for name in self.inputs}, progress)

    @abstractmethod
    def _simulate(self, grid: Grid, layers: Layers, progress: Progress) -> Hazard:
        """Simulate with layers that were checked."""

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Cases that show whether the model computes what it should."""
        return ()

    @classmethod
    def benchmark(cls, cells: int) -> dict[str, Any]:
        """Speed of the model's kernel on about so many cells, against the memory bandwidth."""
        raise InputError(f"the hazard '{cls.name}' has no benchmark for {cells} cells")


def _check_layer(name: str, layers: Layers, count: int) -> None:
    if name not in layers:
        raise InputError(
            f"the layer '{name}' is missing: build the city again with a source that gives it"
        )
    values = np.asarray(layers[name])
    if values.shape != (count,):
        raise InputError(
            f"the layer '{name}' has shape {values.shape}, but the grid has {count} cells: "
            "build the city again"
        )
    variable = VARIABLES[name]
    if not bool(np.all((values >= variable.low) & (values <= variable.high))):
        raise InputError(
            f"the layer '{name}' has values outside {variable.low:g} to {variable.high:g} "
            f"{variable.unit}: check its source"
        )
