"""Files that the path of a source means: one file, or all that fit a pattern with ``*``."""

from pathlib import Path


def matching_files(place: Path) -> list[Path]:
    """The file itself, or every file of its folder whose name fits the pattern, sorted.

    A pattern that fits nothing stands for itself, a file that does not exist.
    """
    if place.exists() or not any(sign in place.name for sign in "*?["):
        return [place]
    return sorted(path for path in place.parent.glob(place.name) if path.is_file()) or [place]


def with_companions(paths: list[Path]) -> list[Path]:
    """Files and what belongs to them, sorted.

    These are files beside them that share their name (``.dbf`` of a shapefile, ``.dat`` of
    MapInfo, ``-wal`` of a GeoPackage), and all files of a folder.
    """
    found = set(paths)
    for path in paths:
        if path.is_dir():
            found.discard(path)
            found |= {file for file in path.rglob("*") if file.is_file()}
        elif path.parent.is_dir():
            beside = (f"{path.stem}.", f"{path.name}-")
            found |= {
                file
                for file in path.parent.iterdir()
                if file.name.startswith(beside) and file.is_file()
            }
    return sorted(found)
