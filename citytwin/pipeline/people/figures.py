"""What placing people did, in figures and in sentences."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass
class PeopleFigures:
    """What placing people did, for the notes of the city.

    Attributes
    ----------
    before, after
        People of the units inside the box, and the same people in homes and elsewhere. A unit
        that lies partly outside the box counts by the share of its area inside.
    in_homes, elsewhere
        The two parts of ``after``.
    units, units_cut
        Units that meet the box, and those of them that lie partly outside.
    units_unknown, units_negative
        Units without a number of people (near the box), and those of them with a negative or
        infinite one.
    units_without_homes, people_without_homes
        Units with people and without homes, and these people.
    units_beside_buildings, people_beside_buildings
        Those of them in which there are other buildings.
    people_beyond_homes
        People for whom the homes of their unit have too little floor area.
    units_in_water, people_in_water
        Units all water with people whom no home takes, and these people: they stay on it.
    overlapping
        Area that units cover more than once [m²]: its people count as often.
    homes_without_unit
        Floor area of homes for which no unit says anything [m²].
    modelled
        People modelled from that floor area, in addition to ``before`` and ``after``.
    """

    before: float = 0.0
    after: float = 0.0
    in_homes: float = 0.0
    elsewhere: float = 0.0
    units: int = 0
    units_cut: int = 0
    units_unknown: int = 0
    units_negative: int = 0
    units_without_homes: int = 0
    people_without_homes: float = 0.0
    units_beside_buildings: int = 0
    people_beside_buildings: float = 0.0
    people_beyond_homes: float = 0.0
    units_in_water: int = 0
    people_in_water: float = 0.0
    overlapping: float = 0.0
    homes_without_unit: float = 0.0
    modelled: float = 0.0

    def notes(self) -> dict[str, Any]:
        """Figures by name."""
        return asdict(self)

    def remarks(self) -> list[str]:
        """What a person must know, in sentences; what did not happen is not said."""
        figures = self.notes()
        amounts = {name: f"{value:,.0f}" for name, value in figures.items()}
        return [sentence.format(**amounts) for name, sentence in _REMARKS.items() if figures[name]]


#: Words for a figure that is not zero.
_REMARKS = {
    "units": "{before} people counted, {in_homes} of them in homes, {elsewhere} elsewhere "
    "(units: {units})",
    "units_cut": "units partly outside the box, which count by their area inside: {units_cut}",
    "units_unknown": "units near the box without a number of people: {units_unknown}",
    "units_negative": "of them with a negative or infinite number: {units_negative}",
    "people_without_homes": "{people_without_homes} people in units without homes, on open ground, "
    "{people_beside_buildings} of them beside other buildings (units: {units_without_homes})",
    "people_beyond_homes": "{people_beyond_homes} people for whom the homes are too small, on open "
    "ground: buildings may be missing",
    "people_in_water": "{people_in_water} people stay in units all water (units: {units_in_water})",
    "overlapping": "units overlap on {overlapping} m², where people count more than once: check the "
    "source",
    "homes_without_unit": "{homes_without_unit} m² of homes lie where no unit counts people",
    "modelled": "{modelled} people modelled from the floor area of their homes",
}
