"""How much of what a point sees is a burning rectangle."""

import math

from numba import njit


@njit(cache=True, nogil=True)
def _corner(x: float, y: float) -> float:
    """View factor of a rectangle with one corner opposite the point, odd in both sides."""
    a, b = math.sqrt(1.0 + x * x), math.sqrt(1.0 + y * y)
    return (x / a * math.atan(y / a) + y / b * math.atan(x / b)) / (2.0 * math.pi)


@njit(cache=True, nogil=True)
def view(left: float, right: float, low: float, high: float, distance: float) -> float:
    """View factor from a small surface to a rectangle parallel to it, closed form.

    Parameters
    ----------
    left, right, low, high
        Sides of the rectangle from the foot of the normal of the small surface [m].
    distance
        Between the planes [m], above 0.

    Source: BRE BR 187 appendix A; the four rectangles round the foot added with their signs.
    """
    a, b, c, d = left / distance, right / distance, low / distance, high / distance
    return _corner(b, d) - _corner(a, d) - _corner(b, c) + _corner(a, c)
