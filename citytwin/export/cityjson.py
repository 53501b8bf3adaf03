"""CityJSON 2.0 and CityJSONSeq: buildings as blocks of level of detail 1.2."""

import json
import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.export.dates import content_dates
from citytwin.export.files import File
from citytwin.export.plane import utm
from citytwin.export.selection import Selection
from citytwin.export.solids import STEP, Blocks, blocks

LAYER = "buildings"
_LOD = "1.2"
_SURFACES = [{"type": "GroundSurface"}, {"type": "RoofSurface"}, {"type": "WallSurface"}]
#: Years that four digits can say.
_YEARS = range(10_000)
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "citytwin")


@dataclass(frozen=True, eq=False)
class _Model:
    """Buildings as blocks, with what else is known of each."""

    blocks: Blocks
    attributes: list[dict[str, Any]]
    ids: list[int]

    def objects(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """City objects by their names: buildings, and the parts of those that have several."""
        first = 0
        while first < len(self.blocks.item):
            item, last = self.blocks.item[first], first + 1
            while last < len(self.blocks.item) and self.blocks.item[last] == item:
                last += 1
            yield from self._building(item, range(first, last))
            first = last

    def _building(self, item: int, numbers: range) -> Iterator[tuple[str, dict[str, Any]]]:
        name = f"building-{self.ids[item]}"
        about = {"type": "Building", "attributes": self.attributes[item]}
        if len(numbers) == 1:
            yield name, {**about, "geometry": [_solid(self.blocks.shells[numbers[0]])]}
            return
        parts = [f"{name}-{number}" for number in range(1, len(numbers) + 1)]
        yield name, {**about, "geometry": [], "children": parts}
        for part, number in zip(parts, numbers, strict=True):
            solid = _solid(self.blocks.shells[number])
            yield part, {"type": "BuildingPart", "parents": [name], "geometry": [solid]}


def write_cityjson(selection: Selection, folder: Path) -> list[File]:
    """Write ``cityjson/buildings.city.json`` and, one building a line, ``buildings.city.jsonl``.

    A building stands on the mean ground of the cells under it and goes up to its height. Buildings
    of several outlines become a building with one part for each.
    """
    (folder / "cityjson").mkdir()
    city = selection.city
    model = _model(selection)
    head = _head(city, model.blocks)
    whole, lines = "cityjson/buildings.city.json", "cityjson/buildings.city.jsonl"
    _write_whole(head, model, folder / whole)
    _write_lines(head, model, folder / lines)
    title = "buildings as blocks, level of detail 1.2"
    return [
        _file(whole, "application/city+json", f"{title}, CityJSON", selection, len(model.ids)),
        _file(
            lines, "application/city+json-seq", f"{title}, CityJSONSeq", selection, len(model.ids)
        ),
    ]


def _file(path: str, media_type: str, title: str, selection: Selection, rows: int) -> File:
    return File(
        path=path,
        format="cityjson",
        media_type=media_type,
        title=title,
        layers=(LAYER,),
        crs=f"EPSG:{utm(selection.city.bounds)}",
        rows=rows,
    )


def _model(selection: Selection) -> _Model:
    frame = selection.frame(LAYER)
    flat = frame.to_crs(utm(selection.city.bounds))
    ground = _ground(selection, len(frame))
    low, height, guessed = _heights(frame)
    if guessed:
        selection.remarks.append(
            f"cityjson: {guessed} buildings without a usable height are 3 m high there"
        )
    solid = blocks(np.asarray(flat.geometry), ground + low, ground + height)
    if solid.dropped:
        selection.remarks.append(
            f"cityjson: {len(solid.dropped)} buildings are left out, because nothing of their "
            f"outline is left in steps of {STEP * 1000:g} mm"
        )
    return _Model(solid, _attributes(frame), [int(number) for number in frame["id"]])


def _ground(selection: Selection, count: int) -> Floats:
    """(n,) height of the ground under each building [m]; 0 where the city has none."""
    city = selection.city
    if "ground_elevation" not in city.layers:
        selection.remarks.append(
            "cityjson: the city has no ground, so that all buildings stand at height 0"
        )
        return np.zeros(count)
    selection.remarks.append(
        "cityjson: heights count from the zero of the data on the ground, whose datum is not known"
    )
    shares, elevation = city.building_cells, city.layers["ground_elevation"]
    known = np.isfinite(elevation[shares.cell])
    weights = np.where(known, shares.amount, 0.0)
    values = weights * np.where(known, elevation[shares.cell], 0.0)
    area = np.bincount(shares.item, weights, count)
    total = np.bincount(shares.item, values, count)
    missing = int((area <= 0.0).sum())
    if missing:
        selection.remarks.append(
            f"cityjson: {missing} buildings stand on no cell with a ground and so at its mean height"
        )
    mean = float(np.nanmean(elevation)) if np.isfinite(elevation).any() else 0.0
    return np.where(area > 0.0, total / np.maximum(area, 1e-300), mean)


def _heights(frame: gpd.GeoDataFrame) -> tuple[Floats, Floats, int]:
    """(n,) bottom and top above the ground [m]; how many tops had to be made up."""
    count = len(frame)
    nothing = np.full(count, np.nan)
    height = np.asarray(frame["height"], np.float64) if "height" in frame else nothing
    low = np.asarray(frame["min_height"], np.float64) if "min_height" in frame else nothing
    usable = np.isfinite(height) & (height > 0.0)
    height = np.where(usable, height, 3.0)
    low = np.where(np.isfinite(low) & (low > 0.0) & (low < height), low, 0.0)
    return low, height, int((~usable).sum())


def _attributes(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    """What is known of each building, by CityJSON's names; what is not known is left out."""
    names = {
        "height": "measuredHeight",
        "levels": "storeysAboveGround",
        "kind": "function",
        "name": "name",
        "year": "dateOfConstruction",
        "source_id": "sourceId",
        "height_from": "heightFrom",
        "levels_from": "storeysFrom",
        "people": "people",
    }
    columns = {new: frame[old].tolist() for old, new in names.items() if old in frame}
    rows = []
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        known = {name: value for name, value in row.items() if _is_known(value)}
        if "storeysAboveGround" in known:
            known["storeysAboveGround"] = round(known["storeysAboveGround"])
        if "dateOfConstruction" in known:
            year = round(known.pop("dateOfConstruction"))
            if year in _YEARS:
                known["dateOfConstruction"] = f"{year:04d}"
        rows.append(known)
    return rows


def _is_known(value: Any) -> bool:
    """Whether a value can go out as JSON and says something."""
    if value is None or value is pd.NA or value is pd.NaT or value == "":
        return False
    return not isinstance(value, float) or math.isfinite(value)


def _head(city: City, solid: Blocks) -> dict[str, Any]:
    low = solid.vertices.min(axis=0) if len(solid.vertices) else np.zeros(3)
    high = solid.vertices.max(axis=0) if len(solid.vertices) else np.zeros(3)
    extent = [*(low * STEP + solid.origin).tolist(), *(high * STEP + solid.origin).tolist()]
    code = utm(city.bounds)
    return {
        "type": "CityJSON",
        "version": "2.0",
        "transform": {"scale": [STEP, STEP, STEP], "translate": list(solid.origin)},
        "metadata": {
            "geographicalExtent": [round(value, 3) for value in extent],
            "identifier": str(uuid.uuid5(_SPACE, city.fingerprint)),
            "referenceDate": content_dates(city).last.strftime("%Y-%m-%d"),
            "referenceSystem": f"https://www.opengis.net/def/crs/EPSG/0/{code}",
            "title": city.title,
        },
    }


def _solid(shell: list[Any]) -> dict[str, Any]:
    values = [[0, 1, *[2] * (len(shell) - 2)]]
    return {
        "type": "Solid",
        "lod": _LOD,
        "boundaries": [shell],
        "semantics": {"surfaces": _SURFACES, "values": values},
    }


def _write_whole(head: dict[str, Any], model: _Model, path: Path) -> None:
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_json(head)[:-1] + ',"CityObjects":{')
        comma = ""
        for name, item in model.objects():
            stream.write(f"{comma}{_json(name)}:{_json(item)}")
            comma = ","
        stream.write('},"vertices":' + _json(model.blocks.vertices.tolist()) + "}")


def _write_lines(head: dict[str, Any], model: _Model, path: Path) -> None:
    """One line a building, each with its own vertices."""
    feature: dict[str, Any] = {}
    with path.open("w", encoding="utf-8") as stream:
        stream.write(_json({**head, "CityObjects": {}, "vertices": []}) + "\n")
        for name, item in model.objects():
            if item["type"] == "Building" and feature:
                stream.write(_line(feature, model.blocks) + "\n")
                feature = {}
            feature[name] = item
        if feature:
            stream.write(_line(feature, model.blocks) + "\n")


def _line(objects: dict[str, Any], solid: Blocks) -> str:
    own: dict[int, int] = {}
    copies = {}
    for name, item in objects.items():
        geometry = []
        for shape in item["geometry"]:
            shells = [
                [[[own.setdefault(v, len(own)) for v in ring] for ring in face] for face in shell]
                for shell in shape["boundaries"]
            ]
            geometry.append({**shape, "boundaries": shells})
        copies[name] = {**item, "geometry": geometry}
    return _json(
        {
            "type": "CityJSONFeature",
            "id": next(iter(objects)),
            "CityObjects": copies,
            "vertices": solid.vertices[list(own)].tolist() if own else [],
        }
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
