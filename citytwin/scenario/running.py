"""Run a scenario on a city: simulate, count the impact, keep the results."""

import platform
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numba
import numpy as np

from citytwin.city import City
from citytwin.hazards.base import Given, Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.watch import Progress, Watch, never, silent
from citytwin.impact.base import Impact, ImpactModel
from citytwin.impact.consistency import consistent
from citytwin.impact.exposure import Choices, Exposure
from citytwin.impact.totals import DistrictCells, groups
from citytwin.measures import prepare
from citytwin.registry import impacts
from citytwin.scenario.checkpoint import read_state, write_state
from citytwin.scenario.pace import Pace
from citytwin.scenario.results import Results, publishing, write_results
from citytwin.scenario.scenario import Scenario

#: Share of the progress that the simulation takes.
_SIMULATION = 0.9
#: Ending of the folder of a run that was stopped.
PART = "-part"


def run(
    scenario: Scenario,
    city: City,
    *,
    runs: Path | str = "runs",
    progress: Progress = silent,
    stopped: Callable[[], bool] = never,
    start: "Start | None" = None,
) -> Results:
    """Run a scenario, or give the results that the same physics gave before.

    A run that is stopped keeps what it computed in a folder beside, named by ``PART``, with the state of
    its water; the same run asked for again goes on from there, to the same results to the last bit.

    Parameters
    ----------
    scenario
        What happens.
    city
        Where.
    runs
        Folder of runs; the results lie in a folder named by the scenario's key.
    progress
        Called with the share done (0 to 1) and a few words.
    stopped
        Asked again and again whether the run shall stop.
    start
        What an earlier hazard gave it to start from.

    Returns
    -------
    Results
        With ``complete`` false in the manifest if the run was stopped.

    Raises
    ------
    InputError
        If the scenario does not fit the city.
    OutputError
        If the results cannot be written; nothing is left behind.
    """
    key = start.key if start else scenario.key(city.fingerprint)
    target, part = Path(runs) / key, Path(runs) / f"{key}{PART}"
    if Results.is_whole(target):
        progress(1.0, "known from an earlier run")
        return Results.open(target)
    with publishing(target) as draft:
        watch = Watch(Pace(_part(progress)), stopped, read_state(part))
        started = time.perf_counter()
        hazard = simulate(scenario, city, watch, start.given if start else Given())
        simulated = time.perf_counter()
        progress(_SIMULATION, "counting people, buildings and streets")
        exposure = exposure_of(city)
        impact = impact_of(city, hazard, exposure)
        seconds = {
            "simulation": round(simulated - started, 3),
            "impact": round(time.perf_counter() - simulated, 3),
        }
        facts = impact.facts() if impact else {}
        if impact:
            facts["groups"] = groups(exposure, impact, districts_of(city))
        manifest = _manifest(scenario, city, hazard, facts, key=key, seconds=seconds)
        if start:
            manifest["chain"] = start.about
        said = dict(impact.per_building) if impact else {}
        write_results(draft.folder, city.grid.cells, hazard, manifest, said)
        shutil.rmtree(part, ignore_errors=True)
        if not hazard.complete:
            draft.target = part
            write_state(draft.folder, watch.state or {})
    progress(1.0, "done" if hazard.complete else "stopped; what was computed is kept")
    return Results.open(draft.target)


@dataclass(frozen=True, eq=False)
class Start:
    """What an earlier hazard gave a run to start from.

    Attributes
    ----------
    key
        Name of the run: of its scenario, and of what it starts from.
    given
        What the event finds.
    about
        What the manifest says of it.
    """

    key: str
    given: Given
    about: dict[str, Any]


def simulate(scenario: Scenario, city: City, watch: Watch, given: Given | None = None) -> Hazard:
    """Let the event of a scenario happen in a city, with its measures; nothing is written."""
    layers, works = prepare(scenario.measures, scenario.hazard.name, city.grid, city.layers)
    buildings = buildings_of(city) if scenario.hazard.needs_buildings else None
    construction = Choices(**city.notes["vulnerability"]).construction
    found = replace(given or Given(), works=works, buildings=buildings, construction=construction)
    return scenario.hazard.simulate(city.grid, layers, watch, found)


def buildings_of(city: City) -> Buildings:
    """Buildings of a city in its plane."""
    table = city.table("buildings")
    numbers = {
        name: table[name].to_numpy(dtype=np.float64)
        for name in ("height", "levels", "floor_area", "people", "year")
    }
    return Buildings(
        outlines=table.geometry.to_crs(city.grid.crs).to_numpy(),
        cells=city.building_cells,
        kind=table["kind"].to_numpy(dtype=object),
        material=table["material"].to_numpy(dtype=object),
        **numbers,
    )


def exposure_of(city: City) -> Exposure:
    """Buildings, people and streets of a city, by cell."""
    roads = city.table("roads") if "roads" in city.tables else None
    structure = [] if roads is None else roads["structure"]
    return Exposure(
        grid=city.grid,
        building_cover=city.layers["building_cover"],
        buildings=buildings_of(city),
        home_share=city.table("buildings")["home_share"].to_numpy(dtype=np.float64),
        road_class=() if roads is None else tuple(roads["class"]),
        road_open=~np.isin(np.asarray(structure, dtype=str), ["tunnel", "bridge"]),
        road_cells=city.road_cells,
        choices=Choices(**city.notes["vulnerability"]),
    )


def districts_of(city: City) -> tuple[DistrictCells, ...]:
    """Districts of a city by admin level, as shares of its cells."""
    return tuple(
        DistrictCells(level, tuple(names), **columns)
        for level, (names, columns) in city.district_cells.items()
    )


def impact_of(city: City, hazard: Hazard, exposure: Exposure | None = None) -> Impact | None:
    """Impact of a hazard on a city; none where nobody counts that of its intensity.

    Parameters
    ----------
    city, hazard
        Where, and what happened.
    exposure
        As ``exposure_of`` gives it, if it is at hand.

    Raises
    ------
    BalanceError
        If its numbers do not agree with one another.
    """
    if hazard.variable not in impacts.names():
        return None
    model: type[ImpactModel] = impacts.get(hazard.variable)
    exposure = exposure or exposure_of(city)
    return consistent(model.count(exposure, hazard), exposure)


def _part(progress: Progress) -> Callable[[float, str], None]:
    return lambda done, note: progress(_SIMULATION * done, note)


def _manifest(
    scenario: Scenario,
    city: City,
    hazard: Hazard,
    impact: dict[str, Any],
    *,
    key: str,
    seconds: dict[str, float],
) -> dict[str, Any]:
    """Everything that says where a result comes from."""
    model = scenario.hazard
    return {
        "key": key,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "scenario": scenario.table(),
        "model": {
            "name": model.name,
            "version": model.version,
            "verified": model.verified,
            "references": list(model.references),
        },
        "city": {
            "name": city.name,
            "title": city.title,
            "fingerprint": city.fingerprint,
            "resolution": city.resolution,
            "sources": [
                {k: row[k] for k in ("path", "sha256", "licence", "attribution")}
                for row in city.sources
            ],
        },
        "cells": len(city.grid),
        "variable": hazard.variable,
        "times_s": hazard.times.tolist(),
        "seconds": seconds,
        "versions": {
            **{name: version(name) for name in ("citytwin", "numpy", "numba", "h3", "duckdb")},
            "python": platform.python_version(),
        },
        "threads": numba.get_num_threads(),
        "balance": hazard.report,
        "balance_sentence": hazard.sentence,
        "notes": list(hazard.notes),
        "complete": hazard.complete,
        "impact": impact,
    }
