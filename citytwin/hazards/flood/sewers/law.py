"""How much water passes an inlet: weir, drowned weir and orifice, in both directions.

The regimes are those of Rubinato et al. 2017, J. Hydrol. 552, doi:10.1016/j.jhydrol.2017.06.024, and
Chen et al. 2015, Urban Water J., doi:10.1080/1573062X.2015.1041991. Into the node the lesser of weir
and orifice counts, as in FHWA's HEC-22. The drowned weir keeps the coefficient of the free one, so
that the flow does not jump when the node's head passes the street.
"""

from typing import NamedTuple

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.flood.solver import GRAVITY

#: Share of the way to equal levels that one step of the network goes at most.
DAMPING = 0.5


class Inlets(NamedTuple):
    """(k,) arrays: edge length [m], open area [m²]; and the two coefficients [1]."""

    length: Floats
    area: Floats
    weir: float
    orifice: float


def inlet_flow(over: Floats, head: Floats, inlets: Inlets) -> Floats:
    """(k,) flow into the nodes, negative where it comes out [m³/s].

    Parameters
    ----------
    over
        (k,) level of the street's water over the openings, 0 where it lies below [m].
    head
        (k,) level of the node's water over the openings, negative below them [m].
    inlets
        Their geometry.
    """
    fall = over - np.maximum(head, 0.0)
    speed = np.sqrt(2.0 * GRAVITY * np.abs(fall))
    weir = inlets.weir * inlets.length * over * speed
    orifice = inlets.orifice * inlets.area * speed
    return np.asarray(np.where(fall > 0.0, np.minimum(weir, orifice), -orifice))


def settling(over: Floats, head: Floats, street: Floats, shaft: float, share: float) -> Floats:
    """(k,) volume that may pass either way before the levels of street and shaft overshoot [m³].

    Parameters
    ----------
    over, head
        (k,) levels of the street's and the node's water over the openings [m].
    street
        (k,) area over which the street's water spreads [m²].
    shaft
        Area of the shafts [m²].
    share
        Part of a step of the network [1].
    """
    empty = np.maximum(-head, 0.0)
    area = shaft * street / (shaft + street)
    gap = np.abs(over - np.maximum(head, 0.0))
    return np.asarray(shaft * empty + DAMPING * share * area * gap)
