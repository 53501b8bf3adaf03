"""Files that the path of a source means: one file, or all that fit a pattern with ``*``."""

from pathlib import Path

#: Files that make a shapefile, beside the .shp.
COMPANIONS = (".dbf", ".shx", ".prj", ".cpg")


def matching_files(place: Path) -> list[Path]:
    """The file itself, or every file of its folder whose name fits the pattern, sorted.

    A pattern that fits nothing stands for itself, a file that does not exist.
    """
    if place.exists() or not any(sign in place.name for sign in "*?["):
        return [place]
    return sorted(path for path in place.parent.glob(place.name) if path.is_file()) or [place]


def with_companions(paths: list[Path]) -> list[Path]:
    """Files and, for shapefiles, the files that belong to them as far as they exist, sorted."""
    shapes = [path for path in paths if path.suffix.lower() == ".shp"]
    beside = [path.with_suffix(ending) for path in shapes for ending in COMPANIONS]
    return sorted({*paths, *(path for path in beside if path.exists())})
