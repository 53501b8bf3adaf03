"""From the fields of an event to its releases: place, begin, mass by time, rise, and what is heavy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from citytwin.errors import ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.plume import sources
from citytwin.hazards.plume.air import Air, Puffing, Sky
from citytwin.hazards.plume.carrying import air_of
from citytwin.hazards.plume.chain import Release
from citytwin.hazards.plume.heavy import density_number, release_temperature
from citytwin.hazards.plume.sources import Emission
from citytwin.hazards.plume.substances import Substance, levels_of, substance_of
from citytwin.hazards.wind import Wind

if TYPE_CHECKING:
    from citytwin.hazards.plume.model import Outlet, Plume

_HOUR, _MINUTE = 3600.0, 60.0
_ZERO_C = 273.15
#: Height at which people breathe [m].
BREATHED = 1.5
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
    """Releases of an event.

    Raises
    ------
    ScenarioError
        If one of them is a heavy gas and shall not be treated as passive.
    """
    gas = substance_of(event.substance)
    temperature = event.temperature_c + _ZERO_C
    outlets = event.releases or (_own(event, grid),)
    made, heavy = [], 0.0
    for outlet in outlets:
        release = _release(event, outlet, gas, grid, wind, sky, end)
        speed = float(np.hypot(*wind.at(outlet.from_h * _HOUR)))
        liquid = _liquid(event, outlet, gas)
        heavy = max(heavy, _heaviness(outlet, release.emission, gas, temperature, speed, liquid))
        made.append(release)
    if heavy > 1.0 and not event.treat_as_passive:
        raise ScenarioError(
            f"{gas.title.lower()} leaves here as a heavy gas, {heavy:.1f} times the limit of Britter "
            "and McQuaid below which it drifts as air does: set treat_as_passive to true to run it all "
            "the same, or lower rate_kg_s or mass_kg"
        )
    return Made(tuple(made), gas, _notes(gas, heavy, made, sky))


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
    x, y = grid.project(np.array([outlet.at[0]]), np.array([outlet.at[1]]))
    return Release(outlet.name, float(x[0]), float(y[0]), air, puff, emission)


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
    outlet: "Outlet",
    emission: Emission,
    gas: Substance,
    temperature: float,
    speed: float,
    liquid: bool,  # noqa: FBT001
) -> float:
    """How dense a release is; 1 is the limit."""
    if outlet.kind == "fire" or gas.boiling_point == 0.0:
        return 0.0
    speed = max(speed, 0.5)
    if emission.at_once:
        return density_number(gas, temperature, speed, liquid=liquid, mass=outlet.mass_kg)
    # A wide pool lets the same gas off over a wider line: the pool's own width counts.
    if outlet.kind == "pool":
        return density_number(
            gas, temperature, speed, rate=emission.peak_rate,
            liquid=liquid, width=float(np.sqrt(outlet.pool_area_m2)),
        )  # fmt: skip
    return density_number(gas, temperature, speed, liquid=liquid, rate=emission.peak_rate)


def _notes(gas: Substance, heavy: float, made: list[Release], sky: Sky) -> tuple[str, ...]:
    found = []
    if heavy > 1.0:
        found.append(
            f"WARNING: {gas.title.lower()} leaves as a heavy gas here, {heavy:.1f} times the limit of "
            "Britter and McQuaid (1988). It was run as passive because the event says so: near the "
            "source a heavy cloud is wider, lower, spreads against the wind and runs down slopes."
        )
    if gas.mist and heavy <= 1.0:
        found.append(
            f"{gas.title} that escapes as a liquid under pressure makes a cold mist that is heavier "
            "than its vapour: near the source such a cloud keeps to the ground, which is not modelled."
        )
    found.append(
        "Buildings' wakes, street canyons and slopes are not modelled: in a city read the plume as a "
        "mean over open ground of that roughness, not as what a street meets."
    )
    found.append(
        "A cell has the mean over its hexagon; close to the source the plume is narrower than a cell, "
        "and people in its middle meet more."
    )
    lids = sky.lids.min()
    tops = [release.puff.height + release.puff.top for release in made]
    if max(tops) > lids:
        found.append(
            f"A plume rises to {max(tops):.0f} m, above the mixing height of {lids:g} m: what is above "
            "the lid does not come down."
        )
    if max(tops) > max(release.puff.height for release in made):
        found.append(f"Plume rise {max(release.puff.top for release in made):.0f} m by Briggs.")
    return (*found, *_doubts(gas))


def _doubts(gas: Substance) -> list[str]:
    """What was not verified of a substance."""
    found = [] if gas.verified else [f"properties of {gas.title.lower()}"]
    for scheme in ("AEGL", "ERPG", "smoke guide"):
        levels = levels_of(gas.name, scheme)
        if levels is not None and not levels.verified:
            found.append(f"levels by {scheme}")
    text = [f"Coefficients in use that were not verified: {', '.join(found)}."] if found else []
    if levels_of(gas.name, "AEGL") is None:
        other = levels_of(gas.name, "smoke guide") is not None
        text.append(
            "Zones of harm are by the wildfire smoke guide's levels of particles: smoke has no AEGL."
            if other
            else f"{gas.title} has no AEGL: only where it can burn is told."
        )
    return text


def noticed_by(event: "Plume") -> tuple[float, str]:
    """Concentration from which the plume counts as arrived [kg/m³], and what that is."""
    if event.noticed_mg_m3 > 0.0:
        return event.noticed_mg_m3 * 1e-6, (
            f"Arrival and duration count from {event.noticed_mg_m3:g} mg/m³, as given."
        )
    gas = substance_of(event.substance)
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
