"""Export a city: a folder of files with their metadata, whole or not at all."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from citytwin.city import City
from citytwin.errors import InputError, UnknownNameError
from citytwin.export.dcat import write_dcat
from citytwin.export.files import File, stamped
from citytwin.export.folder import MANIFEST, published
from citytwin.export.formats import ALL, FORMATS, LEAST_PEOPLE
from citytwin.export.people import check_least
from citytwin.export.readme import write_readme
from citytwin.export.selection import Selection, select
from citytwin.export.stac import write_stac
from citytwin.export.writers import WRITERS

#: Called with the format, the share of the whole that is done, and a note when it is finished.
Progress = Callable[[str, float, str], None]


@dataclass(frozen=True, eq=False)
class Exported:
    """What an export wrote.

    Attributes
    ----------
    folder
        The folder.
    files
        Its files, without the metadata.
    remarks
        What a user must know about them.
    figures
        Totals of cells and rasters.
    seconds
        Time by format [s].
    people
        How people are told: ``least_people``, ``words`` and numbers of the groups; empty if none are.
    """

    folder: Path
    files: list[File]
    remarks: list[str]
    figures: dict[str, dict[str, float]]
    seconds: dict[str, float]
    people: dict[str, Any] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {
            "folder": str(self.folder),
            "files": [file.facts() for file in self.files],
            "bytes": sum(file.size for file in self.files),
            "remarks": self.remarks,
            "totals": self.figures,
            "people": self.people,
            "seconds": self.seconds,
        }


def silent(step: str, done: float, note: str) -> None:
    """Report nothing."""
    del step, done, note


def export(
    city: City,
    folder: Path | str,
    *,
    formats: tuple[str, ...] = ("geoparquet",),
    layers: tuple[str, ...] = (),
    variables: tuple[str, ...] = (),
    pixel: float | None = None,
    least_people: int = LEAST_PEOPLE,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Exported:
    """Write a city in open formats.

    The same city file gives the same bytes. Where no source states a date, the metadata and the
    GeoPackage have the time of the build instead, which another build of the same city changes.

    Parameters
    ----------
    city
        The city.
    folder
        Folder to write; it appears whole or not at all.
    formats
        Names in ``FORMATS``, or ``all``.
    layers
        Layers to write, ``cells`` for the cells; all if none is named.
    variables
        Variables on cells to write as rasters; all if none is named.
    pixel
        Pixel size of rasters [m]; one that fits the cells if not given.
    least_people
        Fewest people of a published number, k: cells and buildings with fewer are put into groups;
        0 or 1 leaves them as they are.
    overwrite
        Replace an older export.
    progress
        Called at the start and the end of each format.

    Raises
    ------
    InputError
        If a format, layer or variable is unknown, a format needs a layer that is not chosen, or
        ``least_people`` is below 0.
    OutputError
        If the folder cannot be written; an older one is then left as it was.
    """
    if pixel is not None and not (math.isfinite(pixel) and pixel > 0.0):
        raise InputError(f"--pixel is {pixel:g} m: give a size above zero")
    check_least(least_people)
    selection = select(city, layers, variables, pixel, least_people)
    names = _names(formats, selection)
    files: list[File] = []
    seconds: dict[str, float] = {}
    with published(Path(folder), overwrite=overwrite) as draft:
        for number, name in enumerate(names):
            progress(name, number / len(names), "")
            start = time.perf_counter()
            written = [stamped(file, draft) for file in WRITERS[name](selection, draft)]
            seconds[name] = time.perf_counter() - start
            size = sum(file.size for file in written)
            progress(name, (number + 1) / len(names), _note(len(written), size, seconds[name]))
            files += written
        _metadata(selection, files, draft)
    return Exported(
        Path(folder), files, selection.remarks, selection.figures, seconds, _people(selection)
    )


def _people(selection: Selection) -> dict[str, Any]:
    """What was done with people, for machines; empty if none go out."""
    told = selection.people_told
    return told.facts(selection.least) if told else {}


def _names(formats: tuple[str, ...], selection: Selection) -> list[str]:
    """Formats to write, checked; of ``all``, those that the chosen layers allow."""
    allowed = [name for name in FORMATS if FORMATS[name].needs in ("", *selection.layers)]
    names: list[str] = []
    for name in formats:
        if name != ALL and name not in FORMATS:
            raise UnknownNameError(
                f"there is no format '{name}': choose --format from {', '.join(FORMATS)} or {ALL}"
            )
        if name != ALL and name not in allowed:
            raise InputError(_lacking(name, selection))
        names += allowed if name == ALL else [name]
    return list(dict.fromkeys(names))


def _lacking(name: str, selection: Selection) -> str:
    needs = FORMATS[name].needs
    if selection.chosen:
        return f"the format {name} needs the layer {needs}: add --layer {needs}"
    return (
        f"the format {name} needs the layer {needs}, which the city {selection.city.path} has not: "
        "leave the format out"
    )


def _metadata(selection: Selection, files: list[File], draft: Path) -> None:
    """Metadata for people and machines, and the list of all files."""
    city = selection.city
    written = [file.path for file in files]
    told = selection.people_told
    written += write_stac(city, files, draft, told.words if told else "")
    written += write_dcat(city, files, draft, told.words if told else "")
    written += write_readme(selection, files, draft)
    manifest = {
        "city": city.name,
        "fingerprint": city.fingerprint,
        "files": [file.facts() for file in files],
        "remarks": selection.remarks,
        "totals": selection.figures,
        "people": _people(selection),
        "written": [*written, MANIFEST],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    (draft / MANIFEST).write_text(text, encoding="utf-8")


def _note(count: int, size: int, seconds: float) -> str:
    return f"{count} file{'s' if count != 1 else ''}, {size / 1e6:,.1f} MB, {seconds:.1f} s"
