"""Fire from building to building: the curve against Hamada's velocities, and speed; writes a page.

    python bench/fire_houses.py [--city CITY.duckdb] [--largest 160000]

No program for fire between buildings installs from a registry: the velocities are compared with
Hamada's formula, and the search for pairs with Shapely's in the same run.
"""

import argparse
import os
import platform
import time
from pathlib import Path

import numpy as np
import shapely

from citytwin.city import City
from citytwin.hazards.base import Given
from citytwin.hazards.fire import Fire
from citytwin.hazards.fire.houses.hamada import velocities
from citytwin.hazards.fire.houses.pairs import REACH, find_pairs
from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import IGNITION
from citytwin.hazards.fire.verification.block import block, buildings_at, velocities_of
from citytwin.scenario.running import buildings_of

RESULT = Path(__file__).parent / "results" / "fire_houses.md"
WINDS = (0.0, 2.5, 5.0, 7.5, 10.0, 12.5, 15.0, 20.0)
BLOCKS = ((10.0, 5.0), (10.0, 3.0), (10.0, 8.0), (15.0, 6.0))
STEPS = 180


def curve(side, gap):
    """Rows of the table of velocities on one block [m/min]."""
    for wind in WINDS:
        ours = np.array(velocities_of(41, side, gap, wind)) * 60.0
        mortared = np.array(velocities(side, gap, wind)) * 60.0
        bare = np.array(velocities(side, gap, wind, mortared=False)) * 60.0
        cells = [f"{side:g}, {gap:g}", f"{wind:g}"]
        for way in range(3):
            cells.append(f"{ours[way]:.2f} | {mortared[way]:.2f} to {bare[way]:.2f}")
            cells.append(f"{ours[way] / mortared[way]:.2f}")
        yield "| " + " | ".join(cells) + " |"


def growth(count):
    """Seconds of the processor for pairs and for an hour of fire, every tenth house alight."""
    side = int(np.sqrt(count))
    places = np.arange(side) * 15.0
    x, y = (part.ravel() for part in np.meshgrid(places, places))
    buildings = buildings_at(x, y, 10.0)
    begun = time.process_time()
    pairs = find_pairs(buildings.outlines, buildings.height)
    paired = time.process_time() - begun
    town = block(side, 10.0, 5.0)
    lit = np.arange(0, side * side, 10)
    wind = direction(8.0, 0.0)
    town.houses.ignite(lit, np.zeros(lit.size), IGNITION, 0.0, wind)
    begun = time.process_time()
    for number in range(STEPS):
        town.houses.step(20.0 * number, 20.0, wind)
    return side * side, len(pairs), paired, time.process_time() - begun


def by_shapely(outlines, reach):
    """Seconds of the processor for Shapely to find all pairs within a reach and their lines."""
    begun = time.process_time()
    one, two = shapely.STRtree(outlines).query(outlines, predicate="dwithin", distance=reach)
    shapely.shortest_line(outlines[one], outlines[two])
    return time.process_time() - begun, one.size


def city_run(path):
    """Lines about six hours of fire in a city."""
    with City.open(path) as city:
        buildings, grid = buildings_of(city), city.grid
        event = Fire()
        layers = {name: city.layers[name] for name in event.inputs}
        seconds = []
        for _ in range(2):
            begun = time.process_time()
            hazard = event.simulate(grid, layers, given=Given(buildings=buildings))
            seconds.append(time.process_time() - begun)
        theirs, number = by_shapely(buildings.outlines, REACH)
        begun = time.process_time()
        pairs = find_pairs(buildings.outlines, buildings.height)
        ours = time.process_time() - begun
    return [
        "", "## A city", "",
        f"{city.title}: {len(buildings):,} buildings, {len(grid):,} cells, six hours of the default "
        f"event in steps of 20 s: {seconds[1]:.1f} s of the processor with the pairs known from a run "
        f"before, {seconds[0]:.1f} s with them. {hazard.sentence}",
        "",
        f"Who sees whom: {ours:.2f} s for {len(pairs):,} pairs with their view factors; Shapely takes "
        f"{theirs:.2f} s ({theirs / ours:.1f} times) for the {number:,} pairs within {REACH:g} m and "
        "their shortest lines alone.",
    ]  # fmt: skip


def main():
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--city")
    parser.add_argument("--largest", type=int, default=160_000)
    given = parser.parse_args()
    growth(100)
    lines = [
        "# Fire from building to building", "",
        f"{platform.machine()}, one thread; the machine's load at the start {os.getloadavg()[0]:.1f}; "
        "seconds are of the processor. Made by `python bench/fire_houses.py`.", "",
        "## Velocities on a regular block of wooden houses against Hamada's [m/min]", "",
        "Hamada's from mortared to bare wood, with HAZUS's blend below 10 m/s. Two numbers (growth "
        "of wood, wind_growth) were calibrated on the first block against mortared wood up to 20 m/s; "
        "the other blocks are not. Ratio: ours over mortared. No embers. 0 where nothing spreads.",
        "",
        "| side, gap [m] | wind [m/s] | downwind | Hamada | ratio | across | Hamada | ratio | upwind "
        "| Hamada | ratio |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for side, gap in BLOCKS:
        lines += curve(side, gap)
    lines += [
        "", "## Growth with size", "",
        f"Blocks of 10 m houses, 5 m apart; {STEPS} steps (an hour) with every tenth house alight at "
        "the start.", "",
        "| houses | pairs | s for pairs | s for an hour | million house-steps/s |",
        "|---|---|---|---|---|",
    ]  # fmt: skip
    count = 2_500
    while count <= given.largest:
        houses, pairs, paired, burnt = growth(count)
        rate = houses * STEPS / burnt / 1e6
        lines.append(f"| {houses:,} | {pairs:,} | {paired:.2f} | {burnt:.2f} | {rate:.1f} |")
        count *= 4
    if given.city:
        lines += city_run(given.city)
    text = "\n".join(lines) + "\n"
    RESULT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
