"""Where the mass is: on lattices of hexagons, fine and coarse, on the ground, and in a pool."""

import numpy as np
from scipy.spatial import cKDTree

from citytwin.errors import InputError
from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.cases import Law, Measured, Site
from citytwin.hazards.flood.verification.scene import skewed_lattice
from citytwin.hazards.plume import Plume
from citytwin.hazards.plume.chain import at_moment
from citytwin.hazards.plume.exposure import DOSE, Breathing
from citytwin.hazards.plume.sources import GROUND, Pool, at_once, evaporating, evaporation
from citytwin.hazards.plume.substances import substance_of
from citytwin.hazards.plume.verification.closed import upward_share, widths
from citytwin.hazards.plume.verification.scene import (
    NO_LID,
    air_by,
    columns_of,
    lattice_field,
    long_one,
    release,
    sky_of,
)
from citytwin.hazards.wind import wind_of

_ROWS = ((0.0, 3.0, 270.0), (0.3, 4.0, 300.0))


def lattices() -> dict[str, Lattice]:
    """Lattices from much finer to much coarser than the plume."""
    return {
        "regular, 20 m": regular_lattice(20.0),
        "skewed, 12 m": skewed_lattice(0.7),
        "regular, 150 m": regular_lattice(150.0),
    }


def lattice_mass_error() -> Measured:
    """Mass of a turning plume and of puffs summed over lattices: largest relative error."""
    worst = 0.0
    air, _ = air_by(sky_of("D", "open", 500.0), 3.0, 1.0, 900.0, _ROWS)
    sources = [long_one(air, 1.0, 1.0, 900.0, across=0.5)]
    sources += [
        release(air, 1.0, at_once(10.0, 900.0 - age), across=0.4) for age in (0.5, 20.0, 300.0)
    ]
    for lattice in lattices().values():
        cells = lattice_field(lattice, (-1500.0, -3500.0), (4500.0, 1500.0))
        for source in sources:
            found = cells.concentration(cells.in_reach(columns_of(source, 900.0)))
            kept = at_moment(source, 900.0).in_air
            worst = max(worst, abs(float(found.sum()) * cells.area / kept - 1.0))
    return Measured(worst)


def near_ground_error() -> Measured:
    """Concentration at 1.5 m summed over a lattice, against the integral along the plume."""
    time = 1500.0
    air, speed = air_by(sky_of("D", "open", NO_LID), 4.0, 10.0, time)
    source = long_one(air, 10.0, 1.0, time)
    way = np.linspace(1e-3, speed * time, 200_001)
    _, upward = widths("open", "D", way)
    share = upward_share(10.0, upward, NO_LID)
    expected = float(np.sum(0.5 * (share[1:] + share[:-1])) * (way[1] - way[0])) / speed
    cells = lattice_field(regular_lattice(25.0), (-200.0, -1500.0), (7500.0, 1500.0))
    found = cells.concentration(cells.in_reach(at_moment(source, time).elements))
    return Measured(abs(float(found.sum()) * cells.area / expected - 1.0))


def cell_mean_error() -> Measured:
    """Means of wide cells that a narrow plume crosses, against the mean of many points in each."""
    lattice = regular_lattice(60.0)
    air, _ = air_by(sky_of("D", "open", NO_LID), 4.0, 1.0, 3000.0, ((0.0, 4.0, 262.0),))
    source = long_one(air, 1.0, 1.0, 3000.0, across=0.5)
    cells = lattice_field(lattice, (-200.0, -200.0), (900.0, 300.0))
    found = cells.concentration(cells.in_reach(at_moment(source, 3000.0).elements))
    fine = lattice_field(regular_lattice(1.5), (-100.0, -150.0), (850.0, 250.0))
    values = fine.concentration(fine.in_reach(at_moment(source, 3000.0).elements))
    _, nearest = cKDTree(np.column_stack([cells.x, cells.y])).query(
        np.column_stack([fine.x, fine.y])
    )
    count = np.bincount(nearest, minlength=cells.x.size)
    mean = np.bincount(nearest, values, minlength=cells.x.size) / np.maximum(count, 1)
    some = (cells.x > 0.0) & (cells.x < 750.0) & (np.abs(cells.y) < 100.0)
    error = np.abs(mean - found)[some].max() / mean[some].max()
    return Measured(float(error))


def settled_error() -> Measured:
    """What settled on the cells against what the air lost on its way, all of it over the cells."""
    settling, time = 0.02, 1200.0
    air, _ = air_by(sky_of("D", "open", 800.0), 4.0, 2.0, time)
    source = long_one(air, 2.0, 1.0, 600.0, across=0.5, settling=settling)
    cells = lattice_field(regular_lattice(40.0), (-200.0, -1500.0), (6000.0, 1500.0))
    people = Breathing(cells.x.size, 1.0, 0.0, 1.0, 1.0)
    for now in np.arange(0.0, time + 1.0, 10.0):
        parts = cells.in_reach(at_moment(source, float(now)).elements)
        people.go_on(cells.concentration(parts), float(now))
    moment = at_moment(source, time)
    lost = moment.released - moment.in_air
    found = float(people.state[DOSE].sum()) * cells.area * settling
    laws = (Law("less than a twentieth settled", 0.05 - lost / moment.released, 0.0),)
    return Measured(abs(found / lost - 1.0), laws)


def pool_error() -> Measured:
    """A pool that evaporates in a steady wind: its mass against m₀ (1 − t / τ)², and its end."""
    gas = substance_of("benzene")
    pool = Pool(gas, 500.0, 80.0)
    rate = float(evaporation(pool, np.array([4.0]), 293.15, np.array([1.0]))[0][0])
    end = 2.0 * pool.mass / (rate * pool.area)
    found = evaporating(pool, wind_of(4.0, 270.0, ()), 293.15, 100.0, 100.0 + 3.0 * end)
    times = 100.0 + end * np.linspace(0.0, 0.999, 50)
    left = pool.mass - found.mass(times)
    expected = pool.mass * (1.0 - (times - 100.0) / end) ** 2
    # One that boils: the root of its mass falls as the root of the time.
    gas = substance_of("propane")
    boiling = evaporating(Pool(gas, 500.0, 20.0), wind_of(4.0, 270.0, ()), 293.15, 0.0, 600.0)
    conducts, diffuses = GROUND
    lost = 2.0 * conducts * (293.15 - gas.boiling_point) / gas.latent_heat
    lost *= np.sqrt(600.0 / (np.pi * diffuses))
    root = np.sqrt(500.0) - lost * 20.0 / (2.0 * np.sqrt(500.0))
    boiled = abs(float(boiling.released[-1]) - (500.0 - root**2)) / 500.0
    laws = (
        Law("boiling pool: mass after ten minutes off, relative", boiled, 1e-9),
        Law("end off, relative", abs((found.end - 100.0) / end - 1.0), 1e-6),
        Law("mass released after the end, off [kg]", abs(float(found.released[-1]) - 500.0), 1e-9),
    )
    return Measured(float(np.abs(left - expected).max()) / pool.mass, laws)


def city_balance(site: Site | None) -> Measured:
    """A release, a puff and a pool on a real city: error of the balance, and what the cells hold."""
    if site is None:
        raise InputError("this case needs a city: name one")
    worst, more = 0.0, 0.0
    for event in (
        Plume(simulated_h=0.2, duration_min=6.0),
        Plume(kind="instantaneous", simulated_h=0.05, output_min=1.0, deposition_mm_s=5.0),
        Plume(kind="pool", substance="benzene", simulated_h=0.2, treat_as_passive=True),
    ):
        report = event.simulate(site.grid, site.layers).report
        worst = max(worst, abs(report["balance_error"]))
        more = max(more, report["over_city_kg"] / max(report["in_air_kg"], 1e-9) - 1.0)
    # A minute after its release a puff is still over the city, all of it.
    young = Plume(kind="instantaneous", simulated_h=0.02, output_min=0.5, wind_m_s=4.0)
    report = young.simulate(site.grid, site.layers).report
    off = abs(report["over_city_kg"] / report["in_air_kg"] - 1.0)
    laws = (
        Law("cells hold more than the air, share", more, 0.01),
        Law("a young puff over the city: cells off what there is, share", off, 0.01),
    )
    return Measured(worst, laws)
