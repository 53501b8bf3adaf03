"""The layers of a city: what each is, its geometry and its columns. Every source gives these."""

from dataclasses import dataclass, replace
from types import MappingProxyType

POINT, LINE, POLYGON = 0, 1, 2


@dataclass(frozen=True)
class Column:
    """One column of a layer.

    Attributes
    ----------
    kind
        ``text``, ``number`` or ``yes/no``. What is not known is NaN, false or ``unknown``.
    description
        What it is, with its unit.
    unknown
        Text that stands for what no source says.
    """

    kind: str
    description: str
    unknown: str = ""


@dataclass(frozen=True)
class Layer:
    """One layer of a city.

    Attributes
    ----------
    dimension
        0 points, 1 lines, 2 polygons (multi-geometries included).
    description
        What it is.
    columns
        Columns that it always has after the build, beside ``id`` (from one) and ``source_id``.
    whole
        True if features are kept whole where they reach out of the city's box.
    """

    dimension: int
    description: str
    columns: MappingProxyType[str, Column]
    whole: bool = False


def _layer(dimension: int, description: str, /, **columns: Column) -> Layer:
    return Layer(dimension, description, MappingProxyType(columns))


def _text(description: str) -> Column:
    return Column("text", description)


def _number(description: str) -> Column:
    return Column("number", description)


def _flag(description: str) -> Column:
    return Column("yes/no", description)


_NAME = _text("name as it is written there")
_KIND = _text("kind as the source gives it")

#: Class of a road, from the widest; ``kind`` keeps the source's own word.
ROAD_CLASSES = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "street",
    "street_limited",
    "link",
    "pedestrian",
    "service",
    "track",
    "path",
)

LAYERS: dict[str, Layer] = {
    "buildings": _layer(
        POLYGON,
        "outlines of buildings",
        height=_number("height of the top above the ground as the source gives it [m]"),
        min_height=_number("height of the bottom above the ground [m]"),
        levels=_number("storeys above ground as the source gives them"),
        roof_height=_number("height of the roof, part of height [m]"),
        kind=_KIND,
        name=_NAME,
        year=_number("year of construction"),
        material=_text("material of the walls"),
    ),
    "building_parts": _layer(
        POLYGON,
        "parts of buildings of one height each; their buildings are in buildings, too",
        height=_number("height of the top above the ground [m]"),
        min_height=_number("height of the bottom above the ground [m]"),
        levels=_number("storeys above ground, those below the part included"),
        roof_height=_number("height of the roof, part of height [m]"),
        kind=_KIND,
    ),
    "roads": _layer(
        LINE,
        "streets and paths, split where they meet",
        **{"class": _text("one of schema.ROAD_CLASSES")},
        kind=_text("kind as the source gives it, for OpenStreetMap the value of highway"),
        name=_NAME,
        oneway=_flag("one way in the direction of the line"),
        structure=Column("text", "none, bridge, tunnel or ford", "none"),
        level=_number("order above one another, 0 on the ground"),
        lanes=_number("lanes of both directions together"),
        speed_limit=_number("speed limit [m/s]"),
        surface=_text("surface"),
    ),
    "railways": _layer(
        LINE,
        "rails",
        **{"class": _text("major_rail, minor_rail or aerialway")},
        kind=_KIND,
        structure=Column("text", "none, bridge or tunnel", "none"),
    ),
    "landuse": _layer(
        POLYGON,
        "use of the land",
        **{"class": _text("class, as in data/tables/land_cover.csv where water matters")},
        kind=_KIND,
        name=_NAME,
    ),
    "landcover": _layer(
        POLYGON, "what covers the land", **{"class": _text("wood, scrub, grass, sand, rock …")}
    ),
    "water": _layer(
        POLYGON,
        "standing and flowing water as areas, the sea included",
        **{"class": _text("sea, river, lake, basin or water")},
        name=_NAME,
    ),
    "waterways": _layer(
        LINE,
        "lines of flowing water",
        **{"class": _text("river, stream, canal, ditch or drain")},
        name=_NAME,
        structure=Column("text", "none, tunnel or culvert", "none"),
    ),
    "coastline": _layer(LINE, "shore of the sea, land on the left"),
    "barriers": _layer(LINE, "walls, fences, dykes and embankments", **{"class": _text("class")}),
    "contours": _layer(LINE, "contour lines", elevation=_number("height [m]")),
    "peaks": _layer(POINT, "peaks", elevation=_number("height [m]"), name=_NAME),
    "pois": _layer(
        POINT,
        "places that people go to; areas by a point inside",
        name=_NAME,
        kind=_text("for OpenStreetMap the value of amenity, shop, tourism, office or leisure"),
        maki=_text("icon"),
    ),
    "facilities": _layer(
        POINT,
        "hospitals, fire stations, police, schools and the like; areas by a point inside",
        **{
            "class": _text(
                "hospital, clinic, fire_station, police, school, kindergarten, "
                "university, social_facility, townhall, shelter, fuel, pharmacy"
            )
        },
        name=_NAME,
        capacity=_number("beds or people"),
    ),
    "components": _layer(
        POINT,
        "the small parts of a city (部件): hydrants, manholes, lamps, power, pumps, cameras",
        **{
            "class": _text(
                "hydrant, manhole, lamp, tower, substation, transformer, pump, camera, "
                "siren, defibrillator, assembly_point, water_tank …"
            )
        },
        kind=_KIND,
    ),
    "places": _layer(POINT, "names of quarters and towns", name=_NAME, name_zh=_NAME, kind=_KIND),
    "boundaries": _layer(
        POLYGON,
        "districts",
        name=_NAME,
        admin_level=_number("level, as in OpenStreetMap: 2 nation … 10 quarter"),
    ),
    "stops": _layer(
        POINT,
        "stops of public transport",
        name=_NAME,
        kind=_text("bus, tram, subway, rail or ferry"),
        departures=_number("departures on a usual weekday"),
        routes=_number("routes that stop there"),
    ),
    "shelters": _layer(
        POINT,
        "designated shelters",
        name=_NAME,
        kind=_text("emergency (safe place) or stay (shelter to stay)"),
        hazards=_text("hazards for which it is designated, separated by commas; '' if not said"),
        capacity=_number("people"),
    ),
    "sensors": _layer(
        POINT,
        "places of measurement",
        name=_NAME,
        kind=_text("what is measured"),
        unit=_text("unit of the values"),
    ),
    "population": replace(
        _layer(POLYGON, "people by area, for example of a census", people=_number("residents")),
        whole=True,
    ),
}
