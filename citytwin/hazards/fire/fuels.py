"""Standard fuel models, from their table."""

from dataclasses import dataclass
from functools import cache

from citytwin.errors import InputError
from citytwin.tables import number, read_rows, table_path

#: Fuel model of a cell on which nothing burns; the standard non-burnable ones are 91 to 99.
BARE = 0
_TABLE = "fuel_models.csv"
_NUMBERS = (
    "depth_ft", "extinction_percent", "heat_btu_lb", "load_1h", "load_10h", "load_100h",
    "load_herb", "load_woody", "sav_1h", "sav_herb", "sav_woody",
)  # fmt: skip
_COLUMNS = ("number", "code", "name", *_NUMBERS, "dynamic", "source", "verified")


@dataclass(frozen=True)
class FuelModel:
    """A bed of fuel in the units of its publication.

    Attributes
    ----------
    number, code, name
        What it is called.
    depth_ft
        Depth of the bed [ft].
    extinction
        Moisture of dead fuel at which it stops to burn [kg/kg].
    heat_btu_lb
        Heat content [Btu/lb].
    loads_t_ac
        Oven-dry load of dead 1 h, 10 h, 100 h, live herbs, live wood [short tons per acre].
    sav_ft
        Surface to volume of the same five classes [1/ft].
    dynamic
        Whether live herbs cure as they dry.
    verified
        Whether every value was read in two independent sources.
    """

    number: int
    code: str
    name: str
    depth_ft: float
    extinction: float
    heat_btu_lb: float
    loads_t_ac: tuple[float, float, float, float, float]
    sav_ft: tuple[float, float, float, float, float]
    dynamic: bool
    verified: bool


@cache
def fuel_models() -> dict[int, FuelModel]:
    """All fuel models that burn, by their number.

    Raises
    ------
    InputError
        If the table is missing or has a word where a number belongs.
    """
    path = table_path(_TABLE)
    models = {}
    for row in read_rows(path, _COLUMNS):
        value = {column: number(row, column, path) for column in (*_NUMBERS, "number")}
        key = int(value["number"])
        models[key] = FuelModel(
            key,
            row["code"],
            row["name"],
            value["depth_ft"],
            value["extinction_percent"] / 100.0,
            value["heat_btu_lb"],
            (
                value["load_1h"], value["load_10h"], value["load_100h"],
                value["load_herb"], value["load_woody"],
            ),
            (value["sav_1h"], 109.0, 30.0, value["sav_herb"], value["sav_woody"]),
            row["dynamic"] == "yes",
            row["verified"] == "yes",
        )  # fmt: skip
    return models


def fuel_model(key: int) -> FuelModel:
    """Fuel model of a number.

    Raises
    ------
    InputError
        If no such model is in the table.
    """
    models = fuel_models()
    if key not in models:
        raise InputError(
            f"there is no fuel model {key}: give 1 to 13 (Anderson), 101 to 204 (Scott & Burgan) "
            "or 0 where nothing burns"
        )
    return models[key]


def is_bare(key: int) -> bool:
    """True for a number that says that nothing burns: 0 and the standard 91 to 99."""
    return key == BARE or 91 <= key <= 99
