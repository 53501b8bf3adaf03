"""The table of inlets by node."""

from pathlib import Path
from typing import NamedTuple

from citytwin.errors import InputError, ScenarioError
from citytwin.tables import number, read_rows

_COLUMNS = ("node", "length_m", "area_m2")


class Inlet(NamedTuple):
    """Edge length [m] and open area [m²] of a node's inlets."""

    length: float
    area: float


def read_inlets(path: Path) -> dict[str, Inlet]:
    """Inlets by node.

    Parameters
    ----------
    path
        CSV file with the columns ``node``, ``length_m`` and ``area_m2``.

    Raises
    ------
    ScenarioError
        If it cannot be read, lists a node twice, or has a number below 0.
    """
    found: dict[str, Inlet] = {}
    try:
        for row in read_rows(path, _COLUMNS):
            inlet = Inlet(number(row, "length_m", path), number(row, "area_m2", path))
            _check(row, inlet, found, path)
            found[row["node"]] = inlet
    except ScenarioError:
        raise
    except InputError as error:
        raise ScenarioError(f"inlets_file: {error}") from error
    return found


def _check(row: dict[str, str], inlet: Inlet, found: dict[str, Inlet], path: Path) -> None:
    where = f"line {row['line']} of inlets_file {path}"
    if row["node"] in found:
        raise ScenarioError(f"{where} lists the node '{row['node']}' again: keep one line for it")
    for name, value in zip(_COLUMNS[1:], inlet, strict=True):
        if not 0.0 <= value <= 1000.0:
            raise ScenarioError(f"{where} has {name} {value:g}: give 0 to 1000")
