"""A town of one tile for the tests of refresh: it can be edited and refreshed within seconds."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapbox_vector_tile.Mapbox import vector_tile_pb2

from citytwin.city import City
from citytwin.refresh.job import Refreshed
from citytwin.refresh.refreshing import refresh
from citytwin.refresh.snapshots import Snapshots

#: A part of the tile, so that a build takes a second.
BOUNDS = "resolution = 11\nbounds = [-122.4400, 37.7640, -122.4360, 37.7670]"


def make_town(tile_recipe: Path, folder: Path) -> "Town":
    """A town that is not published yet."""
    shutil.copytree(tile_recipe.parent, folder / "town")
    town = Town(folder / "town" / tile_recipe.name, folder / "workspace")
    town.write(lambda text: text.replace("resolution = 11", BOUNDS))
    return town


@dataclass
class Town:
    """A recipe with its data, and a workspace."""

    recipe: Path
    workspace: Path

    @property
    def city(self) -> Path:
        return self.workspace / "cities" / "tile.duckdb"

    @property
    def snapshots(self) -> Snapshots:
        return Snapshots(self.city)

    @property
    def tile(self) -> Path:
        (path,) = (self.recipe.parent / "data" / "san-francisco").glob("*.mvt")
        return path

    def copy(self, folder: Path) -> "Town":
        """A copy that is already published; snapshots stay hard links of the city."""
        data = folder / self.recipe.parent.name
        shutil.copytree(self.recipe.parent, data)
        shutil.copytree(self.workspace, folder / "workspace", copy_function=os.link)
        return Town(data / self.recipe.name, folder / "workspace")

    def refresh(self, **words: Any) -> Refreshed:
        return refresh(self.recipe, self.workspace / "cities", **words)

    def fingerprint(self) -> str:
        with City.open(self.city) as city:
            return city.fingerprint

    def steps(self) -> dict[str, set[str]]:
        """Results of steps that are kept: name of the step to their keys."""
        kept: dict[str, set[str]] = {}
        for path in (self.snapshots.folder / "steps").iterdir():
            name, _, key = path.name.rpartition("-")
            kept.setdefault(name, set()).add(key)
        return kept

    def write(self, text: Callable[[str], str]) -> None:
        """Change the recipe."""
        self.recipe.write_text(text(self.recipe.read_text(encoding="utf-8")), encoding="utf-8")

    def change_value(self, layer: str, old: str | int, new: str | int) -> None:
        """Replace a value of a layer of the tile."""
        tile = self._content()
        values = [v for part in tile.layers if part.name == layer for v in part.values]
        (value,) = [v for v in values if old in (v.string_value, v.int_value)]
        setattr(value, "string_value" if isinstance(new, str) else "int_value", new)
        self.tile.write_bytes(tile.SerializeToString())

    def drop_features(self, layer: str, percent: int) -> None:
        """Leave out so many of every hundred features of a layer of the tile."""
        tile = self._content()
        for part in tile.layers:
            if part.name == layer:
                kept = [f for number, f in enumerate(part.features) if number % 100 >= percent]
                del part.features[:]
                part.features.extend(kept)
        self.tile.write_bytes(tile.SerializeToString())

    def _content(self) -> Any:
        tile = vector_tile_pb2.tile()
        tile.ParseFromString(self.tile.read_bytes())
        return tile
