"""The results of a run in open formats: CF-NetCDF, cloud-optimised GeoTIFF, CSV."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from citytwin.city import City
from citytwin.errors import InputError, OutputError
from citytwin.export.folder import published, write_listing
from citytwin.export.pixels import raster_of, write_tiff
from citytwin.scenario.results import Results
from citytwin.variables import VARIABLES

if TYPE_CHECKING:
    import xarray as xr

FORMATS = ("netcdf", "cog", "csv")
#: Ending of the names of greatest values, and names whose quantity has another one.
_GREATEST = "_max"
_OTHERS = {
    "hazard": "hazard_class",
    "rise": "rise_rate",
    "intensity": "fireline_intensity",
    "flame": "flame_length",
    "heat": "heat_release",
    "indoor": "indoor_concentration",
    "indoor_load": "toxic_load",
    "aired_load": "toxic_load",
    "leaving_load": "toxic_load",
}
#: Quantities to standard names of the CF conventions; others have none that fits.
_STANDARD = {
    "depth": "flood_water_thickness",
    "speed": "flood_water_speed",
    "duration": "flood_water_duration_above_threshold",
}
_MISSING = "install citytwin[netcdf]"


def write_outputs(
    results: Results,
    city: City,
    to: Path,
    formats: tuple[str, ...] = FORMATS,
    *,
    pixel: float | None = None,
    overwrite: bool = False,
) -> list[Path]:
    """Write the results of a run into a folder, which appears whole or not at all.

    ``netcdf``: a file named by the hazard with all quantities on the cells, over time and in sum.
    ``cog``: one GeoTIFF for each greatest value, arrival and duration, in the city's zone of UTM.
    ``csv``: ``series.csv`` of gauges, lines and the like.

    Parameters
    ----------
    results
        The run.
    city
        City it ran on.
    to
        Folder to write.
    formats
        Which of them.
    pixel
        Size of a pixel for ``cog`` [m]; fits the cells if left out.
    overwrite
        Replace an older folder.

    Returns
    -------
    Files that were written, in the folder.

    Raises
    ------
    InputError
        If the city is another one than the run's, or a format is unknown.
    OutputError
        If the folder cannot be written.
    """
    _refuse(results, city, formats)
    with published(to, overwrite=overwrite) as folder:
        if "netcdf" in formats:
            _write_netcdf(results, city, folder)
        if "cog" in formats:
            _write_cogs(results, city, folder, pixel)
        if "csv" in formats:
            results.series.to_csv(folder / "series.csv", index=False)
        write_listing(folder, {"run": results.key, "city": city.name})
        names = sorted(path.name for path in folder.iterdir())
    return [to / name for name in names]


def _refuse(results: Results, city: City, formats: tuple[str, ...]) -> None:
    for name in formats:
        if name not in FORMATS:
            raise InputError(f"there is no format '{name}': choose from {', '.join(FORMATS)}")
    wanted = results.manifest["city"]["fingerprint"]
    if wanted != city.fingerprint:
        raise InputError(
            f"the results in {results.folder} are of another city ({wanted[:16]}) than {city.path}: "
            "name the city that they ran on"
        )


def _write_cogs(results: Results, city: City, folder: Path, pixel: float | None) -> None:
    raster = raster_of(city.grid, city.bounds, pixel)
    tags = {
        "run": results.key,
        "city": city.name,
        "attribution": city.attribution,
        "balance": str(results.manifest["balance_sentence"]),
    }
    classes = {p.values for p in type(results.scenario.hazard).pictures if p.words}
    for name, values in results.summary.items():
        words, unit = _about(name)
        pixels = raster.means(np.asarray(values, np.float64))
        if name in classes:
            pixels = np.rint(pixels)
        write_tiff(pixels, raster, folder / f"{name}.tif", words, unit, tags)


def _variable(name: str) -> str:
    """Quantity of a name in the results: ``depth`` of ``depth_max``."""
    bare = name.removesuffix(_GREATEST)
    return name if name in VARIABLES else _OTHERS.get(bare, bare)


def _about(name: str) -> tuple[str, str]:
    """Description and unit of a quantity of the results."""
    variable = _variable(name)
    if variable not in VARIABLES:
        return name.replace("_", " "), "1"
    known = VARIABLES[variable]
    before = "greatest " if variable != name else ""
    return before + known.description, known.unit


def _write_netcdf(results: Results, city: City, folder: Path) -> None:
    try:
        import h5netcdf  # noqa: F401, PLC0415  (an extra)
        import xarray  # noqa: F401, PLC0415
    except ImportError as error:
        raise InputError(
            f"NetCDF cannot be written without xarray and h5netcdf: {_MISSING}"
        ) from error
    dataset = _dataset(results, city)
    name = f"{results.manifest['model']['name']}.nc"
    packing: Any = {
        one: {"zlib": True, "complevel": 4}
        for one, values in dataset.data_vars.items()
        if values.ndim
    }
    try:
        dataset.to_netcdf(folder / name, engine="h5netcdf", encoding=packing)
    except OSError as error:
        raise OutputError(f"{name} cannot be written to {folder}: {error}") from error


def _dataset(results: Results, city: City) -> "xr.Dataset":
    """All quantities of the run with the coordinates of the CF conventions 1.8."""
    import xarray as xr  # noqa: PLC0415  (an extra)

    grid = city.grid
    lon, lat = grid.unproject(grid.x, grid.y)
    corners = grid.corners_lonlat()
    coordinates = {
        "lon": ("cell", lon, _axis("longitude", "degrees_east", "lon_bounds")),
        "lat": ("cell", lat, _axis("latitude", "degrees_north", "lat_bounds")),
        "h3": ("cell", grid.cells, {"long_name": "H3 index of the cell"}),
        "time": (
            "time", results.times,
            {"standard_name": "time", "units": "seconds since 2000-01-01 00:00:00", "axis": "T",
             "calendar": "standard", "comment": "seconds after the start; the date says nothing"},
        ),
    }  # fmt: skip
    variables: dict[str, Any] = {
        "lon_bounds": (("cell", "corner"), corners[..., 0]),
        "lat_bounds": (("cell", "corner"), corners[..., 1]),
        "crs": ((), np.int32(0), {"grid_mapping_name": "latitude_longitude",
                                  "semi_major_axis": 6378137.0, "inverse_flattening": 298.257223563}),
    }  # fmt: skip
    for name in results.fields:
        frames = np.stack([results.frame(k, name) for k in range(results.times.size)])
        variables[name] = (("time", "cell"), frames, _attributes(name, name))
    for name, values in results.summary.items():
        variables[name] = ("cell", values, _attributes(name, _variable(name)))
    if results.manifest["variable"] != "depth":
        for name in (*results.fields, *results.summary):
            variables[name][2].pop("standard_name", None)  # those known are of floods
    model = {"title": type(results.scenario.hazard).title, **results.manifest["model"]}
    about = {
        "Conventions": "CF-1.8",
        "title": results.manifest["scenario"]["name"] or model["title"],
        "source": f"citytwin {results.manifest['versions']['citytwin']}, model {model['name']} "
        f"{model['version']}",
        "history": f"{results.manifest['created']} run {results.key}",
        "references": "; ".join(results.manifest["model"]["references"]),
        "comment": results.manifest["balance_sentence"],
        "attribution": city.attribution,
        "complete": str(results.complete),
    }
    return xr.Dataset(variables, coordinates, about)


def _axis(name: str, units: str, bounds: str) -> dict[str, str]:
    return {"standard_name": name, "units": units, "bounds": bounds}


def _attributes(name: str, variable: str) -> dict[str, str]:
    words, unit = _about(name)
    found = {"long_name": words, "units": unit.replace("m2/s", "m2 s-1").replace("m/s", "m s-1")}
    if variable in _STANDARD:
        found["standard_name"] = _STANDARD[variable]
    return {**found, "grid_mapping": "crs", "coordinates": "lon lat"}
