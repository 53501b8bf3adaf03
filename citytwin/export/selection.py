"""What of a city goes out: its layers and its cells as tables, each prepared once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely

from citytwin.arrays import Floats, Ints
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export.columns import CELLS, About, describe_columns, describe_layer
from citytwin.export.formats import LEAST_PEOPLE
from citytwin.export.people import PEOPLE, Published, hides_units, publish


@dataclass(frozen=True, eq=False)
class Table:
    """One layer, ready to be written.

    Attributes
    ----------
    name, description
        Name of the layer, and what it is.
    frame
        The features in EPSG:4326, along a Hilbert curve; polygons have anticlockwise shells.
    columns
        What each column but the geometry means.
    """

    name: str
    description: str
    frame: gpd.GeoDataFrame
    columns: dict[str, About]


@dataclass(eq=False)
class Selection:
    """What of a city is exported.

    Attributes
    ----------
    city
        The city.
    layers
        Names of the layers, ``cells`` among them if the cells go out.
    variables
        Variables on cells that become rasters.
    chosen
        Whether the layers were asked for by name, not taken because there were no wishes.
    pixel
        Pixel size of rasters [m]; ``None`` takes one that fits the cells.
    least
        Fewest people of a published number, k; 0 or 1 leaves people as they are.
    remarks
        What a user must know about the outcome, in sentences; writers add to it.
    figures
        What writers measured, by topic; writers add to it.
    """

    city: City
    layers: tuple[str, ...]
    variables: tuple[str, ...]
    chosen: bool = False
    pixel: float | None = None
    least: int = LEAST_PEOPLE
    remarks: list[str] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    _tables: dict[str, Table] = field(default_factory=dict)

    @cached_property
    def people(self) -> Published | None:
        """People as they go out, with a remark that says so; none if the city has none."""
        found = publish(self.city, self.least)
        if found is not None:
            self.remarks.append(found.words)
        return found

    @property
    def people_told(self) -> Published | None:
        """People as they go out, if any file asked for them."""
        return self.__dict__.get("people")

    @cached_property
    def layers_on_cells(self) -> Mapping[str, Floats]:
        """(n,) arrays by variable, as they go out."""
        found = dict(self.city.layers)
        if PEOPLE in found and self.people is not None:
            found[PEOPLE] = self.people.on_cells
        return found

    def layer(self, variable: str) -> Floats:
        """(n,) a variable on the cells, as it goes out."""
        if variable == PEOPLE:
            return self.layers_on_cells[variable]
        return self.city.layers[variable]

    def frame(self, name: str) -> gpd.GeoDataFrame:
        """A layer of the city in the order of its ids, with people as they go out."""
        frame = self.city.table(name)
        if PEOPLE not in frame:
            return frame
        if name == "buildings" and self.people is not None:
            told = self.people.of_building
            return frame.drop(columns=PEOPLE) if told is None else frame.assign(people=told)
        if hides_units(name, self.least):
            self.remarks.append(f"{name}: its people are left out, they are in the cells")
            return frame.drop(columns=PEOPLE)
        return frame

    def table(self, name: str) -> Table:
        """A layer of the selection or, by the name ``cells``, the cells."""
        if name not in self._tables:
            frame = self._cells() if name == CELLS else self.frame(name)
            frame = _along_hilbert(_oriented(frame))
            columns = describe_columns(name, [c for c in frame.columns if c != "geometry"])
            if PEOPLE in columns and name in ("buildings", CELLS) and self.least > 1:
                about = columns[PEOPLE]
                words = f"{about.description}, in groups of at least {self.least}"
                columns[PEOPLE] = About(words, about.unit)
            self._tables[name] = Table(name, describe_layer(name), frame, columns)
        return self._tables[name]

    def _cells(self) -> gpd.GeoDataFrame:
        """Hexagons of the cells with their H3 index as text, area and all variables."""
        grid = self.city.grid
        columns = {"h3": [format(int(cell), "x") for cell in grid.cells], "area": grid.area}
        columns |= self.layers_on_cells
        return gpd.GeoDataFrame(
            columns, geometry=shapely.polygons(grid.corners_lonlat()), crs="EPSG:4326"
        )

    def tables(self) -> list[Table]:
        """All tables of the selection."""
        return [self.table(name) for name in self.layers]


def select(
    city: City,
    layers: tuple[str, ...],
    variables: tuple[str, ...],
    pixel: float | None = None,
    least: int = LEAST_PEOPLE,
) -> Selection:
    """Selection by names, checked; nothing named means everything.

    Raises
    ------
    InputError
        If the city has no such layer or no such variable on its cells.
    """
    known = [*city.tables, CELLS]
    _refuse_unknown(layers, known, "layer", "--layer", city)
    _refuse_unknown(variables, list(city.layers), "variable on cells", "--variable", city)
    odd = [name for name in known if not name.isidentifier()]
    if odd:
        raise InputError(
            f"the layer '{odd[0]}' of the city {city.path} cannot name a file: build the city again "
            "with letters, digits and _ in the names of layers"
        )
    return Selection(
        city,
        tuple(dict.fromkeys(layers)) or tuple(known),
        tuple(dict.fromkeys(variables)) or tuple(city.layers),
        chosen=bool(layers),
        pixel=pixel,
        least=least,
    )


def _refuse_unknown(
    names: tuple[str, ...], known: list[str], what: str, option: str, city: City
) -> None:
    for name in names:
        if name not in known:
            raise InputError(
                f"the city {city.path} has no {what} '{name}': choose {option} from "
                f"{', '.join(known)}"
            )


def _oriented(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    geometry = np.asarray(frame.geometry)
    return frame.set_geometry(
        gpd.GeoSeries(shapely.orient_polygons(geometry), index=frame.index, crs=frame.crs)
    )


def _along_hilbert(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Rows along a Hilbert curve through the boxes' centres; those without geometry come last."""
    missing = np.asarray(frame.geometry.isna() | frame.geometry.is_empty)
    distance = np.full(len(frame), np.iinfo(np.int64).max)
    if not missing.all():
        distance[~missing] = frame.geometry[~missing].hilbert_distance().to_numpy(np.int64)
    order: Ints = np.argsort(distance, kind="stable")
    return frame.iloc[order].reset_index(drop=True)
