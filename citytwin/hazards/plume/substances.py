"""What is released: properties of substances, and the levels of harm that others have set."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import InputError
from citytwin.hazards.plume.tables import number, rows_of, table_path

#: Molar gas constant [J/(mol K)], one atmosphere [Pa], mass of a mole of dry air [kg].
GAS, ATMOSPHERE, AIR = 8.314462618, 101325.0, 0.0289647
#: Temperature at which levels in ppm are meant [K].
ROOM = 298.15
#: What boils below is no liquid at any temperature in a city, whatever the pressure [K]. Judged.
_PIPED = 150.0
_PROPERTIES, _LEVELS = "substances.csv", "aegl_erpg.csv"
_NUMBERS = (
    "molar_mass", "boiling_point", "liquid_density", "latent_heat", "lfl", "ufl", "toxic_n",
)  # fmt: skip
_COLUMNS = ("substance", "title", "title_zh", "cas", "mist", *_NUMBERS)
_LEVEL_COLUMNS = ("substance", "scheme", "tier", "minutes", "value", "unit")


@dataclass(frozen=True, eq=False)
class Levels:
    """Three levels of harm by one scheme.

    Attributes
    ----------
    scheme
        ``AEGL``, ``ERPG`` or ``smoke guide``.
    times
        (d,) times of exposure, rising [s].
    values
        (3, d) concentrations of the levels [kg/m³]; infinite where there is none.
    verified
        Whether every number was.
    """

    scheme: str
    times: Floats
    values: Floats
    verified: bool


@dataclass(frozen=True)
class Substance:
    """What is released.

    Attributes
    ----------
    name, title, title_zh, cas
        Words.
    molar_mass
        [kg/mol].
    boiling_point, liquid_density, latent_heat
        At one atmosphere [K], [kg/m³], [J/kg].
    lfl, ufl
        Flammable limits, shares of the air's volume; 0 where it does not burn.
    mist
        Whether a spill makes a cold mist heavier than the vapour.
    toxic_n
        Exponent of the toxic load.
    verified
        Whether all of this was.
    """

    name: str
    title: str
    title_zh: str
    cas: str
    molar_mass: float
    boiling_point: float
    liquid_density: float
    latent_heat: float
    lfl: float
    ufl: float
    toxic_n: float
    mist: bool
    verified: bool

    def vapour_density(self, temperature: float) -> float:
        """Density of its pure vapour at one atmosphere [kg/m³], at a temperature [K]."""
        return ATMOSPHERE * self.molar_mass / (GAS * temperature)

    def vapour_pressure(self, temperature: float) -> float:
        """Vapour pressure [Pa] at a temperature [K], by Clausius and Clapeyron."""
        heat = self.latent_heat * self.molar_mass / GAS
        return ATMOSPHERE * float(np.exp(heat * (1.0 / self.boiling_point - 1.0 / temperature)))

    def concentration(self, share: float) -> float:
        """Concentration [kg/m³] of a share of the air's volume at room temperature."""
        return share * self.vapour_density(ROOM)

    @property
    def liquid(self) -> bool:
        """Whether it can lie in a pool."""
        return self.liquid_density > 0.0

    @property
    def piped(self) -> bool:
        """Whether it is a gas wherever it is kept in a city, as in mains, and not a liquid."""
        return self.boiling_point < _PIPED


@cache
def names() -> tuple[str, ...]:
    """Names of all substances, in the order of the table."""
    return tuple(row["substance"] for row in rows_of(_PROPERTIES, _COLUMNS))


@cache
def substance_of(name: str) -> Substance:
    """A substance by its name.

    Raises
    ------
    InputError
        If the table has none of that name.
    """
    path = table_path(_PROPERTIES)
    for row in rows_of(_PROPERTIES, _COLUMNS):
        if row["substance"] == name:
            return Substance(
                name=name, title=row["title"], title_zh=row["title_zh"], cas=row["cas"],
                mist=row["mist"] == "yes", verified=row["verified"] == "yes",
                **{column: number(row, column, path) for column in _NUMBERS},
            )  # fmt: skip
    raise InputError(f"substance must be one of {', '.join(names())}, not '{name}'")


@cache
def levels_of(name: str, scheme: str) -> Levels | None:
    """Levels of a substance by a scheme; none where the scheme has none."""
    path = table_path(_LEVELS)
    rows = [
        row
        for row in rows_of(_LEVELS, _LEVEL_COLUMNS)
        if (row["substance"], row["scheme"]) == (name, scheme)
    ]
    if not rows:
        return None
    minutes = sorted({number(row, "minutes", path) for row in rows})
    values = np.full((3, len(minutes)), np.inf)
    for row in rows:
        size = number(row, "value", path)
        size *= substance_of(name).concentration(1e-6) if row["unit"] == "ppm" else 1e-6
        values[int(row["tier"]) - 1, minutes.index(number(row, "minutes", path))] = size
    verified = all(row["verified"] == "yes" for row in rows)
    return Levels(scheme, np.array(minutes) * 60.0, values, verified)
