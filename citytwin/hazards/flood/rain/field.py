"""Rain in space and time from a CF-NetCDF file: radar, a forecast, a re-analysis."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citytwin.arrays import Floats, Ints
from citytwin.errors import InputError, SourceError
from citytwin.hazards.flood.rain import cf
from citytwin.hazards.flood.rain.pixels import Axis, axes_of, locate

if TYPE_CHECKING:
    import xarray

#: Rain falls no harder than this over an interval [m/s], 1000 mm/h: more is a wrong unit.
HARDEST = 1.0 / 3600.0


@dataclass(frozen=True, eq=False)
class RainField:
    """Rain that is constant in each pixel and each interval.

    A cell has the rain of the pixel that its centre lies in. Where pixels are finer than the
    cells, this samples them; it does not average them.

    Attributes
    ----------
    times
        (k,) edges of the intervals [s].
    fallen
        (k, p) depth fallen until each edge in the pixels that hold cells [m].
    pixel
        (n,) pixel of each cell.
    words
        What rain this is.
    """

    times: Floats
    fallen: Floats
    pixel: Ints
    words: str

    varies = True

    @property
    def changes(self) -> Floats:
        """(k,) times at which the rates change [s]."""
        return self.times

    @property
    def total(self) -> float:
        """Depth from the start of the simulation on, averaged over the cells [m]."""
        return float(self.between(0.0, float(self.times[-1])).mean())

    def between(self, start: float, end: float) -> Floats:
        """(n,) depth that falls in each cell between two times [m]; none outside the series."""
        depth: Floats = (self._until(end) - self._until(start))[self.pixel]
        return depth

    def _until(self, time: float) -> Floats:
        """(p,) depth fallen until a time [m]."""
        last = self.times.size - 2
        k = min(max(int(np.searchsorted(self.times, time, side="right")) - 1, 0), last)
        share = (time - self.times[k]) / (self.times[k + 1] - self.times[k])
        share = min(max(share, 0.0), 1.0)
        until: Floats = self.fallen[k] + share * (self.fallen[k + 1] - self.fallen[k])
        return until


def read_field(
    path: Path,
    lon: Floats,
    lat: Floats,
    *,
    variable: str = "",
    start: datetime | None = None,
    duration: float | None = None,
) -> RainField:
    """Rain over the cells of a city from a NetCDF file that keeps the CF conventions.

    Times come from the bounds of the time axis where it has them. Else a rate holds from its time
    to the next one, the last as long as the one before, and an amount fell in the interval that
    ends at its time, the first as long as the second.

    Parameters
    ----------
    path
        The file, with a variable of the dimensions time and two of place, by latitude and
        longitude or by the coordinates of a projection that a grid mapping names.
    lon, lat
        (n,) centres of the cells [degrees].
    variable
        Which variable is the rain; found by its standard name or unit if empty.
    start
        When the simulation starts, in UTC if it has no zone; at the first interval if None.
    duration
        Of the simulation, which the file must cover [s]; not checked if None.

    Raises
    ------
    InputError
        If xarray or a reader of NetCDF is not installed.
    SourceError
        If the file cannot be read or understood, does not cover the cells or the simulation, or
        has missing values, rain below 0 or above 1000 mm/h there.
    """
    where = f"the rain field {path}"
    with _open(path, where) as data:
        rain = cf.find_rain(data, variable, where)
        time, y_name, x_name = cf.dimensions(rain, where)
        axes, to_plane = axes_of(data, rain, y_name, x_name, where)
        rows, cols = locate(axes, to_plane(lon, lat), where)
        edges, origin = cf.intervals(data, rain, time, where)
        used, pixel = np.unique(rows * axes[1].size + cols, return_inverse=True)
        used_rows, used_cols = np.divmod(used, axes[1].size)
        window = rain.transpose(time, y_name, x_name).isel(
            {
                y_name: slice(int(used_rows.min()), int(used_rows.max()) + 1),
                x_name: slice(int(used_cols.min()), int(used_cols.max()) + 1),
            }
        )
        values = np.asarray(window.values, np.float64)
        values = values[:, used_rows - used_rows.min(), used_cols - used_cols.min()]
        depths = cf.depths(rain, values, np.diff(edges), where)
        _check(depths, np.diff(edges), str(rain.name), where)
    first = 0.0 if start is None else _seconds(start, origin) - edges[0]
    edges = edges - edges[0] - first
    _check_cover(edges, duration, where)
    fallen = np.concatenate((np.zeros((1, depths.shape[1])), np.cumsum(depths, axis=0)))
    field = RainField(edges, fallen, pixel.reshape(-1).astype(np.int64), "")
    return RainField(edges, fallen, field.pixel, _words(field, axes, path))


def _open(path: Path, where: str) -> "xarray.Dataset":
    try:
        import xarray  # noqa: PLC0415  (an extra, and slow to import)
    except ImportError as error:
        raise InputError(f"{where} needs a reader of NetCDF: install citytwin[netcdf]") from error
    if not path.is_file():
        raise SourceError(f"{where} is not there: check its path")
    try:
        return xarray.open_dataset(path, decode_timedelta=False)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError) as error:
        if "dependencies" in str(error):
            raise InputError(
                f"{where} needs a reader of NetCDF: install citytwin[netcdf]"
            ) from error
        reason = str(error).strip().splitlines()[0] if str(error).strip() else "no reason given"
        raise SourceError(
            f"{where} is no NetCDF file of the CF conventions: mend it ({reason})"
        ) from error


def _seconds(start: datetime, origin: np.datetime64) -> float:
    """Time of the start in the file's seconds, which count from ``origin``, in UTC."""
    naive = start.astimezone(UTC).replace(tzinfo=None) if start.tzinfo else start
    return float((np.datetime64(naive) - origin) / np.timedelta64(1, "ns")) * 1e-9


def _check(depths: Floats, spans: Floats, name: str, where: str) -> None:
    """No missing, negative or absurd values where the city lies."""
    if np.isnan(depths).any():
        raise SourceError(f"'{name}' of {where} has missing values over the city: fill them before")
    if (depths < 0.0).any():
        raise SourceError(
            f"'{name}' of {where} falls below 0 over the city, to {depths.min() * 1e3:g} mm in an "
            "interval: rain cannot, so mend it"
        )
    hardest = float((depths / spans[:, None]).max())
    if hardest > HARDEST * (1.0 + 1e-9):
        raise SourceError(
            f"'{name}' of {where} reaches {hardest * 3.6e6:,.0f} mm/h over the city: more than "
            "1,000 mm/h is a wrong unit, so check 'units'"
        )


def _check_cover(edges: Floats, duration: float | None, where: str) -> None:
    if edges[-1] <= 0.0:
        raise SourceError(f"{where} ends before the simulation starts: change the start")
    if duration is None:
        return
    late, early = edges[0] > 0.0, edges[-1] < duration
    if late or early:
        what = "begins after the simulation starts" if late else "ends before the simulation does"
        raise SourceError(
            f"{where} {what}: it covers {edges[0] / 3600.0:g} to {edges[-1] / 3600.0:g} h of "
            f"{duration / 3600.0:g} h, so change 'start' or the time to simulate"
        )


def _words(field: RainField, axes: tuple[Axis, Axis], path: Path) -> str:
    y, x = axes
    size: tuple[Any, ...] = (abs(y.step), abs(x.step), y.unit)
    return (
        f"Rain of {field.total * 1e3:.1f} mm on average from {path.name}, "
        f"{field.fallen.shape[1]} pixels of {size[0]:.3g} by {size[1]:.3g} {size[2]}; each cell "
        "has the rain of the pixel in which its centre lies."
    )
