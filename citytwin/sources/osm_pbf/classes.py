"""What OpenStreetMap's tags are called in a city: the tables of the reader, to be read by people.

Values were taken from OpenStreetMap's own words; which of ours they become is our choice. Where a
class of ``data/tables/land_cover.csv`` means the same, its word is used, else OpenStreetMap's.
"""

Table = dict[str, dict[str, str]]


def _same(*values: str) -> dict[str, str]:
    return {value: value for value in values}


#: Value of ``highway`` to class of road. Others (platforms, building sites, lifts) are no roads.
ROADS = {
    "motorway": "motorway",
    "trunk": "trunk",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "tertiary",
    "unclassified": "street",
    "residential": "street",
    "road": "street",
    "living_street": "street_limited",
    "busway": "street_limited",
    "bus_guideway": "street_limited",
    "motorway_link": "link",
    "trunk_link": "link",
    "primary_link": "link",
    "secondary_link": "link",
    "tertiary_link": "link",
    "pedestrian": "pedestrian",
    "service": "service",
    "escape": "service",
    "raceway": "service",
    "track": "track",
    "path": "path",
    "footway": "path",
    "cycleway": "path",
    "bridleway": "path",
    "steps": "path",
    "corridor": "path",
    "trail": "path",
    "crossing": "path",
    "via_ferrata": "path",
}
#: Streets that become ``street_limited`` where ``access`` shuts them to the public.
LIMITED = ("street",)
SHUT = ("no", "private")

#: Value of ``railway`` to class of railway. ``service`` rails (sidings, yards) are minor.
RAILWAYS = {
    "rail": "major_rail",
    "narrow_gauge": "major_rail",
    "light_rail": "minor_rail",
    "subway": "minor_rail",
    "tram": "minor_rail",
    "monorail": "minor_rail",
    "funicular": "minor_rail",
    "miniature": "minor_rail",
    "preserved": "minor_rail",
    "rack": "minor_rail",
}
#: Values of ``aerialway`` that are not lines of cable.
NO_AERIALWAYS = ("pylon", "station", "no")

#: Value of ``waterway`` to class of flowing water.
WATERWAYS = {
    **_same("river", "stream", "canal", "ditch", "drain"),
    "tidal_channel": "stream",
    "brook": "stream",
    "flowline": "stream",
}
#: Tags of ways that are barriers, to class; every value of ``barrier`` is one, too.
BARRIERS: Table = {
    "man_made": {
        **_same("dyke", "embankment", "breakwater", "groyne"),
        "levee": "dyke",
    },
    "waterway": _same("dam", "weir"),
}

#: Water by area: class by tag; the value of ``water`` says more where ``natural=water``.
WATER: Table = {
    "natural": {"water": "water"},
    "waterway": {"riverbank": "river", "dock": "basin", "canal": "river", "river": "river"},
    "landuse": {"reservoir": "lake", "basin": "basin"},
}
WATER_KINDS = {
    **dict.fromkeys(("river", "canal", "stream", "ditch", "drain", "rapids", "oxbow"), "river"),
    **dict.fromkeys(("lake", "reservoir", "lagoon", "pond"), "lake"),
    **dict.fromkeys(("basin", "dock", "lock", "wastewater", "harbour", "moat"), "basin"),
}

#: Use of the land by area: class by tag, the first key that fits counts. Every other value of
#: ``landuse`` keeps its own word; other keys take only the values named here.
LANDUSE: Table = {
    "landuse": {
        "forest": "wood",
        "meadow": "grass",
        "village_green": "grass",
        "recreation_ground": "park",
    },
    "leisure": {
        **_same("park", "pitch", "playground", "stadium", "sports_centre", "swimming_pool"),
        **_same("marina", "beach_resort", "horse_riding", "water_park", "miniature_golf"),
        "garden": "park",
        "dog_park": "park",
        "common": "park",
        "track": "pitch",
        "golf_course": "grass",
    },
    "amenity": {
        **_same("parking", "school", "hospital", "prison", "marketplace", "bus_station", "fuel"),
        "kindergarten": "school",
        "college": "school",
        "university": "school",
        "clinic": "hospital",
        "grave_yard": "cemetery",
    },
    "tourism": _same("zoo", "theme_park", "camp_site", "caravan_site"),
    "natural": {"bare_rock": "rock", "scree": "rock", "grassland": "grass"},
    "aeroway": _same("aerodrome", "apron", "runway", "taxiway", "helipad"),
    "power": _same("plant", "substation"),
    "man_made": _same("pier", "wastewater_plant", "water_works", "works", "quay"),
}
NO_LANDUSE = ("reservoir", "basin", "no")
#: Keys whose value says what a building is for, not what its ground is.
OF_BUILDINGS = ("amenity", "leisure", "tourism", "power", "man_made")
#: Car parks that are no open ground.
CAR_PARKS_INSIDE = ("underground", "multi-storey", "rooftop", "carports", "garage_boxes")

#: What covers the land, by area.
LANDCOVER: Table = {
    "natural": {
        **_same("wood", "scrub", "heath", "sand", "beach", "wetland", "glacier", "mud"),
        **_same("shingle", "tundra"),
        "shrubbery": "scrub",
        "tree_group": "wood",
    },
    "landcover": {
        **_same("grass", "scrub", "sand", "bare_rock"),
        "trees": "wood",
        "bushes": "scrub",
    },
}

#: Buildings that do not stand there.
NO_BUILDINGS = ("no", "demolished", "razed", "proposed", "planned", "underground")
#: Keys that say what a building without a kind is: the value, or a word for all values.
KINDS_OF_BUILDINGS = {
    "amenity": "",
    "tourism": "",
    "leisure": "",
    "shop": "retail",
    "office": "office",
}

#: Keys whose value is the kind of a place that people go to, the first one counts.
POIS = ("amenity", "shop", "tourism", "office", "leisure")
#: Things in the street and parts of places, not places.
NO_POIS = (
    *("bench", "waste_basket", "waste_disposal", "vending_machine", "letter_box", "hunting_stand"),
    *("bicycle_parking", "motorcycle_parking", "parking_space", "parking_entrance", "clock"),
    *("post_box", "telephone", "lounger", "grit_bin", "dog_toilet", "information", "picnic_table"),
    *("no", "yes", "vacant"),
)

#: Facilities: class by tag.
FACILITIES: Table = {
    "amenity": {
        **_same("hospital", "clinic", "fire_station", "police", "school", "kindergarten"),
        **_same("university", "social_facility", "townhall", "shelter", "fuel", "pharmacy"),
        "college": "university",
        "nursing_home": "social_facility",
    },
    "emergency": _same("ambulance_station"),
    "healthcare": _same("hospital", "clinic"),
}
#: Shelters against the weather only.
SMALL_SHELTERS = (
    *("public_transport", "picnic_shelter", "gazebo", "sun_shelter", "changing_rooms", "pavilion"),
    *("field_shelter", "building_part", "rock_shelter"),
)

#: The small parts of a city: class by tag, the first key that fits counts.
COMPONENTS: Table = {
    "emergency": {
        "fire_hydrant": "hydrant",
        "fire_hose": "fire_hose",
        "fire_extinguisher": "fire_extinguisher",
        "fire_alarm_box": "fire_alarm",
        "suction_point": "suction_point",
        "water_tank": "water_tank",
        "fire_water_pond": "water_tank",
        "siren": "siren",
        "defibrillator": "defibrillator",
        "assembly_point": "assembly_point",
        "phone": "emergency_phone",
        "life_ring": "life_ring",
        "first_aid_kit": "first_aid_kit",
    },
    "highway": {"street_lamp": "lamp", "traffic_signals": "traffic_signals"},
    "power": {
        "tower": "tower",
        "pole": "pole",
        "substation": "substation",
        "sub_station": "substation",
        "transformer": "transformer",
        "generator": "generator",
        "switch": "switch",
    },
    "man_made": {
        "manhole": "manhole",
        "pumping_station": "pump",
        "pump": "pump",
        "surveillance": "camera",
        "water_tower": "water_tank",
        "reservoir_covered": "water_tank",
        "street_cabinet": "cabinet",
        "mast": "mast",
        "communications_tower": "mast",
        "monitoring_station": "monitoring_station",
    },
    "manhole": dict.fromkeys(("drain", "sewer", "telecom", "water", "gas", "power"), "manhole")
    | dict.fromkeys(("unknown", "yes", "electric"), "manhole"),
}

#: Kinds of ``place`` that are names on the ground rather than addresses.
NO_PLACES = ("house", "plot", "no")
