"""Cases of ``citytwin verify`` for fire through vegetation."""

from functools import partial

from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.cases import Measured, Site, Verification
from citytwin.hazards.fire.verification import laws, shapes
from citytwin.hazards.flood.verification.scene import shanghai_lattice

_SPACING = 18.0
_ELLIPSE = (
    "closed form: polar ellipse with the ignition at its rear focus, length to width of Anderson 1983 "
    "as in Finney 1998 (RMRS-RP-4); bound of issue 5"
)
_HUYGENS = "Huygens's principle: envelope of 1500 ellipses, in numpy; bound citytwin's own"
_PEER = "pyretechnics 2026.10.20, data/tables/fuel_models_peer.csv; bound of issue 5"
_LAW = "what must hold of any front"
#: Wind at 10 m that makes an ellipse of grass more than four times as long as wide [m/s].
STRONG = 17.0
WINDS_DEG = (0.0, 77.0, 119.0, 164.0, 210.0, 285.0)


def lattices() -> dict[str, Lattice]:
    """The lattices on which the shapes are checked, by name."""
    return {
        "regular hexagons": regular_lattice(_SPACING),
        "Shanghai's lattice": shanghai_lattice(12),
    }


def _ellipse(site: Site | None, name: str) -> Measured:
    del site
    return shapes.ellipse(lattices()[name], STRONG, WINDS_DEG)


def _circle(site: Site | None, name: str) -> Measured:
    del site
    return shapes.circle(lattices()[name])


def _slope(site: Site | None, name: str) -> Measured:
    del site
    return shapes.slope(lattices()[name], 6.0, 300.0, (0.25, 0.15))


def _turning(site: Site | None, name: str) -> Measured:
    del site
    return shapes.turning(lattices()[name], 9.0, 90.0)


def _gaps(site: Site | None, name: str) -> Measured:
    del site
    return laws.gaps(lattices()[name])


def _rates(site: Site | None) -> Measured:
    del site
    return laws.rates()


def _order(site: Site | None) -> Measured:
    del site
    return laws.order_of_cells(lattices()["Shanghai's lattice"])


def _pieces(site: Site | None, name: str) -> Measured:
    del site
    return laws.pieces(lattices()[name])


_NAMES = ("regular hexagons", "Shanghai's lattice")

VEGETATION = (
    Verification(
        "vegetation: rate of spread of all 53 standard fuel models",
        _rates, 0.01, "1", _PEER,
    ),
    *(
        Verification(
            f"vegetation: ellipse in strong wind from six directions, in every direction, {name}",
            partial(_ellipse, name=name), 0.02, "1", _ELLIPSE,
        )
        for name in _NAMES
    ),
    *(
        Verification(
            f"vegetation: circle in still air, {name}",
            partial(_circle, name=name), 0.001, "1", _ELLIPSE,
        )
        for name in _NAMES
    ),
    *(
        Verification(
            f"vegetation: ellipse on a slope with wind across it, {name}",
            partial(_slope, name=name), 0.02, "1", _ELLIPSE,
        )
        for name in _NAMES
    ),
    *(
        Verification(
            f"vegetation: front after the wind has turned by 90°, {name}",
            partial(_turning, name=name), 0.1, "cells", _HUYGENS,
        )
        for name in _NAMES
    ),
    *(
        Verification(
            f"vegetation: cells burnt beyond a bare line one cell wide, {name}",
            partial(_gaps, name=name), 0.0, "cells", _LAW,
        )
        for name in _NAMES
    ),
    *(
        Verification(
            f"vegetation: arrivals told at once or in pieces of 20 s, {name}",
            partial(_pieces, name=name), 1e-5, "1", _LAW,
        )
        for name in _NAMES
    ),
    Verification(
        "vegetation: the order of the cells does not matter", _order, 0.0, "s", _LAW,
    ),
)  # fmt: skip
