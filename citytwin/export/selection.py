"""What of a city goes out: its layers and its cells as tables, each prepared once."""

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import shapely

from citytwin.arrays import Ints
from citytwin.city import City
from citytwin.errors import InputError
from citytwin.export.columns import CELLS, About, describe_columns, describe_layer


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
    remarks: list[str] = field(default_factory=list)
    figures: dict[str, dict[str, float]] = field(default_factory=dict)
    _tables: dict[str, Table] = field(default_factory=dict)

    def table(self, name: str) -> Table:
        """A layer of the selection or, by the name ``cells``, the cells."""
        if name not in self._tables:
            frame = _cells(self.city) if name == CELLS else self.city.table(name)
            frame = _along_hilbert(_oriented(frame))
            columns = describe_columns(name, [c for c in frame.columns if c != "geometry"])
            self._tables[name] = Table(name, describe_layer(name), frame, columns)
        return self._tables[name]

    def tables(self) -> list[Table]:
        """All tables of the selection."""
        return [self.table(name) for name in self.layers]


def select(
    city: City,
    layers: tuple[str, ...],
    variables: tuple[str, ...],
    pixel: float | None = None,
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


def _cells(city: City) -> gpd.GeoDataFrame:
    """Hexagons of the cells with their H3 index as text, area and all variables."""
    grid = city.grid
    columns = {"h3": [format(int(cell), "x") for cell in grid.cells], "area": grid.area}
    columns |= {name: city.layers[name] for name in city.layers}
    return gpd.GeoDataFrame(
        columns, geometry=shapely.polygons(grid.corners_lonlat()), crs="EPSG:4326"
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
