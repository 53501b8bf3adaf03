"""What a hazard does at a moment: cells in their classes, marked buildings, closed streets."""

import gzip
import json
from typing import Any

import numpy as np
import payloads
import store
from modes import modes
from scene.sheet import LIFT

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.hazards.base import Picture
from citytwin.impact.base import ImpactModel, Moment
from citytwin.impact.exposure import FOOTWAYS, Exposure
from citytwin.registry import impacts
from citytwin.scenario.running import exposure_of

_LEVEL = 4  # of gzip: quick, for files that are made while somebody waits


def run_file(key: str, kind: str, number: int) -> bytes:
    """A gzipped file of a run.

    Parameters
    ----------
    key
        Key of the run.
    kind
        Name of a picture for its cells; ``buildings`` or ``streets`` for what it does to them.
    number
        Number of the moment; −1 for the whole run.
    """
    if kind in modes(key):
        rows = json.dumps(cells(key, modes(key)[kind], number), separators=(",", ":"))
        return gzip.compress(rows.encode(), _LEVEL)
    text = {"buildings": buildings, "streets": streets}[kind](key, number)
    return gzip.compress(text.encode(), _LEVEL)


def cells(key: str, picture: Picture, number: int) -> list[dict[str, Any]]:
    """Cells that a picture draws at a moment, or of the whole run, as hexagons with their class.

    Parameters
    ----------
    key
        Key of the run.
    picture
        What colours them.
    number
        Number of the moment; not used by pictures of the whole run.
    """
    held = moment_of(key, number if picture.moving else -1)
    values = held.value(picture.values) * picture.scale
    drawn = drawn_cells(key, picture, number)
    grade = np.searchsorted(np.asarray(picture.classes[1:]), values[drawn], side="right")
    sheet = payloads.sheet()
    above = held.value(picture.raised) if picture.raised else np.zeros(len(values))
    centre, height = sheet.hexagons(sheet.surface(above, drawn), drawn)
    numbers = zip(
        centre.tolist(),
        height.tolist(),
        grade.tolist(),
        np.flatnonzero(drawn).tolist(),
        strict=True,
    )
    return [{"x": x, "y": y, "z": z, "k": k, "i": i} for (x, y), z, k, i in numbers]


def drawn_cells(key: str, picture: Picture, number: int) -> Bools:
    """(n,) cells that a picture draws."""
    held = moment_of(key, number if picture.moving else -1)
    values = held.value(picture.values)
    # Rounded: values are single, limits are double.
    drawn = np.isfinite(values) & (values * picture.scale >= picture.classes[0] * (1.0 - 1e-6))
    name, least = picture.where
    return np.asarray(drawn & (held.value(name) >= least) if name else drawn)


def moment_of(key: str, number: int) -> Moment:
    """A run at a moment, or as a whole for −1."""
    results = store.results(key)
    of_run = results.summary.__getitem__
    if number < 0:
        return Moment(float("inf"), of_run, of_run, results.buildings)

    def value(name: str) -> AnyFloats:
        return results.frame(number, name)

    return Moment(float(results.times[number]), value, of_run, results.buildings)


def impact_model(key: str) -> type[ImpactModel] | None:
    """Who counts the impact of a run; none if nobody does."""
    variable = str(store.results(key).manifest["variable"])
    return impacts.get(variable) if variable in impacts.names() else None


@store.per_city
def exposure() -> Exposure:
    """What stands in the way, as the impact counts it."""
    return exposure_of(store.city())


def buildings(key: str, number: int) -> str:
    """JSON of prisms of the buildings with a mark, and which one."""
    model = impact_model(key)
    if model is None:
        return "[]"
    return payloads.large_prisms(model.marked(exposure(), moment_of(key, number)))


@store.per_city
def _piece_cells() -> list[Ints]:
    """Cell of each piece of each street, −1 outside the city."""
    grid = store.city().grid
    lines, _ = payloads.street_pieces()
    middle = [(line[1:, :2] + line[:-1, :2]) / 2.0 for line in lines]
    spots = np.concatenate(middle)
    x, y = grid.project(spots[:, 0], spots[:, 1])
    return np.split(grid.locate(x, y), np.cumsum([len(part) for part in middle])[:-1])


def streets(key: str, number: int) -> str:
    """JSON of stretches of street (not of footways) that are closed, as lines just above them."""
    model = impact_model(key)
    if model is None or model.street_mark is None:
        return "[]"
    held = moment_of(key, number)
    closed = model.closed(exposure(), held)
    above = _above(key, held)
    lines, owner = payloads.street_pieces()
    drivable = exposure().road_open & ~np.isin(exposure().road_class, FOOTWAYS)
    rows = []
    for line, at, item in zip(lines, _piece_cells(), owner.tolist(), strict=True):
        shut = (at >= 0) & closed[at] & drivable[item]
        if shut.any():
            rows.extend(_stretches(line, shut, above[at], item))
    return json.dumps(rows, separators=(",", ":"))


def _above(key: str, held: Moment) -> AnyFloats:
    """(n,) how high what is drawn stands above the ground [m]."""
    for picture in modes(key).values():
        if picture.raised and picture.moving != held.whole:
            return exposure().beside(held.value(picture.raised))
    return np.zeros(len(store.city().grid))


def _stretches(line: Floats, shut: Bools, above: AnyFloats, item: int) -> list[dict[str, Any]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], shut, [False]]).astype(np.int8)))
    rows = []
    for first, last in edges.reshape(-1, 2).tolist():
        spots = line[first : last + 1].copy()
        spots[:, 2] = np.round(spots[:, 2] + above[first:last].max() + LIFT, 1)
        rows.append({"p": spots.tolist(), "i": item})
    return rows
