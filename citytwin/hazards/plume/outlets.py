"""From the fields of an event to its releases: place, begin, mass by time, rise, and what is heavy."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from citytwin.errors import ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.plume import sources
from citytwin.hazards.plume.air import Air, Puffing, Sky
from citytwin.hazards.plume.britter_mcquaid import SUDDEN, Dense, heavy_plume, heavy_puff
from citytwin.hazards.plume.carrying import CALM, air_of
from citytwin.hazards.plume.chain import Release
from citytwin.hazards.plume.heavy import density_number, reduced_gravity, release_temperature
from citytwin.hazards.plume.notes import notes_of
from citytwin.hazards.plume.sources import Emission
from citytwin.hazards.plume.substances import Substance, levels_of, substance_of
from citytwin.hazards.wind import Wind

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Outlet, Plume

_HOUR, _MINUTE = 3600.0, 60.0
_ZERO_C = 273.15
#: Height at which people breathe [m].
BREATHED = 1.5
#: Farthest from the city that a release may be [m]; judged: five times as far as the widths were fitted.
FARTHEST = 50_000.0
#: Density of smoke where it leaves a fire, for its first width only [kg/m³].
_SMOKE = 1.2
#: A pool's width over its standard deviation, EPA-454/B-95-003b, table 1-6.
_SIDE = 4.3


@dataclass(frozen=True, eq=False)
class Made:
    """Releases of an event, their substance and what a reader must know of them."""

    releases: tuple[Release, ...]
    substance: Substance
    notes: tuple[str, ...]


def middle_of(event: "Plume", grid: Grid) -> tuple[float, float]:
    """Longitude and latitude of the release, or of the middle of the city [degrees]."""
    if event.releases:
        return event.releases[0].at
    if event.at is not None:
        return event.at
    x, y = 0.5 * (grid.x.min() + grid.x.max()), 0.5 * (grid.y.min() + grid.y.max())
    lon, lat = grid.unproject(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


def releases_of(event: "Plume", grid: Grid, wind: Wind, sky: Sky, end: float) -> Made:
    """Releases of an event; a heavy gas slumps, unless it shall be treated as passive."""
    gas = substance_of(event.substance)
    outlets = event.releases or (_own(event, grid),)
    made, heavy = [], 0.0
    for outlet in outlets:
        release = _release(event, outlet, gas, grid, wind, sky, end)
        found = _heaviness(event, outlet, release.emission, gas, _speed(wind, outlet))
        heavy = max(heavy, found)
        if found > 1.0 and not event.treat_as_passive:
            release = _slumping(event, outlet, release, gas, (wind, sky, end))
        made.append(release)
    if any(release.puff.heavy for release in made):
        # One dose of all that is in the air: what settles could not be told from what does not.
        made = [replace(one, puff=replace(one.puff, settling=0.0)) for one in made]
    return Made(tuple(made), gas, notes_of(event, gas, heavy, made, sky))


def _speed(wind: Wind, outlet: "Outlet") -> float:
    """Wind at 10 m when a release begins, no calm [m/s]."""
    return max(float(np.hypot(*wind.at(outlet.from_h * _HOUR))), CALM)


def _slumping(
    event: "Plume",
    outlet: "Outlet",
    release: Release,
    gas: Substance,
    weather: tuple[Wind, Sky, float],
) -> Release:
    """A release as a heavy gas at the ground, where people breathe what is densest.

    Nothing settles from it: a layer as thin as the correlations make it would lose all that it has.
    """
    wind, sky, end = weather
    around = event.temperature_c + _ZERO_C
    cold = release_temperature(gas, around, liquid=_liquid(event, outlet, gas))
    speed = _speed(wind, outlet)
    dense = Dense(reduced_gravity(gas, cold, around), gas.vapour_density(cold), speed)
    emission, air = release.emission, air_of(wind, sky, 0.0, end)
    carried, lasts = air.speed(emission.start), emission.end - emission.start
    if not emission.at_once:
        width = float(np.sqrt(outlet.pool_area_m2)) if outlet.kind == "pool" else 0.0
        heavy = heavy_plume(dense, emission.peak_rate, carried, lasts=lasts, width=width)
        if outlet.kind != "pool" and speed * lasts < SUDDEN * heavy.way[-1]:
            emission = sources.at_once(float(emission.released[-1]), emission.start)
    if emission.at_once:
        heavy = heavy_puff(dense, float(emission.released[-1]), carried)
    puff = replace(
        release.puff, height=0.0, low=0.0, heavy=heavy, settling=0.0,
        across=float(heavy.across[0]), upward=float(heavy.upward[0]),
    )  # fmt: skip
    return replace(release, puff=puff, air=air, emission=emission)


def _own(event: "Plume", grid: Grid) -> "Outlet":
    """The event's own release as one of a list."""
    from citytwin.hazards.plume.model import Outlet  # noqa: PLC0415  (it imports us)

    names = ("kind", "rate_kg_s", "mass_kg", "from_h", "duration_min", "height_m", "pool_area_m2")
    given = {name: getattr(event, name) for name in names}
    return Outlet(name="release", at=middle_of(event, grid), heat_mw=event.heat_mw, **given)


def _release(
    event: "Plume", outlet: "Outlet", gas: Substance, grid: Grid, wind: Wind, sky: Sky, end: float
) -> Release:
    start = outlet.from_h * _HOUR
    temperature = event.temperature_c + _ZERO_C
    emission = emission_of(outlet, gas, wind, temperature, start, end)
    air = air_of(wind, sky, outlet.height_m, end)
    puff = _puffing(event, outlet, gas, air, emission, sky)
    x, y = _place_of(outlet, grid)
    return Release(outlet.name, x, y, air, puff, emission)


def _place_of(outlet: "Outlet", grid: Grid) -> tuple[float, float]:
    """Where a release is in the city's plane [m].

    Raises
    ------
    ScenarioError
        If it is so far from the city that a mistake is likelier than a harm.
    """
    x, y = (float(one[0]) for one in grid.project(*(np.array([one]) for one in outlet.at)))
    far = float(np.hypot(grid.x - x, grid.y - y).min())
    if not far <= FARTHEST:
        raise ScenarioError(
            f"the release '{outlet.name}' at {outlet.at[0]:g}, {outlet.at[1]:g} lies "
            f"{far / 1000.0:,.0f} km from the city, farther than a plume is followed: move it to within "
            f"{FARTHEST / 1000.0:g} km"
        )
    return x, y


def emission_of(
    outlet: "Outlet", gas: Substance, wind: Wind, temperature: float, start: float, end: float
) -> Emission:
    """Mass by time of a release that starts at a time, in a run that ends at a time [s]."""
    if outlet.kind == "instantaneous":
        return sources.at_once(outlet.mass_kg, start)
    if outlet.kind == "pool":
        pool = sources.Pool(gas, outlet.mass_kg, outlet.pool_area_m2)
        return sources.evaporating(pool, wind, temperature, start, max(end, start + _MINUTE))
    return sources.steady(outlet.rate_kg_s, start, outlet.duration_min * _MINUTE)


def _puffing(
    event: "Plume", outlet: "Outlet", gas: Substance, air: Air, emission: Emission, sky: Sky
) -> Puffing:
    """How puffs begin: no denser than the pure gas, and as wide as a pool."""
    temperature = event.temperature_c + _ZERO_C
    hot = outlet.kind == "fire"
    density = _SMOKE if hot or gas.boiling_point == 0.0 else gas.vapour_density(
        release_temperature(gas, temperature, liquid=_liquid(event, outlet, gas))
    )  # fmt: skip
    speed = air.speed(emission.start)
    if emission.at_once:
        first = np.cbrt(2.0 * outlet.mass_kg / ((2.0 * np.pi) ** 1.5 * density))
    else:
        first = np.sqrt(max(emission.peak_rate, 1e-9) / (np.pi * speed * density))
    across = max(first, np.sqrt(outlet.pool_area_m2) / _SIDE) if outlet.kind == "pool" else first
    state = sky.classes[sky.at(emission.start)]
    flux = sources.FLUX * outlet.heat_mw if hot else 0.0
    factor, top = sources.rise_of(flux, speed, state.lapse, temperature)
    decay = np.log(2.0) / (event.half_life_h * _HOUR) if event.half_life_h else 0.0
    return Puffing(
        height=outlet.height_m, across=float(across), upward=float(first),
        settling=event.deposition_mm_s * 1e-3, decay=float(decay), low=BREATHED,
        factor=factor, top=top,
    )  # fmt: skip


def _liquid(event: "Plume", outlet: "Outlet", gas: Substance) -> bool:
    """Whether a release boils off a liquid."""
    if outlet.kind == "pool":
        return True
    return not gas.piped if event.phase == "auto" else event.phase == "liquid"


def _heaviness(
    event: "Plume", outlet: "Outlet", emission: Emission, gas: Substance, speed: float
) -> float:
    """How dense a release is; 1 is the limit."""
    if outlet.kind == "fire" or gas.boiling_point == 0.0:
        return 0.0
    air = event.temperature_c + _ZERO_C
    liquid = _liquid(event, outlet, gas)
    if emission.at_once:
        return density_number(gas, air, speed, liquid=liquid, mass=outlet.mass_kg)
    # A wide pool lets the same gas off over a wider line: the pool's own width counts.
    width = float(np.sqrt(outlet.pool_area_m2)) if outlet.kind == "pool" else 0.0
    return density_number(gas, air, speed, liquid=liquid, rate=emission.peak_rate, width=width)


def noticed_by(event: "Plume") -> tuple[float, str]:
    """Concentration from which the plume counts as arrived [kg/m³], and what that is."""
    gas = substance_of(event.substance)
    if event.noticed_mg_m3 > 0.0:
        _refuse_too_late(event, gas)
        return event.noticed_mg_m3 * 1e-6, (
            f"Arrival and duration count from {event.noticed_mg_m3:g} mg/m³, as given."
        )
    for scheme in ("AEGL", "smoke guide"):
        levels = levels_of(gas.name, scheme)
        if levels is not None:
            least = float(levels.values.min())
            return least, (
                f"Arrival and duration count from {least * 1e6:.3g} mg/m³, the lowest level by {scheme}."
            )
    least = 0.1 * gas.concentration(gas.lfl)
    return least, (
        f"Arrival and duration count from {least * 1e6:.3g} mg/m³, a tenth of the lower flammable limit."
    )


def _refuse_too_late(event: "Plume", gas: Substance) -> None:
    """Refuse to notice a gas only where it harms already: nobody would be counted in time."""
    for scheme in ("AEGL", "smoke guide"):
        levels = levels_of(gas.name, scheme)
        if levels is not None and event.noticed_mg_m3 * 1e-6 > float(levels.values.max()):
            raise ScenarioError(
                f"noticed_mg_m3 lies above all levels of harm by {scheme}, "
                f"{levels.values.max() * 1e6:.3g} mg/m³ at most: lower it"
            )
