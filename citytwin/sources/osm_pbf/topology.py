"""The street network: ways split where they share nodes."""

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Ints


def split_at_shared_nodes(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Streets split at every node that two of them share or that one passes twice.

    Parameters
    ----------
    ways
        Lines with the columns ``source_id``, ``oneway`` (1, 0 or −1 against the line) and
        ``refs``, (vertices,) ids of the nodes of each line.

    Returns
    -------
    gpd.GeoDataFrame
        Pieces with the columns of their way; ``oneway`` is yes or no and the line runs with the
        traffic; ``source_id`` is followed by ``#`` and the number of the piece along the way as
        it is drawn in the source, from one.
    """
    if not len(ways):
        return ways.drop(columns="refs", errors="ignore").astype({"oneway": bool})
    refs = np.concatenate(ways["refs"].tolist())
    points, owner = shapely.get_coordinates(ways.geometry.array, return_index=True)
    again = np.zeros(len(refs), dtype=np.bool_)
    again[1:] = (refs[1:] == refs[:-1]) & (owner[1:] == owner[:-1])
    refs, points, owner = refs[~again], points[~again], owner[~again].astype(np.int64)
    position, piece = pieces(refs, owner)
    _, first, vertices = np.unique(piece, return_index=True, return_counts=True)
    keep = vertices[piece] > 1
    rank = np.cumsum(vertices > 1) - 1
    lines = shapely.linestrings(points[position[keep]], indices=rank[piece[keep]])
    way = owner[position[first[vertices > 1]]]
    long = shapely.length(lines) > 0.0
    return _table(ways, lines[long], way[long])


def pieces(refs: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """Vertices of all pieces: position in ``refs`` and number of the piece, ascending.

    A vertex at which a way is cut comes twice.

    Parameters
    ----------
    refs
        (n,) node of each vertex, no node twice in a row.
    owner
        (n,) number of its way, ascending.
    """
    _, inverse, counts = np.unique(refs, return_inverse=True, return_counts=True)
    ends = way_ends(owner)
    cut = (counts[inverse] > 1) & ~ends
    position = np.repeat(np.arange(len(refs)), np.where(cut, 2, 1))
    starts = np.zeros(len(position), dtype=np.bool_)
    new_way = np.r_[True, owner[1:] != owner[:-1]]
    starts[np.flatnonzero(position[1:] == position[:-1]) + 1] = True
    starts |= new_way[position]
    return position, np.cumsum(starts) - 1


def way_ends(owner: Ints) -> Bools:
    """(n,) whether a vertex is the first or the last one of its way."""
    changes = owner[1:] != owner[:-1]
    ends: Bools = np.r_[True, changes] | np.r_[changes, True]
    return ends


def _table(ways: gpd.GeoDataFrame, lines: NDArray[np.object_], way: Ints) -> gpd.GeoDataFrame:
    """Columns of the ways with the geometry of their pieces, turned into the traffic's direction."""
    table = ways.drop(columns="refs").iloc[way].reset_index(drop=True)
    against = table["oneway"].to_numpy() < 0
    table.geometry = np.where(against, shapely.reverse(lines), lines)
    number = table.groupby("source_id", sort=False).cumcount() + 1
    table["source_id"] = (table["source_id"] + "#" + number.astype("str")).astype("str")
    table["oneway"] = table["oneway"] != 0
    return table
