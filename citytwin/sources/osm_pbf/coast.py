"""The sea from its shore: coastlines closed against the box, land on their left."""

from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.arrays import Floats, Ints
from citytwin.sources.base import Box
from citytwin.sources.osm_pbf.geometry import Geometries

#: Distance [degrees] within which an edge is coast: a tenth of the step of the coordinates.
TOUCH = 1e-8
#: Share of the shore of a part that must agree.
AGREEMENT = 0.75


@dataclass(frozen=True, eq=False)
class Shore:
    """A box divided by its coast.

    Attributes
    ----------
    sea, land
        Polygons on the right and on the left of the coast.
    undecided
        Polygons that no coast bounds: nobody says whether they are land or sea.
    remarks
        What is wrong with the coast, if anything.
    """

    sea: Geometries
    land: Geometries
    undecided: Geometries
    remarks: tuple[str, ...]


def divide(coast: Geometries, box: Box) -> Shore:
    """Divide a box into sea and land.

    The box is cut along the coast. Each part is what its own shore says, if three quarters of it
    agree; coast that ends inside a part has it on both sides and says nothing clear.

    Parameters
    ----------
    coast
        Lines with the land on the left; they may come in pieces, go around islands, and leave
        the box.
    box
        West, south, east, north [degrees].
    """
    frame = shapely.box(*box)
    coast = coast[shapely.intersects(coast, frame)]
    inside = shapely.get_parts(shapely.intersection(coast, frame))
    inside = inside[shapely.get_dimensions(inside) == 1]
    net = shapely.union_all([*inside, frame.boundary])
    found = [shapely.get_parts(part) for part in shapely.polygonize_full(shapely.get_parts(net))]
    faces, loose = shapely.orient_polygons(found[0]), np.concatenate(found[1:3])
    left, right = shore_lengths(faces, coast) + loose_lengths(faces, loose)
    agreed = AGREEMENT * (left + right)
    sea, land = right > agreed, left > agreed
    remarks = _loose_ends(loose, frame)
    if not len(coast):
        remarks.append("no coastline meets the box: all of it is taken as land")
    elif not (sea | land).all():
        share = shapely.area(faces[~sea & ~land]).sum() / shapely.area(frame)
        remarks.append(
            f"the coastline does not say clearly what {share:.1%} of the box is: taken as land"
        )
    return Shore(faces[sea], faces[land], faces[~sea & ~land], tuple(remarks))


def shore_lengths(faces: Geometries, coast: Geometries) -> Floats:
    """Length [degrees] of coast on the edge of each face that has it on its left, on its right.

    Parameters
    ----------
    faces
        (n,) polygons, shells counter-clockwise: their inside is on the left of their edge.
    coast
        Lines along which they were cut.
    """
    lengths = np.zeros((2, len(faces)))
    if not len(coast):
        return lengths
    rings, face = shapely.get_rings(faces, return_index=True)
    starts, ends, ring = segments(rings)
    sources, targets, _ = segments(coast)
    tree = shapely.STRtree(shapely.linestrings(np.stack([sources, targets], axis=1)))
    middles = shapely.points((starts + ends) / 2.0)
    edge, shore = tree.query_nearest(middles, max_distance=TOUCH, all_matches=False)
    run = (ends - starts)[edge]
    along = (run * (targets - sources)[shore]).sum(axis=1)
    span = np.hypot(run[:, 0], run[:, 1])
    np.add.at(lengths[0], face[ring[edge]], np.where(along > 0.0, span, 0.0))
    np.add.at(lengths[1], face[ring[edge]], np.where(along < 0.0, span, 0.0))
    return lengths


def loose_lengths(faces: Geometries, loose: Geometries) -> Floats:
    """(n,) length [degrees] of coast that ends inside each face."""
    middles = shapely.line_interpolate_point(loose, 0.5, normalized=True)
    piece, face = shapely.STRtree(faces).query(middles, predicate="within")
    lengths = np.zeros(len(faces))
    np.add.at(lengths, face, shapely.length(loose[piece]))
    return lengths


def segments(lines: Geometries) -> tuple[Floats, Floats, Ints]:
    """(m, 2) first and last point of every segment of lines, and (m,) the number of its line."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    same = line[1:] == line[:-1]
    return points[:-1][same], points[1:][same], line[1:][same].astype(np.int64)


def _loose_ends(loose: Geometries, frame: shapely.Polygon) -> list[str]:
    """Where coast comes to an end inside the box."""
    if not len(loose):
        return []
    merged = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(loose)))
    ends = np.r_[shapely.get_point(merged, 0), shapely.get_point(merged, -1)]
    inside = ends[shapely.distance(ends, frame.boundary) > TOUCH]
    places = [f"{x:.5f}, {y:.5f}" for x, y in shapely.get_coordinates(inside)[:4].tolist()]
    if not places:
        return []
    return [f"the coastline is not closed: it ends inside the box at {' and '.join(places)}"]
