"""The answer of an earthquake: arrays, numbers, a sentence."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.hazards.base import Hazard
from citytwin.hazards.earthquake.bssa14 import GRAVITY

_NUMERALS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


@dataclass(frozen=True, eq=False)
class Shaking:
    """Shaking of the cells.

    Attributes
    ----------
    motion
        (n,) ``pga``, ``sa03``, ``sa10``, ``sa30`` [m/s²] and ``pgv`` [m/s].
    mmi
        (n,) modified Mercalli intensity.
    vs30
        (n,) shear-wave velocity of the uppermost 30 m [m/s].
    rjb
        (n,) distance to the rupture's projection on the surface [m], where there is a rupture.
    """

    motion: dict[str, Floats]
    mmi: Floats
    vs30: Floats
    rjb: Floats | None


def _single(values: Floats) -> Floats32:
    return np.asarray(values, dtype=np.float32)


def shares(mmi: Floats) -> dict[int, float]:
    """Share of the cells at each rounded intensity that occurs, rising."""
    levels, counts = np.unique(np.clip(np.rint(mmi), 1, 10).astype(int), return_counts=True)
    return {int(a): float(b) / mmi.size for a, b in zip(levels, counts, strict=True)}


def hazard_of(
    shaking: Shaking, report: dict[str, float], notes: tuple[str, ...], *, drawn: bool
) -> Hazard:
    """Hazard of a shaking.

    Parameters
    ----------
    shaking
        What the cells undergo.
    report
        Numbers about the event.
    notes
        What a reader must know.
    drawn
        Whether random differences are in it.
    """
    motion = shaking.motion
    summary = {"pga_max": _single(motion["pga"])}
    summary |= {name: _single(motion[name]) for name in ("pgv", "sa03", "sa10", "sa30")}
    summary |= {"mmi": _single(shaking.mmi), "vs30": _single(shaking.vs30)}
    if shaking.rjb is not None:
        summary["rupture_distance"] = _single(shaking.rjb)
    fields = {name: _single(motion[name])[None] for name in ("pgv", "sa03", "sa10")}
    fields["mmi"] = summary["mmi"][None]
    numbers = {
        "pga_max_g": float(motion["pga"].max()) / GRAVITY,
        "pga_mean_g": float(motion["pga"].mean()) / GRAVITY,
        "pgv_max_cm_s": 100.0 * float(motion["pgv"].max()),
        "mmi_max": float(shaking.mmi.max()),
        "mmi_mean": float(shaking.mmi.mean()),
        "vs30_mean": float(shaking.vs30.mean()),
    }
    by_level = shares(shaking.mmi)
    numbers |= {f"mmi_{level}_share": share for level, share in by_level.items()}
    return Hazard(
        "pga", np.zeros(1), _single(motion["pga"])[None], summary, report | numbers,
        _sentence(numbers, by_level, drawn=drawn), fields, notes=notes,
    )  # fmt: skip


def _sentence(numbers: dict[str, float], by_level: dict[int, float], *, drawn: bool) -> str:
    parts = ", ".join(
        f"{_NUMERALS[level - 1]} on {share:.0%}"
        for level, share in reversed(by_level.items())
        if share >= 0.005
    )
    how = (
        "one of many possible fields, with the published spread and correlation"
        if drawn
        else "the expected motion, without random differences"
    )
    return (
        f"The ground shakes with up to {numbers['pga_max_g']:.2f} g "
        f"({numbers['pga_mean_g']:.2f} g on average) and {numbers['pgv_max_cm_s']:.0f} cm/s; "
        f"intensity {parts} of the cells: {how}."
    )
