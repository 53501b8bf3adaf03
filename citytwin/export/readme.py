"""README.txt: what lies in an exported folder, in words."""

from collections.abc import Iterator
from pathlib import Path

from citytwin.city import City
from citytwin.export.dates import content_dates
from citytwin.export.files import File
from citytwin.export.licences import attributions, licences
from citytwin.export.selection import Selection

NAME = "README.txt"


def write_readme(selection: Selection, files: list[File], folder: Path) -> list[str]:
    """Write ``README.txt`` with the attributions, licences, files, sources and remarks."""
    city = selection.city
    lines = [
        city.title,
        "=" * len(city.title),
        "",
        f"Exported by citytwin from the city {city.name}, fingerprint {city.fingerprint}.",
        _dates(city),
        "",
        "These words must stand beside the data and what is made of them:",
        *[f"  {words}" for words in attributions(city)],
        f"Licences: {', '.join(licences(city))}",
        "",
        *_section("Files", (f"{file.path}: {file.title} ({file.crs})" for file in files)),
        *_section("Sources", _sources(city)),
        *_section("What was assumed", _assumed(city)),
        *_section("Remarks", selection.remarks),
        *_section("Totals in rasters", _totals(selection)),
        "stac/catalog.json and dcat.jsonld say the same to machines; manifest.json has checksums.",
    ]
    (folder / NAME).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [NAME]


def _dates(city: City) -> str:
    dates = content_dates(city)
    if not dates.stated:
        return "The sources state no date of their content."
    first, last = f"{dates.first:%Y-%m-%d}", f"{dates.last:%Y-%m-%d}"
    return f"The sources state {first if first == last else f'{first} to {last}'} as their date."


def _section(title: str, lines: Iterator[str] | list[str]) -> Iterator[str]:
    """A heading and its lines; nothing where there are none."""
    found = list(lines)
    if found:
        yield title
        yield from (f"  {line}" for line in found)
        yield ""


def _sources(city: City) -> Iterator[str]:
    for row in city.sources:
        facts = (row["path"], row["licence"], row["attribution"], row["origin"], row["date"])
        yield "; ".join(str(fact) for fact in facts if fact)


def _assumed(city: City) -> Iterator[str]:
    for topic, note in city.notes.items():
        if isinstance(note, str):
            yield f"{topic}: {note}"


def _totals(selection: Selection) -> Iterator[str]:
    for topic, row in selection.figures.items():
        name = topic.removeprefix("cog ")
        yield (
            f"{name}: {row['cells']:,.3f} on cells, {row['raster']:,.3f} as sum of the raster times "
            f"the area of a pixel (off by {row['relative_error']:.1e})"
        )
