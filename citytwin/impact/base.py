"""What every impact has in common: levels of severity, numbers with who is counted, curves in use."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.hazards.base import Hazard
from citytwin.hazards.cases import Verification
from citytwin.impact.exposure import Exposure


@dataclass(frozen=True)
class Level:
    """A step of severity from which on people and buildings are counted.

    Attributes
    ----------
    name
        Its word in files.
    title, title_zh
        What people read.
    """

    name: str
    title: str
    title_zh: str


@dataclass(frozen=True)
class Count:
    """One number of an impact.

    Attributes
    ----------
    name
        Its word in files.
    title, title_zh
        What is counted, as people read it.
    value
        The number.
    unit
        Its unit; ``1`` for people and things.
    of
        What there is of it in all, if that says something.
    who, who_zh
        Who or what is counted, and what was assumed for it.
    """

    name: str
    title: str
    title_zh: str
    value: float
    unit: str
    of: float | None = None
    who: str = ""
    who_zh: str = ""


@dataclass(frozen=True)
class Curve:
    """A vulnerability that an impact used.

    Attributes
    ----------
    title
        What it gives, from what.
    source
        Where it is from: DOI, table, page.
    verified
        Whether its values were compared with the source.
    """

    title: str
    source: str
    verified: bool


@dataclass(frozen=True)
class Mark:
    """What a colour on a map says of a building or a street.

    Attributes
    ----------
    title, title_zh
        What people read.
    colour
        ``#rrggbb``.
    """

    title: str
    title_zh: str
    colour: str


@dataclass(frozen=True, eq=False)
class Moment:
    """A run at one of its moments, or as a whole.

    Attributes
    ----------
    time
        Seconds after the start; infinite for the whole run.
    value
        Gives (n,) a quantity by name: of the moment, or of the summary for the whole run.
    of_run
        Gives (n,) a quantity of the summary by name.
    buildings
        (b,) arrays by name: what befell each building.
    """

    time: float
    value: Callable[[str], AnyFloats]
    of_run: Callable[[str], AnyFloats]
    buildings: Mapping[str, AnyFloats]

    @property
    def whole(self) -> bool:
        """Whether it is the whole run."""
        return self.time == float("inf")


@dataclass(frozen=True, eq=False)
class Impact:
    """Consequences of a hazard for people, buildings and streets.

    Attributes
    ----------
    measure, measure_zh
        What decides the level of a building.
    levels
        Steps of severity, rising; people and buildings at one are at all before it, too.
    people, buildings
        Residents of, and number of, buildings at each level at any time of the run.
    roads
        Streets that cannot be used: ``reason``, ``reason_zh``, ``total_m``, ``impassable_m``, both
        ``by_class``, and ``footways`` apart; empty if the hazard closes none. Floods have ``unsafe``,
        too: the same by vehicle and person.
    counts
        Further numbers.
    series
        ``people`` and ``buildings`` by level and ``roads_m`` at each moment.
    curves
        Vulnerabilities in use.
    per_building
        (b,) arrays by name: what the impact says of each building.
    reached
        (b,) by level: 1 where a building is at it, or how likely it is.
    """

    measure: str
    measure_zh: str
    levels: tuple[Level, ...]
    people: dict[str, float]
    buildings: dict[str, float]
    roads: dict[str, Any] = field(default_factory=dict)
    counts: tuple[Count, ...] = ()
    series: dict[str, Any] = field(default_factory=dict)
    curves: tuple[Curve, ...] = ()
    per_building: Mapping[str, Floats] = field(default_factory=dict)
    reached: Mapping[str, Floats | Bools] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """All but the arrays, as plain values."""
        return {
            "measure": self.measure,
            "measure_zh": self.measure_zh,
            "levels": [asdict(level) for level in self.levels],
            "people": dict(self.people),
            "buildings": dict(self.buildings),
            "roads": self.roads,
            "counts": [asdict(count) for count in self.counts],
            "series": self.series,
            "curves": [asdict(curve) for curve in self.curves],
        }


class ImpactModel(ABC):
    """Counts the consequences of the hazards with one variable of intensity.

    Attributes
    ----------
    variable
        Intensity that it understands.
    version
        Changes whenever the same hazard gives another impact.
    people_word, buildings_word
        What the people and the buildings are that it counts, in English and Chinese.
    building_marks
        What the colours of buildings say, from 1.
    street_mark
        What the colour of closed streets says; none if it closes none.
    building_facts
        Arrays of buildings that say something of each one: words in English and Chinese, and unit;
        ``s`` is shown as a length of time.
    """

    variable: ClassVar[str]
    version: ClassVar[str]
    people_word: ClassVar[tuple[str, str]]
    buildings_word: ClassVar[tuple[str, str]]
    building_marks: ClassVar[tuple[Mark, ...]] = ()
    street_mark: ClassVar[Mark | None] = None
    building_facts: ClassVar[Mapping[str, tuple[str, str, str]]] = {}

    @classmethod
    def verification(cls) -> tuple[Verification, ...]:
        """Cases that show whether its numbers are what they should be."""
        return ()

    @classmethod
    @abstractmethod
    def count(cls, exposure: Exposure, hazard: Hazard) -> Impact:
        """Impact of a hazard on what stands in its way."""

    @classmethod
    def marked(cls, exposure: Exposure, moment: Moment) -> Ints:
        """(b,) mark of each building, 0 for none."""
        del moment
        return np.zeros(len(exposure.buildings), dtype=np.int64)

    @classmethod
    def closed(cls, exposure: Exposure, moment: Moment) -> Bools:
        """(n,) cells in which no street can be used."""
        del moment
        return np.zeros(len(exposure.grid), dtype=np.bool_)

    @classmethod
    def closed_chance(cls, exposure: Exposure, moment: Moment) -> Floats:
        """(n,) probability that no street in a cell can be used."""
        return cls.closed(exposure, moment).astype(np.float64)
