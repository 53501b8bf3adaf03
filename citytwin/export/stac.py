"""STAC 1.1: a catalogue, a collection, an item a layer; plain JSON that needs no package."""

import json
from pathlib import Path
from typing import Any

import shapely

from citytwin.city import City
from citytwin.export.columns import describe_layer
from citytwin.export.dates import as_text, content_dates
from citytwin.export.files import File
from citytwin.export.licences import attributions, licence_code, licences

_VERSION = "1.1.0"
_EXTENSIONS = [
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/table/v1.2.0/schema.json",
]
#: Name of the item with the files of several layers.
_TOGETHER = "together"
#: Start of a SHA-256 checksum in the notation of multihash: its code and its length in bytes.
_SHA256 = "1220"


def write_stac(city: City, files: list[File], folder: Path, people: str) -> list[str]:
    """Write ``stac/catalog.json``, ``stac/collection.json`` and ``stac/items/<layer>.json``.

    Parameters
    ----------
    city, files, folder
        What was exported, as which files, where.
    people
        What was done with people, in words; empty if none go out.

    Returns
    -------
    Paths of the files in the folder.
    """
    (folder / "stac" / "items").mkdir(parents=True)
    grouped: dict[str, list[File]] = {}
    for file in files:
        name = file.layers[0] if len(file.layers) == 1 else _TOGETHER
        grouped.setdefault(name, []).append(file)
    written = {"stac/catalog.json": _catalog(city)}
    written["stac/collection.json"] = _collection(city, sorted(grouped), people)
    for name, members in sorted(grouped.items()):
        written[f"stac/items/{name}.json"] = _item(city, name, members)
    for path, content in written.items():
        text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        (folder / path).write_text(text, encoding="utf-8")
    return list(written)


def _catalog(city: City) -> dict[str, Any]:
    return {
        "type": "Catalog",
        "stac_version": _VERSION,
        "id": f"{city.name}-catalog",
        "title": city.title,
        "description": f"Files that citytwin exported of {city.title}.",
        "links": [
            _link("root", "./catalog.json"),
            _link("child", "./collection.json", title=city.title),
        ],
    }


def _collection(city: City, items: list[str], people: str) -> dict[str, Any]:
    dates = content_dates(city)
    return {
        "type": "Collection",
        "stac_version": _VERSION,
        "id": city.name,
        "title": city.title,
        "description": " ".join(filter(None, (_description(city), _sentence(people)))),
        "keywords": ["city", "H3", "buildings"],
        "license": licence_code(licences(city)),
        "providers": [{"name": name, "roles": ["licensor"]} for name in attributions(city)],
        "extent": {
            "spatial": {"bbox": [list(city.bounds)]},
            "temporal": {"interval": [[as_text(dates.first), as_text(dates.last)]]},
        },
        "summaries": {"citytwin:fingerprint": [city.fingerprint]},
        "links": [
            _link("root", "./catalog.json"),
            _link("parent", "./catalog.json"),
            {"rel": "license", "href": "../README.txt", "type": "text/plain"},
            *[_link("item", f"./items/{name}.json", "application/geo+json") for name in items],
        ],
    }


def _item(city: City, name: str, files: list[File]) -> dict[str, Any]:
    dates = content_dates(city)
    when: dict[str, Any] = {"datetime": as_text(dates.last)}
    if dates.first != dates.last:
        when |= {"start_datetime": as_text(dates.first), "end_datetime": as_text(dates.last)}
    about = "files of several layers" if name == _TOGETHER else describe_layer(name)
    return {
        "type": "Feature",
        "stac_version": _VERSION,
        "stac_extensions": _EXTENSIONS,
        "id": f"{city.name}-{name}",
        "collection": city.name,
        "bbox": list(city.bounds),
        "geometry": json.loads(shapely.to_geojson(shapely.box(*city.bounds))),
        "properties": {
            **when,
            "title": f"{city.title}: {name}",
            "description": about,
            "license": licence_code(licences(city)),
            "citytwin:datetime_is": "stated by the sources"
            if dates.stated
            else "time of the build",
        },
        "assets": {_asset_name(file): _asset(file) for file in files},
        "links": [
            _link("root", "../catalog.json"),
            _link("parent", "../collection.json"),
            _link("collection", "../collection.json"),
            {"rel": "license", "href": "../../README.txt", "type": "text/plain"},
        ],
    }


def _description(city: City) -> str:
    dates = content_dates(city)
    stated = "" if dates.stated else " Its sources state no date: the dates are those of the build."
    return (
        f"{city.title}: layers, and H3 cells of resolution {city.resolution}, built by citytwin "
        f"from open data. {city.attribution}.{stated}"
    )


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _asset_name(file: File) -> str:
    return file.path.replace("/", "-")


def _asset(file: File) -> dict[str, Any]:
    asset: dict[str, Any] = {
        "href": f"../../{file.path}",
        "type": file.media_type,
        "title": file.title,
        "roles": ["data"],
        "file:size": file.size,
        "file:checksum": _SHA256 + file.sha256,
        "proj:code": file.crs,
    }
    if file.rows is not None and file.columns is not None:
        asset["table:row_count"] = file.rows
        asset["table:columns"] = [
            {"name": name, "description": _with_unit(about.description, about.unit)}
            for name, about in file.columns.items()
        ]
    if file.band is not None:
        asset["bands"] = [
            {
                "name": file.band.name,
                "description": file.band.description,
                "unit": file.band.unit,
                "data_type": file.band.data_type,
                "nodata": "nan",
                "statistics": file.band.statistics,
            }
        ]
    return asset


def _with_unit(description: str, unit: str) -> str:
    return f"{description} [{unit}]" if unit else description


def _link(rel: str, href: str, media_type: str = "application/json", **more: str) -> dict[str, str]:
    return {"rel": rel, "href": href, "type": media_type, **more}
