"""The openings of a network: which nodes are open to the street, how wide and at which level."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from citytwin.arrays import Floats
from citytwin.errors import ScenarioError
from citytwin.hazards.flood.sewers.event import Sewers
from citytwin.hazards.flood.sewers.inlets import Inlet, read_inlets
from citytwin.hazards.flood.sewers.inp import Node, SwmmFile
from citytwin.hazards.flood.sewers.law import Inlets
from citytwin.hazards.flood.sewers.placing import Spots
from citytwin.hazards.flood.sewers.rewriting import Shaft
from citytwin.hazards.flood.solver import Place, Solver

#: A rim that differs more than this from the ground is told of [m].
RIM_OFF = 1.0


@dataclass(frozen=True, eq=False)
class Openings:
    """Nodes that are open to the street.

    Attributes
    ----------
    shafts
        Their manholes.
    place
        Their cells in the solver's window; cells may repeat.
    level
        (k,) level of the openings in the city's datum [m].
    inlets
        Their geometry.
    notes
        What a reader must know.
    """

    shafts: tuple[Shaft, ...]
    place: Place
    level: Floats
    inlets: Inlets
    notes: tuple[str, ...]


def find_openings(event: Sewers, file: SwmmFile, spots: Spots, water: Solver) -> Openings:
    """Openings of a network.

    Parameters
    ----------
    event, file
        What the event says, and the network.
    spots
        Its nodes in the city.
    water
        The solver, for the ground.

    Raises
    ------
    ScenarioError
        If the inlets' table names a node that is not there, or the ground lies below a node's floor.
    """
    listed = read_inlets(Path(event.inlets_file)) if event.inlets_file else {}
    _check_names(listed, file, spots, event)
    by_name = {node.name: node for node in file.nodes}
    chosen = [k for k, name in enumerate(spots.names) if _is_open(by_name[name], listed.get(name))]
    if not chosen:
        raise ScenarioError(f"no node of {file.path} is open to the street: check inlets_file")
    nodes = [by_name[spots.names[k]] for k in chosen]
    place = (spots.row[chosen], spots.col[chosen])
    ground = water.ground_at(place)
    level = _levels(event, file, nodes, ground)
    shafts = tuple(
        Shaft(node, float(top) - event.datum_m - node.invert)
        for node, top in zip(nodes, level, strict=True)
    )
    notes = (*_notes(event, file, spots, listed), *_rims(event, nodes, ground))
    return Openings(shafts, place, level, _geometry(event, nodes, listed), notes)


def _check_names(listed: dict[str, Inlet], file: SwmmFile, spots: Spots, event: Sewers) -> None:
    kinds = {node.name: node.kind for node in file.nodes}
    inside = set(spots.names)
    for name in listed:
        where = f"inlets_file {event.inlets_file} lists '{name}', which"
        if kinds.get(name) not in ("junction", "divider"):
            raise ScenarioError(f"{where} is no junction of {file.path}: mend the name")
        if name not in inside:
            raise ScenarioError(f"{where} lies outside the city: take it out of the table")


def _is_open(node: Node, inlet: Inlet | None) -> bool:
    if node.kind not in ("junction", "divider"):
        return False
    return inlet.area > 0.0 if inlet else not node.bolted


def _levels(event: Sewers, file: SwmmFile, nodes: list[Node], ground: Floats) -> Floats:
    floor = np.array([node.invert for node in nodes]) + event.datum_m
    depth = np.array([node.depth for node in nodes])
    low = np.flatnonzero(ground < floor)
    if low.size:
        k = int(low[0])
        raise ScenarioError(
            f"the ground at {low.size} nodes of {file.path} lies below their floor, for example "
            f"'{nodes[k].name}': ground {ground[k]:.2f} m, floor {floor[k]:.2f} m; set datum_m to "
            "what the file's elevations lack to the city's, or mend them"
        )
    if event.rim == "ground":
        return ground
    return np.where(depth > 0.0, np.maximum(floor + depth, ground), ground)


def _geometry(event: Sewers, nodes: list[Node], listed: dict[str, Inlet]) -> Inlets:
    takes = event.inlet_length_m if event.takes == "junctions" else 0.0
    usual = Inlet(takes, event.inlet_area_m2)
    found = [listed.get(node.name, usual) for node in nodes]
    length = np.array([inlet.length for inlet in found])
    area = np.array([inlet.area for inlet in found])
    return Inlets(length, area, event.weir_coefficient, event.orifice_coefficient)


def _notes(
    event: Sewers, file: SwmmFile, spots: Spots, listed: dict[str, Inlet]
) -> tuple[str, ...]:
    notes = []
    rained = len(file.sections.get("SUBCATCHMENT", ()))
    if rained:
        notes.append(
            f"The {rained} subcatchments of the drains' file are switched off, with their rain: "
            "the rain falls on the city's own ground."
        )
    assumed = len(spots.names) - len(listed)
    if assumed > 0:
        notes.append(
            f"Assumed: an inlet edge of {event.inlet_length_m:g} m and an opening of "
            f"{event.inlet_area_m2:g} m² at every node without inlets of its own."
        )
    bolted = sum(node.bolted for node in file.nodes)
    if bolted:
        notes.append(f"{bolted} nodes with a surcharge depth in the drains' file stay closed.")
    if spots.outside:
        notes.append(f"{spots.outside} nodes of the drains lie outside the city and stay closed.")
    if spots.moved:
        notes.append(f"{spots.moved} nodes of the drains stand in walls and meet the cell beside.")
    return tuple(notes)


def _rims(event: Sewers, nodes: list[Node], ground: Floats) -> tuple[str, ...]:
    rims = np.array([node.invert + node.depth for node in nodes]) + event.datum_m
    known = np.array([node.depth > 0.0 for node in nodes])
    off = (rims - ground)[known]
    far = int((np.abs(off) > RIM_OFF).sum())
    if not far:
        return ()
    used = "ground" if event.rim == "ground" else "file (never below the ground)"
    told = (
        f"The rims of {far} manholes in the drains' file differ by more than {RIM_OFF:g} m from the "
        f"city's ground (median {np.median(off):+.2f} m); the {used} was used: check datum_m."
    )
    return (told,)
