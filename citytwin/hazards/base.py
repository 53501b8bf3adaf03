"""What every hazard model has in common: its face, what it finds and gives, its checks."""

import warnings
from abc import ABC
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from citytwin.arrays import AnyFloats, Floats, Floats32
from citytwin.errors import InputError
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.cases import Verification
from citytwin.hazards.watch import Progress, Watch, silent
from citytwin.variables import VARIABLES

Layers = Mapping[str, AnyFloats]


@dataclass(frozen=True, eq=False)
class Series:
    """A quantity at one place over time.

    Attributes
    ----------
    kind
        What the place is: ``gauge``, ``line``, ``sewer node`` and the like.
    name
        Its name.
    variable, unit
        The quantity.
    times
        (t,) seconds after the start.
    values
        (t,) its values.
    """

    kind: str
    name: str
    variable: str
    unit: str
    times: Floats
    values: Floats


@dataclass(frozen=True)
class Picture:
    """How one quantity of a run is drawn and explained.

    Attributes
    ----------
    name
        Its word in addresses; no two pictures of a model share one.
    title, title_zh
        What people read above the legend; ``{field}`` stands for a field of the event.
    short, short_zh
        The same in two or three words, for lists.
    values
        Name of the quantity: the intensity or one of ``fields`` if ``moving``, else of ``summary``.
    classes
        Least value of each class in ``unit``, rising; what lies below the first is not drawn.
    colours
        A colour of each class, ``#rrggbb``.
    unit
        Unit of the classes as people read it; empty where the classes have words.
    scale
        From the unit of the results to ``unit``.
    words, words_zh
        Words of the classes, where numbers say nothing.
    moving
        Whether it shows a moment.
    marks
        Whether buildings and streets that are hit are coloured, too.
    where
        A quantity of the same kind and its least value: other cells are not drawn.
    raised
        A quantity of the same kind by which the picture stands above the ground [m]; on it without.
    source, source_zh
        Where the classes come from, if they are not just steps.
    counted
        Number of the class from which on ensembles count a probability, where nobody says another.
    """

    name: str
    title: str
    title_zh: str
    short: str
    short_zh: str
    values: str
    classes: tuple[float, ...]
    colours: tuple[str, ...]
    unit: str = ""
    scale: float = 1.0
    words: tuple[str, ...] = ()
    words_zh: tuple[str, ...] = ()
    moving: bool = False
    marks: bool = False
    where: tuple[str, float] = ("", 0.0)
    raised: str = ""
    source: str = ""
    source_zh: str = ""
    counted: int = 1


@dataclass(frozen=True, eq=False)
class Given:
    """What an event finds in a city beside its cells.

    Attributes
    ----------
    works
        What measures have built; only for models that know of works.
    buildings
        Buildings, for models that ``needs_buildings``; none where the city has none.
    building_ignitions
        (b,) when each building is set on fire by what happened before [s]; infinite where it is not.
    construction
        What people build there, as the city's recipe says; empty where nothing says it.
    outages
        Lifelines that are out of service by what happened before: from when on [s].
    """

    works: Any = None
    buildings: Buildings | None = None
    building_ignitions: Floats | None = None
    construction: str = ""
    outages: Mapping[str, float] = field(default_factory=dict)


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
    fields
        (t, n) further quantities at the same times, by name.
    series
        Quantities at single places.
    buildings
        (b,) arrays by name, in the order of the city's buildings: what befell each of them.
    notes
        What a reader must know: choices that were made, assumptions, faults.
    complete
        False if the run was stopped before its end; it then holds what was computed.
    substance
        Name of what is in the air, as ``data/tables/substances.csv`` has it; else empty.
    """

    variable: str
    times: Floats
    intensity: Floats32
    summary: dict[str, Floats32]
    report: dict[str, float]
    sentence: str
    fields: dict[str, Floats32] = field(default_factory=dict)
    series: tuple[Series, ...] = ()
    buildings: dict[str, Floats32] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    complete: bool = True
    substance: str = ""


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
    pictures
        How its results are drawn, the first one first; without any, the intensity in plain steps.
    needs_buildings
        Whether it reads the buildings themselves, not their layers alone.
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
    pictures: ClassVar[tuple[Picture, ...]] = ()
    needs_buildings: ClassVar[bool] = False
    verified: ClassVar[bool] = True

    def simulate(
        self,
        grid: Grid,
        layers: Layers,
        progress: Progress | Watch = silent,
        given: Given | None = None,
    ) -> Hazard:
        """Let the event happen.

        Parameters
        ----------
        grid
            Cells of the city.
        layers
            (n,) arrays by name; all of ``inputs`` must be there.
        progress
            Called with the share done (0 to 1) and a few words; a ``Watch`` can stop the run, too.
        given
            What else there is: works of measures, buildings.

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
        watch = progress if isinstance(progress, Watch) else Watch(progress)
        checked = {name: layers[name] for name in self.inputs}
        return self._simulate_given(grid, checked, watch, given or Given())

    def _simulate(self, grid: Grid, layers: Layers, progress: Watch) -> Hazard:
        """Simulate with layers that were checked; a model overrides this or ``_simulate_given``."""
        raise NotImplementedError(f"the hazard '{self.name}' does nothing")

    def _simulate_given(self, grid: Grid, layers: Layers, progress: Watch, given: Given) -> Hazard:
        """Simulate with what else there is; a model that does not override this needs none of it."""
        if given.works is not None:
            raise InputError(f"no measure acts on the hazard '{self.name}': take the measures away")
        return self._simulate(grid, layers, progress)

    def files(self) -> tuple[Path, ...]:
        """Files that the event reads; their content counts when scenarios are compared."""
        return ()

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
