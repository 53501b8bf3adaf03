"""Series at the nodes and pipes of a network."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.base import Series
from citytwin.hazards.flood.sewers.swmm import Swmm


class Network(NamedTuple):
    """What a network did.

    Attributes
    ----------
    times
        (t,) seconds.
    nodes, depth
        Names of all nodes, and the (t, n) depth of their water [m].
    inlets, flow_in
        Names of the nodes open to the street, and the (t, k) flow into each from the street,
        negative where it comes up [m³/s].
    pipes, flow, pipe_depth
        Names of all links, and their (t, m) flow [m³/s] and depth [m].
    """

    times: Floats
    nodes: tuple[str, ...]
    depth: Floats
    inlets: tuple[str, ...]
    flow_in: Floats
    pipes: tuple[str, ...]
    flow: Floats
    pipe_depth: Floats


class Record:
    """Keeps the state of a network at even times.

    Parameters
    ----------
    swmm
        The network.
    inlets
        Names of its nodes that are open to the street.
    every
        Time between two values [s].
    """

    def __init__(self, swmm: Swmm, inlets: tuple[str, ...], every: float) -> None:
        self._swmm, self._inlets, self._every = swmm, inlets, every
        self._times: list[float] = []
        self._rows: list[tuple[Floats, Floats, Floats, Floats]] = []

    def note(self, time: float, flow_in: Floats) -> None:
        """Keep the state if it is time to.

        Parameters
        ----------
        time
            Seconds.
        flow_in
            (k,) flow into the inlets [m³/s].
        """
        if self._times and time < self._times[-1] + self._every - 1e-6:
            return
        swmm = self._swmm
        depth = swmm.depths(range(len(swmm.nodes)))
        self._times.append(time)
        self._rows.append((depth, flow_in.copy(), swmm.pipe_flow(), swmm.pipe_depth()))

    @property
    def network(self) -> Network:
        """What was kept until now."""
        sizes = (len(self._swmm.nodes), len(self._inlets), *([len(self._swmm.links)] * 2))
        depth, flow_in, flow, pipe_depth = (
            np.array([row[k] for row in self._rows]).reshape(len(self._rows), size)
            for k, size in enumerate(sizes)
        )
        return Network(
            np.array(self._times), self._swmm.nodes, depth, self._inlets, flow_in,
            self._swmm.links, flow, pipe_depth,
        )  # fmt: skip


def series_of(network: Network, names: Iterable[str]) -> tuple[Series, ...]:
    """Series at chosen nodes and pipes, as a hazard tells them.

    Parameters
    ----------
    network
        What was kept.
    names
        Nodes and pipes; unknown names are left out.
    """
    kinds = (
        ("sewer node", "depth", "m", network.nodes, network.depth),
        ("sewer node", "inflow", "m3/s", network.inlets, network.flow_in),
        ("sewer pipe", "discharge", "m3/s", network.pipes, network.flow),
        ("sewer pipe", "depth", "m", network.pipes, network.pipe_depth),
    )
    columns = [{name: k for k, name in enumerate(known)} for *_, known, _ in kinds]
    return tuple(
        Series(kind, name, variable, unit, network.times, values[:, places[name]])
        for name in names
        for places, (kind, variable, unit, _, values) in zip(columns, kinds, strict=True)
        if name in places
    )
