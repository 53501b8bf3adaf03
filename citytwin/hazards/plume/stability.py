"""How strongly the air mixes: Pasquill's class by sun, cloud and wind, and what goes with it."""

from dataclasses import dataclass
from functools import cache

from citytwin.hazards.plume.dispersion import CLASSES
from citytwin.hazards.plume.tables import doubtful, number, rows_of, table_path

_TURNER, _WITH = "stability_turner.csv", "stability_classes.csv"
_COLUMNS = ("class", "wind_open", "wind_urban", "lapse", "mixing_height")
_KNOT = 1852.0 / 3600.0
#: Sun's height above which the sun is stronger by a class [degrees], EPA-454/R-99-005, table 6-5.
_SUN = (15.0, 35.0, 60.0)
#: Night lasts from an hour before sunset to an hour after sunrise; the sun moves about 15° in it,
#: less across the horizon: where it stands below so many degrees, it counts as night. Judged.
NIGHT = 10.0
_OKTAS = 8.0


@dataclass(frozen=True)
class Stability:
    """What goes with a class.

    Attributes
    ----------
    letter
        Pasquill class.
    profile
        Exponent of the wind's profile.
    lapse
        Rise of the potential temperature with height [K/m].
    mixing_height
        Where none is given [m].
    """

    letter: str
    profile: float
    lapse: float
    mixing_height: float


@cache
def stability_of(letter: str, surroundings: str) -> Stability:
    """What goes with a class, open or urban."""
    path = table_path(_WITH)
    (row,) = (row for row in rows_of(_WITH, _COLUMNS) if row["class"] == letter)
    names = (f"wind_{surroundings}", "lapse", "mixing_height")
    return Stability(letter, *(number(row, name, path) for name in names))


def radiation_index(elevation: float, oktas: float) -> int:
    """Net radiation index, 4 (strong sun) to −2 (clear night).

    Turner's procedure as in EPA-454/R-99-005, table 6-6. The height of the clouds is not known here:
    an overcast sky counts as low, and more than half of it as of middle height.

    Parameters
    ----------
    elevation
        Height of the sun [degrees].
    oktas
        Cloud in eighths of the sky.
    """
    share = oktas / _OKTAS
    if share >= 1.0:
        return 0
    if elevation < NIGHT:
        return -2 if share <= 0.4 else -1
    strength = 1 + sum(elevation > limit for limit in _SUN)
    return max(strength - 1, 1) if share > 0.5 else strength


def turner_class(wind: float, index: int) -> str:
    """Pasquill class by wind at 10 m [m/s] and net radiation index."""
    path = table_path(_TURNER)
    column = f"index_{index}"
    for row in rows_of(_TURNER, ("below", column)):
        if wind / _KNOT < number(row, "below", path):
            return CLASSES[min(int(number(row, column, path)), len(CLASSES)) - 1]
    return "D"


def unverified() -> tuple[bool, bool]:
    """True if the table of classes, and if what goes with them, was not verified."""
    return doubtful(rows_of(_TURNER, ("below",))), doubtful(rows_of(_WITH, _COLUMNS))
