"""Rasters: terrain, heights of buildings, people and land cover, in any format that GDAL reads."""

from pathlib import Path
from typing import ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator
from pyproj import CRS
from pyproj.exceptions import CRSError

from citytwin.errors import SourceError
from citytwin.registry import sources
from citytwin.sources.base import Box, Raster, Reading, Source
from citytwin.sources.raster.extent import covered, extent, pixel_size, touches
from citytwin.sources.raster.files import ENDINGS, RasterFile, head, members, parts

#: Metres in each unit of height; the US survey foot is 1200/3937 m.
UNITS = {"m": 1.0, "ft": 0.3048, "us-ft": 1200.0 / 3937.0}
#: How files write these units.
_WORDS = {
    "m": ("m", "metre", "meter", "metres", "meters"),
    "ft": ("ft", "foot", "feet", "international foot", "international feet"),
    "us-ft": ("us-ft", "ftus", "us survey foot", "us survey feet", "foot_us", "sfoot"),
}
#: Endings of the files that are taken from a folder.
_TAKEN = (*ENDINGS, ".zip")


@sources.register
class RasterSource(Source):
    """A raster or a mosaic: GeoTIFF, COG, HGT (also in ZIP), VRT and what else GDAL reads."""

    name: ClassVar[str] = "raster"

    variable: Literal["elevation", "building_height", "people", "land_cover"] = Field(
        description="What the values are; people are a count in each pixel, land_cover codes"
    )
    surface: Literal["", "bare_earth", "surface"] = Field(
        default="", description="For elevation: bare_earth, or surface with roofs and tree tops"
    )
    unit: Literal["", "m", "ft", "us-ft"] = Field(
        default="", description="Unit of heights; as the file says if left out, else metres"
    )
    band: int = Field(default=1, ge=1, description="Band, counted from one")
    crs: str = Field(
        default="", description="Coordinate system where the file names none or a wrong one"
    )
    nodata: float | None = Field(
        default=None, description="Value that stands for none, in place of the file's own"
    )
    vertical_datum: str = Field(
        default="", description="Zero of the heights, for example EGM96; noted, not converted"
    )

    @field_validator("crs")
    @classmethod
    def _known_crs(cls, crs: str) -> str:
        if crs:
            try:
                CRS.from_user_input(crs)
            except CRSError as error:
                raise ValueError("no coordinate system has this name, write EPSG:4326") from error
        return crs

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if self.variable == "elevation" and not self.surface:
            raise ValueError(
                "'surface' must say whether this elevation is 'bare_earth' or 'surface' (roofs and "
                "tree tops included)"
            )
        if self.variable != "elevation" and self.surface:
            raise ValueError("'surface' is for elevation only, leave it out")
        if self.unit and self.variable not in ("elevation", "building_height"):
            raise ValueError("'unit' is for heights only, leave it out")
        return self

    def read(self, folder: Path, box: Box) -> Reading:
        """Check the files that touch the box; their pixels are read later, window by window."""
        files = [head(path, self.band, self.crs or None) for path in self._rasters(folder)]
        used = [file for file in files if touches(file, box)]
        if not used:
            raise SourceError(
                f"no raster of {self.place(folder)} touches the box {_words(box)} of the city: the "
                f"first covers {_words(extent(files[0]))}; give other files, or 'crs' if it is wrong"
            )
        raster = Raster(
            variable=self.variable,
            paths=tuple(file.path for file in used),
            band=self.band,
            crs=self.crs or None,
            nodata=self.nodata,
            scale=UNITS[self._unit(used)],
            surface=self.surface,
        )
        return Reading(rasters=[raster], remarks=self._remarks(raster, used, box))

    def files(self, folder: Path) -> list[Path]:
        """The rasters, the files that a VRT names, and side files; archives as they are."""
        try:
            found = self._files(folder)
        except SourceError:
            return [self.place(folder)]
        return sorted({part for path in found for part in parts(path)})

    def _files(self, folder: Path) -> list[Path]:
        """Files of the path, sorted: itself, those of a folder, or those that a pattern meets."""
        place = self.place(folder)
        if place.is_file():
            return [place]
        if place.is_dir():
            found = [path for path in place.iterdir() if path.name.lower().endswith(_TAKEN)]
        else:
            found = list(_matches(place))
        if not found:
            raise SourceError(
                f"there is no raster at {place}: check 'path' of the source 'raster'; it may be a "
                "file, a folder, or hold a pattern such as tiles/*.tif"
            )
        return sorted(path for path in found if path.is_file())

    def _rasters(self, folder: Path) -> list[Path]:
        return [member for path in self._files(folder) for member in members(path)]

    def _unit(self, files: list[RasterFile]) -> str:
        """Unit of the heights: the recipe's, else the files', else metres."""
        own = sorted({_unit_of(file) for file in files})
        if not self.unit and len(own) > 1:
            raise SourceError(
                f"the files in {files[0].path.parent} state different units "
                f"({', '.join(own)}): split them into sources, each with its 'unit'"
            )
        unit = self.unit or own[0] or "m"
        if unit not in UNITS:
            raise SourceError(
                f"the file {files[0].path} states heights in '{unit}', which citytwin does not "
                f"know: convert it, or say 'unit' in the recipe ({', '.join(UNITS)})"
            )
        return unit

    def _remarks(self, raster: Raster, files: list[RasterFile], box: Box) -> list[str]:
        share, missing = covered(raster, files, box)
        across, along = pixel_size(files[0], box)
        what = f"{raster.variable}, {raster.surface}" if raster.surface else raster.variable
        first = (
            f"{what}: {len(files)} file(s), pixels of {across:.3g} × {along:.3g} m, "
            f"{share:.1%} of the box covered, {missing:.1%} of that without data"
        )
        remarks = [first]
        if raster.variable in ("elevation", "building_height"):
            remarks.append(self._unit_remark(files[0]))
        if self.vertical_datum:
            remarks.append(f"heights above {self.vertical_datum} as given, not converted")
        return remarks

    def _unit_remark(self, file: RasterFile) -> str:
        own = _unit_of(file)
        if self.unit and own and own != self.unit:
            return f"heights in {self.unit} as the recipe says; the file says {own}"
        if self.unit or own:
            return f"heights in {self.unit or own}"
        return "heights in m: assumed, neither the file nor the recipe says it"


def _matches(place: Path) -> list[Path]:
    """Files that a path with a pattern in it meets."""
    names = place.parts
    for at, name in enumerate(names):
        if any(sign in name for sign in "*?["):
            return list(Path(*names[:at]).glob("/".join(names[at:])))
    return []


def _unit_of(file: RasterFile) -> str:
    """Our name of the unit that a file states, empty if it states none."""
    word = file.unit.strip().lower()
    known = next((unit for unit, words in _WORDS.items() if word in words), "")
    return known or word


def _words(box: Box) -> str:
    return ", ".join(f"{side:.5g}" for side in box)
