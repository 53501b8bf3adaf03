"""People in groups of at least k: no total of a group, sum or difference of totals, counts fewer.

Each thing with people (a building, or a cell) belongs to one group. Things of one H3 cell are a group
if they have k people; those left over are put together in its parent, and so on to the coarsest cells.
What is left in the end joins the smallest group. Only the total of a group is told, spread over its
things by something that everybody can see, such as their built area. So what is told is a list of
totals of at least k people each, of groups that have nobody in common: sums and differences of them,
with the city's total, too, are sums of whole groups or nothing. Things without people stay so.
Who knows how the people of things were modelled may reckon more from the totals.
"""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Cells, Floats, Ints
from citytwin.export.coarse_cells import parents

#: People below k by no more than this are k: sums of fractions are not exact.
_ROUNDING = 1e-9
_NOBODY = -1


@dataclass(frozen=True, eq=False)
class Groups:
    """Things with people in groups.

    Attributes
    ----------
    of
        (m,) number of the group of each thing, −1 without people.
    totals
        (g,) people in each group; empty if all things together have too few.
    """

    of: Ints
    totals: Floats

    def spread(self, weight: Floats) -> Floats:
        """(m,) people of each group spread over its things; not a number where nothing can be told.

        Parameters
        ----------
        weight
            (m,) by what people are spread; evenly over the things of a group where it is nought.
        """
        found = np.zeros(self.of.size)
        mine = self.of != _NOBODY
        if not mine.any():
            return found
        if not self.totals.size:
            found[mine] = np.nan
            return found
        group = self.of[mine]
        share = np.where(np.isfinite(weight[mine]) & (weight[mine] > 0.0), weight[mine], 0.0)
        empty = np.bincount(group, share, self.totals.size) <= 0.0
        share = np.where(empty[group], 1.0, share)
        whole = np.bincount(group, share, self.totals.size)
        found[mine] = self.totals[group] * (share / whole[group])
        return found


def grouped(
    people: Floats, cells: Cells, resolution: int, least: float, more: float = 0.0
) -> Groups:
    """Groups of at least so many people.

    Parameters
    ----------
    people
        (m,) people of each thing, none below 0.
    cells
        (m,) H3 cell in which each lies.
    resolution
        Resolution of the cells.
    least
        Fewest people of a group, k.
    more
        People of whom only the number may come in: they join the smallest group.
    """
    group: Ints = np.full(people.size, _NOBODY, dtype=np.int64)
    open_ = np.flatnonzero(people > 0.0)
    totals: list[Floats] = []
    count = 0
    for level in range(resolution, -1, -1):
        if not open_.size:
            break
        _, place = np.unique(parents(cells[open_], level), return_inverse=True)
        whole = np.bincount(place, people[open_]).astype(np.float64)
        closed = whole >= least - _ROUNDING
        number = np.cumsum(closed) - 1 + count
        now = closed[place]
        group[open_[now]] = number[place[now]]
        totals.append(whole[closed])
        count += int(closed.sum())
        open_ = open_[~now]
    found = np.concatenate(totals) if totals else np.empty(0)
    return _with_rest(group, found, open_, float(people[open_].sum()) + more, least)


def _with_rest(group: Ints, totals: Floats, rest: Ints, people: float, least: float) -> Groups:
    """Groups with what is left over: a group of its own if it is large enough, else in the smallest."""
    if people <= 0.0:
        return Groups(group, totals)
    if rest.size and people >= least - _ROUNDING:
        group[rest] = totals.size
        return Groups(group, np.append(totals, people))
    if totals.size:
        smallest = int(np.argmin(totals))
        group[rest] = smallest
        totals = totals.copy()
        totals[smallest] += people
        return Groups(group, totals)
    group[rest] = 0
    return Groups(group, totals)
