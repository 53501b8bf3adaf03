"""People of a city as a step of a build."""

from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.grid.window import Grid
from citytwin.pipeline.people.counted import (
    People,
    counted_people,
    modelled_people,
    population_units,
)
from citytwin.pipeline.people.placing import Homes
from citytwin.pipeline.values import Values
from citytwin.sources.base import Box, CellValues, Raster

#: Share of the city on which areas of people may overlap, by the rounding of their outlines.
MOST_OVERLAP = 0.02


def modelled(grid: Grid, outlines: NDArray[Any], homes: Floats, per_person: float) -> Values:
    """People modelled from the floor area of homes [m²], ``per_person`` m² each."""
    people = modelled_people(grid, Homes(outlines, homes), per_person)
    words = f"assumed, not counted: homes' floor area divided by {per_person:g} m² a person"
    return _values(people, words) | {"remarks": [words]}


def counted(
    grid: Grid,
    box: Box,
    outlines: NDArray[Any],
    homes: Floats,
    counts: Raster | CellValues | gpd.GeoDataFrame,
    water_share: Floats,
    least_floor_area: float,
    per_person: float | None,
) -> Values:
    """People counted by a source, moved onto the floor area of homes [m²].

    One resident needs ``least_floor_area`` m² at least. Homes where no unit of the source says
    anything hold people by ``per_person`` m² each, or nobody if that is not given.
    """
    people = counted_people(
        grid,
        box,
        Homes(outlines, homes),
        population_units(grid, box, counts),
        water_share=water_share,
        least_floor_area=least_floor_area,
        floor_area_per_person=per_person,
    )
    if people.figures.overlapping > MOST_OVERLAP * float(grid.area.sum()):
        raise SourceError(
            f"the areas of the source of people overlap on {people.figures.overlapping:,.0f} m², "
            "where people would count twice: keep one level of areas, for example with 'where' in "
            "the recipe"
        )
    words = "counted by a source; their place inside its units is modelled from homes' floor area"
    return _values(people, words)


def _values(people: People, words: str) -> Values:
    figures = people.figures
    counted_and_modelled = figures.before + figures.modelled
    return {
        "of_building": people.of_building,
        "elsewhere": people.elsewhere,
        "assumed": np.asarray(people.assumed, dtype=np.float64),
        "quality": people.quality.astype(np.int64),
        "total": {"people": counted_and_modelled},
        "figures": figures.notes(),
        "remarks": figures.remarks(),
        "words": words,
    }
