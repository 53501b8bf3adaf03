"""Ground motion from a ShakeMap of the U.S. Geological Survey: the file grid.xml.

Format: ShakeMap manual, "Products and Formats", https://usgs.github.io/shakemap/manual3_5/products.html.
"""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
from scipy import ndimage

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.hazards.earthquake.bssa14 import GRAVITY

_PERCENT_G = GRAVITY / 100.0
#: Our names of the fields, and what brings them to SI.
_FIELDS: dict[str, tuple[str, float]] = {
    "PGA": ("pga", _PERCENT_G),
    "PGV": ("pgv", 0.01),
    "PSA03": ("sa03", _PERCENT_G),
    "PSA10": ("sa10", _PERCENT_G),
    "PSA30": ("sa30", _PERCENT_G),
    "MMI": ("mmi", 1.0),
    "SVEL": ("vs30", 1.0),
}
_NEEDED = ("PGA", "PGV", "PSA03", "PSA10", "PSA30")
_MOST_BYTES = 500_000_000


@dataclass(frozen=True, eq=False)
class ShakeMap:
    """Ground motion on a regular raster of longitude and latitude.

    Attributes
    ----------
    west, north
        Centre of the first value [degrees].
    step_lon, step_lat
        Distance of values [degrees].
    fields
        (rows, columns) values in SI by name, rows from north to south.
    event
        What the file says of the earthquake: magnitude, depth and so on.
    """

    west: float
    north: float
    step_lon: float
    step_lat: float
    fields: dict[str, Floats]
    event: dict[str, str]

    def at(self, lon: Floats, lat: Floats, name: str) -> Floats:
        """(n,) bilinear values at points [degrees] of one field."""
        place = np.stack([(self.north - lat) / self.step_lat, (lon - self.west) / self.step_lon])
        return np.asarray(
            ndimage.map_coordinates(self.fields[name], place, order=1, mode="nearest")
        )

    def covers(self, lon: Floats, lat: Floats) -> bool:
        """Whether all points lie inside, up to half a step beyond its outermost values."""
        rows, columns = next(iter(self.fields.values())).shape
        row, column = (self.north - lat) / self.step_lat, (lon - self.west) / self.step_lon
        return bool(
            row.min() >= -0.5
            and column.min() >= -0.5
            and row.max() <= rows - 0.5
            and column.max() <= columns - 0.5
        )


def read_shakemap(path: Path) -> ShakeMap:
    """A ShakeMap's grid.xml.

    Raises
    ------
    InputError
        If the file is missing, is not a grid.xml, or lacks something.
    """
    root = _root(path)
    tags = {tag: [item for item in root if item.tag.endswith("}" + tag) or item.tag == tag]
            for tag in ("event", "grid_specification", "grid_field", "grid_data")}  # fmt: skip
    for tag, found in tags.items():
        if not found and tag != "event":
            raise InputError(f"{path} has no '{tag}': give the grid.xml of a ShakeMap")
    columns = {
        _text(item, "name", path): _integer(item, "index", path) - 1 for item in tags["grid_field"]
    }
    for name in ("LON", "LAT", *_NEEDED):
        if name not in columns:
            raise InputError(f"{path} has no field '{name}': give a grid.xml that has it")
    spec = tags["grid_specification"][0]
    shape = (_integer(spec, "nlat", path), _integer(spec, "nlon", path))
    table = _numbers(tags["grid_data"][0].text or "", shape, len(tags["grid_field"]), path)
    return _arranged(
        table, columns, shape, dict(tags["event"][0].attrib) if tags["event"] else {}, path
    )


def _root(path: Path) -> ET.Element:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(
                f"{path} has more than {_MOST_BYTES // 10**6} MB: give a smaller ShakeMap"
            )
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise InputError(
            f"the ShakeMap {path} cannot be read: give the path of a grid.xml"
        ) from error
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        raise InputError(
            f"{path} declares entities, which no ShakeMap does: give the original file"
        )
    try:
        root = ET.fromstring(text)  # noqa: S314  (without entities, see above)
    except ET.ParseError as error:
        raise InputError(f"{path} is not whole XML ({error}): fetch the ShakeMap again") from error
    if not root.tag.endswith("shakemap_grid"):
        raise InputError(f"{path} is no ShakeMap grid but '{root.tag}': give a grid.xml")
    return root


def _text(item: ET.Element, name: str, path: Path) -> str:
    value = item.attrib.get(name)
    if value is None:
        raise InputError(f"{path} lacks '{name}' in one of its tags: fetch the ShakeMap again")
    return value


def _integer(item: ET.Element, name: str, path: Path) -> int:
    value = _text(item, name, path)
    if not value.strip().isdigit() or int(value) < 1:
        raise InputError(f"'{name}' in {path} is '{value}', not a count: fetch the ShakeMap again")
    return int(value)


def _numbers(text: str, shape: tuple[int, int], width: int, path: Path) -> Floats:
    words = text.split()
    if len(words) != shape[0] * shape[1] * width:
        raise InputError(
            f"{path} holds {len(words)} numbers, not {shape[0]} × {shape[1]} × {width}: fetch the "
            "ShakeMap again"
        )
    try:
        table = np.array(words, dtype=np.float64).reshape(-1, width)
    except ValueError as error:
        raise InputError(
            f"{path} holds something that is not a number ({error}): mend it"
        ) from error
    if not bool(np.isfinite(table).all()):
        raise InputError(f"{path} has values that are not numbers: give a ShakeMap without gaps")
    return table


def _arranged(
    table: Floats,
    columns: dict[str, int],
    shape: tuple[int, int],
    event: dict[str, str],
    path: Path,
) -> ShakeMap:
    """Rows of the file as rasters, from north to south and west to east."""
    lon, lat = table[:, columns["LON"]], table[:, columns["LAT"]]
    order = np.lexsort((lon, -lat))
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    if min(shape) < 2 or not (west < east and south < north):
        raise InputError(f"{path} holds a single row of places: give a ShakeMap of an area")
    steps = (east - west) / (shape[1] - 1), (north - south) / (shape[0] - 1)
    line = lat[order].reshape(shape)
    off = max(
        float(np.abs(line - line[:, :1]).max()) / steps[1],
        float(np.abs(lon[order].reshape(shape) - (west + steps[0] * np.arange(shape[1]))).max())
        / steps[0],
    )
    if off > 0.25:
        raise InputError(f"the places in {path} are not a regular raster: fetch the ShakeMap again")
    fields = {}
    for name, (ours, scale) in _FIELDS.items():
        if name in columns:
            values = table[order, columns[name]].reshape(shape) * scale
            if float(values.min()) < 0.0:
                raise InputError(f"{path} has '{name}' below 0: fetch the ShakeMap again")
            fields[ours] = values
    return ShakeMap(float(west), float(north), float(steps[0]), float(steps[1]), fields, event)
