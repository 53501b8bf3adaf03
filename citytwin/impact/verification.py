"""The cases of ``citytwin verify impact``: curves, a small city by hand, risk in closed form, totals."""

from typing import Any

import numpy as np
import shapely

from citytwin.arrays import Floats
from citytwin.grid.overlay import Shares
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.cases import Law, Measured, Site, Verification
from citytwin.impact.exposure import Choices, Exposure
from citytwin.impact.flood_damage import depth_damages
from citytwin.impact.lifelines.verification import CASES as LIFELINES
from citytwin.impact.people_verification import CASES as PEOPLE
from citytwin.impact.risk import (
    average_annual_impact,
    average_annual_of_return_periods,
    exceedance,
    worth,
)
from citytwin.impact.risk_verification import CASES as RISK
from citytwin.impact.totals import DistrictCells, groups, in_districts, on_cells
from citytwin.impact.water import Water
from citytwin.kernels.assets import asset_losses
from citytwin.tables import number, read_rows, table_path

_OURS = "citytwin's own bound"


def off_tables(site: Site | None) -> float:
    """Largest difference of a depth-damage function from its table, at corners and between."""
    del site
    path = table_path("jrc_depth_damage.csv")
    rows = read_rows(path, ("continent", "use", "depth_m", "damage", "verified"))
    worst = 0.0
    for (continent, use), curve in depth_damages().items():
        mine = [r for r in rows if (r["continent"], r["use"]) == (continent, use)]
        depth, damage = (
            np.array([number(r, name, path) for r in mine]) for name in ("depth_m", "damage")
        )
        middle = (depth[1:] + depth[:-1]) / 2.0
        halves = (damage[1:] + damage[:-1]) / 2.0
        worst = max(worst, float(np.abs(curve.at(depth) - damage).max()))
        worst = max(worst, float(np.abs(curve.at(middle) - halves).max()))
    return worst


def off_published(site: Site | None, text: str) -> float:
    """Largest difference of the depth-damage functions from the published table, every centimetre."""
    del site
    head, *rows = (line.split(",") for line in text.lstrip("\ufeff").strip().splitlines())
    depth = np.array([float(name.strip().removesuffix("m")) for name in head[2:]])
    worst = 0.0
    for continent, use, *values in rows:
        if (continent, use) in depth_damages():
            found = depth_damages()[continent, use].at(depth)
            worst = max(worst, float(np.abs(found - np.array(values, np.float64)).max()))
    return worst


def small_city() -> Exposure:
    """Three houses on three cells: a home, a warehouse, a school."""
    grid = cover((-122.450, 37.7540, -122.446, 37.7575), 11)
    none = Shares(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    left = np.array([0.0, 20.0, 40.0])
    houses = Buildings(
        outlines=shapely.box(left, 0.0, left + 10.0, 10.0),
        cells=Shares(np.arange(3), np.array([0, 1, 5]), np.full(3, 100.0)),
        height=np.array([3.0, 15.0, 6.0]),
        levels=np.array([1.0, 5.0, 2.0]),
        floor_area=np.array([100.0, 500.0, 200.0]),
        people=np.array([4.0, 0.0, 0.0]),
        kind=np.array(["house", "warehouse", "school"], dtype=object),
        material=np.full(3, "", dtype=object),
        year=np.full(3, np.nan),
    )
    cells = np.zeros(len(grid))
    return Exposure(
        grid, cells, houses, np.array([1.0, 0.0, 0.0]), (), np.empty(0, np.bool_), none,
        Choices("europe", "DEU"),
    )  # fmt: skip


def three_cells(site: Site | None) -> Measured:
    """Damage in a city of three cells against the sum by hand, as a share of it."""
    del site
    city = small_city()
    depth = np.zeros((1, len(city.grid)), np.float32)
    depth[0, [0, 1]] = 1.0, 0.5
    hazard = Hazard("depth", np.zeros(1), depth, {"depth_max": depth[0]}, {}, ".")
    found = Water.count(city, hazard)
    # JRC's Europe: 0.40 of the greatest damage at 1 m, 0.15 at 0.5 m for industry; Germany's cost of
    # building; 0.6 depreciated, 0.4 undamageable, contents 0.5 and 1.5; at most two storeys.
    home = 100.0 * 0.40 * 1450.08 * 0.6 * 0.6 * 1.5
    hall = 200.0 * 0.15 * 977.35 * 0.6 * 0.6 * 2.5
    total = next(count.value for count in found.counts if count.name == "damage")
    people = next(count.value for count in found.counts if count.name == "displaced")
    return Measured(
        abs(total - home - hall) / (home + hall),
        (
            Law("people in the water, off 4", abs(found.people["0.15"] - 4.0), 0.0),
            Law("displaced beyond those in the water", people - found.people["0.15"], 0.0),
            Law("buildings, off 2", abs(found.buildings["0.15"] - 2.0), 0.0),
        ),
    )


def closed_exceedance(site: Site | None) -> Measured:
    """Average annual impact of an exponential exceedance off its closed integral, as a share."""
    del site
    rate, scale, count = 0.3, 5e6, 200_000
    impact = -scale * np.log1p(-(np.arange(count) + 0.5) / count)
    each = np.full(count, rate / count)
    found = average_annual_impact(impact, each)
    hundred = float(exceedance(impact, each).at(100.0))
    periods = np.geomspace(1.0, 1e6, 4000)
    power = average_annual_of_return_periods(7.0 * (1.0 - 1.0 / periods), periods)
    value = worth(100.0, 40.0, investment=300.0, upkeep=5.0, years=30, discount=0.03)
    factor = sum(1.03**-year for year in range(1, 31))
    return Measured(
        abs(found / (rate * scale) - 1.0),
        (
            Law(
                "impact of 100 years, share off", abs(hundred / (scale * np.log(30.0)) - 1.0), 1e-3
            ),
            Law("power law of return periods, share off", abs(power / 3.5 - 1.0), 1e-4),
            Law(
                "net present value, off the sum of years", abs(value.net - 55 * factor + 300), 1e-9
            ),
        ),
    )


def off_totals(site: Site | None) -> Measured:
    """Totals by cell, by district, by use and by building off one another, as a share."""
    del site
    exposure, districts = _parted_city()
    values = np.random.default_rng(6).exponential(1e5, len(exposure.buildings))
    on = on_cells(exposure, values)
    whole = float(values.sum())
    parted = in_districts(on, districts)
    return Measured(
        abs(float(on.sum()) / whole - 1.0),
        (
            Law("by district, share off", abs(float(parted.sum()) / whole - 1.0), 1e-9),
            Law("groups of a flood, share off its totals", _groups_off(exposure, districts), 1e-9),
            Law(
                "by district, share off a plain loop",
                float(np.abs(_by_loop(exposure, districts, values) / parted - 1.0).max()),
                1e-9,
            ),
        ),
    )


def _parted_city() -> tuple[Exposure, DistrictCells]:
    """Five hundred houses on one to three cells each, in two districts that share every cell."""
    rng = np.random.default_rng(5)
    city = small_city()
    count, cells = 500, len(city.grid)
    pairs = [(i, int(c)) for i in range(count) for c in rng.choice(cells, 1 + i % 3, replace=False)]
    item, cell = (np.array(column) for column in zip(*pairs, strict=True))
    amount = rng.uniform(1.0, 90.0, item.size)
    share = rng.uniform(size=cells)
    districts = DistrictCells(
        "8", ("west", "east"),
        np.concatenate([np.zeros(cells, np.int64), np.ones(cells, np.int64)]),
        np.tile(np.arange(cells), 2), np.concatenate([share, 1.0 - share]),
    )  # fmt: skip
    return _with_cells(city, city.grid, Shares(item, cell, amount), count), districts


def _groups_off(exposure: Exposure, districts: DistrictCells) -> float:
    """Largest difference of what a flood's groups add up to from what it says of the city."""
    depth = np.random.default_rng(7).uniform(0.0, 2.0, (1, len(exposure.grid))).astype(np.float32)
    found = Water.count(
        exposure, Hazard("depth", np.zeros(1), depth, {"depth_max": depth[0]}, {}, ".")
    )
    money = next(count.value for count in found.counts if count.name == "damage")
    sums: dict[tuple[str, str, str], float] = {}
    for row in groups(exposure, found, (districts,)):
        key = row["by"], row["what"], row["level"]
        sums[key] = sums.get(key, 0.0) + row["value"]
    named = {"people": found.people, "buildings": found.buildings, "damage": {"all": money}}
    return max(abs(value / named[what][level] - 1.0) for (_, what, level), value in sums.items())


def _by_loop(exposure: Exposure, districts: DistrictCells, values: Floats) -> Floats:
    """Sums of values of buildings by district, one pair of building and cell after the other."""
    shares = exposure.buildings.cells
    area: dict[int, float] = {}
    for item, amount in zip(shares.item.tolist(), shares.amount.tolist(), strict=True):
        area[item] = area.get(item, 0.0) + amount
    found = np.zeros(len(districts.names))
    for item, cell, amount in zip(shares.item, shares.cell, shares.amount, strict=True):
        there = districts.cell == cell
        for district, share in zip(districts.district[there], districts.share[there], strict=True):
            found[district] += values[item] * amount / area[int(item)] * share
    return found


def many_houses(count: int) -> Exposure:
    """The three houses again and again, each on a cell of its own number."""
    city = small_city()
    own = np.arange(count)
    cells = Shares(own, own % len(city.grid), np.full(count, 100.0))
    return _with_cells(city, city.grid, cells, count)


def _with_cells(city: Exposure, grid: Grid, cells: Shares, count: int) -> Exposure:
    names = (
        "outlines", "height", "levels", "floor_area", "people", "kind", "material", "year",
    )  # fmt: skip
    one: dict[str, Any] = {name: np.resize(getattr(city.buildings, name), count) for name in names}
    return Exposure(
        grid, np.zeros(len(grid)), Buildings(cells=cells, **one), np.resize(city.home_share, count),
        (), city.road_open, city.road_cells, city.choices,
    )  # fmt: skip


def assets_off(site: Site | None) -> Measured:
    """Losses of assets in events off the plain sum, as a share of it; one thread against many."""
    del site
    rng = np.random.default_rng(1)
    curves = [(curve.depth, curve.damage) for curve in depth_damages().values()]
    intensity = np.maximum(rng.normal(0.5, 2.0, (30, 200)), 0.0)
    cell, curve = rng.integers(0, 200, 5000), rng.integers(0, len(curves), 5000)
    value, weight = rng.uniform(1.0, 9.0, 5000), rng.uniform(0.0, 1.0, 30)
    one = asset_losses(intensity, cell, value, curve, curves, weight, parallel=False)
    many = asset_losses(intensity, cell, value, curve, curves, weight)
    plain = np.zeros((30, 5000))
    for at, corners in enumerate(curves):
        mine = curve == at
        there = intensity[:, cell[mine]]
        plain[:, mine] = np.where(there > 0.0, np.interp(there, *corners), 0.0) * value[mine]
    off = float(np.abs(many[0] / plain.sum(axis=1) - 1.0).max())
    threads = max(float(np.abs(a - b).max()) for a, b in zip(one, many, strict=True))
    return Measured(off, (Law("one thread off many", threads, 0.0),))


CASES = (
    Verification(
        "depth-damage functions, off their table", off_tables, 1e-12, "1",
        "JRC 2017, doi:10.2760/16510, data/tables/jrc_depth_damage.csv",
    ),
    Verification(
        "depth-damage functions, off the published table at every centimetre", off_published, 1e-8,
        "1", "JRC 2017, doi:10.2760/16510", needs=("depth_damage/JRC_damage_functions.csv",),
    ),
    Verification("a city of three cells, off the sum by hand", three_cells, 1e-5, "1", _OURS),
    Verification(
        "average annual impact, off the closed integral", closed_exceedance, 1e-4, "1",
        "exponential exceedance: rate times mean",
    ),
    Verification("totals by cell, district and use, off the plain sum", off_totals, 1e-9, "1", _OURS),
    *LIFELINES,
    Verification("losses of many assets, off the plain sum", assets_off, 1e-12, "1", _OURS),
    *RISK,
    *PEOPLE,
)  # fmt: skip
