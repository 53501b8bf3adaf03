"""The recipe of a city: which sources, which box, which resolution. TOML, checked, typed."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from citytwin.errors import RecipeError, UnknownNameError
from citytwin.impact.flood_damage import construction_cost
from citytwin.impact.lifelines.lifeline import Lifeline, refuse_faulty
from citytwin.pipeline.ground.conditioning import Conditioning
from citytwin.pipeline.lifelines import read_lifelines
from citytwin.registry import sources as source_registry
from citytwin.sources.base import Source
from citytwin.validation import sentence

M = TypeVar("M", bound=BaseModel)
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Part(BaseModel):
    """A table of a recipe: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Buildings(Part):
    """What is taken for buildings where no source says it. Every number here is an assumption."""

    storey_height: float = Field(
        default=3.0, gt=1.5, le=20.0, description="Height of one storey [m]"
    )
    default_height: float = Field(
        default=6.0, gt=0.0, le=1000.0, description="Height of buildings without one [m]"
    )


class Population(Part):
    """Where people live: counted by a source and moved onto homes, or modelled from homes."""

    method: Literal["floor_area", "counts"] = Field(
        default="floor_area",
        description="floor_area: modelled from the floor area of homes; counts: a source counts "
        "them, the floor area of homes says where in the counted area they live",
    )
    floor_area_per_person: float = Field(
        default=60.0,
        ge=1.0,
        le=10_000.0,
        description="Gross floor area of homes for one resident [m²]",
    )
    least_floor_area: float = Field(
        default=5.0,
        ge=0.0,
        le=1000.0,
        description="With counts: floor area of homes [m²] that one resident needs at least; more "
        "people than fit are on open ground, since buildings may be missing. Judged, not measured",
    )
    uncounted: Literal["nobody", "floor_area"] = Field(
        default="nobody",
        description="With counts: who lives in homes where no unit counts people: nobody, so that "
        "the total is the source's, or as many as their floor area holds",
    )
    smallest_home: float = Field(
        default=30.0,
        ge=0.0,
        le=10_000.0,
        description="Footprint below which nobody lives in a building [m²]",
    )
    kinds: Path = Field(
        default=Path("../data/tables/building_kinds.csv"),
        description="Table: share of the floor area that is homes, by kind of building",
    )


class LandCover(Part):
    """Roughness and perviousness of the ground by class of land cover."""

    table: Path = Field(
        default=Path("../data/tables/land_cover.csv"), description="Table of coefficients by class"
    )
    street_widths: Path = Field(
        default=Path("../data/tables/street_widths.csv"),
        description="Table of street widths by class",
    )
    default: str = Field(
        default="urban", description="Class of ground that no polygon of land use covers"
    )
    raster_table: Path = Field(
        default=Path("../data/tables/worldcover.csv"),
        description="Table of coefficients by code, where a raster gives the land cover",
    )


class Terrain(Part):
    """Where the ground comes from."""

    method: Literal["contours", "raster", "none"] = Field(
        default="contours",
        description="From contours, from a raster, or none: hazards that need a ground then refuse",
    )
    spacing: float = Field(
        default=8.0, ge=1.0, le=100.0, description="Distance between nodes of the surface [m]"
    )
    error: float = Field(
        default=0.5, gt=0.0, description="Standard error of a contour's height [m]"
    )
    curvature: float = Field(
        default=0.01, gt=0.0, description="Typical curvature of the ground [1/m]"
    )
    tension: Share = Field(default=0.02, description="Share of tension against stiffness")
    conditioning: Conditioning = Field(
        default=Conditioning(), description="What is done to a raster's ground for water"
    )


class Vulnerability(Part):
    """Whose curves and values count the damage to buildings."""

    continent: Literal[
        "global",
        "europe",
        "north america",
        "central america",
        "south america",
        "asia",
        "africa",
        "oceania",
    ] = Field(default="global", description="Whose depth-damage functions of JRC are used")
    country: str = Field(
        default="",
        pattern=r"^([A-Z]{3})?$",
        description="Whose values of buildings are used, ISO 3166 alpha-3; without one no damage is "
        "given in money",
    )

    construction: Literal["north_america", "europe", "japan", "china"] = Field(
        default="europe",
        description="What people build there, from which the types of buildings follow that "
        "earthquakes damage",
    )

    @model_validator(mode="after")
    def _country_has_values(self) -> Self:
        if self.country:
            construction_cost(self.country, "residential")
        return self


class Recipe(Part):
    """A city's recipe."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Name in files and addresses")
    title: str = Field(description="Name for people")
    title_zh: str = Field(default="", description="Name for people, in Chinese")
    resolution: int = Field(ge=8, le=14, description="H3 resolution of the cells")
    bounds: tuple[float, float, float, float] | None = Field(
        default=None, description="West, south, east, north [degrees]; else from the sources"
    )
    sources: tuple[Any, ...] = Field(min_length=1, description="Where the data come from")
    buildings: Buildings = Buildings()
    population: Population = Population()
    land_cover: LandCover = LandCover()
    terrain: Terrain = Terrain()
    vulnerability: Vulnerability = Vulnerability()
    lifelines: tuple[Lifeline, ...] = Field(
        default=(),
        description="What the city runs on and what depends on it; or the path of a CSV or GeoJSON file",
    )

    @model_validator(mode="after")
    def _lifelines_fit(self) -> Self:
        refuse_faulty(self.lifelines)
        return self

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.bounds is not None:
            west, south, east, north = self.bounds
            if not (-180.0 <= west < east <= 180.0 and -85.0 <= south < north <= 85.0):
                raise ValueError("'bounds' must be west, south, east, north in degrees")
        if self.bounds is None and all(source.bounds() is None for source in self.sources):
            raise ValueError("no source knows the box of the city, so 'bounds' must be given")
        names = [source.id for source in self.sources]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two sources are called '{name}': give each its own 'id'")
        return self

    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the city [degrees], as given or as the sources cover it."""
        if self.bounds is not None:
            return self.bounds
        known = [box for box in (source.bounds() for source in self.sources) if box is not None]
        west, south, east, north = zip(*known, strict=True)
        return min(west), min(south), max(east), max(north)


def read_recipe(path: Path) -> Recipe:
    """Recipe from a TOML file.

    Raises
    ------
    RecipeError
        If the file is missing, is no TOML, has an unknown key or a wrong value.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(
            f"the recipe {path} cannot be read: give the path of a TOML file"
        ) from error
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise RecipeError(f"the recipe {path} is not valid TOML: {error}") from error
    tables = content.get("sources", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise RecipeError(f"the recipe {path} needs its sources as tables headed [[sources]]")
    content["sources"] = [_source(table, path) for table in tables]
    if isinstance(content.get("lifelines"), str):
        content["lifelines"] = read_lifelines(path.parent / content["lifelines"])
    return _checked(Recipe, content, path, "")


def _source(table: dict[str, Any], path: Path) -> Source:
    values = dict(table)
    name = values.pop("name", None)
    values.setdefault("id", name)
    if not isinstance(name, str):
        raise RecipeError(
            f"a [[sources]] table of {path} has no 'name': "
            f"choose one of {', '.join(source_registry.names())}"
        )
    try:
        model: type[Source] = source_registry.get(name)
    except UnknownNameError as error:
        raise RecipeError(
            f"'sources.name' of {path} is '{name}', which no source is called: "
            f"choose one of {', '.join(source_registry.names())}"
        ) from error
    return _checked(model, values, path, "sources.")


def _checked(model: type[M], values: dict[str, Any], path: Path, prefix: str) -> M:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise RecipeError(sentence(error, model, f"the recipe {path}", prefix)) from error
