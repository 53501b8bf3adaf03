"""The fine edges between two coarse cells, and how much of what they let through can be fed."""

from dataclasses import dataclass

import numpy as np
from numba import njit, prange

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from citytwin.grid.lattice import STEPS
from citytwin.hazards.flood.subgrid.parts import Parts, shifted
from citytwin.hazards.flood.subgrid.thalweg import Thalweg

#: Smallest roughness that is divided by [s/m^(1/3)].
_SMOOTHEST = 1e-3
#: Steps of the search for the potentials; more change the conveyances by less than a per cent.
STEPS_OF_SEARCH = 80
#: A coarse edge conveys at most so many times what its own fine edges do on the average.
MOST_FED = 2.0
#: A drain takes fine edges that face it within 78°.
_FACING = 0.2


@dataclass(frozen=True, eq=False)
class Crossings:
    """Fine edges between coarse cells, sorted by coarse edge.

    Attributes
    ----------
    start
        (e + 1,) first entry of each coarse edge, and their end.
    before, behind
        (k,) fine places on the two sides of the coarse edge.
    width
        (k,) width of the fine edge across the direction of the coarse edge [m].
    share
        (k,) open share of it [1].
    roughness
        (k,) Manning's n [s/m^(1/3)].
    """

    start: Ints
    before: Ints
    behind: Ints
    width: Floats
    share: Floats
    roughness: Floats

    @property
    def edge(self) -> Ints:
        """(k,) number of the coarse edge."""
        return np.repeat(np.arange(self.start.size - 1), np.diff(self.start))

    def total(self, values: AnyFloats) -> Floats:
        """(e,) sums of (k,) values."""
        return np.asarray(np.bincount(self.edge, values, self.start.size - 1), np.float64)


def crossings_of(parts: Parts) -> Crossings:
    """All fine edges between coarse cells, those to the fine drains among them."""
    found: list[tuple[Ints, Ints, Ints, Floats]] = []
    fine, coarse = parts.hierarchy.fine.lattice, parts.lattice
    facing = np.abs(fine.directions @ coarse.directions.T)
    for k in range(3):
        one, other = _fine_pairs(parts, k)
        inner = ~parts.is_drain[one] & ~parts.is_drain[other]
        for first, second in ((one[inner], other[inner]), (other[inner], one[inner])):
            for way in range(3):
                edge = parts.edge_at[way, parts.owner[first]]
                joined = parts.owner[second] - parts.owner[first] == _stride(parts, way)
                chosen = joined & (edge >= 0)
                width = np.full(int(chosen.sum()), fine.edges[k] * facing[k, way])
                found.append((edge[chosen], first[chosen], second[chosen], width))
        found += _drain_pairs(parts, k, one, other)
    edge, before, behind, width = (np.concatenate(column) for column in zip(*found, strict=True))
    order = np.lexsort((behind, before, edge))
    edge, before, behind, width = edge[order], before[order], behind[order], width[order]
    start = np.searchsorted(edge, np.arange(parts.edges[0].size + 1)).astype(np.int64)
    room = np.where(parts.is_drain, np.inf, parts.open_share)
    manning = np.maximum(parts.terrain.manning.ravel(), _SMOOTHEST)
    share = np.minimum(np.minimum(room[before], room[behind]), 1.0)
    rough = np.sqrt(0.5 * (manning[before] ** 2 + manning[behind] ** 2))
    return Crossings(start, before, behind, width, share, rough)


def _stride(parts: Parts, way: int) -> int:
    return STEPS[way][0] * parts.shape[1] + STEPS[way][1]


def _fine_pairs(parts: Parts, way: int) -> tuple[Ints, Ints]:
    """Fine places on both sides of the fine edges that join coarse cells, or the city to a drain."""
    rows, cols = parts.fine_shape
    down, right = STEPS[way]
    one = np.arange(rows * cols).reshape(rows, cols)[: rows - down, : cols - right].ravel()
    other = one + down * cols + right
    holds = (parts.open_share > 0.0) | parts.is_drain
    there = holds[one] & holds[other] & ~(parts.is_drain[one] & parts.is_drain[other])
    apart = parts.owner[one] != parts.owner[other]
    there &= apart | parts.is_drain[one] | parts.is_drain[other]
    return one[there], other[there]


def _drain_pairs(
    parts: Parts, k: int, one: Ints, other: Ints
) -> list[tuple[Ints, Ints, Ints, Floats]]:
    """Fine edges to drains, each given to the coarse edge to a drain that it faces best."""
    fine, coarse = parts.hierarchy.fine.lattice, parts.lattice
    found = []
    for sign, inside, outside in ((1.0, one, other), (-1.0, other, one)):
        chosen = parts.is_drain[outside] & ~parts.is_drain[inside]
        inner, outer = inside[chosen], outside[chosen]
        owner = parts.owner[inner]
        best, number = np.full(inner.size, _FACING), np.full(inner.size, -1, np.int64)
        ahead = np.zeros(inner.size, np.bool_)
        for way in range(3):
            for turn in (1, -1):
                near = np.clip(owner + turn * _stride(parts, way), 0, parts.size - 1)
                edge = parts.edge_at[way, owner if turn == 1 else near]
                faces = turn * sign * float(fine.directions[k] @ coarse.directions[way])
                better = parts.drains[near] & (edge >= 0) & (faces > best)
                best, number = np.where(better, faces, best), np.where(better, edge, number)
                ahead = np.where(better, turn == 1, ahead)
        known = number >= 0
        before, behind = np.where(ahead, inner, outer), np.where(ahead, outer, inner)
        found.append((number[known], before[known], behind[known], fine.edges[k] * best[known]))
    return found


def sills(parts: Parts, crossing: Crossings, ground: Thalweg, hollow: Bools) -> Floats:
    """(k,) level in the coarse cells at which water passes each fine edge [m].

    Water passes if it stands above the higher ground, in the frame of the cell from which it can do so
    at the lower level, and above the thalweg of the higher cell; in a hollow on both sides it may stand
    lower.

    Parameters
    ----------
    hollow
        (f,) fine cells in hollows.
    """
    a, b = crossing.before, crossing.behind
    _, before, behind = parts.edges
    base_a, base_b = ground.base[before[crossing.edge]], ground.base[behind[crossing.edge]]
    z = parts.terrain.elevation.ravel()
    step = z[b] - z[a]
    from_a = base_a + ground.height[a] + np.maximum(step, 0.0)
    from_b = base_b + ground.height[b] + np.maximum(-step, 0.0)
    from_a = np.where(
        parts.is_drain[a], np.inf, np.where(parts.is_drain[b], base_a + ground.height[a], from_a)
    )
    from_b = np.where(
        parts.is_drain[b], np.inf, np.where(parts.is_drain[a], base_b + ground.height[b], from_b)
    )
    passing = np.maximum(np.minimum(from_a, from_b), np.maximum(base_a, base_b))
    lake = np.maximum(base_a + ground.height[a], base_b + ground.height[b])
    return np.where(hollow[a] & hollow[b], lake, passing)


def fed(parts: Parts, crossing: Crossings) -> Floats:
    """(e,) conveyance of each coarse edge over the mean of its own fine edges' [1].

    What streets bring to an edge and take away from it counts, not only the edge. So the flow of an
    even film is solved on all fine edges at once, conveyance open width / n, driven from the drains
    around the city once along x and once along y, and an edge's conveyance is its flow over the
    difference of the mean levels on both sides (upscaling by global flows, as of permeabilities:
    Durlofsky 1991, 10.1029/91WR00107).
    """
    fine, coarse = parts.hierarchy.fine.lattice, parts.lattice
    x, y = parts.xy
    conduct = _conductances(parts)
    free = (parts.open_share > 0.0).reshape(parts.fine_shape)
    way, before, behind = parts.edges
    a, b = crossing.before, crossing.behind
    # The fine way of each crossing, from the difference of its places.
    strides = np.array([down * parts.fine_shape[1] + right for down, right in STEPS])
    fine_way = np.argmax(np.abs(b - a)[:, None] == strides, axis=1)
    first = np.minimum(a, b)
    conductance = np.stack([c.ravel() for c in conduct])[fine_way, first]
    plain = (fine.edges / fine.lengths)[fine_way]
    flow, even, gap = (np.zeros(way.size) for _ in range(3))
    for axis, place in enumerate((x, y)):
        potential = _potential(conduct, free, place.reshape(parts.fine_shape)).ravel()
        mean = parts.mean(potential)
        part = coarse.directions[way, axis]
        flow += part * crossing.total(conductance * (potential[b] - potential[a]))
        even += part * crossing.total(plain * (place[b] - place[a]))
        gap += part * (mean[behind] - mean[before])
    own = crossing.total(crossing.width * crossing.share / crossing.roughness)
    own /= np.maximum(crossing.total(crossing.width), 1e-9)
    known = (gap > 0.2 * coarse.lengths[way]) & (even > 0.0) & (own > 0.0)
    known &= ~(parts.drains[before] | parts.drains[behind])
    ratio = np.divide(
        flow * coarse.lengths[way], even * gap * own, out=np.ones(way.size), where=known
    )
    return np.clip(ratio, 0.0, MOST_FED)


def _conductances(parts: Parts) -> list[Floats]:
    """Conveyance of an even film over each fine edge, in each way (rows, cols)."""
    lattice = parts.hierarchy.fine.lattice
    room = np.where(parts.is_drain, 1.0, parts.open_share).reshape(parts.fine_shape)
    manning = np.maximum(parts.terrain.manning, _SMOOTHEST)
    found = []
    for way, (row, col) in enumerate(STEPS):
        beyond, rough = shifted(room, row, col, fill=0.0), shifted(manning, row, col, fill=1.0)
        n = np.sqrt(0.5 * (manning**2 + rough**2))
        scale = lattice.edges[way] / lattice.lengths[way]
        found.append(scale * np.minimum(np.minimum(room, beyond), 1.0) / n)
    return found


def _potential(conduct: list[Floats], free: Bools, start: Floats) -> Floats:
    """Potential of the flow that ``start`` drives from the border, by conjugate gradients."""
    diagonal = np.zeros(start.shape)
    for way, (row, col) in enumerate(STEPS):
        diagonal += conduct[way] + shifted(conduct[way], -row, -col, fill=0.0)
    free = free & (diagonal > 0.0)
    inverse = np.divide(1.0, diagonal, out=np.zeros(start.shape), where=free)
    result, product = start.copy(), np.zeros(start.shape)
    k0, k1, k2 = conduct
    _apply(result, k0, k1, k2, diagonal, free, product)
    residual = -product
    scaled = inverse * residual
    search, size = scaled.copy(), float(np.sum(residual * scaled))
    for _ in range(STEPS_OF_SEARCH):
        _apply(search, k0, k1, k2, diagonal, free, product)
        curve = float(np.sum(search * product))
        if curve <= 0.0:
            break
        result += size / curve * search
        residual -= size / curve * product
        scaled = inverse * residual
        later = float(np.sum(residual * scaled))
        search = scaled + later / size * search
        size = later
    return result


@njit(cache=True, nogil=True, parallel=True)
def _apply(
    p: Floats, k0: Floats, k1: Floats, k2: Floats, diagonal: Floats, free: Bools, out: Floats
) -> None:
    """What flows out of each free cell over its six edges."""
    rows, cols = p.shape
    for r in prange(1, rows - 1):
        for c in range(1, cols - 1):
            out[r, c] = 0.0
            if free[r, c]:
                there = k0[r, c] * p[r, c + 1] + k0[r, c - 1] * p[r, c - 1]
                there += k1[r, c] * p[r + 1, c] + k1[r - 1, c] * p[r - 1, c]
                there += k2[r, c] * p[r + 1, c + 1] + k2[r - 1, c - 1] * p[r - 1, c - 1]
                out[r, c] = diagonal[r, c] * p[r, c] - there
