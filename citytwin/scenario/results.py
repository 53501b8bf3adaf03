"""Results of a run: a folder of Parquet files with a manifest, written whole or not at all."""

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from citytwin.arrays import Bools, Cells, Floats, Floats32
from citytwin.city.whole import is_running, sync
from citytwin.errors import InputError, OutputError
from citytwin.hazards.base import Hazard, Series
from citytwin.scenario.scenario import Scenario
from citytwin.variables import VARIABLES, stored_alone

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
CELLS = "cells.parquet"
FRAMES = "frames.parquet"
IMPACT = "impact.parquet"
SERIES = "series.parquet"
BUILDINGS = "buildings.parquet"
GROUPS = "groups.parquet"
_DRAFT = ".draft-"
#: Columns of the frames that say where and when.
_INDEX = ("frame", "time_s", "position", "cell")


class Results:
    """A finished run, read from its folder.

    Attributes
    ----------
    folder
        Where it lies.
    manifest
        Inputs with hashes, versions, seconds, balance.
    """

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.folder = folder
        self.manifest = manifest

    @classmethod
    def open(cls, folder: Path | str) -> Self:
        """Open the results of a run.

        Raises
        ------
        InputError
            If the folder holds none.
        """
        folder = Path(folder)
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{folder} holds no results: run a scenario first") from error
        return cls(folder, manifest)

    @classmethod
    def is_whole(cls, folder: Path) -> bool:
        """Whether a folder holds results that can be read."""
        try:
            cls.open(folder)
            return all(pq.read_schema(folder / name).names for name in (CELLS, FRAMES))
        except (InputError, OSError, pa.ArrowException):
            return False

    @property
    def key(self) -> str:
        """Key of the scenario on its city."""
        return str(self.manifest["key"])

    @cached_property
    def scenario(self) -> Scenario:
        """What was run."""
        return Scenario.from_table(self.manifest["scenario"], str(self.folder / MANIFEST))

    @cached_property
    def times(self) -> Floats:
        """(t,) seconds after the start."""
        return np.asarray(self.manifest["times_s"], dtype=np.float64)

    @cached_property
    def cells(self) -> Cells:
        """(n,) H3 cells, in the order of the city's grid."""
        return np.asarray(self._column("cell"), dtype=np.uint64)

    @cached_property
    def summary(self) -> dict[str, Floats32]:
        """(n,) arrays by name: greatest intensity, arrival (nan if never) and the like."""
        names = [n for n in pq.read_schema(self.folder / CELLS).names if n != "cell"]
        return {name: np.asarray(self._column(name), dtype=np.float32) for name in names}

    @property
    def complete(self) -> bool:
        """False if the run was stopped before its end."""
        return bool(self.manifest.get("complete", True))

    @cached_property
    def fields(self) -> list[str]:
        """Names of the quantities that ``frame`` knows, the intensity first."""
        names = pq.read_schema(self.folder / FRAMES).names
        return [name for name in names if name not in _INDEX]

    def frame(self, number: int, variable: str | None = None) -> Floats32:
        """(n,) intensity, or another quantity, at ``times[number]``; 0 where the intensity is small."""
        table = pq.read_table(self.folder / FRAMES, filters=[("frame", "==", number)])
        values = np.zeros(int(self.manifest["cells"]), np.float32)
        stored = table[variable or self.manifest["variable"]].to_numpy()
        values[table["position"].to_numpy()] = stored
        return values

    @property
    def series(self) -> "pd.DataFrame":
        """Quantities at single places over time: kind and name of the place, variable, unit, value."""
        path = self.folder / SERIES
        return pq.read_table(path).to_pandas() if path.exists() else _series_table(()).to_pandas()

    @cached_property
    def buildings(self) -> dict[str, Floats32]:
        """(b,) arrays by name of what befell each building, in their order; empty without any."""
        path = self.folder / BUILDINGS
        if not path.exists():
            return {}
        table = pq.read_table(path)
        return {name: np.asarray(table[name], dtype=np.float32) for name in table.column_names}

    @property
    def groups(self) -> "pd.DataFrame":
        """Impact by use and by district: by, group, what, level, value; empty if there is none."""
        path = self.folder / GROUPS
        if path.exists():
            return pq.read_table(path).to_pandas()
        names = ("by", "group", "what", "level")
        texts = {name: pa.array([], pa.string()) for name in names}
        return pa.table({**texts, "value": pa.array([], pa.float64())}).to_pandas()

    @property
    def impact(self) -> dict[str, Any]:
        """Consequences for people, buildings and streets; empty if the hazard has none yet."""
        return dict(self.manifest["impact"])

    def _column(self, name: str) -> np.ndarray:
        return np.asarray(pq.read_table(self.folder / CELLS, columns=[name])[name].to_numpy())


def write_results(
    folder: Path,
    cells: Cells,
    hazard: Hazard,
    manifest: dict[str, Any],
    buildings: Mapping[str, Floats],
) -> None:
    """Write the files of a run into a folder.

    Parameters
    ----------
    folder
        Empty folder, see ``publishing``.
    cells
        (n,) H3 cells.
    hazard
        What was simulated.
    manifest
        What the manifest says; its impact goes into a table, too.
    buildings
        (b,) arrays by name: what the impact says of each building.
    """
    columns = {"cell": cells, **hazard.summary}
    pq.write_table(pa.table(columns), folder / CELLS, compression="zstd")
    frame, position = np.nonzero(_counting(hazard))
    frames = {
        "frame": frame.astype(np.int32),
        "time_s": hazard.times[frame],
        "position": position.astype(np.int32),
        "cell": cells[position],
        hazard.variable: hazard.intensity[frame, position],
        **{name: values[frame, position] for name, values in hazard.fields.items()},
    }
    pq.write_table(pa.table(frames), folder / FRAMES, compression="zstd", row_group_size=100_000)
    of_buildings = {**hazard.buildings, **{k: v.astype(np.float32) for k, v in buildings.items()}}
    if of_buildings:
        pq.write_table(pa.table(of_buildings), folder / BUILDINGS, compression="zstd")
    if hazard.series:
        pq.write_table(_series_table(hazard.series), folder / SERIES, compression="zstd")
    rows = list(_impact_rows(manifest["impact"]))
    if rows:
        pq.write_table(pa.Table.from_pylist(rows), folder / IMPACT)
    grouped = manifest["impact"].pop("groups", [])
    if grouped:
        pq.write_table(pa.Table.from_pylist(grouped), folder / GROUPS)
    text = json.dumps(manifest, indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def _counting(hazard: Hazard) -> Bools:
    """(t, n) where a moment has something to store."""
    found = hazard.intensity >= VARIABLES[hazard.variable].least
    for name, values in hazard.fields.items():
        if stored_alone(name):
            found = found | (values >= VARIABLES[name].least)
    return np.asarray(found)


def _series_table(series: tuple[Series, ...]) -> pa.Table:
    """One row for each place, quantity and time."""
    if not series:
        texts = {name: pa.array([], pa.string()) for name in ("kind", "name", "variable", "unit")}
        numbers = {name: pa.array([], pa.float64()) for name in ("time_s", "value")}
        return pa.table({**texts, **numbers})
    counts = [one.times.size for one in series]
    words = {
        name: np.repeat([getattr(one, name) for one in series], counts)
        for name in ("kind", "name", "variable", "unit")
    }
    return pa.table(
        {
            **words,
            "time_s": np.concatenate([one.times for one in series]),
            "value": np.concatenate([one.values for one in series]),
        }
    )


def _impact_rows(impact: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Impact as rows: what, which class, the level from which it counts, value, unit."""
    for what in ("people", "buildings"):
        for level, value in impact.get(what, {}).items():
            yield _row(what, "all", level, float(value), "1")
    roads = impact.get("roads")
    if roads:
        yield _row("roads", "all", roads["reason"], roads["impassable_m"], "m")
        for name, length in roads["by_class"].items():
            yield _row("roads", name, roads["reason"], length["impassable_m"], "m")
    for count in impact.get("counts", ()):
        yield _row(count["name"], "all", count["who"], count["value"], count["unit"])


def _row(what: str, group: str, level: str, value: float, unit: str) -> dict[str, Any]:
    return {"what": what, "class": group, "from": level, "value": value, "unit": unit}


@dataclass
class Draft:
    """A folder that is being written.

    Attributes
    ----------
    folder
        Where to write.
    target
        What it becomes in the end; may be changed until then.
    """

    folder: Path
    target: Path


@contextmanager
def publishing(target: Path) -> Iterator[Draft]:
    """A new folder that becomes ``target`` when the block ends well, and vanishes otherwise.

    If another run published the same target meanwhile, its results stay.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(target.parent)
        made = Path(tempfile.mkdtemp(prefix=f"{_DRAFT}{os.getpid()}-", dir=target.parent))
    except OSError as error:
        raise _cannot_write(target, error) from error
    draft = Draft(made, target)
    try:
        yield draft
        _adopt(made, draft.target)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _remove_leftovers(folder: Path) -> None:
    """Remove the drafts of runs that were killed."""
    for rest in folder.glob(f"{_DRAFT}*"):
        number = rest.name.removeprefix(_DRAFT).split("-")[0]
        if number.isdigit() and not is_running(int(number)):
            shutil.rmtree(rest, ignore_errors=True)


def _adopt(draft: Path, target: Path) -> None:
    draft.chmod(0o755)
    for path in draft.iterdir():
        sync(path)
    if target.exists() and not Results.is_whole(target):
        shutil.rmtree(target)
    try:
        draft.replace(target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST) or not (target / MANIFEST).exists():
            raise


def _cannot_write(target: Path, error: OSError) -> OutputError:
    reason = error.strerror or str(error)
    return OutputError(
        f"the results cannot be written to {target.parent}: {reason}; choose another folder or "
        "make room"
    )
