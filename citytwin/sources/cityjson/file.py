"""The objects of a CityJSON 1.0, 1.1 or 2.0 file or of a CityJSONSeq, one after the other."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import SourceError

#: Versions whose objects are read.
VERSIONS = ("1.0", "1.1", "2.0")


@dataclass(frozen=True)
class Model:
    """One feature, or a whole file without features: objects that share vertices.

    Attributes
    ----------
    objects
        City objects by their ids.
    vertices
        (n, 3) vertices in the file's coordinate system.
    """

    objects: dict[str, dict[str, Any]]
    vertices: Floats


@dataclass(frozen=True)
class Head:
    """What the first line or the file says of itself.

    Attributes
    ----------
    system
        Coordinate system, as ``EPSG:…`` where it is named so; ``""`` if it is not.
    date
        Date of the content [ISO 8601], if stated.
    """

    system: str
    date: str


def read_cityjson(path: Path) -> tuple[Head, Iterator[Model]]:
    """Head and objects of a file.

    Raises
    ------
    SourceError
        If the file is missing, is no CityJSON, or is of another version.
    """
    if not path.is_file():
        raise SourceError(f"the file {path} does not exist: check 'path' in the recipe")
    if path.suffix.lower() in {".jsonl", ".cityjsonl"}:
        return _sequence(path)
    first = _parsed(_content(path), path)
    return _head(first, path), iter([_model(first, first, path)])


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"the file {path} cannot be read as text in UTF-8: {error}") from error


def _parsed(text: str, path: Path, line: int = 0) -> dict[str, Any]:
    place = f"line {line} of the file {path}" if line else f"the file {path}"
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SourceError(
            f"{place} is no JSON: it is cut short or broken, so get it again ({error})"
        ) from error
    if not isinstance(content, dict):
        raise SourceError(f"{place} is no CityJSON: it must be an object with 'type'")
    return content


def _head(first: dict[str, Any], path: Path) -> Head:
    version = str(first.get("version", ""))
    if first.get("type") != "CityJSON" or version not in VERSIONS:
        raise SourceError(
            f"the file {path} is no CityJSON of version {', '.join(VERSIONS)}: "
            f"its type is '{first.get('type')}' and its version '{version}'"
        )
    metadata = first.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return Head(
        _system(str(metadata.get("referenceSystem") or "")),
        str(metadata.get("referenceDate") or ""),
    )


def _system(text: str) -> str:
    """``EPSG:7415`` from a URL or URN of the OGC; other text as it is."""
    parts = [part for part in text.replace("::", ":").replace("/", ":").split(":") if part]
    if "EPSG" in parts and parts[-1].isdecimal():
        return f"EPSG:{parts[-1]}"
    return text


def _model(content: dict[str, Any], first: dict[str, Any], path: Path) -> Model:
    """Objects of a file or feature, with the transform of the file applied."""
    objects = content.get("CityObjects")
    try:
        vertices = np.asarray(content.get("vertices") or [], dtype=np.float64).reshape(-1, 3)
        transform = first.get("transform")
        if transform is not None:
            scale = np.asarray(transform["scale"], dtype=np.float64).reshape(3)
            vertices = vertices * scale + np.asarray(transform["translate"], dtype=np.float64)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise SourceError(
            f"the vertices or the transform of the file {path} are broken: "
            "get it again from its source"
        ) from error
    if not isinstance(objects, dict) or not all(isinstance(o, dict) for o in objects.values()):
        raise SourceError(f"the file {path} has no 'CityObjects': get it again from its source")
    return Model(objects, vertices)


def _sequence(path: Path) -> tuple[Head, Iterator[Model]]:
    """The first line of a CityJSONSeq is a CityJSON, every other one a feature."""
    lines = _lines(path)
    first = next(lines, None)
    if first is None:
        raise SourceError(f"the file {path} is empty: get it again from its source")
    head = _head(first, path)

    def models() -> Iterator[Model]:
        yield _model(first, first, path)
        for feature in lines:
            yield _model(feature, first, path)

    return head, models()


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _parsed(line, path, number)
    except UnicodeDecodeError as error:
        raise SourceError(f"the file {path} cannot be read as text in UTF-8: {error}") from error
