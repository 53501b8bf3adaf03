"""The state of a run that was stopped, on disk: nested mappings and lists of arrays, numbers, texts."""

import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from citytwin.errors import InputError

STATE = "state.npz"
_TREE = "tree"


def write_state(folder: Path, state: dict[str, Any]) -> None:
    """Write a state into a folder.

    Parameters
    ----------
    folder
        Where.
    state
        What a run keeps; see ``Watch.state``.
    """
    arrays: dict[str, np.ndarray] = {}
    tree = json.dumps(_pack(state, arrays))
    np.savez(folder / STATE, **{_TREE: np.array(tree)}, **arrays)  # type: ignore[arg-type]


def read_state(folder: Path) -> dict[str, Any] | None:
    """The state that lies in a folder; ``None`` if there is none that can be read."""
    try:
        with (folder / STATE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            tree = json.loads(str(kept[_TREE]))
            state: dict[str, Any] = _unpack(tree, kept)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile):
        return None
    return state


def _pack(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A value as JSON; arrays go into ``arrays``, floats keep every bit."""
    if isinstance(value, np.ndarray):
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, dict):
        return {"map": [[key, _pack(item, arrays)] for key, item in value.items()]}
    if isinstance(value, list | tuple):
        return {"list": [_pack(item, arrays) for item in value]}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return {"float": value.hex()}
    if value is None or isinstance(value, bool | int | str):
        return value
    raise InputError(f"a run cannot keep a {type(value).__name__}: please report it")


def _unpack(value: Any, arrays: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "map" in value:
        return {key: _unpack(item, arrays) for key, item in value["map"]}
    if "list" in value:
        return [_unpack(item, arrays) for item in value["list"]]
    return float.fromhex(value["float"])
