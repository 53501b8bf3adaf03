"""What must hold of any fire through vegetation: rates of another program, gaps, order of cells."""

from dataclasses import replace

import numpy as np

from citytwin.grid.lattice import Lattice
from citytwin.hazards.cases import Law, Measured
from citytwin.hazards.fire.ellipse import spread
from citytwin.hazards.fire.front import Front, Spread
from citytwin.hazards.fire.fuels import fuel_model
from citytwin.hazards.fire.rothermel import Bed, bed, flame_length
from citytwin.hazards.fire.verification.scene import MODERATE, plane
from citytwin.hazards.fire.verification.shapes import GRASS
from citytwin.hazards.wind import wind_of
from citytwin.tables import number, read_rows, table_path

_PEER = "fuel_models_peer.csv"
_KEYS = (
    "number", "wind", "wind_deg", "slope", "aspect_deg", "rate", "intensity", "flame",
    "length_to_width", "east", "north",
)  # fmt: skip
_MOISTURES = {
    "dry": (0.03, 0.04, 0.05, 0.30, 0.60),
    "moderate": MODERATE,
    "moist": (0.08, 0.09, 0.10, 0.90, 1.20),
}


def _bed(key: int, moisture: str) -> Bed:
    dead_1, dead_10, dead_100, herbs, wood = _MOISTURES[moisture]
    # In that program the live fuel of Anderson's models is all herbs; ours is wood in some.
    herbs = wood if key <= 13 else herbs
    return bed(fuel_model(key), (dead_1, dead_10, dead_100, herbs, wood))


def rates() -> Measured:
    """Greatest relative difference from pyretechnics's rates of spread, of all standard models."""
    path = table_path(_PEER)
    off = np.zeros(5)
    seen = set()
    for line in read_rows(path, ("moisture", *_KEYS)):
        row = {key: number(line, key, path) for key in _KEYS}
        key = int(row["number"])
        seen.add(key)
        found = _bed(key, line["moisture"])
        wind, aspect = np.radians(row["wind_deg"]), np.radians(row["aspect_deg"])
        above = row["wind"] / found.adjustment
        rate, e, east, north = spread(
            np.array(found.row()), -above * np.sin(wind), -above * np.cos(wind),
            -row["slope"] * np.sin(aspect), -row["slope"] * np.cos(aspect), limited=True,
        )  # fmt: skip
        intensity = found.heat * rate
        pairs = (
            (rate, row["rate"]),
            (intensity, row["intensity"]),
            (float(flame_length(np.array(intensity))), row["flame"]),
            (1.0 / np.sqrt(1.0 - e * e), row["length_to_width"]),
        )
        turned = np.hypot(east - row["east"], north - row["north"]) if row["wind"] > 0.0 else 0.0
        apart = [abs(ours - theirs) / theirs if theirs else abs(ours) for ours, theirs in pairs]
        off = np.maximum(off, [*apart, turned])
    return Measured(
        float(off[0]),
        (
            Law("fireline intensity, relative", float(off[1]), 0.01),
            Law("flame length, relative", float(off[2]), 0.01),
            Law("length to width, relative", float(off[3]), 0.01),
            Law("heading [radians]", float(off[4]), 0.001),
            Law("standard models missing", float(53 - len(seen)), 0.0),
        ),
    )


def gaps(lattice: Lattice) -> Measured:
    """Cells burnt beyond bare lines one cell wide, in the three directions of the lattice."""
    beyond, missed = 0, 0
    for direction in range(3):
        grid = plane(lattice, 81, 81)
        away = (grid.row, grid.col, grid.row - grid.col)[direction]
        line = 60 if direction < 2 else 20
        fuel = np.where(away == line, 0, GRASS)
        # Wind straight across the line.
        from_deg = float(np.degrees(np.arctan2(*_across(lattice, direction))) + 180.0)
        wind = wind_of(20.0, from_deg % 360.0, ())
        front = Front(grid, fuel, Spread(np.array(MODERATE)), wind, end=1e7)
        front.ignite(np.array([grid.middle]), np.array([0.0]))
        front.advance(1e7)
        burnt = np.isfinite(front.arrival)
        beyond += int((burnt & (away >= line)).sum())
        missed += int((~burnt & (away < line)).sum())
    return Measured(float(beyond), (Law("cells this side that did not burn", float(missed), 0.0),))


def _across(lattice: Lattice, direction: int) -> tuple[float, float]:
    """Vector across the lines of one row, one column or one difference of them."""
    along = lattice.vectors[(0, 1, 2)[direction]]
    ahead = (lattice.vectors[1], lattice.vectors[0], lattice.vectors[1])[direction]
    normal = np.array([-along[1], along[0]])
    normal *= np.sign(normal @ ahead)
    return float(normal[0]), float(normal[1])


def order_of_cells(lattice: Lattice) -> Measured:
    """Greatest difference of arrivals where cells and ignitions come in another order [s]."""
    rng = np.random.default_rng(3)
    grid = plane(lattice, 120, 100)
    fuel = rng.choice([0, 102, GRASS, 122, 145, 183], len(grid))
    elevation = 40.0 * np.sin(grid.x / 200.0) * np.cos(grid.y / 300.0)
    wind = wind_of(0.0, 0.0, ((0.0, 6.0, 250.0), (3.0, 9.0, 340.0)))
    cells, times = rng.integers(0, len(grid), 12), rng.uniform(0.0, 4000.0, 12)
    shuffle = rng.permutation(len(grid))
    place = np.argsort(shuffle)
    other = replace(grid, cells=grid.cells[shuffle], row=grid.row[shuffle], col=grid.col[shuffle])
    found = []
    for where, kinds, high, at in (
        (grid, fuel, elevation, cells),
        (other, fuel[shuffle], elevation[shuffle], place[cells][::-1]),
    ):
        front = Front(where, kinds, Spread(np.array(MODERATE), high), wind, end=4 * 3600.0)
        front.ignite(at, times if where is grid else times[::-1])
        front.advance(4 * 3600.0)
        found.append(front.arrival if where is grid else front.arrival[place])
    burnt = np.isfinite(found[0])
    same = np.array_equal(burnt, np.isfinite(found[1]))
    off = np.abs(found[0][burnt] - found[1][burnt]).max() if same else np.inf
    return Measured(
        float(off), (Law("1 over burnt cells", 1.0 / max(float(burnt.sum()), 1.0), 1e-3),)
    )


def pieces(lattice: Lattice) -> Measured:
    """Greatest relative difference of arrivals, told at once or every 20 s, in a strong wind."""
    grid = plane(lattice, 181, 181)
    found = []
    for step in (6000.0, 20.0):
        wind = wind_of(17.0, 310.0, ())
        front = Front(grid, np.full(len(grid), GRASS), Spread(np.array(MODERATE)), wind, end=6000.0)
        front.ignite(np.array([grid.middle]), np.array([0.0]))
        while front.time < front.end:
            front.advance(front.time + step)
        found.append(front.arrival)
    both = np.isfinite(found[0]) & np.isfinite(found[1]) & (found[0] > 0.0)
    apart = np.isfinite(found[0]) ^ np.isfinite(found[1])
    return Measured(
        float(np.abs(found[1][both] / found[0][both] - 1.0).max()),
        (Law("cells that burnt in one only", float(apart.sum()), 0.0),),
    )
