"""What every hazard model has in common: its face, its checks, its verification cases."""

import warnings
from abc import ABC
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from pydantic import BaseModel, ConfigDict

from citytwin.arrays import AnyFloats, Floats, Floats32
from citytwin.errors import AbsentError, InputError
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings
from citytwin.variables import VARIABLES

Progress = Callable[[float, str], None]
Layers = Mapping[str, AnyFloats]
#: Text of something published, by its name: a file of a benchmark, a table of another program.
Published = Callable[[str], str]


def silent(done: float, note: str) -> None:
    """Progress that nobody watches."""
    del done, note


def never() -> bool:
    """Answer of nobody who wants a run to stop."""
    return False


class Watch:
    """What a run tells of itself while it goes on, and what it is told; it is called as a progress.

    Parameters
    ----------
    progress
        Called with the share done (0 to 1) and a few words.
    stopped
        Asked again and again whether the run shall stop and keep what it has.
    kept
        What an earlier part of the same run kept, to go on from.

    Attributes
    ----------
    state
        What a run that was stopped has to keep, to go on later: numbers, texts and arrays, in
        nested mappings and lists.
    """

    def __init__(
        self,
        progress: Progress = silent,
        stopped: Callable[[], bool] = never,
        kept: dict[str, Any] | None = None,
    ) -> None:
        self._progress = progress
        self.stopped = stopped
        self.kept = kept
        self.state: dict[str, Any] | None = None

    def __call__(self, done: float, note: str) -> None:
        """Tell how far the run is."""
        self._progress(done, note)


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
    """

    works: Any = None
    buildings: Buildings | None = None
    building_ignitions: Floats | None = None


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


@dataclass(frozen=True, eq=False)
class Site:
    """A real place for the verification cases that want one: cells and their layers."""

    name: str
    grid: Grid
    layers: Layers


@dataclass(frozen=True)
class Law:
    """What must hold beside a case's figure, in the same computation.

    Attributes
    ----------
    name
        What it is, with its unit if it has one.
    figure, bound
        What was found, and what it must not exceed.
    """

    name: str
    figure: float
    bound: float

    @property
    def holds(self) -> bool:
        """True if the figure keeps to the bound."""
        return bool(self.figure <= self.bound)


@dataclass(frozen=True)
class Measured:
    """A figure, and the laws that were checked beside it."""

    figure: float
    laws: tuple[Law, ...] = ()


@dataclass(frozen=True)
class Verification:
    """One verification case: what is computed, what it must not exceed, and who says so.

    Attributes
    ----------
    name
        What is checked, in a few words.
    figure
        Computes the figure; receives a site, or none where the case needs none, and then the texts
        that ``needs`` names.
    bound
        The figure must lie at or below it.
    unit
        Unit of figure and bound.
    source
        Where the expected result comes from.
    needs_site
        True if the case runs on a real city.
    needs
        Names of published texts that it compares with; it is skipped where one is absent.
    """

    name: str
    figure: Callable[..., float | Measured]
    bound: float
    unit: str
    source: str
    needs_site: bool = False
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verified:
    """Outcome of one verification case.

    Attributes
    ----------
    case, figure, laws
        The case, its figure, and the laws beside it.
    skipped
        Why it did not run; empty if it ran.
    """

    case: Verification
    figure: float
    laws: tuple[Law, ...] = ()
    skipped: str = ""
    passed: bool = field(init=False)

    def __post_init__(self) -> None:
        kept = self.figure <= self.case.bound and all(law.holds for law in self.laws)
        object.__setattr__(self, "passed", bool(kept))


def nothing_published(name: str) -> str:
    """Stand in for a reader where nothing published is at hand."""
    raise AbsentError(f"'{name}' is not here")


def verify(
    cases: tuple[Verification, ...], site: Site | None, published: Published = nothing_published
) -> list[Verified]:
    """Run verification cases; those that need a site are left out where there is none."""
    chosen = [case for case in cases if site is not None or not case.needs_site]
    return [_verified(case, site, published) for case in chosen]


def _verified(case: Verification, site: Site | None, published: Published) -> Verified:
    try:
        found = case.figure(site, *[published(name) for name in case.needs])
    except AbsentError as absent:
        return Verified(case, float("nan"), skipped=str(absent))
    if isinstance(found, Measured):
        return Verified(case, float(found.figure), found.laws)
    return Verified(case, float(found))


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
