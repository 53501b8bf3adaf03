"""What Overture Maps calls things and what we call them.

Overture's words were read in its schema reference (buildings, transportation, places and base,
schema 1.18) and in its list of categories of places; which of ours they become is our choice.
"""

#: Feature type to theme, as the folders of a release are called.
THEMES = {
    "building": "buildings",
    "building_part": "buildings",
    "segment": "transportation",
    "place": "places",
    "land_use": "base",
    "land": "base",
    "land_cover": "base",
    "water": "base",
    "infrastructure": "base",
    "division_area": "divisions",
}
#: Our layer to the feature types that it comes from.
TYPES = {
    "buildings": ("building",),
    "building_parts": ("building_part",),
    "roads": ("segment",),
    "railways": ("segment",),
    "pois": ("place",),
    "facilities": ("place",),
    "landuse": ("land_use",),
    "landcover": ("land", "land_cover"),
    "water": ("water",),
    "waterways": ("water",),
    "components": ("infrastructure",),
    "barriers": ("infrastructure",),
    "boundaries": ("division_area",),
}

#: Class of a road segment to class of a road; older releases had more classes.
ROADS = {
    **{name: name for name in ("motorway", "trunk", "primary", "secondary", "tertiary")},
    **dict.fromkeys(("residential", "unclassified", "unknown"), "street"),
    "living_street": "street_limited",
    **dict.fromkeys(("service", "parking_aisle", "driveway", "alley"), "service"),
    "pedestrian": "pedestrian",
    "track": "track",
    **dict.fromkeys(("footway", "steps", "path", "cycleway", "bridleway"), "path"),
    **dict.fromkeys(("sidewalk", "crosswalk"), "path"),
}
#: Classes of which ramps are links.
WITH_LINKS = ("motorway", "trunk", "primary", "secondary", "tertiary")
#: Class of a rail segment to class of a railway; all others are minor.
MAJOR_RAILS = ("standard_gauge", "narrow_gauge", "unknown")
#: Flags of segments that nobody travels on.
NOT_THERE = ("is_abandoned", "is_under_construction")

#: Category of a place to class of a facility.
FACILITIES = {
    **dict.fromkeys(("hospital", "childrens_hospital", "emergency_room"), "hospital"),
    **dict.fromkeys(
        ("medical_center", "public_health_clinic", "community_health_center"), "clinic"
    ),
    **dict.fromkeys(("urgent_care_clinic", "walk_in_clinic"), "clinic"),
    "ambulance_and_ems_services": "ambulance_station",
    "fire_department": "fire_station",
    **dict.fromkeys(("police_department", "law_enforcement"), "police"),
    **dict.fromkeys(("school", "elementary_school", "middle_school", "high_school"), "school"),
    **dict.fromkeys(("public_school", "private_school", "religious_school"), "school"),
    **dict.fromkeys(("charter_school", "montessori_school", "waldorf_school"), "school"),
    **dict.fromkeys(("preschool", "day_care_preschool"), "kindergarten"),
    "college_university": "university",
    **dict.fromkeys(("retirement_home", "assisted_living_facility"), "social_facility"),
    **dict.fromkeys(("social_welfare_center", "homeless_shelter"), "social_facility"),
    "town_hall": "townhall",
    **dict.fromkeys(("gas_station", "truck_gas_station"), "fuel"),
    **dict.fromkeys(("pharmacy", "drugstore"), "pharmacy"),
}

#: Class of land use to ours where the word differs; all others keep their own.
LANDUSE = {
    "forest": "wood",
    **dict.fromkeys(("meadow", "village_green", "green"), "grass"),
    **dict.fromkeys(("golf_course", "fairway", "rough", "tee", "driving_range"), "grass"),
    **dict.fromkeys(("garden", "dog_park", "common", "recreation_ground"), "park"),
    "track": "pitch",
    **dict.fromkeys(("schoolyard", "college", "university", "education"), "school"),
    **dict.fromkeys(("clinic", "doctors"), "hospital"),
    "churchyard": "cemetery",
}
#: Land use that says what happens in a place, not what its ground is.
NO_LANDUSE = (
    *("aboriginal_land", "conservation", "environmental", "national_park", "nature_reserve"),
    *("natural_monument", "protected_landscape_seascape", "species_management_area"),
    *("state_park", "strict_nature_reserve", "wilderness_area", "danger_area", "military_other"),
)
#: Subtype of land or of land cover to class of land cover; all others are none.
LANDCOVER = {
    **dict.fromkeys(("forest", "mangrove", "wood"), "wood"),
    "shrub": "scrub",
    **dict.fromkeys(("grass", "moss"), "grass"),
    "crop": "crop",
    "sand": "sand",
    **dict.fromkeys(("rock", "barren"), "rock"),
    "wetland": "wetland",
    **dict.fromkeys(("glacier", "snow"), "glacier"),
}

#: Subtype of water to class of an area of water; the class says more where it stands below.
WATER = {
    "ocean": "sea",
    **dict.fromkeys(("river", "canal", "stream"), "river"),
    **dict.fromkeys(("lake", "pond", "reservoir"), "lake"),
    **dict.fromkeys(("water", "human_made"), "water"),
}
WATER_CLASSES = {
    **dict.fromkeys(("basin", "dock", "lock", "moat", "wastewater", "sewage"), "basin"),
    **dict.fromkeys(("ocean", "sea", "bay", "strait", "lagoon"), "sea"),
}
#: Classes of water that are no flood water and no obstacle.
NO_WATER = ("swimming_pool", "reflecting_pool", "fairway", "spring", "hot_spring", "geyser")
#: Classes of lines of water.
WATERWAYS = {
    **{name: name for name in ("river", "stream", "canal", "ditch", "drain")},
    "tidal_channel": "stream",
}

#: Class of infrastructure to class of a small part of the city.
COMPONENTS = {
    "fire_hydrant": "hydrant",
    "manhole": "manhole",
    **dict.fromkeys(("drain", "sewer"), "manhole"),
    **dict.fromkeys(("power_tower", "pylon"), "tower"),
    **dict.fromkeys(("power_pole", "utility_pole"), "pole"),
    **dict.fromkeys(("substation", "sub_station"), "substation"),
    "transformer": "transformer",
    "generator": "generator",
    "switch": "switch",
    "siren": "siren",
    **dict.fromkeys(("water_tower", "reservoir_covered"), "water_tank"),
    **dict.fromkeys(("communication_tower", "mobile_phone_tower"), "mast"),
}
#: Classes of infrastructure that are barriers as lines.
BARRIERS = (
    *("wall", "city_wall", "retaining_wall", "fence", "hedge", "guard_rail", "jersey_barrier"),
    *("cable_barrier", "handrail", "barrier", "breakwater", "dam", "weir"),
)

#: Level of a division as in OpenStreetMap, by subtype: judged, since countries differ.
ADMIN_LEVELS = {
    "country": 2.0,
    "dependency": 3.0,
    "macroregion": 3.0,
    "region": 4.0,
    "macrocounty": 5.0,
    "county": 6.0,
    "localadmin": 7.0,
    "locality": 8.0,
    "borough": 9.0,
    "macrohood": 9.0,
    "neighborhood": 10.0,
    "microhood": 11.0,
}
