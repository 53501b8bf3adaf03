"""DCAT-AP as JSON-LD: what was exported, from what, under which licences."""

import json
import uuid
from pathlib import Path
from typing import Any

import shapely

from citytwin.city import City
from citytwin.export.dates import as_text, content_dates, parse_date
from citytwin.export.files import File
from citytwin.export.licences import licence_node, licences

NAME = "dcat.jsonld"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "citytwin")


def write_dcat(city: City, files: list[File], folder: Path, people: str) -> list[str]:
    """Write ``dcat.jsonld``: the catalogue, the city, each exported file and each source.

    Parameters
    ----------
    city, files, folder
        What was exported, as which files, where.
    people
        What was done with people, in words; empty if none go out.
    """
    content = {
        "@context": _CONTEXT,
        "@id": _urn(city.fingerprint, "catalogue"),
        "@type": "dcat:Catalog",
        "dct:title": f"Exports of {city.title}",
        "dct:description": "Files that citytwin exported of one city, and what they come from.",
        "dct:publisher": _AGENT,
        "dcat:dataset": _dataset(city, files, people),
    }
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")
    return [NAME]


#: DCAT-AP wants a publisher; a city file does not know who publishes it.
_AGENT = {"@type": "foaf:Agent", "foaf:name": "not stated"}


def _dataset(city: City, files: list[File], people: str) -> dict[str, Any]:
    dates = content_dates(city)
    title: list[Any] = [city.title]
    if city.title_zh:
        title.append({"@value": city.title_zh, "@language": "zh"})
    made = {"dct:provenance": {"@type": "dct:ProvenanceStatement", "rdfs:label": people}}
    return {
        **(made if people else {}),
        "@id": _urn(city.fingerprint, "city"),
        "@type": "dcat:Dataset",
        "dct:identifier": city.fingerprint,
        "dct:title": title,
        "dct:description": f"{city.title} as layers and H3 cells of resolution {city.resolution}.",
        "dct:publisher": _AGENT,
        "dcat:keyword": ["city", "H3", "buildings"],
        "dct:license": [licence_node(name) for name in licences(city)],
        "dct:spatial": {
            "@type": "dct:Location",
            "dcat:bbox": {"@value": shapely.box(*city.bounds).wkt, "@type": "geo:wktLiteral"},
        },
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _moment(as_text(dates.first)),
            "dcat:endDate": _moment(as_text(dates.last)),
            "rdfs:comment": "stated by the sources"
            if dates.stated
            else "the sources state no date: this is the time of the build",
        },
        "dcat:distribution": [_distribution(city, file) for file in files],
        "prov:wasDerivedFrom": [_source(row) for row in city.sources],
    }


def _distribution(city: City, file: File) -> dict[str, Any]:
    return {
        "@id": _urn(city.fingerprint, file.path),
        "@type": "dcat:Distribution",
        "dct:title": file.title,
        "dcat:accessURL": {"@id": file.path},
        "dcat:downloadURL": {"@id": file.path},
        "dct:format": {"@type": "dct:MediaTypeOrExtent", "rdfs:label": file.media_type},
        "dct:conformsTo": {
            "@id": f"http://www.opengis.net/def/crs/EPSG/0/{file.crs.removeprefix('EPSG:')}",
            "@type": "dct:Standard",
        },
        "dct:license": [licence_node(name) for name in licences(city)],
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": city.attribution},
        **_measured(file.size, file.sha256),
    }


def _source(row: dict[str, Any]) -> dict[str, Any]:
    """One file that the city was built from."""
    date = parse_date(str(row["date"]))
    source: dict[str, Any] = {
        "@id": _urn(str(row["sha256"]), str(row["path"])),
        "@type": ["dcat:Dataset", "prov:Entity"],
        "dct:title": str(row["path"]),
        "dct:description": "; ".join(filter(None, (str(row["origin"]), str(row["notes"])))),
        "dct:license": [licence_node(str(row["licence"]))],
        "dct:rights": {"@type": "dct:RightsStatement", "rdfs:label": str(row["attribution"])},
        "dcat:distribution": {
            "@type": "dcat:Distribution",
            **_measured(int(row["size"]), str(row["sha256"])),
        },
    }
    if date is not None:
        source["dct:issued"] = _moment(as_text(date))
    elif row["date"]:
        source["rdfs:comment"] = f"date: {row['date']}"
    return source


def _measured(size: int, sha256: str) -> dict[str, Any]:
    return {
        "dcat:byteSize": {"@value": str(size), "@type": "xsd:nonNegativeInteger"},
        "spdx:checksum": {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": {"@value": sha256, "@type": "xsd:hexBinary"},
        },
    }


def _moment(text: str) -> dict[str, str]:
    return {"@value": text, "@type": "xsd:dateTime"}


def _urn(*parts: str) -> str:
    return uuid.uuid5(_SPACE, "/".join(parts)).urn
