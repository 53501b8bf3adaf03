"""Hamada's velocities of fire through equal wooden houses, to compare with."""

from functools import lru_cache

from citytwin.tables import number, read_rows, table_path

DIRECTIONS = ("down", "side", "up")


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], float]:
    path = table_path("fire_hamada.csv")
    rows = read_rows(path, ("for", "coefficient", "value", "unit", "source", "verified"))
    return {(row["for"], row["coefficient"]): number(row, "value", path) for row in rows}


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
    wood = "mortared" if mortared else "bare"
    found = [_velocity(way, wood, side, gap, wind) for way in DIRECTIONS]
    share = min(wind / _table()["both", "still"], 1.0)
    mean = ((found[0] + found[2]) / 2.0 * found[1]) ** 0.5
    down, across, up = (share * speed + (1.0 - share) * mean for speed in found)
    return down, across, up


def _velocity(way: str, wood: str, side: float, gap: float, wind: float) -> float:
    """Velocity without the blend [m/s]."""
    table = _table()
    c1, c2, c3, c4, c5 = (table[way, f"c{k}"] for k in range(1, 6))
    start, size, across = (table[wood, name] for name in ("start", "size", "gap"))
    quicker = c1 * (1.0 + c2 * wind + c3 * wind * wind)
    minutes = (start + size * side + across * gap / (c4 + c5 * wind)) / quicker
    return (side + gap) / minutes / 60.0
