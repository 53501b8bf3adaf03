"""The rain of a flood event: a design storm, a formula of a city, or a measured file."""

from pathlib import Path
from typing import TYPE_CHECKING

from citytwin.errors import ScenarioError
from citytwin.grid.window import Grid
from citytwin.hazards.flood.rain.base import Rain
from citytwin.hazards.flood.rain.field import read_field
from citytwin.hazards.flood.rain.series import read_series
from citytwin.hazards.flood.rain.storms import design_storm

if TYPE_CHECKING:
    from citytwin.hazards.flood.model import Flood

_HOUR = 3600.0
_MILLIMETRE = 1e-3
#: Shapes whose depth comes from a formula only.
BY_FORMULA = ("chicago", "alternating")
#: Shapes of an event to kinds of a design storm, and the distribution where there are several.
_KINDS = {
    "peaked": ("triangular", "II"),
    "even": ("even", "II"),
    "chicago": ("chicago", "II"),
    "alternating": ("alternating", "II"),
    "scs_i": ("scs", "I"),
    "scs_ia": ("scs", "IA"),
    "scs_ii": ("scs", "II"),
    "scs_iii": ("scs", "III"),
}


def rain_of(event: "Flood", grid: Grid | None) -> Rain:
    """Rain of an event.

    Parameters
    ----------
    event
        Its fields say which.
    grid
        Cells of the city, for rain that varies in space.
    """
    if event.rain_file:
        return _measured(Path(event.rain_file), grid, event.simulated_h * _HOUR)
    kind, distribution = _KINDS[event.shape]
    by_formula = bool(event.formula)
    return design_storm(
        kind,
        formula=event.formula,
        years=event.return_period_y if by_formula else None,
        total=None if by_formula else event.rain_mm * _MILLIMETRE,
        duration=event.rain_h * _HOUR,
        peak=event.peak,
        distribution=distribution,
    )


def _measured(path: Path, grid: Grid | None, duration: float) -> Rain:
    if path.suffix.lower() not in (".nc", ".nc4", ".cdf"):
        return read_series(path)
    if grid is None:
        raise ScenarioError(f"rain_file {path} varies in space: run it on a city")
    lon, lat = grid.unproject(grid.x, grid.y)
    return read_field(path, lon, lat, duration=duration)
