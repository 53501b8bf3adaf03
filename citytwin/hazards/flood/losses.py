"""Water that the ground takes: at a constant rate, by Horton, or by Green and Ampt.

What the ground can take depends on what it has taken, not on the clock: rain weaker than the
ground's capacity does not use it up (time condensation). It does not recover between two rains.
"""

from dataclasses import dataclass
from math import exp, expm1, log, log1p, sqrt

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from citytwin.arrays import AnyFloats, Floats
from citytwin.errors import ScenarioError, UnknownNameError
from citytwin.tables import number, read_rows, table_path

#: Kinds of losses.
CONSTANT, HORTON, GREEN_AMPT = range(3)
_MM_PER_HOUR = 1e-3 / 3600.0
_PER_HOUR = 1.0 / 3600.0
#: From this rise of what was taken on, relative to it and the suction, a second step is needed.
_SECOND_STEP = 0.3
#: Below this the decay in a span is given by a series, to 1e-10.
_SHORT = 0.01
_COLUMNS = (
    "name", "kind", "conductivity_mm_h", "suction_mm", "porosity", "effective_porosity",
    "initial_mm_h", "final_mm_h", "decay_per_h", "source", "verified",
)  # fmt: skip


@njit(cache=True, nogil=True)
def capacity(kind: int, p0: float, p1: float, p2: float, taken: float, span: float) -> float:
    """Depth that the ground can take in a span with water standing on it [m].

    Parameters
    ----------
    kind
        ``CONSTANT``, ``HORTON`` or ``GREEN_AMPT``.
    p0, p1, p2
        Rate [m/s]; or initial rate [m/s], final rate [m/s], decay [1/s]; or conductivity [m/s],
        suction at the wetting front [m], moisture deficit [1].
    taken
        Depth taken since the start [m]; keep it in float64, so that small sums are not lost.
    span
        Length of time [s].
    """
    if kind == HORTON:
        return _horton(p0, p1, p2, taken, span)
    if kind == GREEN_AMPT:
        return _green_ampt(p0, p1 * p2, taken, span)
    return p0 * span


@njit(cache=True, nogil=True)
def _horton(initial: float, final: float, decay: float, taken: float, span: float) -> float:
    """Horton's rate from the moment at which it would have taken ``taken``, over a span [m].

    With the rate f = final + s and s0 = initial - final, decay * taken = s0 - s + final ln(s0 / s):
    x = s / final solves x + ln x = z, by a starting value and one step of fourth order, to 1e-8.

    Horton 1940, Soil Sci. Soc. Am. Proc. 5, 227-237. The step: Fritsch, Shafer & Crowley 1973,
    Commun. ACM 16(2), 123-124.
    """
    above = initial - final
    if above <= 0.0 or decay <= 0.0:
        return initial * span
    if final <= 0.0:
        rest = max(above - decay * taken, 0.0)
    else:
        z = (above - decay * taken) / final + log(above / final)
        if z < -40.0:
            return final * span
        if z < -0.5:
            e = exp(z)
            x = e * (1.0 + 0.5 * e) / (1.0 + 1.5 * e)
        elif z < 4.0:
            t = z - 1.0
            x = 1.0 + t * (0.5 + t * (1.0 / 16.0 - t / 192.0))
        else:
            x = z - log(z) * (1.0 - 1.0 / z)
        r = z - x - log(x)
        q = 2.0 * (1.0 + x) * (1.0 + x + 2.0 / 3.0 * r)
        x *= 1.0 + r * (q - r) / ((1.0 + x) * (q - 2.0 * r))
        rest = min(x * final, above)
    m = decay * span
    if m < _SHORT:
        return final * span + rest * span * (1.0 - m * (0.5 - m * (1.0 / 6.0 - m / 24.0)))
    return final * span - rest / decay * expm1(-m)


@njit(cache=True, nogil=True)
def _green_ampt(conductivity: float, pull: float, taken: float, span: float) -> float:
    """Rise of F in K span = rise - S ln(1 + rise / (F + S)) over a span [m].

    S = suction * deficit; the depth of the water on the ground is left out beside the suction, as
    in Mein & Larson. With w = rise / (F + S), s = S / (F + S) and T = K span / (F + S),
    w - s ln(1 + w) = T: the logarithm as w (6 + w) / (6 + 4 w) gives a quadratic equation for the
    start, and Halley's step does the rest; a second one where w is large.

    Green & Ampt 1911, J. Agric. Sci. 4(1), 1-24, doi:10.1017/S0021859600001441. Mein & Larson
    1973, Water Resour. Res. 9(2), 384-394, doi:10.1029/WR009i002p00384.
    """
    drained = conductivity * span
    if drained <= 0.0 or pull <= 0.0:
        return drained
    scale = taken + pull
    s, t = pull / scale, drained / scale
    half = 3.0 - 3.0 * s - 2.0 * t
    w = 6.0 * t / (half + sqrt(half * half + 6.0 * t * (4.0 - s)))
    w = _halley(w, s, t)
    if w > _SECOND_STEP:
        w = _halley(w, s, t)
    return w * scale


@njit(cache=True, nogil=True)
def _halley(w: float, s: float, t: float) -> float:
    """One step of Halley's method for w - s ln(1 + w) = t."""
    miss = w - s * log1p(w) - t
    over = 1.0 + w
    slope = (over - s) / over
    return w - 2.0 * miss * slope / (2.0 * slope * slope - miss * s / (over * over))


@dataclass(frozen=True, eq=False)
class Losses:
    """How each cell's ground takes water.

    Made from soils, only the pervious share of a cell takes water, and all of its water can reach
    that share.

    Attributes
    ----------
    kind
        ``CONSTANT``, ``HORTON`` or ``GREEN_AMPT``.
    p0, p1, p2
        Parameters of ``capacity`` per area of the cell, arrays of one shape: (n,), or those of a
        solver's window.
    """

    kind: int
    p0: AnyFloats
    p1: AnyFloats
    p2: AnyFloats

    @classmethod
    def constant(cls, rate: ArrayLike, pervious_share: Floats) -> "Losses":
        """Losses at a constant rate.

        Parameters
        ----------
        rate
            Rate at which wholly pervious ground takes water [m/s], one number or (n,).
        pervious_share
            (n,) share of the ground that water can enter.
        """
        share = _shares("pervious_share", pervious_share)
        speed = np.broadcast_to(np.asarray(rate, np.float64), share.shape)
        if not (np.isfinite(speed) & (speed >= 0.0)).all():
            raise ScenarioError(
                "the rate at which the ground takes water is below 0: give 0 or more"
            )
        nothing = np.zeros(share.size)
        return cls(CONSTANT, speed * share, nothing, nothing)

    @classmethod
    def horton(cls, groups: ArrayLike, pervious_share: Floats) -> "Losses":
        """Losses by Horton, of soils that are dry at the start.

        Parameters
        ----------
        groups
            Hydrologic soil group, ``A`` to ``D``, one or (n,).
        pervious_share
            (n,) share of the ground that water can enter.

        Raises
        ------
        UnknownNameError
            If a group is unknown.
        """
        share = _shares("pervious_share", pervious_share)
        initial, final, decay = _soils(
            "horton", groups, share.size, ("initial_mm_h", "final_mm_h", "decay_per_h")
        )
        return cls(
            HORTON, initial * _MM_PER_HOUR * share, final * _MM_PER_HOUR * share, decay * _PER_HOUR
        )

    @classmethod
    def green_ampt(
        cls, textures: ArrayLike, pervious_share: Floats, dryness: ArrayLike = 0.5
    ) -> "Losses":
        """Losses by Green and Ampt.

        Parameters
        ----------
        textures
            USDA texture class, for example ``sandy loam``, one or (n,).
        pervious_share
            (n,) share of the ground that water can enter.
        dryness
            Share of the pores that can drain which is empty at the start, one or (n,).

        Raises
        ------
        UnknownNameError
            If a texture is unknown.
        """
        share = _shares("pervious_share", pervious_share)
        speed, suction, pores = _soils(
            "green-ampt",
            textures,
            share.size,
            ("conductivity_mm_h", "suction_mm", "effective_porosity"),
        )
        empty = _shares("dryness", np.broadcast_to(np.asarray(dryness), share.shape))
        return cls(GREEN_AMPT, speed * _MM_PER_HOUR * share, suction * 1e-3, pores * empty * share)


def _shares(name: str, values: ArrayLike) -> Floats:
    """(n,) shares, checked."""
    shares = np.asarray(values, np.float64)
    if not ((shares >= 0.0) & (shares <= 1.0)).all():
        raise ScenarioError(f"'{name}' of the ground must be a share from 0 to 1: mend it")
    return shares


def _soils(kind: str, names: ArrayLike, count: int, columns: tuple[str, ...]) -> list[Floats]:
    """(n,) numbers of each cell's soil, one array a column."""
    path = table_path("soils.csv")
    rows = {row["name"]: row for row in read_rows(path, _COLUMNS) if row["kind"] == kind}
    known, place = np.unique(np.broadcast_to(np.asarray(names), (count,)), return_inverse=True)
    for name in known:
        if str(name) not in rows:
            raise UnknownNameError(
                f"there is no soil '{name}' for losses by {kind}: choose one of {', '.join(rows)}"
            )
    table = [[number(rows[str(name)], column, path) for name in known] for column in columns]
    return [np.asarray(values)[place.reshape(-1)] for values in table]
