"""Numbers as people write them into OpenStreetMap tags: lengths, storeys, speeds, years."""

import math
import re
from collections.abc import Callable
from functools import lru_cache

NAN = math.nan
#: Longer texts are prose, not numbers.
LONGEST = 40
#: Limits beyond which a value is a slip of the pen: heights [m], storeys, speeds [m/s], lanes.
HIGHEST, MOST_LEVELS, FASTEST, WIDEST = 1000.0, 200.0, 300.0 / 3.6, 20.0

_METRES = {
    **dict.fromkeys(("", "m", "meter", "meters", "metre", "metres", "м", "米"), 1.0),
    **dict.fromkeys(("ft", "feet", "foot", "'"), 0.3048),
    **dict.fromkeys(("in", "inch", "inches", '"', "''"), 0.0254),
    "cm": 0.01,
    "km": 1000.0,
}
_METRES_PER_SECOND = {
    **dict.fromkeys(("", "km/h", "kmh", "kph", "kmph"), 1.0 / 3.6),
    "mph": 0.44704,
    **dict.fromkeys(("knots", "knot", "kn"), 1852.0 / 3600.0),
}
_QUOTES = str.maketrans({"′": "'", "’": "'", "‘": "'", "″": '"', "”": '"', "“": '"', "–": "-"})
_ABOUT = re.compile(r"(?:~|≈|ca\.?|approx\.?|about)\s*")
_NUMBER = r"(\d+(?:[.,]\d*)?|[.,]\d+)"
_QUANTITY = re.compile(_NUMBER + r"\s*([^\d\s.,-][^\d\s]*?)?\.?")
_FEET_INCHES = re.compile(_NUMBER + r"\s*(?:'|ft|feet|foot)\s*" + _NUMBER + r"\s*(?:\"|''|in)?")
_RANGE = re.compile(_NUMBER + r"\s*-\s*" + _NUMBER)
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")


@lru_cache(maxsize=65536)
def length(text: str) -> float:
    """Length [m] of ``12``, ``12 m``, ``12,5``, ``39 ft``, ``39'``, ``12'6"``; else NaN.

    Of several (``3;4`` or ``3-4``) the greatest, as OpenStreetMap asks for a building whose
    parts differ.
    """
    return _greatest(text, _length)


@lru_cache(maxsize=4096)
def count(text: str) -> float:
    """Number without a unit, of several the greatest; else NaN."""
    return _greatest(text, lambda part: _quantity(part, {"": 1.0}))


@lru_cache(maxsize=4096)
def speed(text: str) -> float:
    """Speed limit [m/s] of ``50`` [km/h], ``30 mph``, ``5 knots``; of several the lowest.

    Words (``walk``, ``none``, ``signals``, ``FR:urban``) are NaN: what they mean is a matter of
    the country's law.
    """
    found = [_quantity(part, _METRES_PER_SECOND) for part in _parts(text)]
    return within(min((v for v in found if not math.isnan(v)), default=NAN), 0.1, FASTEST)


@lru_cache(maxsize=4096)
def year(text: str) -> float:
    """First year of four digits in a date (``1896``, ``1896-05``, ``~1890``); else NaN."""
    found = _YEAR.search(text) if len(text) <= LONGEST else None
    return float(found[1]) if found else NAN


@lru_cache(maxsize=4096)
def signed(text: str) -> float:
    """Number that may be negative (``layer``, ``ele``), with a unit of length or without."""
    text = text.strip().replace("−", "-")
    return -length(text[1:]) if text.startswith("-") else length(text.removeprefix("+"))


def within(value: float, low: float, high: float) -> float:
    """The value, or NaN outside of ``low`` to ``high``."""
    return value if low <= value <= high else NAN


def _greatest(text: str, read: Callable[[str], float]) -> float:
    found = [read(part) for part in _parts(text)]
    return max((value for value in found if not math.isnan(value)), default=NAN)


def _parts(text: str) -> list[str]:
    """Values of a list, in lower case, without marks of doubt; a range gives both ends."""
    if len(text) > LONGEST:
        return []
    parts: list[str] = []
    for part in text.lower().translate(_QUOTES).split(";"):
        bare = _ABOUT.sub("", part.strip(), count=1)
        ends = _RANGE.fullmatch(bare)
        parts += ends.groups() if ends else (bare,)
    return parts


def _length(text: str) -> float:
    both = _FEET_INCHES.fullmatch(text)
    if both:
        return _float(both[1]) * 0.3048 + _float(both[2]) * 0.0254
    return _quantity(text, _METRES)


def _quantity(text: str, units: dict[str, float]) -> float:
    found = _QUANTITY.fullmatch(text)
    factor = units.get(found[2] or "") if found else None
    return NAN if found is None or factor is None else _float(found[1]) * factor


def _float(digits: str) -> float:
    return float(digits.replace(",", "."))
