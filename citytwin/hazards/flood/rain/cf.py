"""What the CF conventions say of a variable of rain: which it is, its unit, its times."""

from typing import TYPE_CHECKING

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import SourceError

if TYPE_CHECKING:
    import xarray

#: Standard names of rain as a rate and as an amount.
NAMES = frozenset(
    {
        "rainfall_rate", "rainfall_flux", "precipitation_flux", "lwe_precipitation_rate",
        "rainfall_amount", "precipitation_amount", "thickness_of_rainfall_amount",
        "lwe_thickness_of_precipitation_amount",
    }
)  # fmt: skip
_HOUR, _DAY, _MILLIMETRE = 3600.0, 86400.0, 1e-3
#: Metres of water a second in one of the unit, written without signs between the parts.
RATES = {
    "mm h-1": _MILLIMETRE / _HOUR,
    "kg m-2 h-1": _MILLIMETRE / _HOUR,
    "mm s-1": _MILLIMETRE,
    "kg m-2 s-1": _MILLIMETRE,
    "mm d-1": _MILLIMETRE / _DAY,
    "kg m-2 d-1": _MILLIMETRE / _DAY,
    "m s-1": 1.0,
}
#: Metres of water in one of the unit, for amounts in an interval.
AMOUNTS = {"mm": _MILLIMETRE, "kg m-2": _MILLIMETRE, "m": 1.0}
_SPELLINGS = {
    "hr": "h", "hour": "h", "hours": "h", "sec": "s", "second": "s", "seconds": "s", "day": "d",
    "days": "d", "m2": "m-2",
}  # fmt: skip


def plain_unit(unit: str) -> str:
    """A unit in one spelling: ``mm/hr``, ``mm hr^-1`` and ``mm h**-1`` become ``mm h-1``."""
    text = unit.strip().replace("**", "").replace("^", "").replace(".", " ")
    first, *divided = text.split("/")
    parts = [*first.split(), *(part.strip() + "-1" for part in divided)]
    plain = []
    for part in parts:
        stem, power = (part[:-2], part[-2:]) if part[-2:] in {"-1", "-2"} else (part, "")
        stem = _SPELLINGS.get(stem, stem)
        plain.append(stem if stem.endswith("-2") else stem + power)
    return " ".join(plain)


def find_rain(data: "xarray.Dataset", variable: str, where: str) -> "xarray.DataArray":
    """The variable of rain.

    Parameters
    ----------
    data
        The file.
    variable
        Its name if the user gave one, else it is found by standard name, then by unit.
    where
        The file, for messages.

    Raises
    ------
    SourceError
        If there is none, or several.
    """
    if variable:
        if variable not in data.data_vars:
            raise SourceError(
                f"{where} has no variable '{variable}': it has "
                f"{', '.join(map(str, data.data_vars))}"
            )
        return data[variable]
    spatial = [data[name] for name in data.data_vars if data[name].ndim == 3]
    found = [array for array in spatial if array.attrs.get("standard_name") in NAMES]
    if not found:
        found = [array for array in spatial if plain_unit(_unit(array)) in {**RATES, **AMOUNTS}]
    if len(found) != 1:
        what = f"several: {', '.join(str(array.name) for array in found)}" if found else "none"
        raise SourceError(
            f"{where} must have one variable of rain in time and space, with a standard name such "
            f"as rainfall_rate or units such as mm h-1, and has {what}: name it in 'variable'"
        )
    return found[0]


def dimensions(rain: "xarray.DataArray", where: str) -> tuple[str, str, str]:
    """Names of the dimensions time, y or latitude, and x or longitude.

    Raises
    ------
    SourceError
        If the variable has others.
    """
    kinds = {_kind(rain, str(name)): str(name) for name in rain.dims}
    if rain.ndim != 3 or set(kinds) != {"time", "y", "x"}:
        raise SourceError(
            f"'{rain.name}' of {where} has the dimensions {', '.join(map(str, rain.dims))}: it "
            "needs time, y and x, or time, lat and lon"
        )
    return kinds["time"], kinds["y"], kinds["x"]


def intervals(
    data: "xarray.Dataset", rain: "xarray.DataArray", time: str, where: str
) -> tuple[Floats, np.datetime64]:
    """(k + 1,) edges of the k intervals of rain [s], and the date from which they count.

    Raises
    ------
    SourceError
        If the times are no dates, do not rise, are one without bounds, or leave gaps.
    """
    if time not in rain.coords or rain.coords[time].dtype.kind != "M":
        raise SourceError(
            f"'{time}' of {where} holds no dates: give it units such as 'minutes since "
            "2021-07-20T00:00' and the standard calendar"
        )
    stamps = np.asarray(rain.coords[time].values).astype("datetime64[ns]")
    if np.isnat(stamps).any():
        raise SourceError(f"'{time}' of {where} has missing dates: fill them")
    origin = stamps[0]
    bounds = str(rain.coords[time].attrs.get("bounds", ""))
    if bounds in data.variables and data[bounds].dtype.kind == "M":
        pairs = _since(np.asarray(data[bounds].values).astype("datetime64[ns]"), origin)
        if np.abs(pairs[1:, 0] - pairs[:-1, 1]).max(initial=0.0) > 1e-3:
            raise SourceError(
                f"the intervals in '{bounds}' of {where} leave gaps or overlap: fill or mend them"
            )
        edges = np.append(pairs[:, 0], pairs[-1, 1])
    else:
        edges = _edges(_since(stamps, origin), _is_amount(rain, where), time, where)
    if not (np.diff(edges) > 0.0).all():
        raise SourceError(f"'{time}' of {where} does not rise throughout: sort it")
    return edges, origin


def depths(rain: "xarray.DataArray", values: Floats, spans: Floats, where: str) -> Floats:
    """(k, p) depth in each interval [m] from the values as stored.

    Parameters
    ----------
    rain
        The variable, for its unit.
    values
        (k, p) rates or amounts.
    spans
        (k,) lengths of the intervals [s].
    where
        The file, for messages.
    """
    unit = plain_unit(_unit(rain))
    if _is_amount(rain, where):
        return values * AMOUNTS[unit]
    return values * RATES[unit] * spans[:, None]


def _unit(array: "xarray.DataArray") -> str:
    return str(array.attrs.get("units", ""))


def _is_amount(rain: "xarray.DataArray", where: str) -> bool:
    unit = plain_unit(_unit(rain))
    if unit not in RATES and unit not in AMOUNTS:
        raise SourceError(
            f"'{rain.name}' of {where} has the units '{_unit(rain)}': give a rate in "
            f"{', '.join(RATES)}, or an amount in {', '.join(AMOUNTS)}"
        )
    return unit in AMOUNTS


def _edges(times: Floats, is_amount: bool, time: str, where: str) -> Floats:  # noqa: FBT001
    """Edges of the intervals where the file gives no bounds."""
    if times.size < 2:
        raise SourceError(
            f"'{time}' of {where} has one date and no bounds, so how long it rains is unknown: "
            "add 'bounds'"
        )
    if is_amount:
        return np.concatenate(([2.0 * times[0] - times[1]], times))
    return np.append(times, 2.0 * times[-1] - times[-2])


def _since(
    stamps: "np.ndarray[tuple[int, ...], np.dtype[np.datetime64]]", origin: np.datetime64
) -> Floats:
    """Seconds since the origin."""
    seconds: Floats = (stamps - origin) / np.timedelta64(1, "ns") * 1e-9
    return seconds


def _kind(rain: "xarray.DataArray", name: str) -> str:
    """``time``, ``y`` or ``x``, by what the coordinate says of itself, else by its name."""
    attributes = rain.coords[name].attrs if name in rain.coords else {}
    axis = str(attributes.get("axis", "")).lower()
    if axis in {"t", "y", "x"}:
        return {"t": "time"}.get(axis, axis)
    standard = str(attributes.get("standard_name", ""))
    unit = str(attributes.get("units", "")).lower()
    by_word = {
        "time": standard == "time" or name.lower() in {"time", "valid_time"},
        "y": standard in {"latitude", "projection_y_coordinate"}
        or unit in {"degrees_north", "degree_north"}
        or name.lower() in {"y", "lat", "latitude", "northing"},
        "x": standard in {"longitude", "projection_x_coordinate"}
        or unit in {"degrees_east", "degree_east"}
        or name.lower() in {"x", "lon", "longitude", "easting"},
    }
    return next((kind for kind, fits in by_word.items() if fits), name)
