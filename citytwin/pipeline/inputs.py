"""Everything that a city is built from: the recipe, its files by content, and our own code."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citytwin.errors import RecipeError, SourceError
from citytwin.pipeline.code import code_version, library_versions
from citytwin.pipeline.recipe import Recipe, read_recipe
from citytwin.sources.base import Source

#: Module whose code decides what a build gives.
_BUILD = "citytwin.pipeline.steps"
#: What ``InputFile.source`` says for the recipe itself; its words count, not its bytes.
RECIPE = "recipe"
#: Tables of coefficients that a recipe names: part and field.
TABLES = (
    ("population", "kinds"),
    ("land_cover", "table"),
    ("land_cover", "street_widths"),
    ("land_cover", "raster_table"),
)


@dataclass(frozen=True)
class InputFile:
    """One file that a city is built from.

    Attributes
    ----------
    source
        ``id`` of the source, or the field of the recipe for a table.
    path
        Path on this machine.
    sha256, size
        Checksum and size [bytes]; an empty checksum if the file is missing.
    """

    source: str
    path: Path
    sha256: str
    size: int


@dataclass(frozen=True)
class Inputs:
    """What a build reads.

    Attributes
    ----------
    recipe
        The recipe, with every source pointing to a file of this machine.
    folder
        Folder of the recipe, from which paths count.
    files
        The recipe, every file of every source, and every table.
    key
        Hash over the recipe, the content of the files, our code and the libraries: equal keys
        give equal cities.
    """

    recipe: Recipe
    folder: Path
    files: tuple[InputFile, ...]
    key: str

    def of(self, source: str) -> dict[str, str]:
        """Checksums of the files of one source or table, by path."""
        return {
            str(file.path.resolve()): file.sha256 for file in self.files if file.source == source
        }


def inputs(
    recipe_path: Path | str,
    *,
    paths: Mapping[str, Path] | None = None,
    downloads: Path | None = None,
) -> Inputs:
    """Read a recipe, find its files and hash them; fetch what it names by URL.

    Parameters
    ----------
    recipe_path
        TOML file.
    paths
        File or folder to read instead of what the recipe names, by the source's id.
    downloads
        Folder for what has to be fetched.

    Raises
    ------
    RecipeError, SourceError
        If the recipe is wrong, an id is unknown, or a file cannot be fetched.
    """
    recipe_path = Path(recipe_path)
    folder = recipe_path.parent
    recipe = _located(read_recipe(recipe_path), dict(paths or {}), downloads)
    files = [_hashed(RECIPE, recipe_path)]
    files += [
        _hashed(source.id, path) for source in recipe.sources for path in source.files(folder)
    ]
    for part, name in TABLES:
        path = Path(os.path.normpath(folder / getattr(getattr(recipe, part), name)))
        files.append(_hashed(f"{part}.{name}", path))
    return Inputs(recipe, folder, tuple(files), _key(recipe, files))


def _located(recipe: Recipe, paths: dict[str, Path], downloads: Path | None) -> Recipe:
    """The recipe with each source's path: given on the command line, its own, or fetched."""
    known = [source.id for source in recipe.sources]
    for name in paths:
        if name not in known:
            raise RecipeError(
                f"--path names the source '{name}', which the recipe does not have: "
                f"choose one of {', '.join(known)}"
            )
    sources = tuple(_local(source, paths, downloads) for source in recipe.sources)
    return recipe.model_copy(update={"sources": sources})


def _local(source: Source, paths: dict[str, Path], downloads: Path | None) -> Source:
    if source.id in paths:
        path = Path(os.path.normpath(Path.cwd() / paths[source.id]))
        return source.model_copy(update={"path": path})
    if source.path != Path() or source.streams():
        return source
    if not source.url:
        raise RecipeError(
            f"the source '{source.id}' has neither 'path' nor 'url': add one to the recipe, "
            f"or say --path {source.id}=FILE"
        )
    if downloads is None:
        raise SourceError(
            f"the source '{source.id}' has to be fetched from {source.url}: "
            f"name a local copy with --path {source.id}=FILE"
        )
    from citytwin.fetch.fetching import fetched  # noqa: PLC0415 only where there is a url

    path = fetched(source.url, source.checksum, downloads, source=source.id)
    return source.model_copy(update={"path": path})


def _hashed(source: str, path: Path) -> InputFile:
    try:
        with path.open("rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
            return InputFile(source, path, checksum, os.fstat(file.fileno()).st_size)
    except OSError:
        return InputFile(source, path, "", 0)  # the source says what is missing when it reads


def _key(recipe: Recipe, files: list[InputFile]) -> str:
    content: list[Any] = [
        recipe.model_dump(mode="json", exclude={"sources"}),
        [[source.name, settings(source)] for source in recipe.sources],
        [[file.source, file.path.name, file.sha256] for file in files if file.source != RECIPE],
        [
            code_version(module)
            for module in (_BUILD, *(type(s).__module__ for s in recipe.sources))
        ],
        library_versions(),
    ]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def settings(source: Source) -> dict[str, Any]:
    """Fields of a source but for where its file lies."""
    return source.model_dump(mode="json", exclude={"path", "url"})
