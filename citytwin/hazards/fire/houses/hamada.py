"""Hamada's velocities of fire through equal wooden houses, to compare with."""

from functools import lru_cache

from citytwin.hazards.flood.rain.tables import number, read_rows, table_path

#: Time through mortared wood over time through bare wood.
_MORTARED = 5.0 / 3.0
DIRECTIONS = ("down", "side", "up")


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], float]:
    path = table_path("fire_hamada.csv")
    rows = read_rows(path, ("direction", "coefficient", "value", "unit", "source", "verified"))
    return {(row["direction"], row["coefficient"]): number(row, "value", path) for row in rows}


def velocities(
    side: float, gap: float, wind: float, *, mortared: bool = True
) -> tuple[float, float, float]:
    """Velocity downwind, across the wind and upwind [m/s].

    Parameters
    ----------
    side, gap
        Side of the square houses and distance between them [m].
    wind
        Speed [m/s].
    mortared
        Whether the wooden walls are mortared, not bare.

    Source: Hamada 1951 as in table fire_hamada.csv, with its blend below 10 m/s.
    """
    table = _table()
    found = {way: _velocity(table, way, side, gap, wind) for way in DIRECTIONS}
    share = min(wind / table["both", "still"], 1.0)
    mean = ((found["down"] + found["up"]) / 2.0 * found["side"]) ** 0.5
    slower = _MORTARED if mortared else 1.0
    down, across, up = ((share * found[way] + (1.0 - share) * mean) / slower for way in DIRECTIONS)
    return down, across, up


def _velocity(
    table: dict[tuple[str, str], float], way: str, side: float, gap: float, wind: float
) -> float:
    """Velocity through bare wood without the blend [m/s]."""
    c1, c2, c3, c4, c5 = (table[way, f"c{k}"] for k in range(1, 6))
    quicker = c1 * (1.0 + c2 * wind + c3 * wind * wind)
    minutes = (3.0 + 0.375 * side + 8.0 * gap / (c4 + c5 * wind)) / quicker
    return (side + gap) / minutes / 60.0
